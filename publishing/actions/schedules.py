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

from publishing import audit
from publishing.actions.drafts import add_revision, hold, lock, require_another_person, require_where_drafted
from publishing.actions.live import (
    check_languages,
    items_of,
    lock_release,
    put_live,
    put_release_live,
    require_release,
    withdraw,
)
from publishing.exceptions import PublishingError
from publishing.languages import site_languages
from publishing.models import ChangeLogHead, Publishable, Release, Revision, ScheduledChange
from publishing.notifications import notify_of_failure
from publishing.permissions import Action, require
from publishing.snapshots import snapshot

User = Person | None
Operation = ScheduledChange.Operation
State = ScheduledChange.State
logger = logging.getLogger(__name__)


@transaction.atomic
def schedule(
    *,
    target: Publishable | Release,
    operation: str,
    due_at: datetime,
    user: User,
    languages: Iterable[str] | None = None,
    note: dict[str, str] | None = None,
) -> ScheduledChange:
    """Publish or withdraw ``target`` at ``due_at`` (aware; in the future) and return the scheduled change.

    What goes live is the draft as it is now: later drafts leave it alone. A release goes live as it is then.

    Raises ``PublishingError`` for a time that has passed, or a withdrawal of a release.
    """
    head, now = begin()
    if due_at <= now:
        raise PublishingError(_("Choose a time in the future."), code="past")
    items: list[Any] = [target]
    change = ScheduledChange(operation=operation, due_at=due_at, note=note or {}, created_by=user)
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
    require_release(user, items_of(release))
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
        change.release.state = Release.State.OPEN
        change.release.save(update_fields=["state"])
    else:
        require(user, Action.PUBLISH, items)
        reopen(change.revision)  # type: ignore[arg-type] # a constraint: release or revision
    change.state, change.finished_at = State.CANCELLED, now
    change.save(update_fields=["state", "finished_at"])
    set_next_due(head)
    audit.write(audit.Action.CANCEL_SCHEDULE, user, items, operation=change.operation)
    return change


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
    if not ChangeLogHead.objects.filter(pk=ChangeLogHead.KEY, next_due_at__lte=now).exists():
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
        with transaction.atomic():
            perform(change, head)
        change.state = State.DONE
    except Exception as error:
        head.sequence = sequence
        with override(site_languages()[0]):  # whoever asked for a page just then reads another one
            change.state, change.error = State.FAILED, reason(error)
        if not isinstance(error, PublishingError | PermissionDenied):
            log_failure(change, error)
        if change.revision:
            change.revision.refresh_from_db()
            reopen(change.revision)
        if change.release:
            Release.objects.filter(pk=change.release.pk).update(state=Release.State.OPEN)
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


def perform(change: ScheduledChange, head: ChangeLogHead) -> None:
    if change.release:
        put_release_live(change.release, head=head, user=change.created_by, at=change.due_at, note=change.note)
        return
    item = change.revision.item  # type: ignore[union-attr] # a constraint: release or revision
    if item is None:
        raise PublishingError(_("The item was deleted."), code="deleted")
    lock(item)
    if change.operation == Operation.WITHDRAW:
        withdraw(item, head=head, user=change.created_by, at=change.due_at, note=change.note)
        return
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
