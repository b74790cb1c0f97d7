"""Which texts are missing in which language. Computed from the columns, never ticked by hand.

A text is *missing* in a language when the field has a text in another of the site's languages but none in this one.
A field that is empty everywhere is not missing: nobody has written it. The texts of an item are its own and those
of its children (sections, outline entries ...), which are published with it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from publishing.languages import column, site_languages, texts, translated_fields
from publishing.models import Child, Publishable


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


def incomplete(model: type[models.Model], language: str) -> Q:
    """Return the condition that an item, its children included, misses a text in ``language``."""
    condition = lacks_own_text(model, language)
    for child in translated_children(model):
        rows = child._base_manager.filter(lacks_own_text(child, language), **{child.parent_field: OuterRef("pk")})
        condition |= Q(Exists(rows))
    return condition


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

    Makes one query for each kind of children and none for the items themselves.
    """
    items = list(items)
    if not items:
        return {}
    total: dict = defaultdict(int)
    present: dict = defaultdict(int)
    for item in items:
        for name in translated_fields(type(item)):
            found = texts(item, name)
            total[item.pk] += bool(found)
            for language in found:
                present[item.pk, language] += 1
    for child in translated_children(type(items[0])):
        for row in count_texts(child, items):
            parent = row[child.parent_field]
            total[parent] += row["total"]
            for index, language in enumerate(site_languages()):
                present[parent, language] += row[f"present_{index}"]
    return {
        item.pk: [Completeness(language, present[item.pk, language], total[item.pk]) for language in site_languages()]
        for item in items
    }


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
