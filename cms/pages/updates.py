"""What the public reads about changes: when an item became public, changed or was withdrawn, and the public notes.

Read from the change log, which holds no text of any draft.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db.models import QuerySet

from cms.content.languages import LocalizedText, fallback_chain
from cms.content.models import ContentModel
from cms.content.noting import noted, row
from cms.content.registry import content_models
from cms.content.statements import Statement
from cms.publishing.models import Change

SHOWN_ON_PAGE = 10  # at the foot of an item's page; its page of updates has them all


@dataclass(frozen=True)
class Update:
    """One change as the public reads of it."""

    at: datetime
    is_withdrawal: bool
    note: LocalizedText


def changes_of(key: UUID, *models: type[ContentModel]) -> QuerySet:
    """Return the changes of the item ``key``, the newest first; ``models`` says of which models it may be.

    Joined by the names of the models: a look-up of content types would be a query more.
    """
    names = {model._meta.model_name for model in models or content_models()}
    changes = Change.objects.filter(object_id=key, content_type__model__in=names)
    return changes.select_related("content_type").order_by("-sequence")


def updates_of(item: ContentModel) -> list[Update]:
    """Return the latest updates of ``item``, in one query."""
    with noted([row(type(item), item.pk)]):
        return [update_from(change) for change in latest_changes(type(item)).rows(item.pk)]


@cache
def latest_changes(model: type[ContentModel]) -> Statement:
    shown = ("at", "operation", "note")
    return Statement(lambda key: changes_of(key, model).select_related(None).only(*shown)[:SHOWN_ON_PAGE])


def update_from(change: Change) -> Update:
    """Return what the public reads of ``change``, the note in the reader's language or the next that has one."""
    chain = fallback_chain()
    code = next((code for code in chain if change.note.get(code)), chain[0])
    note = LocalizedText(change.note.get(code, ""), code, chain[0])
    return Update(change.at, change.operation == Change.Operation.DELETE, note)
