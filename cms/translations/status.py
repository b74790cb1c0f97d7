"""Which texts are missing in which language. Computed from the columns, never ticked by hand.

A text is *missing* in a language when the field has a text in another of the site's languages but none in this one.
A field that is empty everywhere is not missing: nobody has written it. The texts of an item are its own and those
of its children (sections, outline entries ...), which are published with it. The texts that count are those that
editors see: an item's open draft where it has one, else what is stored.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from cms.content.languages import column, site_languages, texts, translated_fields
from cms.content.models import Child, Publishable
from cms.content.snapshots import Snapshot, child_relations
from cms.publishing.models import Revision


@cache
def translated_children(model: type[models.Model]) -> tuple[type[Child], ...]:
    """Return the models whose rows are parts of ``model`` and have texts of their own."""
    return tuple(
        child
        for child in apps.get_models()
        if issubclass(child, Child) and child.parent_model is model and translated_fields(child)
    )


def has_text(field_name: str, language: str) -> Q:
    """Return the condition that the field has a text in ``language``: neither NULL nor empty."""
    return Q(**{f"{column(field_name, language)}__gt": ""})


def has_any_text(field_name: str) -> Q:
    """Return the condition that the field has a text in any of the site's languages."""
    return reduce(or_, (has_text(field_name, language) for language in site_languages()))


def lacks_text(field_name: str, language: str) -> Q:
    """Return the condition that the text is missing in ``language`` while another language has it."""
    name = column(field_name, language)
    return has_any_text(field_name) & (Q(**{f"{name}__isnull": True}) | Q(**{name: ""}))


def lacks_own_text(model: type[models.Model], language: str) -> Q:
    """Return the condition that any text of a row itself is missing in ``language``."""
    return reduce(or_, (lacks_text(name, language) for name in translated_fields(model)), Q(pk__in=[]))


class DraftLacksText(models.Func):
    """SQL: whether rows in a snapshot miss a text in ``language`` that the same row has in another.

    ``place`` says which rows of :mod:`cms.content.snapshots`: ``"fields"`` for the item itself,
    ``"children.sections"`` for a kind of children; ``names`` are their translated fields. Column names are the only
    text put into the SQL.
    """

    arity = 1
    output_field = models.BooleanField()

    def __init__(self, snapshot, *, place: str, names: list[str], language: str):
        super().__init__(snapshot)
        self.place, self.names, self.language = place, names, language

    def condition(self, text: str, conjunction: str, either: str, negation: str) -> str:
        """Return the condition on one row; ``text`` is that of a column being there, with ``{}`` for its name."""
        found = []
        for name in self.names:
            in_any = either.join(text.format(column(name, code)) for code in site_languages())
            found.append(f"(({in_any}){conjunction}{negation}({text.format(column(name, self.language))}))")
        return either.join(found)

    def as_sqlite(self, compiler, connection, **context):
        rows = f"json_extract(%(expressions)s, '$.{self.place}')"
        rows = f"json_array({rows})" if self.place == "fields" else rows
        condition = self.condition("COALESCE(json_extract(value, '$.{}'), '') > ''", " AND ", " OR ", "NOT ")
        template = f"EXISTS (SELECT 1 FROM json_each({rows}) WHERE {condition})"  # noqa: S608 - our own names
        return self.as_sql(compiler, connection, template=template)

    def as_postgresql(self, compiler, connection, **context):
        rows = f"$.{self.place}" if self.place == "fields" else f"$.{self.place}[*]"
        condition = self.condition('@.{} > ""', " && ", " || ", "!")
        template = f"jsonb_path_exists(%(expressions)s, '{rows} ? ({condition})')"
        return self.as_sql(compiler, connection, template=template)


def open_draft(model: type[Publishable]) -> QuerySet:
    """Return the open draft of a row of ``model``, for subqueries."""
    return Revision.objects.open().filter(
        content_type=ContentType.objects.get_for_model(model), object_id=OuterRef("pk")
    )


def rows_of(model: type[Publishable]) -> Iterator[tuple[str, type[models.Model]]]:
    """Yield the places in a snapshot of ``model`` where rows are, each with the model of the rows."""
    yield "fields", model
    for name, child in child_relations(model).items():
        yield f"children.{name}", child


def draft_incomplete(model: type[Publishable], language: str) -> Q:
    """Return the condition that a row of ``model`` has an open draft that misses a text in ``language``."""
    lacking = Q(pk__in=[])
    for place, row_model in rows_of(model):
        if names := translated_fields(row_model):
            lacking |= Q(DraftLacksText(F("snapshot"), place=place, names=names, language=language))
    return Q(Exists(open_draft(model).filter(lacking)))


def incomplete(model: type[models.Model], language: str) -> Q:
    """Return the condition that an item, its children included, misses a text in ``language``: in its open draft where
    it has one, else as it is stored."""
    condition = lacks_own_text(model, language)
    for child in translated_children(model):
        rows = child._base_manager.filter(lacks_own_text(child, language), **{child.parent_field: OuterRef("pk")})
        condition |= Q(Exists(rows))
    if not issubclass(model, Publishable):
        return condition
    return draft_incomplete(model, language) | (condition & ~Q(Exists(open_draft(model))))


