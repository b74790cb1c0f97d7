"""Model fields that every content model may use."""

import re

import nh3
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.fields.files import ImageFieldFile
from django.utils.html import escape
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from django_prose_editor.config import allowlist_from_extensions, expand_extensions
from django_prose_editor.fields import ProseEditorField
from PIL import UnidentifiedImageError

from cms.content.characters import looks_blank, without_forbidden
from cms.content.links import SCHEME, parsed
from cms.content.pictures import without_traces

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
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel", SCHEME]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
}
# The most that a number of an element says: beyond it a document takes minutes to lay out, and no table looks so.
MOST = {"colspan": 50, "rowspan": 50, "start": 9_999}
NUMBER = re.compile(r"[0-9]{1,9}")
MOST_CHARACTERS = 200_000  # of a text with its elements: sixty printed pages
MOST_DEPTH = 12  # of elements: five lists in one another; what walks through a text calls itself so often
# Reading takes time by the square of the depth, and only these make depth: 10,000 take a second; nobody writes them.
MOST_NESTABLE = 10_000
NESTABLE = re.compile(r"<(?!(?:p|li|tr|t[dh]|tbody|thead|br|a|em|strong|su[bp])\b)[a-z]", re.IGNORECASE)
ELEMENT = re.compile(r"<(/?)([a-z][a-z0-9]*)[^<>]*>")  # as the sanitiser writes it: with < and > in attributes escaped
INLINE = {"a", "em", "strong", "sub", "sup"}


def limited(tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute; a number that is too large becomes the largest, what is none is dropped, and
    so is a reference that names nothing."""
    if name == "href" and value[: len(SCHEME) + 1].lower() == f"{SCHEME}:":
        return value if parsed(SCHEME + value[len(SCHEME) :]) else None
    if name not in MOST:
        return value
    return str(min(int(value), MOST[name])) if NUMBER.fullmatch(value) else None


def flattened(html: str) -> str:
    """Return sanitised ``html`` without the tags of elements that are in too many others; their texts stay."""
    depth = 0

    def kept(match: re.Match) -> str:
        nonlocal depth
        if match[2] == "br":
            return match[0]
        depth += -1 if match[1] else 1
        fits = depth + bool(match[1]) <= MOST_DEPTH
        return match[0] if fits else "" if match[2] in INLINE else " "

    return ELEMENT.sub(kept, html)


cleaner = nh3.Cleaner(**allowlist_from_extensions(expand_extensions(RICH_TEXT_EXTENSIONS)), attribute_filter=limited)


def sanitize_html(html: str) -> str:
    """Return what may be kept of ``html``: the elements above, within limits; nothing where it looks blank.

    A text of more than 10,000 elements in one another is kept as the characters that it is made of.
    """
    if sum(1 for _start in NESTABLE.finditer(html)) > MOST_NESTABLE:
        html = escape(html)
    html = cleaner.clean(html)
    shallow = flattened(html)
    html = without_forbidden(html if shallow == html else cleaner.clean(shallow))
    return "" if looks_blank(html) else html


def validate_length(html: str) -> None:
    """Raise ``ValidationError`` for a rich text that is too long to be edited, compared and printed."""
    if len(html) > MOST_CHARACTERS:
        raise ValidationError(
            _(
                "This text has %(count)s characters with its formatting; the most is %(most)s. Divide it into "
                "several, or add it as a document."
            ),
            code="length",
            params={"count": f"{len(html):,}", "most": f"{MOST_CHARACTERS:,}"},
        )


class RichTextField(ProseEditorField):
    """HTML of a small, fixed vocabulary, sanitised on every way into the database.

    ``ProseEditorField`` sanitises in ``full_clean()`` only; here it also happens when a value is prepared for
    the database, so imports, commands, ``update()`` and ``bulk_create()`` cannot go round it.
    """

    default_validators = [validate_length]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("extensions", RICH_TEXT_EXTENSIONS)
        kwargs["sanitize"] = sanitize_html
        super().__init__(*args, **kwargs)

    def clean(self, value, instance):
        return super().clean(value, instance) if value else value

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return sanitize_html(value) if value else value


def is_rich(column: models.Field) -> bool:
    """Say whether ``column``, or the translated field that it is a language of, holds rich text."""
    return isinstance(getattr(column, "translated_field", column), RichTextField)


class PictureFieldFile(ImageFieldFile):
    """A picture that is stored without what a camera or a program wrote beside it."""

    def save(self, name, content, save=True):  # noqa: FBT002 - Django's signature
        super().save(name, ContentFile(cleaned_picture(content)), save=save)


def cleaned_picture(file: File) -> bytes:
    """Return the content of an uploaded picture as it is stored; what is no picture at all stays as it is, for the
    validators to refuse."""
    file.seek(0)
    content = file.read()
    try:
        return without_traces(content)
    except UnidentifiedImageError:
        return content


class PictureField(models.ImageField):
    """A picture that is served: on its way into the storage it is freed of what is not seen."""

    attr_class = PictureFieldFile

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ImageField", args, kwargs


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
