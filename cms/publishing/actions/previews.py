"""Preview links for reviewers without an account."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.db import transaction
from django.utils import timezone

from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing import audit
from cms.publishing.actions.drafts import add_revision, lock
from cms.publishing.drafts import items_of, latest_revision
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
        revision, stored = latest_revision(item), snapshot(item)
        if revision is None or not revision.is_open and revision.snapshot != stored:
            revision = add_revision(item, stored, user=user, state=Revision.State.SUPERSEDED)
        link.revision = revision
    link.save()
    audit.write(audit.Action.SHARE, user, [item], expires_at=expires_at.isoformat())
    return link


@transaction.atomic
def revoke(*, link: PreviewLink, user: User) -> None:
    """End a preview link now."""
    target: Any = link.release or link.revision.item  # type: ignore[union-attr] # a constraint: release or revision
    require(user, Action.SHARE, items_of(link.release) if link.release else [target])
    link.revoked_at = timezone.now()
    link.save(update_fields=["revoked_at"])
    audit.write(audit.Action.REVOKE, user, [target])
