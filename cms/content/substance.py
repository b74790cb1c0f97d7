"""What a text says, apart from how it is typed, and where it stands in its item.

A text is named by its place, which is the same in every language: ``name`` for a field of the item,
``sections:<uuid>:heading`` for one of a row. Its *key* names what it says: two texts that differ in white space,
typography or the order of attributes alone have one key.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from html import unescape
from typing import Any

from cms.content.languages import column, site_languages
from cms.content.models import Child, ContentModel, Publishable
from cms.content.parts import Content
from cms.content.snapshots import child_relations

NO_SOURCE = ""  # the key of a source that was not written yet, and of the first one, where translations wait for it
# Quotation marks, dashes, points and signs without width that typography changes and the meaning does not.
TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛‹›′", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        **dict.fromkeys("\xad\u200b\u200c\u200d\u2060\ufeff"),
    }
)
INSIDE_QUOTES = re.compile(r"(?<=[«‹])\s+|\s+(?=[»›;:!?])")  # French sets spaces there
WHITE_SPACE = re.compile(r"\s+")
TAG = re.compile(r"<(/?[a-z][a-z0-9]*)((?:\s[^<>]*)?)>")
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')
BLOCK = r"</?(?:blockquote|br|h[1-6]|li|ol|p|table|tbody|td|th|thead|tr|ul)\b[^<>]*>"
AROUND_BLOCKS = re.compile(rf"\s*({BLOCK})\s*")


def normal_form(text: str) -> str:
    """Return ``text``, plain or rich, as it reads whatever the white space, typography and order of attributes.

    It must be the same for ever and on every machine, since keys of it are stored: so no parser that others change.
    """
    found, end = [], 0
    for tag in TAG.finditer(text):
        found += [plain_form(text[end : tag.start()]), one_tag(tag)]
        end = tag.end()
    found.append(plain_form(text[end:]))
    return AROUND_BLOCKS.sub(r"\1", WHITE_SPACE.sub(" ", "".join(found))).strip()


def plain_form(text: str) -> str:
    return INSIDE_QUOTES.sub("", unicodedata.normalize("NFC", unescape(text))).translate(TYPOGRAPHY)


def one_tag(tag: re.Match[str]) -> str:
    """Return a tag of markup with its attributes in the order of their names."""
    return f"<{' '.join([tag[1], *sorted(ATTRIBUTE.findall(tag[2]))])}>"


@lru_cache(maxsize=4096)
def key_of(text: str) -> str:
    """Return the key of ``text``: the start of the SHA-256 of its :func:`normal_form`."""
    return hashlib.sha256(normal_form(text).encode()).hexdigest()[:16]


def same_substance(one: str, other: str) -> bool:
    """Say whether two texts say the same, however they are typed."""
    return one == other or key_of(one) == key_of(other)


def places_in(language: str, content: Content | None) -> dict[str, str]:
    """Return the texts of a part, ``language``, by their place: those of the item, then those of its rows."""
    if not content:
        return {}
    ending = column("", language)
    found = {name.removesuffix(ending): text for name, text in content["fields"].items()}
    for kind, rows in content["children"].items():
        for row, columns in rows.items():
            found.update((f"{kind}:{row}:{name.removesuffix(ending)}", text) for name, text in columns.items())
    return found


def place_of(kind: str, row: str, field: str) -> str:
    """Return the place of ``field`` in a row of the children ``kind``; of the item, where ``kind`` is empty."""
    return f"{kind}:{row}:{field}" if kind else field


def reading_order(model: type[Publishable], shared: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield place, kind of children, key of the row and field of each text that an item of ``model`` may have, as a
    reader meets them: its own, then those of its rows in their order. ``shared`` is that part of it."""
    for name in own_texts(model):
        yield name, "", "", model._meta.get_field(name)
    for kind, child in rows_with_texts(model).items():
        for row in shared["children"].get(kind, []):
            for name in own_texts(child):
                yield place_of(kind, row["id"], name), kind, row["id"], child._meta.get_field(name)


@cache
def own_texts(model: type[ContentModel]) -> tuple[str, ...]:
    """Return the translated fields of ``model`` in the order of its form."""
    return tuple(name for name in model.schema.written if name in model.schema.translated)


@cache
def rows_with_texts(model: type[Publishable]) -> dict[str, type[Child]]:
    """Return the kinds of children of ``model`` whose rows have texts."""
    return {name: child for name, child in child_relations(model).items() if own_texts(child)}


def source_language(model: type[Any], shared: Mapping[str, Any] | None) -> str:
    """Return the language that the texts of an item of ``model`` are written in first: what its own field says
    (``source_language`` of its schema), where that is a language of the site, else the site's first."""
    name = model.schema.source_language
    own = shared["fields"].get(name) if name and shared else ""
    return own if own in site_languages() else site_languages()[0]
