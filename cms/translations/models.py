"""The glossary: the institution's terms, a concept a row, with the forms of them that are not to be used."""

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
