"""What is kept about texts: how they stand, the institution's terms, and the passages of the translation memory."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.content.characters import validate_characters
from cms.publishing.models.items import ItemReference

FORBIDDEN_MAX_LENGTH = 2_000
TERM_MAX_LENGTH = 200


class Concept(models.Model):
    """Something that the institution calls by one term in each language."""

    slug = models.SlugField(
        _("slug"),
        max_length=120,
        unique=True,
        help_text=_("Names the concept in the CSV file; it should not change."),
    )
    note = models.TextField(
        _("note"),
        blank=True,
        max_length=2_000,
        validators=[validate_characters],
        help_text=_("What is meant, and when the term is used. Translators read it beside the term."),
    )

    class Meta:
        verbose_name = _("term of the glossary")
        verbose_name_plural = _("glossary")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug


class Term(models.Model):
    """What a concept is called in one language, and what it must not be called."""

    concept = models.ForeignKey(Concept, models.CASCADE, verbose_name=_("concept"), related_name="terms")
    language = models.CharField(_("language"), max_length=20)
    text = models.CharField(_("term"), max_length=TERM_MAX_LENGTH, validators=[validate_characters])
    forbidden = models.TextField(
        _("forbidden forms"),
        blank=True,
        max_length=FORBIDDEN_MAX_LENGTH,
        validators=[validate_characters],
        help_text=_("What must not be written for it in this language, one a line."),
    )

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["concept", "language"],
                name="translations_one_term_a_language",
                violation_error_message=_("The concept has a term in this language already."),
            )
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def forbidden_forms(self) -> list[str]:
        """The forms that must not be used, without empty lines."""
        return [form.strip() for form in self.forbidden.splitlines() if form.strip()]

    def clean(self) -> None:
        """Raise ``ValidationError`` where the term itself is among the forms that are forbidden for it."""
        super().clean()
        if self.text.strip().casefold() in {form.casefold() for form in self.forbidden_forms}:
            raise ValidationError({"forbidden": _("The term itself cannot be forbidden.")})


class Passage(models.Model):
    """A passage of a published text with what it is in other languages: the translation memory. Made from content.

    ``text`` is without markup, in the ``language`` that it was translated from; ``targets`` are by language, as they
    are stored. ``place`` names the text in its item (:mod:`cms.content.substance`), ``number`` the passage in it.
    """

    id = models.BigAutoField(primary_key=True)
    language = models.CharField(max_length=20)
    length = models.PositiveIntegerField()
    text = models.TextField()
    targets = models.JSONField(default=dict)
    model = models.CharField(max_length=100)
    item_id = models.UUIDField()
    place = models.CharField(max_length=250)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("passage of the translation memory")
        verbose_name_plural = _("passages of the translation memory")
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["language", "length"], name="translations_length"),
            models.Index(fields=["item_id"], name="translations_item"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


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
