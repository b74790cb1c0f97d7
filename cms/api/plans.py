"""How a serializer's declared fields become few queries and plain Python that reads the rows.

A :class:`Plan` is made of a serializer class, a wording (which languages) and a selection (which fields, which
relations whole), once. It knows the columns to read, the rows to join and to fetch beside them, and one reading
function a field. Rows that are not live are left out in the queries: related rows come from ``live()`` querysets,
optional keys carry their ``live_condition()`` as an annotation.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.db import models
from django.db.models import Expression, ExpressionWrapper, Prefetch, QuerySet
from rest_framework import serializers

from cms.api.selection import ALL, Selection, chosen_fields, given_serializer
from cms.api.wording import Wording
from cms.content.models import Child, ContentModel, Publishable
from cms.content.registry import public_rows


class Answer:
    """What one answer is made of besides the rows: addresses, the wording, the languages used.

    ``fallbacks`` are those of the item that is being read: the path of a text in the item, its steps divided by
    ``/`` as in JSON Pointer (RFC 6901), and the language in which it is given.
    """

    def __init__(self, base_url: str, wording: Wording):
        self.base_url = base_url
        self.wording = wording
        self.languages_used: set[str] = set()
        self.fallbacks: dict[str, str] = {}
        self.path: list[str] = []
        self.collection_urls: dict[type[models.Model], str] = {}

    def note(self, name: str, language: str) -> None:
        """Record that the text ``name`` at the present path is given in ``language``."""
        self.languages_used.add(language)
        if language != self.wording.requested:
            self.fallbacks["/".join([*self.path, name])] = language


Reader = Callable[[models.Model, Answer], Any]
Annotation = Callable[[str], Expression]  # of the path that leads to the row: "", "office__"


class PlannedField:
    """Mixin for serializer fields that say themselves which columns they need and how they are read."""

    def columns(self, model: type[models.Model], name: str, wording: Wording) -> list[str]:
        """Return the columns that this field reads, those of related rows by their path: ``"office__slug"``."""
        return []

    def annotations(self, model: type[models.Model]) -> dict[str, "Annotation"]:
        """Return what the database works out for this field, by the attribute that it is read as."""
        return {}

    def reader(self, model: type[models.Model], name: str, wording: Wording) -> Reader:
        """Return the function that reads the value of this field from a row."""
        raise NotImplementedError


@lru_cache(maxsize=512)
def plan_for(
    serializer_class: type[serializers.Serializer], wording: Wording, selection: Selection = ALL, rows: int = 1
) -> "Plan":
    """Return the plan by which ``serializer_class`` is served.

    ``rows`` is how many lists an item of it stands in, the list of the answer included.
    """
    return Plan(serializer_class, wording, selection, rows, inside=selection.whole)


@dataclass(frozen=True)
class Beside:
    """Related rows that are fetched by a query of their own."""

    plan: "Plan"
    relation: models.Field


class Plan:
    """The queries and reading functions of one serializer class in one wording and selection.

    A relation to one row is joined; one that is given whole is fetched beside the rows, since many rows share it,
    and what is given whole inside of it is joined to it again.
    """

    def __init__(
        self,
        serializer_class: type[serializers.Serializer],
        wording: Wording,
        selection: Selection,
        rows: int,
        *,
        inside: bool = False,
    ):
        self.model = serializer_class.Meta.model  # type: ignore[attr-defined] # serializers of items have a Meta
        self.wording = wording
        self.rows = rows
        self.inside = inside
        self.columns: list[str] = []
        self.joins: list[str] = []
        self.annotations: dict[str, tuple[str, Annotation]] = {}
        self.beside: dict[str, Beside] = {}
        self.readers: list[tuple[str, Reader]] = [
            (name, self.add(name, field, selection.part(name)))
            for name, field in chosen_fields(serializer_class, selection, rows)
        ]

    def add(self, name: str, field: serializers.Field, part: Selection) -> Reader:
        """Note what ``field`` needs and return its reading function."""
        if isinstance(field, PlannedField):
            for column in field.columns(self.model, name, self.wording):
                self.columns.append(column)
                if "__" in column:
                    join = column.rpartition("__")[0]
                    self.columns.append(join)
                    self.joins.append(join)
            self.annotations |= {key: ("", make) for key, make in field.annotations(self.model).items()}
            return field.reader(self.model, name, self.wording)
        if isinstance(field, serializers.ListSerializer):
            return self.add_many(name, field.source or name, given_serializer(type(field.child), part), part)  # type: ignore[arg-type] # a list of serializers
        if isinstance(field, serializers.Serializer):
            return self.add_one(name, field.source or name, given_serializer(type(field), part), part)
        self.columns.append(field.source or name)
        return value_reader(field.source or name, field.to_representation)

    def add_many(
        self, name: str, source: str, serializer_class: type[serializers.Serializer], part: Selection
    ) -> Reader:
        plan = plan_for(serializer_class, self.wording, part, self.rows + 1)
        self.beside[source] = Beside(plan, self.model._meta.get_field(source))
        attribute = fetched(source)
        if part.whole:
            return lambda item, answer: [plan.represent_apart(row, answer) for row in getattr(item, attribute)]

        def read(item, answer):
            rows = []
            for number, row in enumerate(getattr(item, attribute)):
                answer.path.append(f"{name}/{number}")
                rows.append(plan.represent(row, answer))
                answer.path.pop()
            return rows

        return read

    def add_one(
        self, name: str, source: str, serializer_class: type[serializers.Serializer], part: Selection
    ) -> Reader:
        if part.whole and not self.inside:
            plan = plan_for(serializer_class, self.wording, part, self.rows)
            if plan.beside or plan.annotations:
                return self.add_one_beside(source, plan)
        plan = Plan(serializer_class, self.wording, part, self.rows, inside=True)
        self.columns += [source, *(f"{source}__{column}" for column in plan.columns)]
        self.joins += [source, *(f"{source}__{join}" for join in plan.joins)]
        self.beside |= {f"{source}__{path}": beside for path, beside in plan.beside.items()}
        handed_on = {name: f"{source}_{name}" for name in plan.annotations}
        for key, (path, make) in plan.annotations.items():
            self.annotations[handed_on[key]] = (f"{source}__{path}", make)
        related = self.model._meta.get_field(source)
        needed = ""
        if related.null and issubclass(related.related_model, Publishable):
            needed = f"{source}_is_live"
            self.annotations[needed] = (f"{source}__", live_flag(related.related_model))
        represent = plan.represent_apart if part.whole else plan.represent_at(name)

        def read(item, answer):
            row = getattr(item, source)
            if row is None or (needed and not getattr(item, needed)):
                return None
            for key, attribute in handed_on.items():
                row.__dict__[key] = item.__dict__[attribute]
            return represent(row, answer)

        return read

    def add_one_beside(self, source: str, plan: "Plan") -> Reader:
        self.columns.append(source)
        self.beside[source] = Beside(plan, self.model._meta.get_field(source))
        attribute = fetched(source)

        def read(item, answer):
            row = getattr(item, attribute)  # None where it is not live
            return None if row is None else plan.represent_apart(row, answer)

        return read

    def prepare(self, queryset: QuerySet) -> QuerySet:
        """Return ``queryset`` so that reading its rows needs one query a list of related rows and no other."""
        return self.rows_of(queryset).prefetch_related(*self.prefetches())

    def rows_of(self, queryset: QuerySet) -> QuerySet:
        """Return ``queryset`` with the columns of its own rows and of those that are joined to them."""
        annotations = {name: make(path) for name, (path, make) in self.annotations.items()}
        prepared = queryset.select_related(*self.joins) if self.joins else queryset
        return prepared.annotate(**annotations).only("pk", *self.columns)

    def prefetches(self, start: str = "") -> Iterator[Prefetch]:
        """Yield what is fetched beside the rows at ``start``, at any depth.

        All in one row: from a queryset that has lookups of its own, and whose rows are children, Django takes them a
        second time, and then reads a key whose row went to an attribute by a query a row.
        """
        for path, beside in self.beside.items():
            queryset = beside.plan.rows_of(shown_rows(beside.plan.model))
            if beside.relation.one_to_many:  # the child's key back to its item, by which rows are put together
                queryset = queryset.only("pk", *beside.plan.columns, beside.relation.field.name)  # type: ignore[attr-defined] # a relation leads to a model
            yield Prefetch(f"{start}{path}", queryset=queryset, to_attr=fetched(path))
            joined, divider, _last = path.rpartition("__")
            yield from beside.plan.prefetches(f"{start}{joined}{divider}{fetched(path)}__")

    def represent(self, row: models.Model, answer: Answer) -> dict:
        """Return the data of one row."""
        return {name: read(row, answer) for name, read in self.readers}

    def represent_at(self, name: str) -> Reader:
        """Return the reader of a row that stands in its item under ``name``."""

        def represent(row, answer):
            answer.path.append(name)
            data = self.represent(row, answer)
            answer.path.pop()
            return data

        return represent

    def represent_apart(self, row: models.Model, answer: Answer) -> dict:
        """Return the data of an item inside another; each reports its own languages."""
        outer = answer.fallbacks, answer.path
        answer.path = []
        data = self.represent(row, answer)
        answer.fallbacks, answer.path = outer
        return data


def live_flag(model: type[Publishable]) -> Annotation:
    """Return what says of a row of ``model`` whether it is live."""
    return lambda path: ExpressionWrapper(model.live_condition(path), output_field=models.BooleanField())


def fetched(source: str) -> str:
    """Return the attribute that holds related rows: reading it is cheaper than a related manager."""
    return f"public_{source.rpartition('__')[2]}"


def value_reader(source: str, represent: Callable[[Any], Any]) -> Reader:
    """Return the reader of a plain value; an empty text is no value, so it is null."""
    get = attrgetter(source)

    def read(item, answer):
        value = get(item)
        return None if value is None or value == "" else represent(value)

    return read


def shown_rows(model: type[ContentModel]) -> QuerySet:
    """Return the rows of a content model that may be shown: public items, and children that point only to such."""
    rows = public_rows(model)
    if issubclass(model, Child):
        for path, owner in required_items(model):
            rows = rows.filter(owner.live_condition(path))
    return rows


def required_items(child: type[Child]) -> Iterator[tuple[str, type[Publishable]]]:
    """Yield path and model of the publishable items that a child row points to, besides its own parent."""
    for field in child._meta.concrete_fields:
        if not field.many_to_one or field.null or field.name == child.parent_field:
            continue
        target: Any = field.related_model
        if issubclass(target, Publishable):
            yield f"{field.name}__", target
        elif issubclass(target, Child):
            yield f"{field.name}__{target.parent_field}__", target.parent_model
