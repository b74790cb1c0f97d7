"""What is public together: which items are public only through another, and which ones show it."""

from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps

from cms.content.models import Child, ContentModel, Publishable
from cms.content.registry import reference_fields
from cms.content.snapshots import child_relations

Item = tuple[type[Publishable], UUID]  # whose rows come and go
Row = tuple[type[ContentModel], UUID]  # of any content
BATCH = 1_000


def publishable_models() -> list[type[Publishable]]:
    """Return every model whose rows are published."""
    return [model for model in apps.get_models() if issubclass(model, Publishable)]


def parent_paths(model: type[Publishable], prefix: str = "") -> list[str]:
    """Return the paths from ``model`` to everything that it is live through, for ``select_related``."""
    paths = []
    for name in model.live_through:
        paths.append(f"{prefix}{name}")
        parent: Any = model._meta.get_field(name).related_model
        paths += parent_paths(parent, f"{prefix}{name}__")
    return paths


def public_dependents(model: type[ContentModel], keys: Iterable[UUID]) -> list[Item]:
    """Return the public items that are public only as long as the given ones are, at any depth."""
    found: list[Item] = []
    keys = list(keys)
    for dependent in publishable_models():
        for name in dependent.live_through:
            if dependent._meta.get_field(name).related_model is model:
                below = list(dependent.objects.live().filter(**{f"{name}__in": keys}).values_list("pk", flat=True))
                found += [(dependent, key) for key in below]
                if below:
                    found += public_dependents(dependent, below)
    return list(dict.fromkeys(found))


def public_group(model: type[Publishable], key: UUID) -> set[Item]:
    """Return the item ``key`` and all that is public only through it; nothing when it is not public."""
    if not model.objects.live().filter(pk=key).exists():
        return set()
    return {(model, key), *public_dependents(model, [key])}


def public_referrers(items: Iterable[Row]) -> set[Item]:
    """Return the public items that name one of ``items``, in a relation, a key that may be empty, or a child.

    When one of ``items`` begins or ceases to be public, these show it or no longer do.
    """
    wanted: dict[type[ContentModel], list[UUID]] = {}
    for model, key in items:
        wanted.setdefault(model, []).append(key)
    found: set[Item] = set()
    for model in publishable_models():
        for path, target in paths_to_items(model):
            for start in range(0, len(wanted.get(target, [])), BATCH):
                keys = wanted[target][start : start + BATCH]
                rows = model.objects.live().filter(**{f"{path}__in": keys})
                found |= {(model, key) for key in rows.order_by().values_list("pk", flat=True)}
    return found


@cache
def paths_to_items(model: type[Publishable]) -> tuple[tuple[str, type[Publishable]], ...]:
    """Return the paths on which an item of ``model`` names other items, each with the model that it leads to.

    What an item is public through is left out: it ceases to be public with that.
    """
    places: list[tuple[str, type[ContentModel], set[str]]] = [("", model, set(model.live_through))]
    for child in child_relations(model).values():
        key: Any = child._meta.get_field(child.parent_field)
        name = key.related_query_name()
        places.append((f"{name}__", child, {child.parent_field}))
    target: Any
    found = []
    for prefix, place, left_out in places:
        for field in reference_fields(place):
            if field.name in left_out or field.name not in place.schema.public:
                continue
            path, target = f"{prefix}{field.name}", field.related_model
            while issubclass(target, Child):
                path, target = f"{path}__{target.parent_field}", target.parent_model
            if issubclass(target, Publishable):
                found.append((path, target))
    return tuple(found)
