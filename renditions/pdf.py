"""The document as a tagged PDF (PDF/UA-1, ISO 14289-1), made by WeasyPrint with the fonts of the site.

WeasyPrint draws text with Pango, which is a library of the system: where it is missing the site runs, and the PDF
is not offered. What makes the file runs in a process that knows no settings.
"""

import ctypes
import gc
import logging
import mimetypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from cms.content.characters import looks_blank
from cms.content.contained import Refused
from renditions.document import Source

MEDIA_TYPE = "application/pdf"
ASSETS = ("fonts/hanken-grotesk.woff2",)  # all that a document may load

MOST_NAMED = 20  # characters that a refusal names
SCOPES = {"row": "/Row", "col": "/Column"}

# What WeasyPrint opens, each under the names it goes by on Linux, macOS and Windows.
LIBRARIES = {
    "GObject": ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib", "libgobject-2.0-0.dll"),
    "Pango": ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll"),
    "HarfBuzz": ("libharfbuzz.so.0", "libharfbuzz.0.dylib", "libharfbuzz-0.dll"),
    "HarfBuzz subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll"),
    "Fontconfig": ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll"),
    "PangoFT2": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll"),
}


def opens(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


@cache
def missing_libraries() -> tuple[str, ...]:
    """Return the names of the system's libraries that PDF needs and that are not there; cheap, unlike an import."""
    return tuple(name for name, files in LIBRARIES.items() if not any(map(opens, files)))


def is_available() -> bool:
    """Say whether this machine can make a PDF."""
    return not missing_libraries()


def asset_fetcher(assets: Mapping[str, bytes]):
    """Return the fetcher of what a document refers to: our own assets by name, and nothing else.

    No file, no network and no data address is opened, whatever a text holds.
    """
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class AssetFetcher(URLFetcher):
        def fetch(self, url, headers=None):
            scheme, _colon, name = url.partition(":")
            if scheme != "asset" or name not in assets:
                raise ValueError("A document loads nothing but its own assets.")
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, assets[name], {"Content-Type": media_type})

    return AssetFetcher()


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Leave cycles alone for the seconds that a document takes: looking for them costs a quarter of that time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def tag_languages_and_scopes() -> None:
    """Let WeasyPrint's tags say what the page says and they leave out: the language of a passage that is in another
    one (PDF/UA-1, 7.2), and whether a table's head is one of a row or of a column (7.5).

    WeasyPrint has no hook for it; its version is pinned, and a test reads both from a finished file.
    """
    import pydyf
    from weasyprint.pdf import tags

    build = tags._build_box_tree
    if getattr(build, "tells_languages", False):
        return

    def build_and_tell(box, *args, **kwargs):
        source = getattr(box, "element", None)
        for element in build(box, *args, **kwargs):
            if source is not None and source.tag != "html" and source.get("lang"):
                element["Lang"] = pydyf.String(source.get("lang"))
            if element["S"] == "/TH" and source is not None and source.get("scope") in SCOPES:
                element["A"]["Scope"] = SCOPES[source.get("scope")]
            yield element

    build_and_tell.tells_languages = True
    tags._build_box_tree = build_and_tell


class MissingCharacters(logging.Handler):
    """Notes the characters that no font has: WeasyPrint draws nothing in their place, and says so in its log alone.

    Its version is pinned, and a test has it say so.
    """

    def __init__(self):
        super().__init__(logging.WARNING)
        self.found: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(".notdef glyph") and isinstance(record.args, tuple):
            character = str(record.args[0])
            if not looks_blank(character):
                self.found[character] = None


@contextmanager
def refusing_missing_characters() -> Iterator[None]:
    """Raise ``Refused`` at the end where a character had no font: a page without its words looks whole."""
    log, missing = logging.getLogger("weasyprint"), MissingCharacters()
    log.addHandler(missing)
    try:
        yield
    finally:
        log.removeHandler(missing)
    if missing.found:
        raise Refused("characters", "".join(list(missing.found)[:MOST_NAMED]))


def make(source: Source, assets: Mapping[str, bytes]) -> bytes:
    """Return the PDF of ``source``; the same source gives the same text on the same pages."""
    from weasyprint import HTML

    tag_languages_and_scopes()
    with refusing_missing_characters(), without_garbage_collection():
        return HTML(string=source.html, base_url="asset:", url_fetcher=asset_fetcher(assets)).write_pdf(
            pdf_variant="pdf/ua-1", pdf_identifier=source.digest.encode()
        )


def made(data: dict, assets: Mapping[str, bytes]) -> bytes:
    """Do what :func:`make` does, for the runner."""
    return make(Source.of_json(data), assets)
