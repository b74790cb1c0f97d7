"""Documents are made by a child process of their own (``cms/content/runner.py``), from a page and the site's font."""

from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

from cms.content.runner import Runner
from renditions.document import Source
from renditions.formats import format_of
from renditions.pdf import ASSETS

documents = Runner("documents", "renditions.pdf", "renditions.word", "weasyprint")


@cache
def assets() -> dict[str, bytes]:
    """Return all that a document may load, by name."""
    return {name: Path(finders.find(name)).read_bytes() for name in ASSETS}


def make(extension: str, source: Source) -> bytes:
    """Return the document of ``source`` in the format of ``extension``, for whom has the turn of ``documents``.

    Raises ``cms.content.runner.Refused`` where it takes too long or too much, where its text breaks what makes it, and
    where no font has the characters of the text (reason ``characters``; the detail is these).
    """
    return documents.run_in_turn(format_of(extension).function, source.as_json(), assets())
