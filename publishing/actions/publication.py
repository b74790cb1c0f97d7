"""Publishing, withdrawing and deleting: what changes what the public sees."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models.deletion import ProtectedError, RestrictedError
from django.utils.translation import gettext_lazy as _

from publishing import audit, redirects
from publishing.actions.drafts import (
    add_revision,
    latest_revision,
    lock,
    require_another_person,
    require_where_drafted,
)
from publishing.actions.live import put_live, withdraw
from publishing.actions.schedules import begin
from publishing.exceptions import PublishingError
from publishing.models import Publishable, Revision, ScheduledChange
from publishing.overlay import needed_by
from publishing.permissions import Action, require
from publishing.snapshots import snapshot

User = AbstractBaseUser | None
State = Revision.State


@transaction.atomic
def publish(
    *, item: Publishable, user: User, languages: Iterable[str] | None = None, note: dict[str, str] | None = None
) -> Revision:
    """Make the draft of ``item`` live (the row as it stands where there is no draft) and return what went live.

    ``languages`` limits it to the texts in those languages: everything else stays as it is live, and the draft
    stays open with the rest. ``note`` is what the public reads about the change, a text a language.

    Raises ``PublishingError`` when the draft takes a name that another item has, or drops what another needs.
    """
    require(user, Action.PUBLISH, [item])
    head, now = begin()
    lock(item)
    item.refresh_from_db(fields=["status"])
    draft = Revision.objects.of(item).open().first()
    require_where_drafted(user, Action.PUBLISH, item, draft)
    if draft and draft.state != State.APPROVED:
        require_another_person(draft, user)
    return put_live(
        item,
        draft,
        draft.snapshot if draft else None,
        head=head,
        user=user,
        at=now,
        languages=languages,
        note=note,
    )


@transaction.atomic
def unpublish(*, item: Publishable, user: User, note: dict[str, str] | None = None) -> None:
    """Withdraw ``item`` from the public site, and with it what is public only through it. Nothing is deleted.

    Raises ``PublishingError`` when it is not live.
    """
    require(user, Action.PUBLISH, [item])
    head, now = begin()
    lock(item)
    withdraw(item, head=head, user=user, at=now, note=note)


@transaction.atomic
def delete(*, item: Publishable, user: User) -> None:
    """Delete ``item``; a live one is withdrawn first. Its revisions and its change log stay.

    Raises ``PublishingError`` when other items need it, with their names.
    """
    require(user, Action.DELETE, [item])
    head, now = begin()
    lock(item)
    item.refresh_from_db(fields=["status"])
    if latest_revision(item) is None:
        add_revision(item, snapshot(item), user=user, state=State.SUPERSEDED)
    if item.is_live:
        withdraw(item, head=head, user=user, at=now)
    revisions = Revision.objects.of(item)
    ScheduledChange.objects.filter(state=ScheduledChange.State.PENDING, revision__in=revisions).update(
        state=ScheduledChange.State.CANCELLED, finished_at=now
    )
    revisions.filter(state__in=[*Revision.OPEN_STATES, State.SCHEDULED]).update(state=State.DISCARDED)
    key, name, slugs = item.pk, str(item), redirects.current_slugs(type(item), [item.pk])
    try:
        with transaction.atomic():
            item.delete()
    except (ProtectedError, RestrictedError) as error:
        raise PublishingError(
            _("“%(item)s” cannot be deleted: it is needed by %(needed)s."),
            code="needed",
            params={"item": name, "needed": needed_by(error)},
        ) from error
    redirects.remember(type(item), slugs, at=now)
    item.pk = key  # Django empties it; the audit entry names what was deleted
    audit.write(audit.Action.DELETE, user, [item])
