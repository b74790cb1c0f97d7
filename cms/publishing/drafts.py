"""What is drafted, as it is read: what editors see of an item, and what a release holds."""

from collections.abc import Iterable

from django.db.models import Q

from cms.content.models import Publishable
from cms.content.snapshots import Snapshot, snapshot
from cms.publishing.models import Release, Revision
from cms.publishing.models.revisions import refers_to
from cms.publishing.visibility import Item

State = Revision.State
# An item of a release, and what goes live of it.
ReleaseDraft = tuple[Publishable, Revision | None]


def latest_revision(item: Publishable) -> Revision | None:
    """Return the open draft of ``item``, else its newest revision: what a form was opened on.

    Without what waits for its time or was set aside, which does not change what editors see.
    """
    revisions = Revision.objects.of(item)
    return revisions.open().first() or revisions.exclude(state__in=[State.SCHEDULED, State.SET_ASIDE]).first()


def drafted(item: Publishable) -> Snapshot:
    """Return what editors see of ``item``: its open draft, else what is stored (never a draft that was given up)."""
    draft = Revision.objects.of(item).open().first()
    return draft.snapshot if draft else snapshot(item)


def edit_token(revision: Revision | None) -> str:
    """Return what a form carries to name the state it was opened on: the revision and whether it is still open."""
    return f"{revision.number}:{'open' if revision.is_open else 'closed'}" if revision else "0"


def items_of(release: Release) -> list[Publishable]:
    """Return the stored rows of the release's items, one query a model; deleted ones are left out."""
    return [item for item, _pinned in pinned_items(release)]


def pinned_items(release: Release) -> list[ReleaseDraft]:
    """Return what :func:`items_of` does, each item with the revision that the schedule of ``release`` is about."""
    pins: dict[type[Publishable], dict] = {}
    for entry in release.items.select_related("content_type", "scheduled_revision"):
        pins.setdefault(entry.model, {})[entry.object_id] = entry.scheduled_revision
    return [(item, of[item.pk]) for model, of in pins.items() for item in model._base_manager.filter(pk__in=of)]


def open_drafts(items: Iterable[Publishable]) -> dict[Item, Revision]:
    """Return the open drafts of ``items`` by model and key, in one query."""
    condition = Q(pk__in=[])
    for item in items:
        condition |= refers_to(item)
    found = Revision.objects.open().filter(condition).select_related("content_type")
    return {(revision.model, revision.object_id): revision for revision in found}


def drafts_in(release: Release) -> list[ReleaseDraft]:
    """Return the items of ``release``, each with what goes live of it: what was scheduled, else its open draft."""
    items = pinned_items(release)
    drafts = open_drafts([item for item, pinned in items if pinned is None])
    return [(item, pinned or drafts.get((type(item), item.pk))) for item, pinned in items]
