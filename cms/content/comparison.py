"""What differs between two snapshots of an item: field by field, language by language, word by word.

Of a rich text also what is no word: links, emphasis and structure.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

from diff_match_patch import diff_match_patch
from django.db import models
from django.utils.html import strip_tags
from django.utils.text import capfirst

from cms.content.fields import RichTextField
from cms.content.formatting import Format, FormattedWord, formatted_words
from cms.content.links import Reference, references_in, references_in_snapshots, replaced
from cms.content.models import Publishable
from cms.content.snapshots import Snapshot, child_relations, from_json, plain_relations, snapshot_fields

SAME, REMOVED, ADDED = "same", "removed", "added"
KINDS = {diff_match_patch.DIFF_EQUAL: SAME, diff_match_patch.DIFF_DELETE: REMOVED, diff_match_patch.DIFF_INSERT: ADDED}
BLOCK_END = re.compile(r"</(?:p|h\d|li|blockquote|tr)>|<br\s*/?>", re.IGNORECASE)
TAG = re.compile(r"<[^>]*>")
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
FIRST_TOKEN = 0xE000  # tokens become characters of the private use areas, of which there are enough
QUOTED = 80  # characters of a run of words that are quoted
NOTHING = (None, "")  # what is stored where there is no value
SECONDS = 1.0  # after which the difference may be coarser than need be


@dataclass(frozen=True)
class Segment:
    """A run of words that is the same in both texts, only in the old one, or only in the new one."""

    kind: str
    text: str


def words(text: str) -> list[str]:
    """Return ``text`` cut into words, runs of space and single signs; joined they are ``text`` again."""
    return TOKEN.findall(text)


def word_diff(before: str, after: str) -> list[Segment]:
    """Return the difference of two texts word by word, in reading order."""
    numbers: dict[str, int] = {}

    def encode(text: str) -> str:
        return "".join(chr(FIRST_TOKEN + code(numbers.setdefault(word, len(numbers)))) for word in words(text))

    def code(number: int) -> int:
        # U+E000..U+F8FF, then from U+F0000: private use, so never half of a surrogate pair
        return number if number < 0x1900 else number - 0x1900 + 0xF0000 - FIRST_TOKEN

    matcher = diff_match_patch()
    matcher.Diff_Timeout = SECONDS
    old, new = encode(before), encode(after)
    by_character = {chr(FIRST_TOKEN + code(number)): word for word, number in numbers.items()}
    diffs = matcher.diff_main(old, new, False)  # noqa: FBT003 - the library's own signature
    matcher.diff_cleanupSemantic(diffs)
    return [Segment(KINDS[kind], "".join(map(by_character.__getitem__, run))) for kind, run in diffs]


def readable(markup: str) -> str:
    """Return rich text as plain lines: one a block, without tags."""
    text = strip_tags(BLOCK_END.sub("\n", markup)).strip()
    return re.sub(r"[ \t]*\n\s*", "\n", text)


@dataclass(frozen=True)
class FormattingDifference:
    """A run of words with the formatting that it has now and did not have, and that it had and has no more."""

    quoted: str
    gained: tuple[Format, ...]
    lost: tuple[Format, ...]


def formatting_differences(before: str, after: str) -> list[FormattingDifference]:
    """Return how the formatting of two rich texts differs, run by run of words, in reading order.

    Words that are in one of the texts alone count with their links: where new words lead is not to be seen in them.
    """
    if TAG.findall(before) == TAG.findall(after) and before.count("<") == after.count("<"):
        return []
    differing = aligned(formatted_words(before, words), formatted_words(after, words))
    found = []
    for (gained, lost), run in groupby(differing, key=lambda entry: entry[1:]):
        text = "".join(f" {word.text}" if word.spaced else word.text for word, *_changes in run).strip()
        if gained or lost:
            quoted = text if len(text) <= QUOTED else f"{text[:QUOTED].rsplit(' ', 1)[0]} …"
            found.append(FormattingDifference(quoted, gained, lost))
    return found


def aligned(
    before: list[FormattedWord], after: list[FormattedWord]
) -> Iterator[tuple[FormattedWord, tuple[Format, ...], tuple[Format, ...]]]:
    """Yield every word of two texts with what it gained and what it lost."""
    old, new = iter(before), iter(after)
    for segment in word_diff(*(" ".join(word.text for word in text) for text in (before, after))):
        for word in words(segment.text):
            if word.isspace():
                continue
            if segment.kind == SAME:
                was, now = next(old), next(new)
                had, has = was.formats + was.links, now.formats + now.links
                yield now, tuple(x for x in has if x not in had), tuple(x for x in had if x not in has)
            elif segment.kind == ADDED:
                now = next(new)
                yield now, now.links, ()
            else:
                was = next(old)
                yield was, (), was.links


@dataclass(frozen=True)
class FieldDifference:
    """One field, in one language where it is translated, that differs. Values are as a reader would see them."""

    name: str
    label: str
    language: str | None
    before: str
    after: str
    is_text: bool
    markup_only: bool = False
    markup: tuple[str, str] = ("", "")  # of a rich text, as it is stored; links to items have their names

    @cached_property
    def formatting(self) -> list[FormattingDifference]:
        """What differs beside the words."""
        return formatting_differences(*self.markup)

    @cached_property
    def segments(self) -> list[Segment]:
        """The difference word by word; of a value that is no text, all of the old and all of the new."""
        if self.is_text:
            return word_diff(self.before, self.after)
        pair = (Segment(REMOVED, self.before), Segment(ADDED, self.after))
        return [segment for segment in pair if segment.text]


@dataclass(frozen=True)
class ChildDifference:
    """A child row that was added, removed, moved or changed (or moved and changed).

    ``accessor`` and ``key`` tell which row it is.
    """

    label: str
    name: str
    kind: str
    accessor: str
    key: str
    moved: bool = False
    fields: list[FieldDifference] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """All that differs between two snapshots of an item."""

    fields: list[FieldDifference]
    children: list[ChildDifference]

    def __bool__(self) -> bool:
        return bool(self.fields or self.children)


def compare(
    model: type[Publishable],
    before: Snapshot,
    after: Snapshot,
    *,
    languages: Iterable[str] | None = None,
    names: "RelatedNames | None" = None,
) -> Comparison:
    """Return what differs between two snapshots of an item of ``model``.

    ``languages`` limits translated fields to some languages. Names of related rows are read in one query a model,
    or taken from ``names`` where the caller has them.
    """
    wanted = None if languages is None else set(languages)
    names = names or RelatedNames()
    names.read_linked(references_in_snapshots([before, after]))
    fields = compare_rows(model, before["fields"], after["fields"], wanted, names)
    for relation in plain_relations(model):
        old, new = before["relations"].get(relation.name, []), after["relations"].get(relation.name, [])
        if old != new:
            fields.append(
                FieldDifference(
                    name=relation.name,
                    label=capfirst(str(relation.verbose_name)),
                    language=None,
                    before=names.joined(relation.related_model, [key for key in old if key not in new]),
                    after=names.joined(relation.related_model, [key for key in new if key not in old]),
                    is_text=False,
                )
            )
    children = []
    for name, child_model in child_relations(model).items():
        children += compare_children(
            name, child_model, before["children"].get(name, []), after["children"].get(name, []), wanted, names
        )
    return Comparison(fields, children)


def compare_rows(
    model: type[models.Model], before: dict, after: dict, wanted: set[str] | None, names: "RelatedNames"
) -> list[FieldDifference]:
    """Return the fields that differ between two rows."""
    found = []
    for column in snapshot_fields(model):
        old, new = before.get(column.name), after.get(column.name)
        language = getattr(column, "language", None)
        if same_value(old, new) or (wanted is not None and language is not None and language not in wanted):
            continue
        source = getattr(column, "translated_field", column)
        rich = isinstance(source, RichTextField)
        shown = [readable(value or "") if rich else names.shown(column, value) for value in (old, new)]
        found.append(
            FieldDifference(
                name=column.name,
                label=capfirst(str(source.verbose_name)),
                language=language,
                before=shown[0],
                after=shown[1],
                is_text=isinstance(source, models.TextField) or language is not None,
                markup_only=rich and shown[0] == shown[1],
                markup=(names.linked(old or ""), names.linked(new or "")) if rich else ("", ""),
            )
        )
    return found


def same_value(one: Any, other: Any) -> bool:
    """Say whether two stored values are the same to a reader; no value is as good as an empty one."""
    return one == other or (one in NOTHING and other in NOTHING)


def compare_children(
    accessor: str,
    model: type[models.Model],
    before: list[dict],
    after: list[dict],
    wanted: set[str] | None,
    names: "RelatedNames",
) -> list[ChildDifference]:
    """Return the children that were added, removed, moved or changed, in the order of the new list."""
    old = {row["id"]: row for row in before}
    new = {row["id"]: row for row in after}
    kept_before = [key for key in old if key in new]
    kept_after = [key for key in new if key in old]
    moved = moved_keys(kept_before, kept_after)
    found = []

    def add(kind: str, key: str, row: dict, fields: list[FieldDifference], *, moved: bool = False) -> None:
        label = capfirst(str(model._meta.verbose_name))
        found.append(ChildDifference(label, names.of_row(model, row), kind, accessor, key, moved, fields))

    for key, row in new.items():
        differences = compare_rows(model, old[key], row, wanted, names) if key in old else []
        if key not in old:
            add(ADDED, key, row, filled(model, row, names, added=True))
        elif differences or key in moved:
            add("changed", key, row, differences, moved=key in moved)
    for key, row in old.items():
        if key not in new:
            add(REMOVED, key, row, filled(model, row, names, added=False))
    return found


def filled(model: type[models.Model], row: dict, names: "RelatedNames", *, added: bool) -> list[FieldDifference]:
    """Return all that a row holds, as the difference to nothing."""
    return compare_rows(model, {} if added else row, row if added else {}, None, names)


def moved_keys(before: list[str], after: list[str]) -> set[str]:
    """Return the keys that are not part of the longest run of keys that kept their order."""
    position = {key: number for number, key in enumerate(before)}
    tails: list[list[str]] = []  # tails[n]: the ascending run of n + 1 keys that ends lowest
    for key in after:
        for length, run in enumerate(tails):
            if position[run[-1]] > position[key]:
                tails[length] = [*(tails[length - 1] if length else []), key]
                break
        else:
            tails.append([*(tails[-1] if tails else []), key])
    return set(after) - set(tails[-1] if tails else [])


class RelatedNames:
    """Names of related rows and words for values, each related model read once a comparison at most per key set."""

    def __init__(self):
        self.known: dict[type[models.Model], dict[str, str]] = {}

    def name(self, model: type[models.Model], key: str) -> str:
        return self.joined(model, [key])

    def joined(self, model: type[models.Model], keys: list[str]) -> str:
        names = self.known.setdefault(model, {})
        if unknown := [key for key in keys if key not in names]:
            names.update(self.names_of(model, unknown))
        return ", ".join(names.get(key, key) for key in keys)

    def read_linked(self, references: Iterable[Reference]) -> None:
        """Read the names of the items that links lead to, in one query a kind."""
        wanted: dict[type[models.Model], list[str]] = {}
        for reference in references:
            wanted.setdefault(reference.model, []).append(str(reference.key))
        for model, keys in wanted.items():
            self.joined(model, keys)

    def linked(self, html: str) -> str:
        """Return rich text with the names of items in the place of references; what has none is no link."""
        names = {each: self.name(each.model, str(each.key)) for each in references_in(html)}
        return replaced(html, {each: f"{name}{each.anchor}" for each, name in names.items() if name})

    def names_of(self, model: type[models.Model], keys: list[str]) -> dict[str, str]:
        """Return the names of rows by key; a row that is gone has none."""
        return {str(row.pk): str(row) for row in self.rows(model, keys)}

    def rows(self, model: type[models.Model], keys: list[str]) -> models.QuerySet:
        return model._base_manager.filter(pk__in=keys)

    def shown(self, column: models.Field, value: Any) -> str:
        """Return a stored value as people read it."""
        if value in NOTHING:
            return ""
        if isinstance(column, models.ForeignKey):
            return self.name(column.related_model, value)
        if column.choices:
            return str(dict(column.flatchoices).get(value, value))
        return str(from_json(column, value))

    def of_row(self, model: type[models.Model], row: dict) -> str:
        """Return the name of a child that may exist in a snapshot only."""
        columns = {
            column.attname: from_json(column, row[column.name])
            for column in snapshot_fields(model)
            if column.name in row and not isinstance(column, models.ForeignKey)
        }
        for column in snapshot_fields(model):
            if isinstance(column, models.ForeignKey) and row.get(column.name):
                return self.name(column.related_model, row[column.name])
        return str(model(**columns))
