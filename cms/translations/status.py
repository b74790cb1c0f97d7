"""How complete items are in each language, as lists and figures show it: from the counts that are kept.

A text is *missing* in a language when the field has a text in another of the site's languages but none in this one.
A field that is empty everywhere is not missing: nobody has written it. The texts of an item are its own and those
of its children (sections, outline entries ...), which are published with it. What is drafted counts as done.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cms.content.languages import site_languages, translated_fields
from cms.content.models import Publishable
from cms.translations.models import TextCount


def counts_of(model: type[Any]) -> QuerySet:
    """Return the counts of the items of ``model``."""
    return TextCount.objects.filter(content_type=ContentType.objects.get_for_model(model))


def incomplete(model: type[Any], language: str) -> Exists:
    """Return the condition that an item misses a text in ``language``, of what editors see."""
    return Exists(counts_of(model).filter(object_id=OuterRef("pk"), language=language, working_missing__gt=0))


def incomplete_in(queryset: QuerySet, language: str) -> QuerySet:
    """Return the items of ``queryset`` that miss a text in ``language``."""
    return queryset.filter(incomplete(queryset.model, language))


@dataclass(frozen=True)
class Completeness:
    """How much of an item there is in one language: ``present`` of ``total`` texts, ``outdated`` ones included."""

    language: str
    present: int
    total: int
    outdated: int = 0

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


def completeness(items: Iterable[models.Model]) -> dict[Any, list[Completeness]]:
    """Return the completeness of ``items`` of one model, as editors see them, by primary key, in the order of the
    site's languages. One query."""
    items = list(items)
    if not items:
        return {}
    counts: dict[Any, dict[str, TextCount]] = defaultdict(dict)
    for count in counts_of(type(items[0])).filter(object_id__in=[item.pk for item in items]):
        counts[count.object_id][count.language] = count
    return {
        item.pk: [of_count(language, counts[item.pk].get(language)) for language in site_languages()] for item in items
    }


def of_count(language: str, count: TextCount | None) -> Completeness:
    if count is None:
        return Completeness(language, 0, 0)
    return Completeness(language, count.total - count.working_missing, count.total, count.working_outdated)


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
