"""Keeping the counts of texts: for each item and language, written where parts change."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.html import strip_tags

from cms.content.languages import site_languages, translated_fields
from cms.content.models import ContentModel
from cms.content.registry import child_models, content_models
from cms.publishing.stamps import Provenance
from cms.publishing.visibility import Row
from cms.translations.models import TextCount
from cms.translations.texts import ItemTexts, Status, states_of_rows

BATCH = 500
KEPT = tuple(field.name for field in TextCount._meta.fields if isinstance(field, models.PositiveIntegerField))


@cache
def counted_models() -> tuple[type[ContentModel], ...]:
    """Return the models of the items that have texts, of their own or in their rows."""
    return tuple(
        model for model in content_models() if any(translated_fields(each) for each in [model, *child_models(model)])
    )


def recount(rows: Iterable[Row]) -> None:
    """Count the texts of the items ``rows`` anew; those that are not there any more have none. Subscribed to
    ``cms.publishing.parts_changed``. A constant number of queries a model."""
    keys: dict[type[ContentModel], list[UUID]] = defaultdict(list)
    for model, key in rows:
        if model in counted_models():
            keys[model].append(key)
    for model, found in keys.items():
        for start in range(0, len(found), BATCH):
            recount_model(model, found[start : start + BATCH])


def recount_model(model: Any, keys: list[UUID]) -> None:
    """Count the texts of the items of ``model`` with ``keys`` anew."""
    kind = ContentType.objects.get_for_model(model)
    states = states_of_rows(model, keys)
    counts = [
        TextCount(content_type=kind, object_id=key, language=language, **count(working, live, language))
        for key, (working, live) in states.items()
        for language in site_languages()
    ]
    if gone := [key for key in keys if key not in states]:
        TextCount.objects.filter(content_type=kind, object_id__in=gone).delete()
    TextCount.objects.bulk_create(
        counts,
        update_conflicts=True,
        unique_fields=["content_type", "object_id", "language"],
        update_fields=KEPT,
        batch_size=BATCH,
    )


def count(working: ItemTexts, live: ItemTexts, language: str) -> dict[str, int]:
    """Return how the texts of one item stand in ``language``, by column of :class:`TextCount`."""
    drafted, public = Counter(statuses(working, language)), Counter(statuses(live, language))
    return {
        "working_missing": drafted[Status.MISSING],
        "working_outdated": drafted[Status.OUTDATED],
        "working_current": drafted[Status.CURRENT],
        "words_to_do": sum(words_to_do(working, language)),
        "machine": made_by(working, language)[Provenance.MACHINE],
        "live_machine": sum(made_by(live, language).values()) - made_by(live, language)[Provenance.PERSON],
        **{f"live_{status}": public[status] for status in Status},
    }


def statuses(texts: ItemTexts, language: str) -> Iterator[str]:
    return (texts.status(place, language) for place, *_rest in texts.places)


def made_by(texts: ItemTexts, language: str) -> Counter[str]:
    """Return how many texts a person wrote, and how many a machine made."""
    return Counter(texts.provenance(place, language) for place, *_rest in texts.places)


def words_to_do(texts: ItemTexts, language: str) -> Iterator[int]:
    """Yield the words of the source of each text that is missing or outdated."""
    for place, *_rest in texts.places:
        if texts.status(place, language) in (Status.MISSING, Status.OUTDATED):
            yield words_in(texts.source(place)[1])


def words_in(text: str) -> int:
    """Return how many words ``text``, plain or rich, has: runs between white space."""
    return len(strip_tags(text.replace("<", " <")).split())


@transaction.atomic
def recount_all(*, missing_only: bool = False) -> int:
    """Count the texts of all items or, with ``missing_only``, of those that lack the counts of a language of the site,
    and return of how many. What was counted of languages that the site has no more is forgotten."""
    done = 0
    TextCount.objects.exclude(language__in=site_languages()).delete()
    for model in counted_models():
        keys = uncounted(model) if missing_only else list(model._base_manager.values_list("pk", flat=True))
        recount((model, key) for key in keys)
        done += len(keys)
    return done


def uncounted(model: Any) -> list[UUID]:
    """Return the keys of the items of ``model`` whose texts are not counted in every language of the site."""
    counts = TextCount.objects.filter(content_type=ContentType.objects.get_for_model(model))
    whole = counts.values("object_id").annotate(number=models.Count("pk")).filter(number=len(site_languages()))
    return list(model._base_manager.exclude(pk__in=whole.values("object_id")).values_list("pk", flat=True))
