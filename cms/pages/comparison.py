"""What differs between two published states of an item, for the public: no name of anything that was never public,
and each text once, in the language in which the reader sees it.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import JSONObject

from cms.content.comparison import Comparison, FieldDifference, RelatedNames, compare
from cms.content.languages import column, fallback_chain, translated_fields
from cms.content.links import references_in_snapshots
from cms.content.models import Child, ContentModel, Publishable
from cms.content.schema import owner
from cms.content.snapshots import Snapshot, child_relations, from_json, plain_relations, snapshot_fields

# What addresses are made of and what only orders rows: no reader compares those.
HIDDEN = {"slug", "anchor", "position"}


class PublicNames(RelatedNames):
    """The names of all rows that some snapshots refer to, read in one query; what was never public has none."""

    def __init__(self, snapshots: Iterable[tuple[type[Publishable], Iterable[Snapshot]]]):
        super().__init__()
        keys: dict[type[models.Model], set[str]] = {}
        for model, found in snapshots:
            for data in found:
                collect(model, data, keys)
        self.read({model: wanted for model, wanted in keys.items() if wanted})

    def read(self, keys: dict[type[models.Model], set[str]]) -> None:
        """Read the names of the rows ``keys``: one ``UNION ALL``, a row of each model as a JSON object."""
        parts = []
        for model, wanted in keys.items():
            rows: models.QuerySet = models.QuerySet(model).filter(pk__in=wanted).order_by()
            if issubclass(model, Publishable):
                rows = rows.exclude(status=Publishable.Status.UNPUBLISHED)
            elif issubclass(model, Child):
                rows = rows.exclude(**{f"{model.parent_field}__status": Publishable.Status.UNPUBLISHED})
            columns = JSONObject(**{field.name: F(field.name) for field in name_columns(model)})
            parts.append(
                rows.annotate(label=Value(model._meta.label), columns=columns).values_list("label", "columns", "pk")
            )
        by_label = {model._meta.label: model for model in keys}
        for label, columns, pk in parts[0].union(*parts[1:], all=True) if parts else ():
            model = by_label[label]
            values = {field.attname: from_json(field, columns[field.name]) for field in name_columns(model)}
            self.known.setdefault(model, {})[str(pk)] = str(model(pk=pk, **values))

    def name(self, model: type[models.Model], key: str) -> str:
        return self.known.get(model, {}).get(str(key), "")

    def joined(self, model: type[models.Model], keys: list[str]) -> str:
        return ", ".join(filter(None, (self.name(model, key) for key in keys)))

    def shown(self, column: models.Field, value: Any) -> str:
        if isinstance(column, models.FileField):
            return PurePath(value or "").name
        return super().shown(column, value)


def name_columns(model: type[models.Model]) -> list[models.Field]:
    """Return the columns that the name of a row may be made of: those of short texts."""
    return [
        field
        for field in snapshot_fields(model)
        if isinstance(field, models.CharField) or getattr(field, "translated_field", None) is not None
    ]


def collect(model: type[Publishable], data: Snapshot, keys: dict[type[models.Model], set[str]]) -> None:
    """Add to ``keys`` all rows that a snapshot of ``model`` refers to."""
    rows: list[tuple[type[ContentModel], dict]] = [(model, data["fields"])]
    for name, child_model in child_relations(model).items():
        rows += [(child_model, row) for row in data["children"].get(name, [])]
    for row_model, row in rows:
        for field in snapshot_fields(row_model):
            if isinstance(field, models.ForeignKey) and row.get(field.name):
                keys.setdefault(field.related_model, set()).add(str(row[field.name]))
    for reference in references_in_snapshots([data]):
        keys.setdefault(reference.model, set()).add(str(reference.key))
    for relation in plain_relations(model):
        keys.setdefault(relation.related_model, set()).update(data["relations"].get(relation.name, []))


def readable_comparison(model: type[Publishable], before: Snapshot, after: Snapshot, names: PublicNames) -> Comparison:
    """Return what a reader would see differ between two published snapshots of an item of ``model``."""
    found = compare(model, before, after, names=names)
    fields = readable_fields(model, found.fields, before["fields"], after["fields"])
    old, new = rows_by_key(before), rows_by_key(after)
    children = []
    kinds = child_relations(model)
    for child in found.children:
        child_model = kinds[child.accessor]
        shown = readable_fields(child_model, child.fields, old.get(child.key, {}), new.get(child.key, {}))
        if child.name and (shown or child.moved or child.kind != "changed"):
            children.append(replace(child, fields=shown))
    return Comparison(fields, children)


def rows_by_key(data: Snapshot) -> dict[str, dict]:
    """Return the children of a snapshot by their key."""
    return {row["id"]: row for rows in data["children"].values() for row in rows}


def readable_fields(
    model: type[ContentModel], fields: list[FieldDifference], before: dict, after: dict
) -> list[FieldDifference]:
    """Return those of ``fields`` that a reader sees: each text in the language shown before or after."""
    shown = set()
    for name in translated_fields(model):
        for row in (before, after):
            codes = (code for code in fallback_chain() if row.get(column(name, code)))
            shown.add(column(name, next(codes, fallback_chain()[0])))
    return [
        found
        for found in fields
        if owner(model, model._meta.get_field(found.name)) in model.schema.public
        and found.name not in HIDDEN
        and (found.language is None or found.name in shown)
        and (found.before or found.after)
    ]
