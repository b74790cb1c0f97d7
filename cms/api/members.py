"""The members of an item, made of its model's schema: in lists, on its own, and in short where another names it.

A content app says with :func:`describe` what the schema cannot: what an item is in words, an example of it, and
members that are made of other rows.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import models
from django.utils.functional import classproperty
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cms.api.fields import Address, FileAddress, Name, RichText, Text, lookup_field
from cms.api.selection import on_request
from cms.api.serializers import ChildSerializer, ItemSerializer, PublishedItemSerializer, ReferenceSerializer
from cms.content.fields import ColourField, RichTextField
from cms.content.models import Child, ContentModel, Publishable
from cms.content.schema import description_of
from cms.content.snapshots import child_relations, children_name

Serializer = type[serializers.Serializer]
Members = dict[str, Any]  # serializer fields; None takes one of the base away

# The serializer fields of plain columns, the first that fits; those of texts without a value are null.
PLAIN = (
    (models.EmailField, serializers.EmailField),
    (models.URLField, serializers.URLField),
    (models.SlugField, serializers.SlugField),
    (models.CharField, serializers.CharField),
    (models.TextField, serializers.CharField),
    (models.DateField, serializers.DateField),
    (models.BooleanField, serializers.BooleanField),
    (models.FloatField, serializers.FloatField),
    (models.IntegerField, serializers.IntegerField),
)


@dataclass(frozen=True)
class Described:
    """What a content app says of one model; see :func:`describe`."""

    text: Any = ""
    examples: dict[str, Any] = field(default_factory=dict)
    besides: Members = field(default_factory=dict)
    on_its_own: Members = field(default_factory=dict)


DESCRIBED: dict[type[ContentModel], Described] = {}


def describe(
    model: type[ContentModel],
    text: Any,
    *,
    examples: dict[str, Any],
    besides: Members | None = None,
    on_its_own: Members | None = None,
) -> None:
    """Say what an item of ``model`` is, for the documentation, with values of an example of it.

    ``besides`` are members that are not columns of the model, or are read in another way than others of their kind;
    ``on_its_own`` those that lists leave out. Called before anything asks for the serializers of ``model``.
    """
    DESCRIBED[model] = Described(text, examples, besides or {}, on_its_own or {})


class RowMeta:
    """What a serializer says of its model, looked up when it is asked for: apps describe theirs in any order."""

    model: type[ContentModel]

    @classproperty
    def description(cls) -> Any:  # noqa: N805 - a class property takes the class
        return described(cls.model).text

    @classproperty
    def examples(cls) -> dict[str, Any]:  # noqa: N805 - a class property takes the class
        return described(cls.model).examples


def described(model: type[ContentModel]) -> Described:
    return DESCRIBED.get(model, Described())


def serializer(name: str, base: Serializer, model: type[ContentModel], members: Members, **meta: Any) -> Serializer:
    """Return the serializer class ``name`` for rows of ``model``."""
    return type(name, (base,), {**members, "Meta": type("Meta", (RowMeta,), {"model": model, **meta})})


@cache
def reference_serializer(model: type[ContentModel]) -> Serializer:
    """Return the serializer of an item in short: which one it is, its name and its address."""
    key = lookup_field(model)
    members: Members = {} if key == "slug" else {"slug": None}
    if key not in ("slug", "id"):
        members[key] = plain_member(model._meta.get_field(key))
    text = format_lazy(_("In short: {kind}."), kind=model._meta.verbose_name)
    return serializer(f"{model.__name__}Reference", ReferenceSerializer, model, members, description=text)


@cache
def row_serializer(model: type[Child]) -> Serializer:
    """Return the serializer of a row inside its item."""
    return serializer(f"{model.__name__}Serializer", ChildSerializer, model, row_members(model))


@cache
def outside_serializer(model: type[Child]) -> Serializer:
    """Return the serializer of a row that something else than its item names: with that item in short."""
    item = model._meta.get_field(model.parent_field)
    members = {item.name: reference_serializer(item.related_model)(help_text=description_of(item))}
    return serializer(f"{model.__name__}OutsideSerializer", row_serializer(model), model, members)


@cache
def item_serializer(model: type[ContentModel]) -> Serializer:
    """Return the serializer of an item in a list: with its children, and what it has on its own, on request only."""
    base = PublishedItemSerializer if issubclass(model, Publishable) else ItemSerializer
    members = row_members(model) | children_members(model, are_relations=True) | on_request(own_members(model))
    if "slug" not in members:
        members["slug"] = None
    return serializer(f"{model.__name__}Serializer", base, model, members)


@cache
def whole_item_serializer(model: type[ContentModel]) -> Serializer:
    """Return the serializer of an item on its own: with its children, and what is said to be there only."""
    members = own_members(model)
    if not members:
        return item_serializer(model)
    return serializer(f"{model.__name__}DetailSerializer", item_serializer(model), model, members)


def own_members(model: type[ContentModel]) -> Members:
    """Return what an item has on its own, and in lists only on request: its children, and what is said of it."""
    children = children_members(model, are_relations=False)
    return children | {name: deepcopy(field) for name, field in described(model).on_its_own.items()}


def children_members(model: type[ContentModel], *, are_relations: bool) -> Members:
    """Return the lists of the children of an item: of those that stand between the two ends of a many-to-many field,
    which lists have too, or of all others."""
    found: Members = {}
    for accessor, child in child_relations(model).items():
        name = children_name(model, child)
        if child.schema.public and (name != accessor) == are_relations:
            source: dict[str, Any] = {"source": accessor} if are_relations else {}
            label = capfirst(child._meta.verbose_name_plural)
            found[name] = row_serializer(child)(many=True, help_text=label, **source)
    return found


def row_members(model: type[ContentModel]) -> Members:
    """Return the members of a row that are its own: its public fields, and what is said to be there besides."""
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    found = {each.name: member(model, each) for each in fields if each.name in model.schema.public}
    return found | described(model).besides


def member(model: type[ContentModel], column: Any) -> serializers.Field:
    """Return the serializer field of one public field of ``model``."""
    said: dict[str, Any] = {"help_text": description_of(column)}
    if column.name in model.schema.translated:
        if column.name == getattr(model, "name_field", ""):
            return Name(**said)
        kinds = ((RichTextField, RichText), (models.URLField, Address))
        return next((kind for column_type, kind in kinds if isinstance(column, column_type)), Text)(**said)
    if column.is_relation:
        target = column.related_model
        nested = outside_serializer(target) if issubclass(target, Child) else reference_serializer(target)
        return nested(**said, **({"many": True} if column.many_to_many else {"allow_null": column.null}))
    if isinstance(column, models.FileField):
        return FileAddress(**said)
    return plain_member(column)


def plain_member(column: Any) -> serializers.Field:
    """Return the serializer field of a column whose value stands for itself."""
    said = {"help_text": description_of(column), "allow_null": column.null or column.blank}
    if isinstance(column, ColourField):
        return serializers.RegexField(r"^#[0-9a-f]{6}$", **said)
    if isinstance(column, models.IntegerField) and column.choices:
        values = [value for value, _label in column.flatchoices]
        return serializers.IntegerField(min_value=min(values), max_value=max(values), **said)
    if column.choices:
        return serializers.ChoiceField(choices=column.choices, **said)
    kind = next(kind for column_type, kind in PLAIN if isinstance(column, column_type))
    return kind(**said)
