"""How a serializer's declared fields become few queries and plain Python that reads the rows.

A :class:`Plan` is made of a serializer class and a chain of languages, once. It knows the columns to read, the
rows to join and to fetch beside them, and one reading function a field. Rows that are not live are left out in
the queries: related rows come from ``live()`` querysets, optional keys carry their ``live_condition()``.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.db import models
from django.db.models import ExpressionWrapper, Prefetch, QuerySet
from rest_framework import serializers

from publishing.languages import fallback_chain
from publishing.models import Child, Publishable


class Answer:
    """What one answer is made of besides the rows: addresses, the language asked for, the languages used.

    ``fallbacks`` are those of the item that is being read: the path of a text in the item, its steps divided by
    ``/`` as in JSON Pointer (RFC 6901), and the language in which it is given.
    """

    def __init__(self, base_url: str, language: str):
        self.base_url = base_url
        self.language = language
        self.languages_used: set[str] = set()
        self.fallbacks: dict[str, str] = {}
        self.path: list[str] = []
        self.collection_urls: dict[type[models.Model], str] = {}

    def note(self, name: str, language: str) -> None:
        """Record that the text ``name`` at the present path is given in ``language``."""
        self.languages_used.add(language)
        if language != self.language:
            self.fallbacks["/".join([*self.path, name])] = language


Reader = Callable[[models.Model, Answer], Any]


class PlannedField:
    """Mixin for serializer fields that say themselves which columns they need and how they are read."""

    def columns(self, model: type[models.Model], name: str, chain: tuple[str, ...]) -> list[str]:
        """Return the columns of ``model`` that this field reads."""
        return []

    def reader(self, model: type[models.Model], name: str, chain: tuple[str, ...]) -> Reader:
        """Return the function that reads the value of this field from a row."""
        raise NotImplementedError


def plan_for(serializer_class: type[serializers.Serializer], language: str) -> "Plan":
    """Return the plan by which ``serializer_class`` is served in ``language``."""
    return cached_plan(serializer_class, tuple(fallback_chain(language)))


@lru_cache(maxsize=256)
def cached_plan(serializer_class: type[serializers.Serializer], chain: tuple[str, ...]) -> "Plan":
    return Plan(serializer_class, chain)


class Plan:
    """The queries and reading functions of one serializer class in one chain of languages."""

    def __init__(self, serializer_class: type[serializers.Serializer], chain: tuple[str, ...]):
        self.model = serializer_class.Meta.model
        self.chain = chain
        self.columns: list[str] = []
        self.joins: list[str] = []
        self.conditions: dict[str, models.Q] = {}
        self.children: dict[str, Plan] = {}
        self.readers: list[tuple[str, Reader]] = [
            (name, self.add(name, field)) for name, field in serializer_class._declared_fields.items()
        ]

    def add(self, name: str, field: serializers.Field) -> Reader:
        """Note what ``field`` needs and return its reading function."""
        if isinstance(field, PlannedField):
            self.columns += field.columns(self.model, name, self.chain)
            return field.reader(self.model, name, self.chain)
        if isinstance(field, serializers.ListSerializer):
            return self.add_many(name, field.source or name, type(field.child))
        if isinstance(field, serializers.Serializer):
            return self.add_one(name, field.source or name, type(field))
        self.columns.append(field.source or name)
        return value_reader(field.source or name, field.to_representation)

    def add_many(self, name: str, source: str, serializer_class: type[serializers.Serializer]) -> Reader:
        plan = self.children[source] = cached_plan(serializer_class, self.chain)
        attribute = fetched(source)

        def read(item, answer):
            rows = []
            for number, row in enumerate(getattr(item, attribute)):
                answer.path.append(f"{name}/{number}")
                rows.append(plan.represent(row, answer))
                answer.path.pop()
            return rows

        return read

    def add_one(self, name: str, source: str, serializer_class: type[serializers.Serializer]) -> Reader:
        plan = cached_plan(serializer_class, self.chain)
        if plan.children or plan.conditions:
            raise TypeError(f"{serializer_class.__name__} has relations that cannot be read through a key.")
        self.columns += [source, *(f"{source}__{column}" for column in plan.columns)]
        self.joins += [source, *(f"{source}__{join}" for join in plan.joins)]
        related = self.model._meta.get_field(source)
        condition = ""
        if related.null and issubclass(related.related_model, Publishable):
            condition = f"{source}_is_live"
            self.conditions[condition] = related.related_model.live_condition(f"{source}__")

        def read(item, answer):
            row = getattr(item, source)
            if row is None or (condition and not getattr(item, condition)):
                return None
            answer.path.append(name)
            data = plan.represent(row, answer)
            answer.path.pop()
            return data

        return read

    def prepare(self, queryset: QuerySet) -> QuerySet:
        """Return ``queryset`` so that reading its rows needs one query a list of related rows and no other."""
        conditions = {
            name: ExpressionWrapper(condition, output_field=models.BooleanField())
            for name, condition in self.conditions.items()
        }
        return (
            queryset.select_related(*self.joins)
            .annotate(**conditions)
            .only(*self.columns)
            .prefetch_related(*self.prefetches())
        )

    def prefetches(self) -> Iterator[Prefetch]:
        for source, plan in self.children.items():
            queryset = plan.prepare(public_rows(plan.model))
            relation = self.model._meta.get_field(source)
            if relation.one_to_many:  # the child's key back to its item, by which rows are put together
                queryset = queryset.only(*plan.columns, relation.field.name)
            yield Prefetch(source, queryset=queryset, to_attr=fetched(source))

    def represent(self, row: models.Model, answer: Answer) -> dict:
        """Return the data of one row."""
        return {name: read(row, answer) for name, read in self.readers}


def fetched(source: str) -> str:
    """Return the attribute that holds the list of related rows: reading it is cheaper than a related manager."""
    return f"public_{source}"


def value_reader(source: str, represent: Callable[[Any], Any]) -> Reader:
    """Return the reader of a plain value; an empty text is no value, so it is null."""
    get = attrgetter(source)

    def read(item, answer):
        value = get(item)
        return None if value is None or value == "" else represent(value)

    return read


def public_rows(model: type[models.Model]) -> QuerySet:
    """Return the rows of a content model that may be shown: live items, and children that point only to such."""
    if issubclass(model, Publishable):
        return model.objects.live()
    rows = model._default_manager.all()
    if issubclass(model, Child):
        for path, owner in required_items(model):
            rows = rows.filter(owner.live_condition(path))
    return rows


def required_items(child: type[Child]) -> Iterator[tuple[str, type[Publishable]]]:
    """Yield path and model of the publishable items that a child row points to, besides its own parent."""
    for field in child._meta.concrete_fields:
        if not field.many_to_one or field.null or field.name == child.parent_field:
            continue
        if issubclass(field.related_model, Publishable):
            yield f"{field.name}__", field.related_model
        elif issubclass(field.related_model, Child):
            yield f"{field.name}__{field.related_model.parent_field}__", field.related_model.parent_model
