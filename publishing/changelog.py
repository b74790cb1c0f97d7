"""Writing the change log. Only ``publishing.actions`` and what imports content in bulk call this."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from publishing.log_mark import remember, renew_locked
from publishing.models import Change, ChangeLogHead, ContentModel
from publishing.search import index
from publishing.webhooks.background import deliveries

BATCH = 1_000


@dataclass(frozen=True)
class PublicChange:
    """One change on its way into the log; ``languages`` empty means all, ``note`` is a text a language."""

    operation: str
    model: type[ContentModel]
    object_id: UUID
    languages: tuple[str, ...] = ()
    note: dict[str, str] = field(default_factory=dict)


def record(changes: Iterable[PublicChange], *, head: ChangeLogHead, at: datetime) -> int:
    """Append ``changes`` under the locked ``head``, bring the search index in step, and return how many there were.

    What they say of the items has been written before.
    """
    changes, rows = list(changes), []
    if changes:
        renew_locked(head)
    for change in changes:
        head.sequence += 1
        rows.append(
            Change(
                sequence=head.sequence,
                operation=change.operation,
                content_type=ContentType.objects.get_for_model(change.model),
                object_id=change.object_id,
                languages=list(change.languages),
                note=change.note,
                at=at,
            )
        )
    Change.objects.bulk_create(rows, batch_size=BATCH)
    if rows:
        head.save(update_fields=["sequence"])
        index.update((change.model, change.object_id) for change in changes)
        transaction.on_commit(partial(remember, head.log, head.sequence, at), robust=True)
        transaction.on_commit(deliveries.start)
    return len(rows)
