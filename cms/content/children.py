"""The children of one item, of several kinds, in one query: what a page with many small parts is made of."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import JSONObject, Left

from cms.content.languages import column, stored_languages, translated_fields
from cms.content.models import Child, Publishable
from cms.content.noting import noted, row
from cms.content.snapshots import child_relations, from_json, snapshot_fields
from cms.content.statements import Statement


def prefetch_children(item: Publishable, *names: str, shortened: Iterable[str] = ()) -> None:
    """Read the children of ``item`` under the accessors ``names`` as ``prefetch_related`` would, but in one query.

    Of the translated fields ``shortened`` only the first character is read: whether there is a text, not which.

    A row comes as a JSON object, so that kinds with different columns fit into one ``UNION ALL``. (Django's plain
    ``QuerySet``: modeltranslation's does not keep the order of columns, which a union goes by.)
    """
    found: dict[str, list[Child]] = {name: [] for name in names}
    kinds = child_relations(type(item))
    statement = children_statement(type(item), names, frozenset(shortened))
    with noted([row(type(item), item.pk)]):
        rows = statement.rows(item.pk)
    for name, columns, position, pk in rows:
        found[name].append(child_from(kinds[name], item, columns, position, pk))
    keep_children(item, found)


@cache
def children_statement(model: type[Publishable], names: tuple[str, ...], shortened: frozenset[str]) -> Statement:
    """Return the statement that reads the children of an item of ``model``."""

    def build(key: Any) -> models.QuerySet:
        parts = [
            models.QuerySet(child_model)
            .filter(**{child_model.parent_field: key})
            .order_by()
            .annotate(kind=Value(name), columns=JSONObject(**columns_read(child_model, shortened)))
            .values_list("kind", "columns", "position", "pk")
            for name in names
            for child_model in [child_relations(model)[name]]
        ]
        return parts[0].union(*parts[1:], all=True).order_by("position", "pk")

    return Statement(build)


def keep_children(item: Publishable, found: dict[str, list[Child]]) -> None:
    """Let ``item`` have the children ``found``, by accessor, as if they had been prefetched."""
    cache = item.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, rows in found.items():
        queryset = getattr(item, name).all()
        queryset._result_cache, queryset._prefetch_done = rows, True
        cache[name] = queryset


def columns_read(child_model: type[Child], shortened: Collection[str]) -> dict[str, Left | F]:
    """Return what is read of a child, beside its key, its place and its parent, by column."""
    translated = {column(name, code): name for name in translated_fields(child_model) for code in stored_languages()}
    return {
        field.name: Left(field.name, 1) if translated.get(field.name) in shortened else F(field.name)
        for field in snapshot_fields(child_model)
    }


def child_from(child_model: type[Child], item: Publishable, columns: dict, position: int, pk) -> Child:
    """Return the child that ``columns``, values as a snapshot has them, describe; it may be none that is stored."""
    values = {"id": pk, "position": position}
    for field in snapshot_fields(child_model):
        if field.name in columns:
            values[field.attname] = from_json(field, columns[field.name])
    for field in child_model._meta.concrete_fields:
        if field.attname not in values:
            values[field.attname] = field.get_default()
    child = child_model.from_db(item._state.db, list(values), list(values.values()))
    setattr(child, child_model.parent_field, item)
    return child
