"""Writing the change log. Only ``publishing.actions`` and what imports content in bulk call this."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.contrib.contenttypes.models import ContentType

from publishing.models import Change, ChangeLogHead, Publishable
from publishing.search import index

BATCH = 1_000


@dataclass(frozen=True)
class PublicChange:
    """One change on its way into the log; ``languages`` empty means all, ``note`` is a text a language."""

    operation: str
    model: type[Publishable]
    object_id: UUID
    languages: tuple[str, ...] = ()
    note: dict[str, str] = field(default_factory=dict)


def record(changes: Iterable[PublicChange], *, head: ChangeLogHead, at: datetime) -> int:
    """Append ``changes`` under the locked ``head``, bring the search index in step, and return how many there were.

    What they say of the items has been written before.
    """
    changes, rows = list(changes), []
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
    return len(rows)


def publishable_models() -> list[type[Publishable]]:
    """Return every model whose rows are published."""
    return [model for model in apps.get_models() if issubclass(model, Publishable)]


def public_dependents(model: type[Publishable], keys: Iterable[UUID]) -> list[tuple[type[Publishable], UUID]]:
    """Return the public items that are public only as long as the given ones are, at any depth."""
    found, keys = [], list(keys)
    for dependent in publishable_models():
        for name in dependent.live_through:
            if dependent._meta.get_field(name).related_model is model:
                below = list(dependent.objects.live().filter(**{f"{name}__in": keys}).values_list("pk", flat=True))
                found += [(dependent, key) for key in below]
                if below:
                    found += public_dependents(dependent, below)
    return list(dict.fromkeys(found))
