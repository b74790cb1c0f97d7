"""Releases: drafts of many items that go live in one transaction."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing import audit
from publishing.actions.drafts import lock, require_another_person
from publishing.actions.publication import put_live
from publishing.exceptions import PublishingError
from publishing.models import ChangeLogHead, Publishable, Release, ReleaseItem, Revision
from publishing.permissions import Action, require

User = AbstractBaseUser | None


def lock_release(release: Release, *states: str) -> None:
    """Hold ``release`` until the transaction ends; raises ``PublishingError`` when it is in none of ``states``."""
    Release.objects.select_for_update().filter(pk=release.pk).first()
    release.refresh_from_db()
    if release.state not in states:
        raise PublishingError(
            _("The release is “%(state)s”."), code="state", params={"state": release.get_state_display()}
        )


def items_of(release: Release) -> list[Publishable]:
    """Return the stored rows of the release's items, one query a model; deleted ones are left out."""
    keys: dict[type[Publishable], list] = {}
    for entry in release.items.select_related("content_type"):
        keys.setdefault(entry.model, []).append(entry.object_id)
    return [item for model, found in keys.items() for item in model._base_manager.filter(pk__in=found)]


@transaction.atomic
def add_to_release(*, release: Release, items: Iterable[Publishable], user: User) -> int:
    """Put ``items`` into ``release`` and return how many were not in it yet.

    Raises ``PublishingError`` for an item that another release in preparation has.
    """
    items = list(items)
    lock_release(release, Release.State.OPEN)
    require(user, Action.PUBLISH, items)
    added = 0
    for item in items:
        reference = {"content_type": ContentType.objects.get_for_model(type(item)), "object_id": item.pk}
        other = ReleaseItem.objects.filter(**reference).exclude(release=release)
        if other.exclude(release__state=Release.State.PUBLISHED).exists():
            raise PublishingError(
                _("“%(item)s” is in another release already."), code="elsewhere", params={"item": item}
            )
        added += ReleaseItem.objects.get_or_create(release=release, **reference)[1]
    return added


@transaction.atomic
def publish_release(*, release: Release, user: User, note: dict[str, str] | None = None) -> Release:
    """Make all drafts of ``release`` live in one transaction: all or none."""
    require(user, Action.PUBLISH, items_of(release))
    head = ChangeLogHead.locked()
    lock_release(release, Release.State.OPEN)
    put_release_live(release, head=head, user=user, at=timezone.now(), note=note)
    return release


def live_depth(model: type[Publishable]) -> int:
    """Return how many levels of items a row of ``model`` is public through."""
    parents = [model._meta.get_field(name).related_model for name in model.live_through]
    return 1 + max(map(live_depth, parents)) if parents else 0


def put_release_live(
    release: Release, *, head: ChangeLogHead, user: User, at: datetime, note: dict[str, str] | None = None
) -> None:
    """Do what :func:`publish_release` says, inside a transaction that holds ``head``.

    Parents go first, so that what becomes public with them is logged after them.
    """
    items = sorted(items_of(release), key=lambda item: live_depth(type(item)))
    if not items:
        raise PublishingError(_("The release is empty."), code="empty")
    for item in items:
        lock(item)
        draft = Revision.objects.of(item).open().first()
        if draft and draft.state != Revision.State.APPROVED:
            require_another_person(draft, user)
        revision = put_live(item, draft, draft.snapshot if draft else None, head=head, user=user, at=at, note=note)
        ReleaseItem.objects.filter(
            release=release, content_type=ContentType.objects.get_for_model(type(item)), object_id=item.pk
        ).update(published_revision=revision)
    release.state, release.published_at = Release.State.PUBLISHED, at
    release.save(update_fields=["state", "published_at"])
    audit.write(audit.Action.PUBLISH, user, [release])
