"""The order of lists: the usual one or ``sort=``, always total, and the same on every database.

What has no value comes last in either direction. Texts are compared as they are shown, without accents and capitals,
by their first characters; the key decides between equals.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models
from django.db.models import Expression, F, Func, Value
from django.db.models.functions import Left, NullIf
from django.utils.translation import gettext as _
from rest_framework import serializers

from cms.api.fields import Address, Name, RichText, Text
from cms.api.plans import PlannedField
from cms.api.problems import parameter_error, shorten
from cms.api.wording import Wording
from cms.content.languages import displayed
from cms.content.lookups import Fold

COMPARED = 100  # characters of a text; a cursor holds them
MAX_KEYS = 5
UNSORTED = (serializers.URLField, serializers.EmailField, serializers.UUIDField, RichText, Address)


class ByCodePoint(Func):
    """A text to be compared by its code points (in UTF-8, by its bytes), whatever language the database is set to."""

    template = "%(expressions)s"
    arity = 1
    output_field = models.TextField()

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template='(%(expressions)s) COLLATE "C"', **extra)


@dataclass(frozen=True)
class SortKey:
    """One key of an order: an expression, its direction, and whether it may be without a value."""

    expression: Expression | F
    descending: bool
    nullable: bool


@cache
def sortable(serializer_class: type[serializers.Serializer]) -> dict[str, serializers.Field]:
    """Return the fields that a list may be sorted by: plain values and short texts of the items themselves."""
    columns = {column.name for column in serializer_class.Meta.model._meta.concrete_fields}  # type: ignore[attr-defined] # serializers of items have a Meta
    return {
        name: field
        for name, field in serializer_class._declared_fields.items()
        if not isinstance(field, UNSORTED)
        and (isinstance(field, Text) or (not isinstance(field, PlannedField) and (field.source or name) in columns))
        and not isinstance(field, serializers.BaseSerializer)
    }


def read_sort(serializer_class: type[serializers.Serializer], text: str) -> tuple[list[str], list[dict]]:
    """Return the names in ``sort=`` with their signs, and an entry of ``errors`` for each that is wrong."""
    names = text.split(",") if text else []
    known = sortable(serializer_class)
    errors = []
    bare = [name.removeprefix("-") for name in names]
    if len(names) > MAX_KEYS:
        errors.append(parameter_error("sort", _("Give at most %(most)d values.") % {"most": MAX_KEYS}))
        return [], errors
    for number, name in enumerate(bare):
        if name not in known:
            detail = _("Lists cannot be sorted by “%(name)s”; a minus before a name turns its order.")
            detail %= {"name": shorten(name)}
            errors.append(parameter_error("sort", detail, allowed=list(known), given=name))
        elif name in bare[:number]:
            errors.append(parameter_error("sort", _("“%(name)s” is there twice.") % {"name": name}))
    return names, errors


def sort_keys(serializer_class: type[serializers.Serializer], names: Iterable[str], wording: Wording) -> list[SortKey]:
    """Return the keys of the order that ``names`` ask for, or of the usual order; the last one is unique."""
    model = serializer_class.Meta.model  # type: ignore[attr-defined] # serializers of items have a Meta
    keys = [asked_key(model, sortable(serializer_class)[name.removeprefix("-")], name, wording) for name in names] or [
        usual_key(model, term) for term in model._meta.ordering
    ]
    return [*keys, SortKey(F("pk"), descending=False, nullable=False)]


def asked_key(model: type[models.Model], field: serializers.Field, name: str, wording: Wording) -> SortKey:
    """Return the key for one name of ``sort=``."""
    descending, name = name.startswith("-"), name.removeprefix("-")
    source = field.source or name
    if isinstance(field, Text):
        text = displayed(field.field_of(model, name) if isinstance(field, Name) else source, chain=wording.chain)
        expression = ByCodePoint(Fold(Left(NullIf(text, Value("")), COMPARED)))
        return SortKey(expression, descending, nullable=True)
    column = model._meta.get_field(source)
    if isinstance(column, models.CharField | models.TextField):
        if column.blank:
            return SortKey(ByCodePoint(Fold(NullIf(F(source), Value("")))), descending, nullable=True)
        return SortKey(ByCodePoint(F(source)), descending, nullable=False)
    return SortKey(F(source), descending, nullable=column.null)


def usual_key(model: type[models.Model], term) -> SortKey:
    """Return the key for one term of a model's ordering: a name, or an ``OrderBy`` of a column."""
    if isinstance(term, str):
        name, descending = term.removeprefix("-"), term.startswith("-")
        expression = F(name)
    else:
        expression, descending, name = term.expression, term.descending, term.expression.name
    nullable = False
    field: Any
    for step in name.split("__"):
        field = model._meta.get_field("id" if step == "pk" else step)
        nullable = nullable or field.null
        model = field.related_model
    if not isinstance(term, str) and nullable and not term.nulls_last:
        raise TypeError(f"The ordering by {name} must say nulls_last=True: databases differ.")
    return SortKey(expression, descending, nullable)
