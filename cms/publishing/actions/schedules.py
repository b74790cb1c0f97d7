"""What happens by itself at a set time: exact without a daemon, applied by whoever looks first when it is due."""

import logging
import traceback
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import User as Person
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing import audit, readiness
from cms.publishing.actions.drafts import add_revision, hold, lock, require_another_person, require_where_drafted
from cms.publishing.actions.live import (
    check_languages,
    lock_release,
    locked_drafts,
    put_live,
    put_release_live,
    require_release,
    withdraw,
)
from cms.publishing.drafts import drafts_in, items_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import ChangeLogHead, Release, Revision, ScheduledChange
from cms.publishing.models.changes import is_change_due
from cms.publishing.models.revisions import refers_to
from cms.publishing.notifications import notify_of_failure
from cms.publishing.permissions import Action, require

User = Person | None
Operation = ScheduledChange.Operation
State = ScheduledChange.State
logger = logging.getLogger(__name__)
SHOWN_PROBLEMS = 10  # of a release that failed


@transaction.atomic
def schedule(
    *,
    target: Publishable | Release,
    operation: str,
    due_at: datetime,
    user: User,
    languages: Iterable[str] | None = None,
    note: dict[str, str] | None = None,
    anyway: bool = False,
) -> ScheduledChange:
    """Publish or withdraw ``target`` at ``due_at`` (aware; in the future) and return the scheduled change.

    What goes live is the draft as it is now: later drafts leave it alone. Whether ``user`` may publish it is asked
    again then, and what stands in the way of a release, unless it is to go live ``anyway``.

    Raises ``PublishingError`` for a time that has passed, a withdrawal of a release, or one with drafts that nobody
    approved.
    """
    head, now = begin()
    if due_at <= now:
        raise PublishingError(_("Choose a time in the future."), code="past")
    items: list[Any] = [target]
    change = ScheduledChange(operation=operation, due_at=due_at, note=note or {}, created_by=user)
    change.by_system, change.anyway = user is None, anyway
    if isinstance(target, Release):
        schedule_release(change, target, user)
    else:
        require(user, Action.PUBLISH, [target])
        lock(target)
        change.languages = check_languages(target, languages) if operation == Operation.PUBLISH else None
        change.revision = revision_to_schedule(target, operation, user)
    change.save()
    set_next_due(head)
    audit.write(audit.Action.SCHEDULE, user, items, operation=str(operation), due_at=due_at.isoformat())
    return change


def revision_to_schedule(item: Publishable, operation: str, user: User) -> Revision:
    """Return the revision that a scheduled change of ``item`` is about, closing the draft that waits for its time."""
    draft = Revision.objects.of(item).open().first()
    if operation == Operation.WITHDRAW:
        return Revision.objects.of(item).first() or add_revision(
            item, snapshot(item), user=user, state=Revision.State.SUPERSEDED
        )
    if draft is None:
        return add_revision(item, snapshot(item), user=user, state=Revision.State.SCHEDULED)
    require_where_drafted(user, Action.PUBLISH, item, draft)
    if draft.state != Revision.State.APPROVED:
        require_another_person(draft, user)
    draft.state = Revision.State.SCHEDULED
    draft.save(update_fields=["state"])
    return draft


def schedule_release(change: ScheduledChange, release: Release, user: User) -> None:
    if change.operation != Operation.PUBLISH:
        raise PublishingError(_("A release can only be published."), code="operation")
    lock_release(release, Release.State.OPEN)
    drafts = locked_drafts(release)
    require_release(user, drafts)
    if not change.anyway and any(readiness.not_approved(drafts)):  # one may have been saved since the page was read
        raise PublishingError(_("Something stands in the way; see the list."), code="problems")
    for item, draft in drafts:
        pinned = draft or add_revision(item, snapshot(item), user=user, state=Revision.State.SCHEDULED)
        release.items.filter(refers_to(item)).update(scheduled_revision=pinned)
    change.release = release
    release.state = Release.State.SCHEDULED
    release.save(update_fields=["state"])


def set_next_due(head: ChangeLogHead) -> None:
    """Write into the locked ``head`` when the next scheduled change is due."""
    head.next_due_at = ScheduledChange.objects.filter(state=State.PENDING).aggregate(due=Min("due_at"))["due"]
    head.save(update_fields=["next_due_at"])


@transaction.atomic
def cancel_schedule(*, change: ScheduledChange, user: User) -> ScheduledChange:
    """Call off a scheduled change. Its draft is open again, unless there is a newer one.

    Raises ``PublishingError`` when it has happened or was cancelled already.
    """
    head, now = begin()
    change.refresh_from_db()
    if change.state != State.PENDING:
        raise PublishingError(_("This change is not waiting any more."), code="state")
    items: list[Any] = [change.release] if change.release else [change.revision.item]  # type: ignore[union-attr] # a constraint: release or revision
    if change.release:
        require(user, Action.PUBLISH, items_of(change.release))
        reopen_release(change.release)
    else:
        require(user, Action.PUBLISH, items)
        reopen(change.revision)  # type: ignore[arg-type] # a constraint: release or revision
    change.state, change.finished_at = State.CANCELLED, now
    change.save(update_fields=["state", "finished_at"])
    set_next_due(head)
    audit.write(audit.Action.CANCEL_SCHEDULE, user, items, operation=change.operation)
    return change


def reopen_release(release: Release) -> None:
    """Let ``release`` be of the present drafts of its items again, whatever they are."""
    pinned = Revision.objects.filter(release_pins__release=release, state=Revision.State.SCHEDULED, schedules=None)
    Revision.objects.filter(pk__in=list(pinned.values_list("pk", flat=True))).update(state=Revision.State.SUPERSEDED)
    release.items.update(scheduled_revision=None)
    release.state = Release.State.OPEN
    release.save(update_fields=["state"])


