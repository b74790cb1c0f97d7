"""What of an item an answer holds: ``fields=`` chooses among its fields, ``expand=`` gives related items whole.

Both take dotted paths, separated by commas, and both know only what the serializers declare.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from cms.api.problems import parameter_error

# Of what an item has, whatever is chosen: which one it is, and in which languages.
ALWAYS = ("type", "id", "languages")
LEVELS = 2  # of related items given whole, one inside the other
MAX_PATHS = 50
# Related items that are given whole have their own lists left out from this depth on: lists of lists of lists
# would multiply without bound.
MAX_LISTS = 2


@dataclass(frozen=True)
class Selection:
    """Which fields of one serializer are wanted (``None``: all), which relations whole, and the same of its parts."""

    fields: frozenset[str] | None = None
    whole: bool = False
    parts: tuple[tuple[str, "Selection"], ...] = ()

    def names(self, name: str) -> bool:
        """Say whether the field ``name``, or something of it, was asked for by its name."""
        return name in (self.fields or ()) or any(key == name for key, _part in self.parts)

    def part(self, name: str) -> "Selection":
        """Return the selection of the part or relation ``name``."""
        return next((part for key, part in self.parts if key == name), ALL)


ALL = Selection()


class ItemSerializers:
    """The serializer of each model's items, as a list gives them: what ``expand`` puts in the place of a reference."""

    of_model: ClassVar[dict[type[models.Model], type[serializers.Serializer]]] = {}


def nested(field: serializers.Field) -> type[serializers.Serializer] | None:
    """Return the serializer class of a part or relation of an item, or ``None`` for a plain field."""
    child = getattr(field, "child", field) if isinstance(field, serializers.ListSerializer) else field
    return type(child) if hasattr(getattr(child, "Meta", None), "model") else None  # type: ignore[return-value] # only serializers have a Meta


def is_reference(serializer_class: type[serializers.Serializer]) -> bool:
    """Say whether a nested serializer stands for an item that can be given whole."""
    return getattr(serializer_class.Meta, "model", None) in ItemSerializers.of_model  # type: ignore[attr-defined, operator] # serializers of items have a Meta


def given_serializer(serializer_class: type[serializers.Serializer], part: Selection) -> type[serializers.Serializer]:
    """Return the serializer by which a related item is given: as declared, or whole."""
    return whole_serializer(serializer_class) if part.whole else serializer_class


