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
from cms.content.parts import languages_in
from cms.publishing import audit, readiness
from cms.publishing.actions.choosing import require_where_drafted
from cms.publishing.actions.live import (
    lock_release,
    locked_drafts,
    pin_versions,
    put_live,
    put_release_live,
    reappear,
    require_base,
    require_not_withdrawn,
    require_release,
    to_publish,
    withdraw,
)
from cms.publishing.actions.review import decide, require_another_person
from cms.publishing.actions.storing import known_drafts, lock
from cms.publishing.drafts import drafts_of, items_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import ChangeLogHead, PartVersion, Pin, Release, ScheduledChange
from cms.publishing.models.changes import is_change_due
from cms.publishing.models.items import reference, refers_to
from cms.publishing.notifications import notify_of_failure
from cms.publishing.permissions import Action, require
from cms.publishing.stored_words import NOT_ALLOWED, NOT_DONE

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
    parts: Iterable[str] | None = None,
    note: dict[str, str] | None = None,
    anyway: bool = False,
) -> ScheduledChange:
    """Publish or withdraw ``target`` at ``due_at`` (aware; in the future) and return the scheduled change.

    What goes live are the drafts of ``parts`` (all, where they are left out) as they are now, approved by this: later
    drafts leave them alone. An item that was withdrawn is published again as it was. Whether ``user`` may publish it
    is asked again then, and what stands in the way of a release, unless it is to go live ``anyway``.

    Raises ``PublishingError`` for a time that has passed, a withdrawal of a release, one with drafts that nobody
    approved, or a part that waits elsewhere.
    """
    head, now = begin()
    if due_at <= now:
        raise PublishingError(_("Choose a time in the future."), code="past")
    items: list[Any] = [target]
    change = ScheduledChange(operation=operation, due_at=due_at, note=note or {}, created_by=user)
    change.by_system, change.anyway = user is None, anyway
    if isinstance(target, Release):
        schedule_release(change, target, user)
        change.save()
    else:
        schedule_item(change, target, user, parts)
    set_next_due(head)
    audit.write(audit.Action.SCHEDULE, user, items, operation=str(operation), due_at=due_at.isoformat())
    return change


def schedule_item(change: ScheduledChange, item: Publishable, user: User, parts: Iterable[str] | None) -> None:
    lock(item)
    drafts = known_drafts(item)
    again = item.status == Publishable.Status.WITHDRAWN
    chosen = {} if change.operation == Operation.WITHDRAW or again else to_publish(item, drafts, parts)
    require(user, Action.PUBLISH, [item], languages=languages_in(chosen) if chosen else None)
    require_where_drafted(user, Action.PUBLISH, item, chosen)
    require_another_person(chosen, user)
    for version in chosen.values():
        if version.state != PartVersion.State.APPROVED:
            decide(version, user, PartVersion.State.APPROVED)
    for name, value in reference(item).items():
        setattr(change, name, value)
    change.parts = sorted(chosen)
    change.save()
    pin_versions(item, chosen, drafts.live, schedule=change)


def schedule_release(change: ScheduledChange, release: Release, user: User) -> None:
    if change.operation != Operation.PUBLISH:
        raise PublishingError(_("A release can only be published."), code="operation")
    lock_release(release, Release.State.OPEN)
    drafts = locked_drafts(release)
    require_release(user, drafts)
    if not change.anyway and any(readiness.not_approved(drafts)):  # one may have been saved since the page was read
        raise PublishingError(_("Something stands in the way; see the list."), code="problems")
    change.release = release
    release.state = Release.State.SCHEDULED
    release.save(update_fields=["state"])


def set_next_due(head: ChangeLogHead) -> None:
    """Write into the locked ``head`` when the next scheduled change is due."""
    head.next_due_at = ScheduledChange.objects.filter(state=State.PENDING).aggregate(due=Min("due_at"))["due"]
    head.save(update_fields=["next_due_at"])


@transaction.atomic
def cancel_schedule(*, change: ScheduledChange, user: User) -> ScheduledChange:
    """Call off a scheduled change. Its drafts stay as they are.

    Raises ``PublishingError`` when it has happened or was cancelled already.
    """
    head, now = begin()
    change.refresh_from_db()
    if change.state != State.PENDING:
        raise PublishingError(_("This change is not waiting any more."), code="state")
    items: list[Any] = items_of(change.release) if change.release else [item for item in [change.item] if item]
    require(user, Action.PUBLISH, items, languages=languages_in(change.parts) if change.parts else None)
    stop(change, State.CANCELLED, at=now)
    set_next_due(head)
    told: list[Any] = [change.release] if change.release else items
    audit.write(audit.Action.CANCEL_SCHEDULE, user, told, operation=change.operation)
    return change


