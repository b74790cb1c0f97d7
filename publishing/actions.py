"""Everything that changes what the public sees. Admin, commands and tests call these functions.

Each is keyword-only and atomic, takes the acting user (``None`` for the system itself), and writes the audit
entry in the same transaction.
"""

import datetime
from collections.abc import Iterable

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from publishing.models import Publishable

STATUS_FIELDS = ("status", "first_published_at", "last_published_at")


def set_status(item: Publishable, status: str, *, at: datetime.datetime) -> None:
    """Give ``item`` a status with the dates that belong to it; the caller saves ``STATUS_FIELDS``.

    ``status`` is a value of :class:`Publishable.Status` and ``at`` the time from which it counts.
    """
    item.status = status
    if status == Publishable.Status.UNPUBLISHED:
        item.first_published_at = item.last_published_at = None
        return
    item.first_published_at = item.first_published_at or at
    if status == Publishable.Status.LIVE or item.last_published_at is None:
        item.last_published_at = at


@transaction.atomic
def publish(*, items: Iterable[Publishable], user: AbstractBaseUser | None) -> list[Publishable]:
    """Make items live and return those that were not live before.

    An item whose parents are not live becomes public when they do.
    """
    now = timezone.now()
    changed = [item for item in items if not item.is_live]
    for item in changed:
        set_status(item, Publishable.Status.LIVE, at=now)
        item.save(update_fields=STATUS_FIELDS)
    write_audit_entries(items=changed, user=user, change=gettext_noop("status: live"))
    return changed


@transaction.atomic
def unpublish(*, items: Iterable[Publishable], user: AbstractBaseUser | None) -> list[Publishable]:
    """Withdraw items from the public site and return those that were live before. Nothing is deleted."""
    changed = [item for item in items if item.is_live]
    for item in changed:
        set_status(item, Publishable.Status.WITHDRAWN, at=timezone.now())
        item.save(update_fields=STATUS_FIELDS)
    write_audit_entries(items=changed, user=user, change=gettext_noop("status: withdrawn"))
    return changed


def write_audit_entries(*, items: list[Publishable], user: AbstractBaseUser | None, change: str) -> None:
    """Write one entry an item into the admin's log; the system's own changes have no user and no entry there.

    ``change`` is an untranslated message: the log translates it for whoever reads it.
    """
    if user is None:
        return
    for item in items:
        LogEntry.objects.log_actions(user.pk, [item], CHANGE, [{"changed": {"fields": [change]}}], single_object=True)