def reopen(revision: Revision) -> None:
    """Make a revision that waited for its time the draft again, unless there is a newer one, or no item any more."""
    if revision.state != Revision.State.SCHEDULED:
        return
    item = revision.item
    replaced = item is None or not hold(item) or Revision.objects.of(item).open().exists()
    revision.state = Revision.State.SUPERSEDED if replaced else Revision.State.DRAFT
    revision.save(update_fields=["state"])


def publish_due(*, now: datetime | None = None) -> int:
    """Apply every scheduled change that is due and return how many there were.

    Costs one query when nothing is due. Each change is applied whole or not at all; one that cannot be applied is
    marked as failed, with the reason, and does not hold up the others.
    """
    now = now or timezone.now()
    if not is_change_due(now):
        return 0
    with transaction.atomic():
        return apply_due(ChangeLogHead.locked(), now)


def begin() -> tuple[ChangeLogHead, datetime]:
    """Return the head of the change log, locked, and the time; what was due before has been applied.

    Whoever changes what is public begins with this, so that a change of now never comes before one of earlier.
    """
    head = ChangeLogHead.locked()
    now = timezone.now()
    apply_due(head, now)
    return head, now


def apply_due(head: ChangeLogHead, now: datetime) -> int:
    """Apply what is due under the locked ``head`` and return how many changes there were."""
    if head.next_due_at is None or head.next_due_at > now:
        return 0
    due = ScheduledChange.objects.filter(state=State.PENDING, due_at__lte=now).order_by("due_at", "pk")
    changes = list(due.select_related("revision", "release", "created_by"))
    for change in changes:
        apply_change(change, head)
    set_next_due(head)
    return len(changes)


def apply_change(change: ScheduledChange, head: ChangeLogHead) -> None:
    """Do one scheduled change under the locked ``head``, in the name of who scheduled it, at the time it was due.

    One that fails, for whatever reason, is marked so and told: it must come back neither with every page that is
    asked for nor with every other publication.
    """
    sequence = head.sequence
    try:
        with override(site_languages()[0]), transaction.atomic():  # whoever asked for a page reads another one
            perform(change, head)
        change.state = State.DONE
    except Exception as error:
        head.sequence = sequence
        with override(site_languages()[0]):
            change.state, change.error = State.FAILED, reason(error)
        if not isinstance(error, PublishingError | PermissionDenied):
            log_failure(change, error)
        if change.revision:
            change.revision.refresh_from_db()
            reopen(change.revision)
        if change.release:
            reopen_release(change.release)
        transaction.on_commit(partial(notify_of_failure, change), robust=True)
    change.finished_at = timezone.now()
    change.save(update_fields=["state", "error", "finished_at"])


def reason(error: Exception) -> str:
    """Return why a scheduled change failed, in words for those who publish."""
    if isinstance(error, PublishingError):
        return " ".join(error.messages)
    if isinstance(error, PermissionDenied):
        return str(_("Who scheduled it may not publish it any more."))
    return str(_("The program could not do it; the server’s log says where it stopped."))


def log_failure(change: ScheduledChange, error: Exception) -> None:
    """Log where an unexpected error came from, without its message: databases quote the text of the draft in it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    logger.error(
        "Scheduled change %s failed: %s at %s:%s", change.pk, type(error).__name__, frame.filename, frame.lineno
    )


def require_as_scheduled(change: ScheduledChange) -> None:
    """Raise ``PublishingError`` unless the release of ``change`` can go live as it was scheduled: nothing that was
    published since would be replaced, and nothing stands in its way, unless that was so when it was scheduled.

    Raises ``PermissionDenied`` when who scheduled it may not publish it any more.
    """
    release: Any = change.release
    drafts = drafts_in(release)
    require_release(change.created_by, drafts)
    for item, draft in drafts:
        published = Revision.objects.of(item).filter(published_at__gt=change.created_at)
        if draft and published.exclude(pk=draft.pk).exists():
            raise PublishingError(
                _("“%(item)s” was published after the release was scheduled: look at the release again."),
                code="published",
                params={"item": item},
            )
    if not change.anyway and (problems := readiness.problems_of(release)):
        listed = [f"{problem.item}: {problem.text}" for problem in problems[:SHOWN_PROBLEMS]]
        raise PublishingError(
            _("Something stands in the way: %(problems)s"), code="problems", params={"problems": "; ".join(listed)}
        )


def perform(change: ScheduledChange, head: ChangeLogHead) -> None:
    if change.created_by is None and not change.by_system:
        raise PublishingError(_("Who scheduled it has no account any more."), code="account")
    if change.release:
        require_as_scheduled(change)
        put_release_live(change.release, head=head, user=change.created_by, at=change.due_at, note=change.note)
        return
    item = change.revision.item  # type: ignore[union-attr] # a constraint: release or revision
    if item is None:
        raise PublishingError(_("The item was deleted."), code="deleted")
    lock(item)
    require(change.created_by, Action.PUBLISH, [item])
    if change.operation == Operation.WITHDRAW:
        withdraw(item, head=head, user=change.created_by, at=change.due_at, note=change.note)
        return
    require_where_drafted(change.created_by, Action.PUBLISH, item, change.revision)
    put_live(
        item,
        change.revision,
        change.revision.snapshot,  # type: ignore[union-attr] # a constraint: release or revision
        head=head,
        user=change.created_by,
        at=change.due_at,
        languages=change.languages,
        note=change.note,
    )
    if change.languages:
        reopen(change.revision)  # type: ignore[arg-type] # a constraint: release or revision. With the rest of it
