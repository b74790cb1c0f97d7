"""Publishing, withdrawing and deleting: what changes what the public sees."""

from collections.abc import Iterable

from django.contrib.auth.models import User as Person
from django.db import transaction

from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing import audit
from cms.publishing.actions.drafts import add_revision, lock, require_another_person, require_where_drafted
from cms.publishing.actions.live import delete_row, note_lost_reference, put_live, referrers, withdraw
from cms.publishing.actions.schedules import begin
from cms.publishing.drafts import latest_revision
from cms.publishing.models import Revision, ScheduledChange
from cms.publishing.notifications import notify_of_review
from cms.publishing.permissions import Action, require

User = Person | None
State = Revision.State
REVIEWED = (State.SUBMITTED, State.APPROVED)


@transaction.atomic
def publish(
    *,
    item: Publishable,
    user: User,
    languages: Iterable[str] | None = None,
    note: dict[str, str] | None = None,
    comment: str = "",
) -> Revision:
    """Make the draft of ``item`` live (the row as it stands where there is no draft) and return what went live.

    ``languages`` limits it to the texts in those languages: everything else stays as it is live, and the draft
    stays open with the rest. ``note`` is what the public reads about the change, a text a language; ``comment`` is
    for the author of a draft that was in review, who is told that it is public.

    Raises ``PublishingError`` when the draft takes a name that another item has, or drops what another needs.
    """
    head, now = begin()
    lock(item)
    require(user, Action.PUBLISH, [item])
    draft = Revision.objects.of(item).open().first()
    require_where_drafted(user, Action.PUBLISH, item, draft)
    if draft and draft.state != State.APPROVED:
        require_another_person(draft, user)
    if draft and draft.state in REVIEWED and languages is None and user is not None:
        end_review(item, draft, user, comment)
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


def end_review(item: Publishable, draft: Revision, user: Person, comment: str) -> None:
    """Write who let a draft in review go live, and tell its author once it is so."""
    if draft.state == State.SUBMITTED:
        draft.reviewed_by, draft.review_comment = user, comment
    elif comment:
        draft.review_comment = comment
    draft.save(update_fields=["reviewed_by", "review_comment"])
    transaction.on_commit(lambda: notify_of_review(item, draft, decision=State.PUBLISHED, by=user))


@transaction.atomic
def unpublish(*, item: Publishable, user: User, note: dict[str, str] | None = None) -> None:
    """Withdraw ``item`` from the public site, and with it what is public only through it. Nothing is deleted.

    Raises ``PublishingError`` when it is not live.
    """
    head, now = begin()
    lock(item)
    require(user, Action.PUBLISH, [item])
    withdraw(item, head=head, user=user, at=now, note=note)


@transaction.atomic
def delete(*, item: Publishable, user: User) -> None:
    """Delete ``item``; a live one is withdrawn first. Its revisions and its change log stay.

    Raises ``PublishingError`` when other items need it, with their names.
    """
    head, now = begin()
    lock(item)
    require(user, Action.DELETE, [item])
    if latest_revision(item) is None:
        add_revision(item, snapshot(item), user=user, state=State.SUPERSEDED)
    if item.is_live:
        withdraw(item, head=head, user=user, at=now)
    revisions = Revision.objects.of(item)
    ScheduledChange.objects.filter(state=ScheduledChange.State.PENDING, revision__in=revisions).update(
        state=ScheduledChange.State.CANCELLED, finished_at=now
    )
    revisions.filter(state__in=[*Revision.OPEN_STATES, State.SCHEDULED]).update(state=State.DISCARDED)
    losing = referrers(item)
    delete_row(item, at=now)
    note_lost_reference(losing, head=head, user=user, at=now, is_logged=True)
    audit.write(audit.Action.DELETE, user, [item])
