"""The formats that a strategy is offered in."""

from collections.abc import Callable
from dataclasses import dataclass

from renditions import pdf, word


@dataclass(frozen=True)
class Format:
    """One format: its extension and media type (RFC 6838), the function that makes it, and whether this machine has
    what it needs."""

    extension: str
    media_type: str
    function: str
    is_available: Callable[[], bool]
    as_attachment: bool


FORMATS = (
    Format("pdf", pdf.MEDIA_TYPE, "renditions.pdf:made", pdf.is_available, as_attachment=False),
    Format("docx", word.MEDIA_TYPE, "renditions.word:made", word.is_available, as_attachment=True),
)


def available_formats() -> list[Format]:
    """Return the formats that can be made here."""
    return [found for found in FORMATS if found.is_available()]


def format_of(extension: str) -> Format:
    """Return the format with an extension."""
    return next(found for found in FORMATS if found.extension == extension)


def filename_of(slug: str, language: str, extension: str) -> str:
    """Return the name of a document: ``<strategy>-<language>.pdf``."""
    return f"{slug}-{language}.{extension}"
