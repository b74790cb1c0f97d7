"""Preview links for reviewers without an account."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.db import transaction
from django.utils import timezone

from cms.content.models import Publishable
from cms.publishing import audit
from cms.publishing.actions.storing import add_revision, known_drafts, lock
from cms.publishing.drafts import items_of, latest_revision, manifest_of
from cms.publishing.models import PreviewLink, Release, Revision
from cms.publishing.permissions import Action, require

User = Person | None


@transaction.atomic
def share(*, item: Publishable | Release, user: Person, days: int | None = None) -> PreviewLink:
    """Return a new link to the preview of the draft of ``item`` as it is now, or of a release.

    It expires after ``days`` (default: ``PREVIEW_LINK_DAYS``).
    """
    expires_at = timezone.now() + timedelta(days=settings.PREVIEW_LINK_DAYS if days is None else days)
    link = PreviewLink(created_by=user, expires_at=expires_at)
    if isinstance(item, Release):
        require(user, Action.SHARE, items_of(item))
        link.release = item
    else:
        require(user, Action.SHARE, [item])
        lock(item)
        link.revision = revision_as_seen(item, user)
    link.save()
    audit.write(audit.Action.SHARE, user, [item], expires_at=expires_at.isoformat())
    return link


def revision_as_seen(item: Publishable, user: User) -> Revision:
    """Return the revision that shows ``item`` as editors see it now; a new one where something was published or
    discarded since the newest."""
    seen, revision = known_drafts(item).working, latest_revision(item)
    if revision is not None and revision.manifest == manifest_of(seen):
        return revision
    return add_revision(item, {}, user=user, seen=seen)[0]


@transaction.atomic
def revoke(*, link: PreviewLink, user: User) -> None:
    """End a preview link now."""
    target: Any = link.release or link.revision.item  # type: ignore[union-attr] # a constraint: release or revision
    require(user, Action.SHARE, items_of(link.release) if link.release else [target])
    link.revoked_at = timezone.now()
    link.save(update_fields=["revoked_at"])
    audit.write(audit.Action.REVOKE, user, [target])
