"""What is to be told of the public texts of items: those that are behind their source, or that a machine made."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import F

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.content.snapshots import child_relations
from cms.publishing.stamps import Provenance
from cms.translations.models import TextCount
from cms.translations.texts import ItemTexts, Status, Text, states_of_rows


def marked_texts(model: type[Any], keys: list[UUID]) -> dict[UUID, list[tuple[Text, ItemTexts]]]:
    """Return the public texts of the items of ``model`` with ``keys`` that are outdated, ahead of their source, or
    machine-made, by key. One query, and another one where there are such."""
    if not issubclass(model, Publishable):
        return {}
    kind = ContentType.objects.get_for_model(model)
    counts = TextCount.objects.filter(content_type=kind, object_id__in=keys)
    counts = counts.annotate(marks=F("live_outdated") + F("live_ahead") + F("live_machine")).filter(marks__gt=0)
    languages: dict[UUID, list[str]] = defaultdict(list)
    for key, language in counts.values_list("object_id", "language"):
        languages[key].append(language)
    states = states_of_rows(model, list(languages)) if languages else {}
    return {key: list(marked(live, languages[key])) for key, (_working, live) in states.items()}


def marked(texts: ItemTexts, languages: list[str]) -> Iterator[tuple[Text, ItemTexts]]:
    """Yield those of ``texts`` in ``languages`` that there is something to tell of, in the order of the site's."""
    for language in site_languages():
        for text in texts.texts(language) if language in languages else ():
            if is_marked(text) and is_public(text, texts.model):
                yield text, texts


def is_marked(text: Text) -> bool:
    return bool(text.target) and (text.status != Status.CURRENT or text.provenance != Provenance.PERSON)


def is_public(text: Text, model: type[Publishable]) -> bool:
    """Say whether ``text``, of an item of ``model``, is of a field that everybody may read."""
    owner = child_relations(model)[text.kind] if text.kind else model
    return text.field.name in owner.schema.public
