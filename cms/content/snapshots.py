"""A content item as data: what a draft, a revision and an export between sites are made of.

A snapshot holds the columns of one publishable item, one value a language column (never modeltranslation's bare
field, whose value follows the active language), the keys of its plain many-to-many relations and the rows of its
children. What publication itself writes (status and dates) is not part of it.

The shape, all values JSON::

    {"fields": {"slug": "a", "name_en": "A", "parent": "<uuid>"},
     "relations": {"countries": ["<uuid>", ...]},
     "children": {"sections": [{"id": "<uuid>", "anchor": "b", "heading_en": "B"}, ...]}}
"""

from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.functions import JSONObject

from cms.content.models import Child, ContentModel, Publishable
from cms.content.schema import columns_of
from cms.content.statements import Statement

Snapshot = dict[str, dict[str, Any]]


@cache
def snapshot_fields(model: type[ContentModel]) -> tuple[models.Field, ...]:
    """Return the concrete fields that a snapshot of a row of ``model`` holds."""
    return columns_of(model, model.schema.written)


@cache
def child_relations(model: type[Publishable]) -> dict[str, type[Child]]:
    """Return the children of ``model`` by the name of their reverse accessor: ``{"sections": Section}``."""
    return {
        relation.get_accessor_name(): relation.related_model  # type: ignore[misc] # a relation leads to a model
        for relation in model._meta.related_objects
        if issubclass(relation.related_model, Child) and relation.related_model.parent_field == relation.field.name
    }


def children_name(model: type[ContentModel], child: type[Child]) -> str:
    """Return the name under which packages and the API list the children of one model.

    It is the ``related_name`` of the child's foreign key or, where the child stands between the two ends of a
    many-to-many field, the name of that field.
    """
    for field in model._meta.many_to_many:
        if field.remote_field.through is child:
            return field.name
    key: Any = child._meta.get_field(child.parent_field)
    return key.remote_field.get_accessor_name()


@cache
def plain_relations(model: type[Publishable]) -> tuple[models.ManyToManyField, ...]:
    """Return the many-to-many fields that a snapshot of a row of ``model`` holds: lists of keys."""
    return tuple(field for field in model._meta.many_to_many if field.name in model.schema.written)


def snapshot(item: Publishable) -> Snapshot:
    """Return the snapshot of ``item`` as it stands in the database: a query, one for children, one a relation."""
    return snapshots_of(type(item), [item.pk])[item.pk]


def snapshots_of(model: type[Publishable], keys: Iterable[UUID]) -> dict[UUID, Snapshot]:
    """Return the snapshots of several items of ``model`` by key, in as many queries as of one."""
    keys = list(keys)
    found = {
        row.pk: {"fields": row_values(row), "relations": {}, "children": {}}
        for row in model._base_manager.filter(pk__in=keys)
    }
    for field in plain_relations(model):
        related: dict[UUID, list[str]] = {key: [] for key in found}
        source, target = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        links = field.remote_field.through._base_manager.filter(**{f"{source}__in": list(found)})  # type: ignore[union-attr] # a relation leads to a model
        for key, other in links.values_list(source, target):
            related[key].append(str(other))
        for key, others in related.items():
            found[key]["relations"][field.name] = sorted(others)
    kinds = child_relations(model)
    for data in found.values():
        data["children"] = {name: [] for name in kinds}
    for name, columns, _position, pk, parent in children_statement(model).rows(*found) if kinds else ():
        found[parent]["children"][name].append({"id": str(pk), **json_values(kinds[name], columns)})
    return found


@cache
def children_statement(model: type[Publishable]) -> Statement:
    """Return the statement that reads the children of several items of ``model``, of all kinds, in their order.

    A row comes as a JSON object, so that kinds with different columns fit into one ``UNION ALL``. (Django's plain
    ``QuerySet``: modeltranslation's does not keep the order of columns, which a union goes by.)
    """

    def build(key: Any) -> models.QuerySet:
        parts = [
            models.QuerySet(child)
            .filter(**{f"{child.parent_field}__in": [key]})
            .order_by()
            .annotate(
                child_kind=models.Value(name),
                child_columns=JSONObject(**{field.name: models.F(field.name) for field in snapshot_fields(child)}),
            )
            .values_list("child_kind", "child_columns", "position", "pk", child.parent_field)
            for name, child in child_relations(model).items()
        ]
        return parts[0].union(*parts[1:], all=True).order_by("position", "pk")

    return Statement(build)


def json_values(model: type[ContentModel], columns: dict[str, Any]) -> dict[str, Any]:
    """Return what :func:`row_values` does for a row whose columns the database gave as a JSON object."""
    fields = snapshot_fields(model)
    values = [from_json(field, columns[field.name]) for field in fields]
    return row_values(model.from_db(None, [field.attname for field in fields], values))


def row_values(row: models.Model) -> dict[str, Any]:
    """Return the columns of one row as JSON values, texts without content as ``""``."""
    return {field.name: to_json(field, row) for field in snapshot_fields(type(row))}


def to_json(field: models.Field, row: models.Model) -> Any:
    """Return one value of ``row`` as JSON: keys, dates and files become text, numbers and flags stay."""
    value = field.value_from_object(row)
    if isinstance(field, models.CharField | models.TextField):
        return value or ""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return field.value_to_string(row)


def from_json(field: models.Field, value: Any) -> Any:
    """Return the Python value of a snapshot's ``value`` for ``field``."""
    if value is None:
        return None
    if isinstance(field, models.ForeignKey):
        return field.target_field.to_python(value)
    return field.to_python(value) if not isinstance(field, models.FileField) else value


def public_part(model: type[Publishable], data: Snapshot) -> Snapshot:
    """Return what of a snapshot of an item of ``model`` the public may see."""

    def shown(row_model: type[ContentModel], row: dict[str, Any]) -> dict[str, Any]:
        names = {"id", *(column.name for column in columns_of(row_model, row_model.schema.public))}
        return {name: value for name, value in row.items() if name in names}

    kinds = {name: child for name, child in child_relations(model).items() if child.schema.public}
    return {
        "fields": shown(model, data["fields"]),
        "relations": {name: keys for name, keys in data["relations"].items() if name in model.schema.public},
        "children": {
            name: [shown(child, row) for row in data["children"].get(name, [])] for name, child in kinds.items()
        },
    }


def completed(current: Snapshot, old: Snapshot) -> Snapshot:
    """Return ``old`` with what it lacks (fields and relations that the model got since) taken from ``current``."""
    return {part: {**current.get(part, {}), **old.get(part, {})} for part in ("fields", "relations", "children")}


def same_content(one: Snapshot, other: Snapshot) -> bool:
    """Say whether two snapshots hold the same, but for the keys of children, which an import may make anew."""
    if one["fields"] != other["fields"] or one["relations"] != other["relations"]:
        return False
    return without_keys(one) == without_keys(other)


def without_keys(data: Snapshot) -> dict[str, list[dict]]:
    """Return the children of a snapshot without their keys."""
    return {
        name: [{column: value for column, value in row.items() if column != "id"} for row in rows]
        for name, rows in data["children"].items()
    }
