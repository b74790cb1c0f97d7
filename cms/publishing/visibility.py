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


def dependents(model: type[ContentModel], keys: Iterable[UUID], *, public: bool = False) -> list[Item]:
    """Return the items that are public only as long as the given ones are, at any depth; with ``public`` those alone
    that are."""
    found: list[Item] = []
    keys = list(keys)
    for dependent in publishable_models():
        for name in dependent.live_through:
            if dependent._meta.get_field(name).related_model is model:
                rows = dependent.objects.live() if public else dependent.objects.all()
                below = list(rows.filter(**{f"{name}__in": keys}).order_by().values_list("pk", flat=True))
                found += [(dependent, key) for key in below]
                if below:
                    found += dependents(dependent, below, public=public)
    return list(dict.fromkeys(found))


def carries_others(model: type[ContentModel]) -> bool:
    """Say whether items of another kind are public through those of ``model``."""
    return any(
        each._meta.get_field(name).related_model is model
        for each in publishable_models()
        for name in each.live_through
    )


def public_dependents(model: type[ContentModel], keys: Iterable[UUID]) -> list[Item]:
    """Return the public items that are public only as long as the given ones are, at any depth."""
    return dependents(model, keys, public=True)


def place_fields(model: type[Publishable]) -> tuple[str, ...]:
    """Return the foreign keys that say what an item of ``model`` belongs to: what it is public through and, of a part
    of the organization, the one above it."""
    return (*model.live_through, *(["parent"] if model.scope_path == "" else []))


def moving_with(item: Publishable) -> list[Item]:
    """Return the public items that move where ``item`` does: what is public through it and, of a part of the
    organization, the parts below it with theirs."""
    model, level, found = type(item), [item.pk], [item.pk]
    while level and model.scope_path == "":
        below = model.objects.live().filter(parent__in=level).exclude(pk__in=found)
        level = list(below.order_by().values_list("pk", flat=True))
        found += level
    return [*((model, key) for key in found[1:]), *public_dependents(model, found)]


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
