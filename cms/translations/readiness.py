"""What translation has to say about a release: which texts its items would go live without."""

from collections.abc import Iterator
from itertools import groupby

from django.utils.translation import get_language_info, ngettext

from cms.content.models import Publishable
from cms.publishing.models import RoleAssignment
from cms.publishing.readiness import Problem, register
from cms.translations.status import completeness


@register
def missing_translations(items: list[Publishable]) -> Iterator[Problem]:
    """Yield for each item the languages in which texts, its own or of its children, are missing."""
    for _model, found in groupby(items, key=type):
        group = list(found)
        states = completeness(group)
        for item in group:
            lacking = [state for state in states[item.pk] if state.missing]
            if lacking:
                yield Problem(item, describe(lacking), role=RoleAssignment.Role.TRANSLATOR)


def describe(lacking) -> str:
    """Return the languages with their numbers of missing texts, in words."""
    names = [f"{get_language_info(state.language)['name_local'].capitalize()} ({state.missing})" for state in lacking]
    return ngettext(
        "Texts are missing in one language: %(languages)s.",
        "Texts are missing in %(count)d languages: %(languages)s.",
        len(names),
    ) % {"count": len(names), "languages": ", ".join(names)}
