"""Writing the change log. Only ``cms.publishing.actions`` and what imports content in bulk call this.

What is made from the content and must never lag behind it (the search index, deliveries to partners) subscribes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from cms.content.models import ContentModel
from cms.publishing.log_mark import remember, renew_locked
from cms.publishing.models import Change, ChangeLogHead
from cms.publishing.visibility import Item

BATCH = 1_000

Subscriber = Callable[[list[Item], int], object]
SUBSCRIBERS: list[Subscriber] = []
# Called where something was published without an entry, such as a version whose public part is the same.
UNLOGGED: list[Callable[[], object]] = []


@dataclass(frozen=True)
class PublicChange:
    """One change on its way into the log; ``languages`` empty means all, ``note`` is a text a language, ``outdated``
    the languages in which texts were made from what the item said before."""

    operation: str
    model: type[ContentModel]
    object_id: UUID
    languages: tuple[str, ...] = ()
    note: dict[str, str] = field(default_factory=dict)
    outdated: tuple[str, ...] = ()


def subscribe(subscriber: Subscriber) -> None:
    """Have ``subscriber`` called with the items of new entries and the number of the latest of them, in their
    transaction, which an exception undoes.

    Apps of higher floors subscribe when they are ready; ``changelog`` knows none of them.
    """
    SUBSCRIBERS.append(subscriber)


def record(changes: Iterable[PublicChange], *, head: ChangeLogHead, at: datetime, is_all: bool = True) -> int:
    """Append ``changes`` under the locked ``head``, tell the subscribers, and return how many there were.

    What they say of the items has been written before. Where they are not all that was published (``is_all``), that
    is told too.
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
                outdated=list(change.outdated),
                note=change.note,
                at=at,
            )
        )
    Change.objects.bulk_create(rows, batch_size=BATCH)
    if rows:
        head.save(update_fields=["sequence"])
        items: list[Any] = [(change.model, change.object_id) for change in changes]
        for subscriber in SUBSCRIBERS:
            subscriber(items, head.sequence)
        transaction.on_commit(partial(remember, head.log, head.sequence, at), robust=True)
    if not rows or not is_all:
        for told in UNLOGGED:
            told()
    return len(rows)
