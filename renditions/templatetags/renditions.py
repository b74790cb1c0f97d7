"""Links to the documents that are made from a live strategy."""

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import override

from cms.content.languages import active_language
from priorities.models import Strategy
from renditions import store
from renditions.formats import available_formats, filename_of
from renditions.renewal import renew_soon
from renditions.words import advice_for, reason_of

register = template.Library()


@dataclass(frozen=True)
class Rendition:
    """One document as a page offers it; ``size`` in bytes is known once it was made."""

    language: str
    filename: str
    url: str
    size: int | None


@register.simple_tag
def renditions(strategy: Strategy) -> list[list[Rendition]]:
    """Return the documents of ``strategy``, one list a language: the reader's own first, then those it is in.

    Pages are rendered once after a change, so this is the moment to renew documents that were made before it.
    """
    languages = dict.fromkeys([active_language(), *strategy.languages()])
    found = {
        language: [rendition_of(strategy, language, each.extension) for each in available_formats()]
        for language in languages
    }
    for language, offered in found.items():
        if any(rendition.size for rendition in offered):
            renew_soon(strategy.slug, language)
    return list(found.values())


def rendition_of(strategy: Strategy, language: str, extension: str) -> Rendition:
    filename = filename_of(strategy.slug, language, extension)
    with override(language):
        url = reverse("rendition", args=[strategy.slug, *filename.rsplit(".", 1)])
    return Rendition(language, filename, url, store.latest_size(strategy.pk, language, extension))


@dataclass(frozen=True)
class NotMade:
    """A document that could not be made when somebody asked for it last: which, why, and what to do."""

    language: str
    filename: str
    reason: str
    advice: str


@register.simple_tag
def not_made(item: object) -> list[NotMade]:
    """Return the documents of a strategy that could not be made; nothing for another item."""
    if not isinstance(item, Strategy):
        return []
    return [
        NotMade(language, filename_of(item.slug, language, extension), reason_of(why), str(advice_for(why)))
        for language, extension, why in store.not_made(item.pk)
    ]
