"""The tables of an export: CSV for people and programs that have no use for nested records, and what describes them.

Each collection has a table of its items, one for each kind of their children, and one for each relation to several
items, so that no cell holds a list. ``datapackage.json`` (https://specs.frictionlessdata.io/data-package/) says what
type each column has, and which column of which table names a row of which other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import override

from cms.api.records import Record, RecordField, RecordSchema, schema_of
from cms.content.languages import site_languages
from cms.content.models import Child, ContentModel
from cms.content.registry import content_models
from cms.content.schema import description_of

IDENTIFIER = {"type": "string", "format": "uuid"}
ADDRESS = {"type": "string", "format": "uri"}
TYPES = {
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "date"},
    "time": {"type": "datetime"},
    "file": ADDRESS,
    "reference": IDENTIFIER,
}
Rows = Iterator[list[Any]]


@dataclass(frozen=True)
class Column:
    """A column: its name, its type by Table Schema, and the table whose ``id`` it names, if it does."""

    name: str
    type: dict[str, Any]
    names: str = ""


@dataclass(frozen=True)
class Table:
    """A table: its name, which is that of its file, its columns, and how a record becomes rows of it."""

    name: str
    columns: list[Column]
    rows: Callable[[Record], Rows]
    key: list[str] = field(default_factory=lambda: ["id"])

    @property
    def file_name(self) -> str:
        return f"{self.name}.csv"

    def resource(self) -> dict[str, Any]:
        """Return the description of the table (https://specs.frictionlessdata.io/tabular-data-resource/)."""
        keys = [
            {
                "fields": column.name,
                "reference": {"resource": "" if column.names == self.name else column.names, "fields": "id"},
            }
            for column in self.columns
            if column.names
        ]
        fields = [{"name": column.name, **column.type} for column in self.columns]
        schema = {"fields": fields, "primaryKey": self.key} | ({"foreignKeys": hyphenated(keys)} if keys else {})
        return {
            "name": self.name.replace("_", "-"),
            "path": self.file_name,
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8-sig",
            "schema": schema,
        }


def hyphenated(keys: list[dict]) -> list[dict]:
    """Return foreign keys with the names of resources as Data Package writes them: without underscores."""
    for key in keys:
        key["reference"]["resource"] = key["reference"]["resource"].replace("_", "-")
    return keys


def tables_of(schema: RecordSchema) -> list[Table]:
    """Return the tables of one collection: of its items, of their children and of their relations."""
    name = schema.model.collection
    return [
        Table(name, columns_of(schema), lambda record: iter([cells_of(schema, record)])),
        *(child_table(name, accessor, child) for accessor, child in schema.children.items()),
        *(link_table(name, accessor, relation) for accessor, relation in schema.relations.items()),
    ]


def child_table(collection: str, name: str, schema: RecordSchema) -> Table:
    """Return the table of the children ``name`` of the items of ``collection``, numbered in their order."""
    parent: str = schema.model.parent_field

    def rows(record: Record) -> Rows:
        for number, row in enumerate(record[name], start=1):
            yield [record["id"], number, *cells_of(schema, row)]

    own = [column for column in columns_of(schema) if column.name not in (parent, "position")]
    columns = [Column(parent, IDENTIFIER, names=collection), Column("position", {"type": "integer"}), *own]
    return Table(f"{collection}_{name}", columns, rows)


def link_table(collection: str, name: str, relation: models.ManyToManyField) -> Table:
    """Return the table of which item of ``collection`` names which others as ``name``."""
    source, target = relation.model._meta.model_name or "", relation.related_model._meta.model_name or ""

    def rows(record: Record) -> Rows:
        return ([record["id"], key] for key in record[name])

    ends = [source, target if target != source else f"other_{target}"]
    columns = [
        Column(ends[0], IDENTIFIER, names=collection),
        Column(ends[1], IDENTIFIER, names=table_name(relation.related_model)),  # type: ignore[arg-type] # a content model
    ]
    return Table(f"{collection}_{name}", columns, rows, key=ends)


def table_name(model: type[ContentModel]) -> str:
    """Return the name of the table in which a row of ``model`` stands."""
    if not issubclass(model, Child):
        return model.collection
    children = schema_of(model.parent_model).children
    name = next(name for name, child in children.items() if child.model is model)
    return f"{model.parent_model.collection}_{name}"


def columns_of(schema: RecordSchema) -> list[Column]:
    """Return the columns of the members of a record that are no lists; a text has a column a language."""
    found = [] if schema.is_child else [Column("type", {"type": "string"})]
    found.append(Column("id", IDENTIFIER))
    for member in schema.fields:
        texts = [Column(f"{member.name}.{code}", {"type": "string"}) for code, _column in member.columns]
        found += texts or [member_column(member)]
    for name, kind in schema.computed.items():
        each = [Column(f"{name}.{code}", ADDRESS) for code in kind.languages]
        found += each or [Column(name, TYPES["time"] if kind.is_time else ADDRESS)]
    return found


def member_column(member: RecordField) -> Column:
    """Return the column of one plain value."""
    kind = dict(TYPES.get(member.kind, {"type": "string"}))
    if isinstance(member.field, models.IntegerField):
        kind["type"] = "integer"
    described = kind | {"description": str(description_of(member.field))}
    return Column(
        member.name,
        described,
        names=table_name(member.field.related_model) if member.kind == "reference" else "",  # type: ignore[arg-type] # a content model
    )


def cells_of(schema: RecordSchema, record: Record) -> list[Any]:
    """Return the cells of a record or of a child of one, in the order of :func:`columns_of`."""
    cells: list[Any] = [record["id"]] if schema.is_child else [record["type"], record["id"]]
    for member in schema.fields:
        value = record[member.name]
        cells += [value.get(code, "") for code, _column in member.columns] or [value]
    for name, kind in schema.computed.items():
        value = record[name]
        cells += [value.get(code, "") for code in kind.languages] or [value]
    return cells


def datapackage(token: str) -> dict[str, Any]:
    """Return the description of all tables of the export at ``token``, by Data Package 1, in the first language."""
    with override(site_languages()[0]):
        resources = [table.resource() for model in content_models() for table in tables_of(schema_of(model))]
    licence = {"licenses": [{"path": settings.CONTENT_LICENCE_URL}]} if settings.CONTENT_LICENCE_URL else {}
    return {
        "name": f"export-{token}",
        "profile": "tabular-data-package",
        "homepage": settings.SITE_URL,
        "version": token,
        **licence,
        "resources": resources,
    }