def stop(change: ScheduledChange, state: str, *, at: datetime) -> None:
    """End a scheduled change that will not happen: what was pinned for it waits no longer, and its release is in
    preparation again, with its pins."""
    change.state, change.finished_at = state, at
    change.save(update_fields=["state", "error", "finished_at"])
    change.pins.all().delete()
    if change.release:
        change.release.state = Release.State.OPEN
        change.release.save(update_fields=["state"])


def cancel_waiting(pin: Pin, *, at: datetime) -> None:
    """Take a pin away; a scheduled publication for which nothing is left is called off."""
    schedule, entry = pin.schedule, pin.release_item
    pin.delete()
    if schedule and not schedule.pins.exists():
        stop(schedule, State.CANCELLED, at=at)
    if entry and not entry.pins.exists():
        entry.delete()


def cancel_schedules_of(item: Publishable, *, head: ChangeLogHead, at: datetime) -> None:
    """Call off what is scheduled for ``item`` itself."""
    for change in ScheduledChange.objects.filter(refers_to(item), state=State.PENDING):
        stop(change, State.CANCELLED, at=at)
    set_next_due(head)


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
    changes = list(due.select_related("content_type", "release", "created_by"))
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
        stop(change, State.FAILED, at=timezone.now())
        transaction.on_commit(partial(notify_of_failure, change), robust=True)
    change.finished_at = timezone.now()
    change.save(update_fields=["state", "error", "finished_at"])


def reason(error: Exception) -> str:
    """Return why a scheduled change failed, in words for those who publish."""
    if isinstance(error, PublishingError):
        return " ".join(error.messages)
    if isinstance(error, PermissionDenied):
        return NOT_ALLOWED
    return NOT_DONE


def log_failure(change: ScheduledChange, error: Exception) -> None:
    """Log where an unexpected error came from, without its message: databases quote the text of the draft in it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    logger.error(
        "Scheduled change %s failed: %s at %s:%s", change.pk, type(error).__name__, frame.filename, frame.lineno
    )


def require_as_scheduled(change: ScheduledChange, release: Release) -> None:
    """Raise ``PublishingError`` when something stands in the way of the ``release`` of ``change``, unless it is to go
    live anyway."""
    if not change.anyway and (problems := readiness.problems_of(release)):
        listed = [f"{problem.item}: {problem.text}" for problem in problems[:SHOWN_PROBLEMS]]
        raise PublishingError(
            _("Something stands in the way: %(problems)s"), code="problems", params={"problems": "; ".join(listed)}
        )


def perform(change: ScheduledChange, head: ChangeLogHead) -> None:
    user, at = change.created_by, change.due_at
    if user is None and not change.by_system:
        raise PublishingError(_("Who scheduled it has no account any more."), code="account")
    if change.release:
        lock(*items_of(change.release))  # which then are not waited for, when they are looked at together
        require_as_scheduled(change, change.release)
        put_release_live(change.release, head=head, user=user, at=at, note=change.note)
        return
    item = change.item
    if item is None:
        raise PublishingError(_("The item was deleted."), code="deleted")
    lock(item)
    require(user, Action.PUBLISH, [item], languages=languages_in(change.parts) if change.parts else None)
    if change.operation == Operation.WITHDRAW:
        withdraw(item, head=head, user=user, at=at, note=change.note)
    elif change.parts:
        perform_pins(change, item, head)
    else:
        reappear(item, head=head, user=user, at=at, note=change.note)


def perform_pins(change: ScheduledChange, item: Publishable, head: ChangeLogHead) -> None:
    """Make what was pinned of ``item`` for ``change`` live."""
    pins = list(change.pins.select_related("version__revision", "version__content_type"))
    chosen, live = {pin.part: pin.version for pin in pins}, drafts_of(item).live
    require_where_drafted(change.created_by, Action.PUBLISH, item, chosen)
    require_not_withdrawn(item)
    require_base(item, pins, live)
    put_live(item, chosen, live, head=head, user=change.created_by, at=change.due_at, note=change.note)
