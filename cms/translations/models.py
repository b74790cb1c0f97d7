"""How many texts of each item there are in each language, and how they stand: kept where they change, so that lists
and figures need not read them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.publishing.models.items import ItemReference


class TextCount(ItemReference):
    """How the texts of an item stand in one language: as editors see them and as they are live.

    ``words_to_do`` counts the words of the sources of what is missing or outdated, ``machine`` the texts that a
    machine made and nobody looked at, ``live_machine`` those that are public and a machine made. All are computed
    (:mod:`cms.translations.counts`), and may be at any time.
    """

    language = models.CharField(_("language"), max_length=20)
    working_missing = models.PositiveIntegerField(default=0)
    working_outdated = models.PositiveIntegerField(default=0)
    working_current = models.PositiveIntegerField(default=0)
    words_to_do = models.PositiveIntegerField(default=0)
    machine = models.PositiveIntegerField(default=0)
    live_missing = models.PositiveIntegerField(default=0)
    live_outdated = models.PositiveIntegerField(default=0)
    live_ahead = models.PositiveIntegerField(default=0)
    live_current = models.PositiveIntegerField(default=0)
    live_machine = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("count of texts")
        verbose_name_plural = _("counts of texts")
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "language"], name="translations_one_count_a_language"
            )
        ]
        indexes = [
            models.Index(fields=["language", "content_type", "working_missing"], name="translations_count_missing")
        ]

    def __str__(self) -> str:
        return f"{self.object_id} {self.language}"

    @property
    def total(self) -> int:
        """The number of texts that editors see in some language."""
        return self.working_missing + self.working_outdated + self.working_current

    @property
    def to_do(self) -> int:
        """The number of texts that a translator has something to do with."""
        return self.working_missing + self.working_outdated
