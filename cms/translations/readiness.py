"""What translation has to say about a release: which texts its items would go live without."""

from collections.abc import Iterator
from itertools import groupby

from django.utils.translation import get_language_info, ngettext

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.publishing.models import RoleAssignment
from cms.publishing.readiness import Problem, register
from cms.translations.texts import ItemTexts, Status, stored_parts


@register
def missing_translations(items: list[Publishable]) -> Iterator[Problem]:
    """Yield for each item the languages in which texts, its own or of its children, are missing."""
    for _model, found in groupby(items, key=type):
        group = list(found)
        stored = stored_parts(group)
        for item in group:
            texts = ItemTexts(type(item), {}, stored.get(item.pk, {}), is_live=True)
            if lacking := missing_in(texts):
                yield Problem(item, describe(lacking), role=RoleAssignment.Role.TRANSLATOR)


def missing_in(texts: ItemTexts) -> dict[str, int]:
    """Return the numbers of texts that are missing, by language, where there are any."""
    numbers = {
        language: sum(texts.status(place, language) == Status.MISSING for place, *_rest in texts.places)
        for language in site_languages()
    }
    return {language: number for language, number in numbers.items() if number}


def describe(lacking: dict[str, int]) -> str:
    """Return the languages with their numbers of missing texts, in words."""
    names = [
        f"{get_language_info(language)['name_local'].capitalize()} ({number})" for language, number in lacking.items()
    ]
    return ngettext(
        "Texts are missing in one language: %(languages)s.",
        "Texts are missing in %(count)d languages: %(languages)s.",
        len(names),
    ) % {"count": len(names), "languages": ", ".join(names)}
