"""Beginning a new item from another: what it holds is a draft, and nothing of it is public."""

from uuid import uuid4

from django.contrib.auth.models import User as Person
from django.db import transaction

from cms.content.models import Publishable
from cms.content.snapshots import Snapshot, snapshot
from cms.publishing.actions.drafts import save_draft
from cms.publishing.overlay import apply_snapshot, refused_in_words
from cms.publishing.permissions import Action, require_place


@transaction.atomic
def create_from(*, item: Publishable, data: Snapshot, user: Person | None, comment: str = "") -> Publishable:
    """Make another item of the kind of ``item`` that holds ``data``, its rows under keys of their own; return it.

    Raises ``DraftClash`` when ``data`` takes a name that another item has, and ``PermissionDenied``.
    """
    model, key = type(item), uuid4()
    with refused_in_words(model._meta.verbose_name):
        apply_snapshot(model, key, with_new_keys(data))
    made = model._base_manager.get(pk=key)
    require_place(user, Action.CREATE, made)
    save_draft(item=made, data=snapshot(made), user=user, opened_on=None, comment=comment)
    return made


def with_new_keys(data: Snapshot) -> Snapshot:
    """Return ``data`` with new keys for its rows: a key names one row for ever."""
    children = {name: [{**row, "id": str(uuid4())} for row in rows] for name, rows in data["children"].items()}
    return {**data, "children": children}
