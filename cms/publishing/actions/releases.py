"""Releases: drafts of many items that go live in one transaction."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User as Person
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.publishing.actions.drafts import require_where_drafted
from cms.publishing.actions.live import lock_release, put_release_live
from cms.publishing.actions.schedules import begin
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Release, ReleaseItem, Revision
from cms.publishing.permissions import Action, require

User = Person | None


@transaction.atomic
def add_to_release(*, release: Release, items: Iterable[Publishable], user: User) -> int:
    """Put ``items`` into ``release`` and return how many were not in it yet.

    Raises ``PublishingError`` for an item that another release in preparation has.
    """
    items = list(items)
    begin()  # so that nobody puts the same item into another release meanwhile
    lock_release(release, Release.State.OPEN)
    require(user, Action.PUBLISH, items)
    for item in items:
        require_where_drafted(user, Action.PUBLISH, item, Revision.objects.of(item).open().first())
    added = 0
    for item in items:
        reference: dict[str, Any] = {
            "content_type": ContentType.objects.get_for_model(type(item)),
            "object_id": item.pk,
        }
        other = ReleaseItem.objects.filter(**reference).exclude(release=release)
        if other.exclude(release__state=Release.State.PUBLISHED).exists():
            raise PublishingError(
                _("“%(item)s” is in another release already."), code="elsewhere", params={"item": item}
            )
        added += ReleaseItem.objects.get_or_create(release=release, **reference)[1]
    return added


@transaction.atomic
def remove_from_release(*, release: Release, key: str, user: User) -> None:
    """Take the item with the primary key ``key`` out of ``release``; its draft stays as it is."""
    lock_release(release, Release.State.OPEN)
    entry = next((entry for entry in release.items.all() if str(entry.object_id) == key), None)
    if entry is None:
        raise PublishingError(_("The release has no such item."), code="item")
    if item := entry.item:
        require(user, Action.PUBLISH, [item])
    entry.delete()


@transaction.atomic
def publish_release(*, release: Release, user: User, note: dict[str, str] | None = None) -> Release:
    """Make all drafts of ``release`` live in one transaction: all or none."""
    head, now = begin()
    lock_release(release, Release.State.OPEN)
    put_release_live(release, head=head, user=user, at=now, note=note)
    return release
