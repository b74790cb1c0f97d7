"""Writing the audit trail."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import models

from publishing.models import AuditEntry

Action = AuditEntry.Action


def write(
    action: str, user: AbstractBaseUser | None, items: Iterable[models.Model] = (), **detail: object
) -> list[AuditEntry]:
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
