"""What an item of each collection may say: the keys of packages, worked out from the content models."""

import dataclasses
from collections.abc import Callable
from enum import Enum, auto
from functools import cached_property, partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models

from cms.content.languages import column, stored_languages
from cms.content.links import targets
from cms.content.models import Child, ContentModel, Publishable
from cms.content.registry import child_models, content_models, reference_fields
from cms.content.snapshots import children_name

FORMAT = 1  # the number that a package names in its key "format"
SEPARATOR = "/"  # between the parts of a name: "agenda-2030/10"

# What one value of a package can hold. A field of another class stops import and export: better than content
# that is left out without a word.
VALUE_FIELDS = (
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.DecimalField,
    models.FloatField,
    models.IntegerField,
    models.TextField,
    models.TimeField,
)


class Kind(Enum):
    """What the value of a key is."""

    ID = auto()  # the row's UUID
    STATUS = auto()  # live, unpublished or withdrawn
    VALUE = auto()  # one text, number or date
    TRANSLATED = auto()  # a text for each language
    FILE = auto()  # the path of a file in the package
    REFERENCE = auto()  # the name of another row
    RELATED = auto()  # a list of names of other rows
    CHILDREN = auto()  # a list of rows that are part of this one


@dataclasses.dataclass(frozen=True)
class Key:
    """A key of an item: its name in packages, its kind, and the field or the rows that it stands for."""

    name: str
    kind: Kind
    field: Any = None  # the model's, but of ID, STATUS and CHILDREN
    columns: dict[str, models.Field] = dataclasses.field(default_factory=dict)  # TRANSLATED: language -> column
    target: Any = None  # REFERENCE, RELATED: the model
    rows: Any = None  # CHILDREN: their RowSchema


class RowSchema:
    """The keys of the rows of one model, as items of a collection or as children of an item."""

    def __init__(self, model: type[ContentModel], name: str):
        self.model = model
        self.name = name
        self.is_child = issubclass(model, Child)
        self.natural_key = model.natural_key_fields
        self.keys: dict[str, Key] = {key.name: key for key in self._keys()}

    def _keys(self):
        yield Key("id", Kind.ID)
        listed = sorted(self._fields(), key=lambda each: each.name not in self.natural_key)
        for each in listed:
            if each.name in self.natural_key:
                yield self._key(each)
        if issubclass(self.model, Publishable):
            yield Key("status", Kind.STATUS, self.model._meta.get_field("status"))
        for each in listed:
            if each.name not in self.natural_key:
                yield self._key(each)
        for each in self.model._meta.many_to_many:
            if each.name in self.model.schema.written:
                yield Key(each.name, Kind.RELATED, each, target=each.related_model)
        for child in child_models(self.model):
            name = children_name(self.model, child)
            yield Key(name, Kind.CHILDREN, rows=RowSchema(child, name))

    def _fields(self):
        return [each for each in self.model._meta.concrete_fields if each.name in self.model.schema.written]

    def _key(self, each: models.Field) -> Key:
        if each.name in self.model.schema.translated:
            columns = {code: self.model._meta.get_field(column(each.name, code)) for code in stored_languages()}
            return Key(each.name, Kind.TRANSLATED, each, columns=columns)  # type: ignore[arg-type] # columns
        if isinstance(each, models.FileField):
            return Key(each.name, Kind.FILE, each)
        if each in reference_fields(self.model):
            return Key(each.name, Kind.REFERENCE, each, target=each.related_model)
        if isinstance(each, VALUE_FIELDS):
            return Key(each.name, Kind.VALUE, each)
        raise ImproperlyConfigured(
            f"{self.model.__name__}.{each.name}: content packages have no form for a {type(each).__name__}."
        )

    def of_kind(self, kind: Kind) -> list[Key]:
        """Return the keys of one kind, in the order of the schema."""
        return [key for key in self.keys.values() if key.kind is kind]

    @cached_property
    def parent(self) -> models.ForeignKey | None:
        """The foreign key of a child to its item."""
        return self.model._meta.get_field(self.model.parent_field) if self.is_child else None  # type: ignore[return-value] # a foreign key

    @cached_property
    def columns(self) -> dict[str, models.Field]:
        """The fields whose values stand in packages as themselves, by column name."""
        values = {key.field.name: key.field for key in self.of_kind(Kind.VALUE)}
        for key in self.of_kind(Kind.TRANSLATED):
            values.update({each.name: each for each in key.columns.values()})
        return values

    @cached_property
    def defaults(self) -> dict[str, Callable]:
        """What makes the value of each attribute of a new row, in the order of the columns."""
        return {
            each.attname: each.get_default
            if each.has_default() and callable(each.default)
            else partial(same, each.get_default())
            for each in self.model._meta.concrete_fields
        }

    @cached_property
    def key_of_column(self) -> dict[str, str]:
        """The key that each column belongs to: ``{"name_es": "name"}``."""
        found = {name: name for name in self.keys}
        for key in self.of_kind(Kind.TRANSLATED):
            found.update({each.name: key.name for each in key.columns.values()})
        return found

    @cached_property
    def descendants(self) -> list["RowSchema"]:
        """The schemas of the children, and of theirs."""
        found = []
        for key in self.of_kind(Kind.CHILDREN):
            found += [key.rows, *key.rows.descendants]
        return found


class PackageSchema:
    """The collections of packages, in the order in which they are written."""

    def __init__(self):
        models_in_order = content_models()
        self.collections = {model.collection: RowSchema(model, model.collection) for model in models_in_order}
        self.rows = [each for rows in self.collections.values() for each in (rows, *rows.descendants)]
        self.by_model = {rows.model: rows for rows in self.rows}
        # The models whose rows are named by other rows, or by links in texts: only their names are kept at hand.
        self.referenced = {field.related_model for rows in self.rows for field in reference_fields(rows.model)}
        self.referenced |= set(targets().values())


def name_paths(model: type[ContentModel]) -> list[str]:
    """Return the lookups to the columns whose texts, joined by ``/``, name a row of ``model`` in packages.

    ``["slug"]``, or for a child ``["framework__slug", "code"]``; empty when there is at most one row.
    """
    names = ((model.parent_field,) if issubclass(model, Child) else ()) + model.natural_key_fields
    return [path for name in names for path in field_paths(model, name)]


def field_paths(model: type[ContentModel], name: str) -> list[str]:
    """Return the lookups from ``model`` to the columns that name the value of its field ``name``."""
    each = model._meta.get_field(name)
    return [f"{name}__{path}" for path in name_paths(each.related_model)] if each.is_relation else [name]  # type: ignore[arg-type] # a relation leads to a model


def same(value):
    """Return ``value``: a default that is the same for all rows."""
    return value


def joined(*parts: str) -> str:
    """Return the name of a row from its parts; that of an item of which there is only one is empty."""
    return SEPARATOR.join(part for part in parts if part)
