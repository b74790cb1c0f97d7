"""Model fields that every content model may use."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from django_prose_editor.fields import ProseEditorField, create_sanitizer

# What an editor can write, and so what the sanitiser leaves. Page titles are h1 and section headings h2, so the
# headings of a text start at h3.
RICH_TEXT_EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Subscript": True,
    "Superscript": True,
    "HardBreak": True,
    "Heading": {"levels": [3, 4]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
}
sanitize_html = create_sanitizer(RICH_TEXT_EXTENSIONS)


class RichTextField(ProseEditorField):
    """HTML of a small, fixed vocabulary, sanitised on every way into the database.

    ``ProseEditorField`` sanitises in ``full_clean()`` only; here it also happens when a value is prepared for
    the database, so imports, commands, ``update()`` and ``bulk_create()`` cannot go round it.
    """

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("extensions", RICH_TEXT_EXTENSIONS)
        kwargs["sanitize"] = sanitize_html
        super().__init__(*args, **kwargs)

    def clean(self, value, instance):
        return super().clean(value, instance) if value else value

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return sanitize_html(value) if value else value


class ColourField(models.CharField):
    """A colour as ``#rrggbb`` (CSS Color Module Level 4, section 5.2); lower case in the database."""

    description = _("Colour")
    default_validators = [
        RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", _("Enter a colour as # and six hexadecimal digits: #0b6e4f."))
    ]

    def __init__(self, *args, **kwargs):
        kwargs["max_length"] = 7
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return value.lower() if value else value


def validate_language_tag(value: str) -> None:
    """Raise ``ValidationError`` unless ``value`` is a language code that Django knows, such as ``es`` or ``pt-br``."""
    try:
        get_language_info(value)
    except KeyError:
        raise ValidationError(
            _("“%(value)s” is not a known language code; use codes such as en, es, fr, pt, ar."),
            code="language",
            params={"value": value},
        ) from None


class LanguageField(models.CharField):
    """The language of a document: a BCP 47 code known to Django, not only one of the site's languages."""

    description = _("Language")
    default_validators = [validate_language_tag]

    def __init__(self, *args, **kwargs):
        kwargs["max_length"] = 20
        super().__init__(*args, **kwargs)


class YearField(models.PositiveSmallIntegerField):
    """A calendar year of the common era, four digits."""

    description = _("Year")

    @property
    def validators(self):
        return [*super().validators, validate_year]


def validate_year(value: int) -> None:
    """Raise ``ValidationError`` unless ``value`` is a year from 1800 to 2200."""
    if not 1800 <= value <= 2200:
        raise ValidationError(
            _("%(value)s is not a year between 1800 and 2200."), code="year", params={"value": value}
        )
