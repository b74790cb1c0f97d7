"""What is shown before something is taken back: what it is about, and what leaves the public site with it."""

from collections.abc import Iterable

from django.http import HttpRequest

from publishing.models import Publishable
from publishing.visibility import parent_paths, public_dependents

CONFIRMED = ("post", "yes")  # the field by which Django's own pages of confirmation say yes


def is_confirmed(request: HttpRequest) -> bool:
    """Say whether the person was asked and said yes."""
    name, value = CONFIRMED
    return request.POST.get(name) == value


def leaving_with(items: Iterable[Publishable]) -> list[dict]:
    """Return what is public only through ``items`` of one model, by kind: ``label`` and ``items``, with their names at
    hand. The number of queries depends on the kinds."""
    items = list(items)
    model, keys = type(items[0]), {item.pk for item in items}
    found: dict[type[Publishable], list] = {}
    for dependent, key in public_dependents(model, keys):
        if dependent is not model or key not in keys:
            found.setdefault(dependent, []).append(key)
    return [
        {
            "label": kind._meta.verbose_name if len(below) == 1 else kind._meta.verbose_name_plural,
            "items": kind._base_manager.filter(pk__in=below).select_related(*parent_paths(kind)),
        }
        for kind, below in found.items()
    ]
