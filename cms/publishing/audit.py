"""Writing the audit trail."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import User as Person
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.dispatch import receiver
from django.utils import timezone

from cms.publishing.models import AuditEntry

Action = AuditEntry.Action
MOST_FAILED_LOGINS = 1_000  # an hour in the trail: anybody can make them, and the trail is never shortened


def write(action: str, user: Person | None, items: Iterable[models.Model] = (), **detail: object) -> list[AuditEntry]:
    """Write that ``user`` (``None``: the system) did ``action``, one entry an item, or one where there is none.

    ``detail`` is JSON: what else a reader of the trail needs to understand the entry.
    """
    who = {"user": user, "actor": user.get_username() if user else "", "action": action, "detail": detail}
    entries = [
        AuditEntry(
            content_type=ContentType.objects.get_for_model(type(item)),
            object_id=str(item.pk),
            object_name=str(item)[:300],
            **who,
        )
        for item in items
    ]
    return AuditEntry.objects.bulk_create(entries or [AuditEntry(**who)])


@receiver(user_logged_in, dispatch_uid="cms.publishing.audit")
def write_login(sender, user, **kwargs) -> None:
    write(Action.LOGIN, user)


@receiver(user_logged_out, dispatch_uid="cms.publishing.audit")
def write_logout(sender, user, **kwargs) -> None:
    if user is not None:
        write(Action.LOGOUT, user)


@receiver(user_login_failed, dispatch_uid="cms.publishing.audit")
def write_failed_login(sender, credentials, **kwargs) -> None:
    """Write the name that was tried, cut to the length of a name; never what was sent as the password.

    The last one that an hour has room for says that others are not recorded.
    """
    since = timezone.now() - timedelta(hours=1)
    already = AuditEntry.objects.filter(action=Action.LOGIN_FAILED, at__gt=since)[:MOST_FAILED_LOGINS].count()
    if already < MOST_FAILED_LOGINS:
        detail = {"more": "not recorded"} if already == MOST_FAILED_LOGINS - 1 else {}
        name = str(credentials.get("username", ""))[:150]
        AuditEntry.objects.create(action=Action.LOGIN_FAILED, actor=name, detail=detail)