def with_drafts(queryset: QuerySet) -> QuerySet:
    """Return ``queryset`` with ``draft_snapshot``, what the open draft holds, for :func:`completeness`."""
    if not issubclass(queryset.model, Publishable):
        return queryset
    return queryset.annotate(draft_snapshot=Subquery(open_draft(queryset.model).values("snapshot")[:1]))


def incomplete_in(queryset: QuerySet, language: str) -> QuerySet:
    """Return the items of ``queryset`` that miss a text in ``language``."""
    return queryset.filter(incomplete(queryset.model, language))


@dataclass(frozen=True)
class Completeness:
    """How much of an item there is in one language: ``present`` of ``total`` texts."""

    language: str
    present: int
    total: int

    @property
    def missing(self) -> int:
        """The number of texts that other languages have and this one has not."""
        return self.total - self.present

    @property
    def state(self) -> str:
        """``"complete"``, ``"partial"`` or ``"empty"``; an item without any text is empty in every language."""
        if not self.present:
            return "empty"
        return "partial" if self.missing else "complete"


def completeness(items: Iterable[models.Model]) -> dict[object, list[Completeness]]:
    """Return the completeness of ``items`` of one model, by primary key, in the order of the site's languages.

    Of items that were read :func:`with_drafts`, the texts of the draft count. Makes one query for each kind of
    children and none for the items themselves.
    """
    items = list(items)
    if not items:
        return {}
    total: dict = defaultdict(int)
    present: dict = defaultdict(int)
    stored = [item for item in items if getattr(item, "draft_snapshot", None) is None]
    for item in items:
        for found in own_texts(item):
            total[item.pk] += bool(found)
            for language in found:
                present[item.pk, language] += 1
    for child in translated_children(type(items[0])):
        for row in count_texts(child, stored):
            parent = row[child.parent_field]
            total[parent] += row["total"]
            for index, language in enumerate(site_languages()):
                present[parent, language] += row[f"present_{index}"]
    return {
        item.pk: [Completeness(language, present[item.pk, language], total[item.pk]) for language in site_languages()]
        for item in items
    }


def own_texts(item: models.Model) -> Iterator[set[str]]:
    """Yield the languages of each translated text of ``item``; of its draft, those of the children too."""
    draft = getattr(item, "draft_snapshot", None)
    if draft is not None:
        yield from draft_texts(type(item), draft)
        return
    for name in translated_fields(type(item)):
        yield set(texts(item, name))


def draft_texts(model: type[Any], data: Snapshot) -> Iterator[set[str]]:
    """Yield the languages of each translated text in a snapshot, children included."""
    rows: list[tuple[type[Any], list]] = [(model, [data["fields"]])]
    rows += [(child, data["children"].get(name, [])) for name, child in child_relations(model).items()]  # type: ignore[arg-type] # a model
    for row_model, found in rows:
        for row in found:
            for name in translated_fields(row_model):
                yield {code for code in site_languages() if row.get(column(name, code))}


def count_texts(child: type[Child], parents: list[models.Model]) -> QuerySet:
    """Return one row a parent: ``total`` texts of its children, and ``present_<n>`` in the n-th language."""
    names = translated_fields(child)

    def count(condition):
        return sum(
            (Count("pk", filter=condition(name)) for name in names[1:]), Count("pk", filter=condition(names[0]))
        )

    return (
        child._base_manager.filter(**{f"{child.parent_field}__in": [parent.pk for parent in parents]})
        .order_by()
        .values(child.parent_field)
        .annotate(
            total=count(has_any_text),
            **{
                f"present_{index}": count(lambda name, language=language: has_text(name, language))
                for index, language in enumerate(site_languages())
            },
        )
    )


@dataclass(frozen=True)
class Overview:
    """How many items of a model there are, by status, and how many miss a text, by language."""

    model: type[models.Model]
    total: int
    by_status: dict[str, int]
    incomplete: dict[str, int]


def overview(model: type[models.Model], items: QuerySet | None = None) -> Overview:
    """Count the items of ``model``, or those of them in ``items``, in one query.

    ``by_status`` is empty for models that are not published.
    """
    statuses = Publishable.Status.values if issubclass(model, Publishable) else []
    languages = site_languages() if translated_fields(model) else []
    counts = (model._base_manager.all() if items is None else items).aggregate(
        total=Count("pk"),
        **{f"status_{status}": Count("pk", filter=Q(status=status)) for status in statuses},
        **{
            f"incomplete_{index}": Count("pk", filter=incomplete(model, language))
            for index, language in enumerate(languages)
        },
    )
    return Overview(
        model=model,
        total=counts["total"],
        by_status={status: counts[f"status_{status}"] for status in statuses},
        incomplete={language: counts[f"incomplete_{index}"] for index, language in enumerate(languages)},
    )
