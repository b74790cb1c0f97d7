"""A content item cut into the parts that people work on: what is shared by all languages, and the texts of each.

``shared`` holds the plain fields, the relations, and which children there are, with their plain fields and in their
order. The part of a language holds all texts of the item and its children in it, by row; a text that is empty is not
in it. Texts of rows that the shared part does not have wait: they show again when their row does. The shapes, all
values JSON::

    shared  {"fields": {"slug": "a"}, "relations": {"countries": ["<uuid>"]},
             "children": {"sections": [{"id": "<uuid>"}]}}
    es      {"fields": {"name_es": "A"}, "children": {"sections": {"<uuid>": {"heading_es": "B"}}}}

:func:`compose` makes the snapshot of all of them again: ``compose(model, parts_of(model, data)) == data``.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from cms.content.languages import site_languages
from cms.content.models import ContentModel, Publishable
from cms.content.snapshots import Snapshot, child_relations, snapshot_fields

SHARED = "shared"
Content = dict[str, dict[str, Any]]
Parts = dict[str, Content]


def part_names() -> list[str]:
    """Return the names of the parts that an item has on this site: ``shared``, then the languages in their order."""
    return [SHARED, *site_languages()]


def languages_in(parts: Iterable[str]) -> set[str] | None:
    """Return the languages among ``parts``; ``None`` when they are more than texts of certain languages."""
    return None if SHARED in (found := set(parts)) else found


@cache
def text_columns(model: type[ContentModel]) -> dict[str, str]:
    """Return the columns of ``model`` that hold a text in one language, each with the code of that language."""
    columns = {field.name: getattr(field, "language", None) for field in snapshot_fields(model)}
    return {name: language for name, language in columns.items() if language}


def parts_of(model: type[Publishable], data: Snapshot) -> Parts:
    """Return the parts of a snapshot of an item of ``model``, by name; languages without a text are left out."""
    found: Parts = {SHARED: {"fields": plain(model, data["fields"]), "relations": data["relations"], "children": {}}}
    for column, language in text_columns(model).items():
        if text := data["fields"].get(column):
            found.setdefault(language, blank())["fields"][column] = text
    for name, child in child_relations(model).items():
        rows = data["children"].get(name, [])
        found[SHARED]["children"][name] = [plain(child, row) for row in rows]
        for row in rows:
            for column, language in text_columns(child).items():
                if text := row.get(column):
                    of_kind = found.setdefault(language, blank())["children"].setdefault(name, {})
                    of_kind.setdefault(row["id"], {})[column] = text
    return found


def plain(model: type[ContentModel], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row of a snapshot holds beside texts."""
    texts = text_columns(model)
    return {name: value for name, value in row.items() if name not in texts}


def blank() -> Content:
    """Return the part of a language in which nothing is written."""
    return {"fields": {}, "children": {}}


def compose(model: type[Publishable], parts: Mapping[str, Content]) -> Snapshot:
    """Return the snapshot that ``parts`` make together: rows and order from ``shared``, texts by row."""
    shared = parts[SHARED]
    texts = [content for name, content in parts.items() if name != SHARED]
    return {
        "fields": with_texts(model, shared["fields"], [content["fields"] for content in texts]),
        "relations": dict(shared["relations"]),
        "children": {
            name: [
                with_texts(child, row, [content["children"].get(name, {}).get(row["id"], {}) for content in texts])
                for row in shared["children"].get(name, [])
            ]
            for name, child in child_relations(model).items()
        },
    }


def with_texts(model: type[ContentModel], row: dict[str, Any], texts: Iterable[dict[str, str]]) -> dict[str, Any]:
    """Return a row of a snapshot of the plain values ``row`` and its ``texts``, one mapping a language."""
    found = {**row, **dict.fromkeys(text_columns(model), "")}
    for columns in texts:
        found.update((name, text) for name, text in columns.items() if name in found)
    return found


def with_waiting(parts: Parts, base: Mapping[str, Content]) -> Parts:
    """Return ``parts`` with the texts of ``base`` whose rows ``parts`` does not have: to remove a row is a change of
    what is shared, and takes no text out of a language."""
    rows = {name: {row["id"] for row in of_kind} for name, of_kind in parts[SHARED]["children"].items()}
    found = dict(parts)
    for language, content in base.items():
        if language == SHARED:
            continue
        for name, texts in content["children"].items():
            waiting = {key: columns for key, columns in texts.items() if key not in rows.get(name, set())}
            if waiting:
                kept = found.get(language, blank())
                children = {**kept["children"], name: {**kept["children"].get(name, {}), **waiting}}
                found[language] = {**kept, "children": children}
    return found


def digest(content: Content | None) -> str:
    """Return what tells contents of one part apart: SHA-256 of their JSON with sorted keys and without blanks.

    It only says "the same": an empty part has the digest of no part.
    """
    if not content or not (content["fields"] or content["children"] or "relations" in content):
        return ""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def different(one: Mapping[str, Content], other: Mapping[str, Content]) -> set[str]:
    """Return the names of the parts that are not the same in ``one`` and in ``other``."""
    return {name for name in {*one, *other} if digest(one.get(name)) != digest(other.get(name))}


def changed_parts(model: type[Publishable], before: Snapshot, after: Snapshot) -> set[str]:
    """Return the names of the parts in which two snapshots of an item of ``model`` differ."""
    return different(parts_of(model, before), parts_of(model, after))