@cache
def whole_serializer(reference: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """Return the serializer of the whole item with what its reference has besides, so that nothing goes missing."""
    item = ItemSerializers.of_model[reference.Meta.model]  # type: ignore[attr-defined] # serializers of items have a Meta
    besides = {name: field for name, field in reference._declared_fields.items() if name not in item._declared_fields}
    return type(f"Whole{item.__name__}", (item,), besides) if besides else item


def chosen_fields(
    serializer_class: type[serializers.Serializer], selection: Selection, rows: int
) -> Iterator[tuple[str, serializers.Field]]:
    """Yield name and field of what is given of a serializer's declared fields."""
    for name, field in known_fields(serializer_class, whole=selection.whole, rows=rows).items():
        if selection.fields is not None and name not in selection.fields and name not in ALWAYS:
            continue
        if is_on_request(field) and not selection.names(name):
            continue
        yield name, field


def known_fields(
    serializer_class: type[serializers.Serializer], *, whole: bool, rows: int
) -> dict[str, serializers.Field]:
    """Return the fields that may be asked for of an item, or of one that is given whole inside another."""
    without_lists = whole and rows >= MAX_LISTS
    return {
        name: field
        for name, field in serializer_class._declared_fields.items()
        if not (without_lists and isinstance(field, serializers.ListSerializer))
    }


def on_request(members: dict[str, serializers.Field]) -> dict[str, serializers.Field]:
    """Return ``members`` so that they are given only where ``fields`` or ``expand`` names them."""
    for field in members.values():
        field.on_request = True  # type: ignore[attr-defined] # read by is_on_request() alone
    return members


def is_on_request(field: serializers.Field) -> bool:
    """Say whether a field is given only where it is named."""
    return getattr(field, "on_request", False)


class Asked:
    """The tree of the paths of ``fields`` and ``expand``, as it is read from them."""

    def __init__(self):
        self.fields: set[str] | None = None
        self.everything = False  # named itself, beside fields of it
        self.whole = False
        self.parts: dict[str, Asked] = {}

    def part(self, name: str) -> "Asked":
        return self.parts.setdefault(name, Asked())

    def selection(self) -> Selection:
        parts = tuple((name, part.selection()) for name, part in sorted(self.parts.items()))
        fields = None if self.everything or self.fields is None else frozenset(self.fields)
        return Selection(fields, self.whole, parts)


def read_selection(
    serializer_class: type[serializers.Serializer], *, fields: str, expand: str, rows: int
) -> tuple[Selection, list[dict]]:
    """Return the selection that two parameters ask for (empty: none given), and an entry of ``errors`` for each wrong.

    ``rows`` is 1 for a list and 0 for an item.
    """
    asked, errors = Asked(), []
    for name, text, read in (("expand", expand, expand_path), ("fields", fields, choose_path)):
        paths = text.split(",") if text else []
        if len(paths) > MAX_PATHS:
            errors.append(parameter_error(name, _("Give at most %(most)d values.") % {"most": MAX_PATHS}))
            continue
        for path in dict.fromkeys(paths):
            if error := read(asked, serializer_class, path, rows):
                errors.append(error)
    return asked.selection(), errors


def expand_path(asked: Asked, serializer_class: type[serializers.Serializer], path: str, rows: int) -> dict | None:
    """Note one path of ``expand`` in the tree, or return what is wrong with it."""
    levels, adds = 0, False
    for step in path.split("."):
        known = known_fields(serializer_class, whole=asked.whole, rows=rows)
        relations = {name: nested(field) for name, field in known.items() if is_expandable(field) or adds}
        relations = {name: inner for name, inner in relations.items() if inner}
        if step not in relations:
            return parameter_error(
                "expand",
                _("“%(path)s” is no relation that can be given whole.") % {"path": shown(path)},
                allowed=sorted(relations),
                given=step,
            )
        rows += isinstance(known[step], serializers.ListSerializer)
        adds = adds or is_on_request(known[step])
        asked, serializer_class = asked.part(step), relations[step]  # type: ignore[assignment] # one that leads to items
        if is_reference(serializer_class):
            levels += 1
            if levels > LEVELS:
                return parameter_error(
                    "expand",
                    _("“%(path)s” is deeper than %(levels)d levels.") % {"path": shown(path), "levels": LEVELS},
                )
            asked.whole = True
            serializer_class = whole_serializer(serializer_class)
    if not (asked.whole or adds):
        return parameter_error(
            "expand",
            _("“%(path)s” is given whole already; name a relation in it.") % {"path": shown(path)},
            allowed=sorted(expandable(serializer_class)),
        )
    return None


def choose_path(asked: Asked, serializer_class: type[serializers.Serializer], path: str, rows: int) -> dict | None:
    """Note one path of ``fields`` in the tree, or return what is wrong with it."""
    *steps, last = path.split(".")
    for number, step in enumerate([*steps, last]):
        known = known_fields(serializer_class, whole=asked.whole, rows=rows)
        inner = nested(known[step]) if step in known else None
        if step not in known or (number < len(steps) and inner is None):
            return unknown_field(asked, serializer_class, path, step, sorted(known))
        rows += isinstance(known[step], serializers.ListSerializer)
        if asked.fields is None:
            asked.fields = set()
        asked.fields.add(step)
        if number < len(steps):
            asked = asked.part(step)
            serializer_class = given_serializer(inner, Selection(whole=asked.whole))  # type: ignore[arg-type] # a relation leads to serializers
    asked.part(last).everything = True
    return None


def unknown_field(
    asked: Asked, serializer_class: type[serializers.Serializer], path: str, step: str, known: list[str]
) -> dict:
    """Return the entry of ``errors`` for a field that is not there, or only where its item is given whole."""
    if step not in known and not asked.whole and is_reference(serializer_class):
        item = ItemSerializers.of_model[serializer_class.Meta.model]  # type: ignore[attr-defined] # serializers of items have a Meta
        if step in item._declared_fields:
            relation = path.rpartition(".")[0]
            detail = _("“%(path)s” is there only with “expand=%(relation)s”.")
            return parameter_error("fields", detail % {"path": shown(path), "relation": shown(relation)})
    if step in known:
        return parameter_error("fields", _("“%(name)s” has no fields of its own.") % {"name": step})
    detail = _("There is no field “%(path)s”.") % {"path": shown(path)}
    return parameter_error("fields", detail, allowed=known, given=step)


def leads_to_items(field: serializers.Field) -> bool:
    """Say whether a field is a related item, or a part in which such stand."""
    inner = nested(field)
    return inner is not None and (is_reference(inner) or bool(expandable(inner)))


def is_expandable(field: serializers.Field) -> bool:
    """Say whether ``expand`` may name a field or lead through it."""
    return leads_to_items(field) or (is_on_request(field) and nested(field) is not None)


def expandable(serializer_class: type[serializers.Serializer]) -> list[str]:
    """Return the names of the fields that ``expand`` may name or lead through."""
    return [name for name, field in serializer_class._declared_fields.items() if leads_to_items(field)]


def shown(path: str) -> str:
    """Return a path as a problem repeats it."""
    return path if len(path) <= 80 else f"{path[:79]}…"
