"""Addresses that changed: every slug that an item ever had in public leads to where the item is now.

The slug of an item is the one field of its natural key. When a publication changes it, the former one is written to
``FormerSlug`` in the same transaction. It is looked up only when an address finds no live item, so a slug that
another item took since leads to that one, and never in a chain: it names the item, not another slug.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.http import Http404

from cms.content.models import ContentModel, Publishable
from cms.content.registry import public_rows
from cms.publishing.models import Change, FormerSlug

BATCH = 1_000


class Gone(Http404):
    """What stood at this address was public and is not any more (RFC 9110, section 15.5.11); 404 where unhandled."""


def address_field(model: type[ContentModel]) -> str | None:
    """Return the field that names a row of ``model`` in its addresses, of pages and in the API; ``None`` where there
    is no such field."""
    return model.natural_key_fields[0] if len(model.natural_key_fields) == 1 else None


def current_slugs(model: type[ContentModel], keys: Iterable[UUID]) -> dict[UUID, str]:
    """Return by key the slugs of those of the stored rows that were ever published; nothing for other models."""
    field = address_field(model)
    if field is None:
        return {}
    rows = model._base_manager.filter(pk__in=list(keys))
    if issubclass(model, Publishable):
        rows = rows.filter(first_published_at__isnull=False)  # type: ignore[misc] # of items that are published
    return dict(rows.values_list("pk", field))


def remember(model: type[ContentModel], before: Mapping[UUID, str], *, at: datetime) -> int:
    """Store the slugs of ``before`` (see :func:`current_slugs`) that the rows do not have any more.

    Called in the transaction that changed them. A row that was deleted counts: its address is then gone, not
    unknown. Returns how many there were.
    """
    now: dict[UUID, str] = {}
    keys = list(before)
    for start in range(0, len(keys), BATCH):
        now |= current_slugs(model, keys[start : start + BATCH])
    former = {slug: key for key, slug in before.items() if now.get(key) != slug}
    if former:
        content_type = ContentType.objects.get_for_model(model)
        FormerSlug.objects.bulk_create(
            [
                FormerSlug(content_type=content_type, slug=slug, object_id=key, until=at)
                for slug, key in former.items()
            ],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["content_type", "slug"],
            update_fields=["object_id", "until"],
        )
    return len(former)


def former_keys(model: type[ContentModel], slugs: Iterable[str]) -> dict[str, UUID]:
    """Return by slug the identifiers of the rows of ``model`` that had one of ``slugs`` last; one query."""
    former = FormerSlug.objects.filter(
        content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name, slug__in=list(slugs)
    )
    return dict(former.values_list("slug", "object_id"))


def current_item(model: type[ContentModel], slug: str) -> ContentModel | None:
    """Return the live item of ``model`` to which an address with ``slug`` leads; ``None`` when there never was one.

    Raises :class:`Gone` when what had the slug last was public and is not any more. At most five queries.
    """
    field = address_field(model)
    if field is None or not slug:
        return None
    public = public_rows(model)
    if item := public.filter(**{field: slug}).first():
        return item
    # The one that has the slug now, and was public under it, goes before one that had it earlier.
    holder = model._base_manager.filter(**{field: slug}).values_list("pk", flat=True).first()
    if holder and was_public(model, holder):
        raise Gone
    former = FormerSlug.objects.filter(
        content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name, slug=slug
    )
    key = former.values_list("object_id", flat=True).first()
    if key is None:
        return None
    if item := public.filter(pk=key).first():
        return item
    if was_public(model, key):
        raise Gone
    return None


def current_address(model: type[ContentModel], slug: str) -> str | None:
    """Return the path of the page, in the active language, to which an address with ``slug`` leads.

    ``None`` when nothing ever stood there; raises :class:`Gone` when what did is not public any more.
    """
    item = current_item(model, slug)
    return item.get_absolute_url() if item else None


def was_public(model: type[ContentModel], key: UUID) -> bool:
    """Say whether the change log has the item ``key`` of ``model``: only what the public saw stands in it."""
    names = {"content_type__app_label": model._meta.app_label, "content_type__model": model._meta.model_name}
    return Change.objects.filter(object_id=key, **names).exists()
