"""The glossary, a concept a row with its terms and forbidden forms; and the passages of the translation memory."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.content.characters import validate_characters

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
