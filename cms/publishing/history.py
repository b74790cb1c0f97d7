"""The versions of an item: each time it was published, counted from 1 and never again.

A version is a published revision, which is never deleted and never changed, so its number and its text stand for
ever. It is public as long as the item is.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cms.content.children import child_from, keep_children
from cms.content.languages import LocalizedText, fallback_chain
from cms.content.models import Publishable
from cms.content.snapshots import Snapshot, child_relations, snapshot
from cms.publishing.models import Change, Revision
from cms.publishing.overlay import columns_of


@dataclass(frozen=True)
class Version:
    """One publication of an item.

    ``revision`` is the number of its revision, ``None`` where an item is live that never had one; ``languages`` are
    those it was limited to, empty for the item as a whole.
    """

    number: int
    published_at: datetime
    revision: int | None
    languages: tuple[str, ...]
    note: LocalizedText


def versions_of(item: Publishable) -> list[Version]:
    """Return the versions of ``item``, the first one first, in one query and without their texts."""
    rows = (
        published_revisions(type(item))
        .filter(object_id=item.pk)
        .values_list("published_at", "number", "published_languages", "note")
    )
    chain = fallback_chain()
    found = []
    for count, (published_at, number, languages, note) in enumerate(rows, start=1):
        code = next((code for code in chain if note.get(code)), chain[0])
        text = LocalizedText(note.get(code, ""), code, chain[0])
        found.append(Version(count, published_at, number, tuple(languages or ()), text))
    if not found and item.last_published_at:
        found.append(Version(1, item.last_published_at, None, (), LocalizedText("", chain[0], chain[0])))
    return found


def version_of(item: Publishable, number: int) -> tuple[list[Version], Version | None]:
    """Return all versions of ``item`` and the one that has ``number``, if there is one."""
    versions = versions_of(item)
    return versions, versions[number - 1] if 1 <= number <= len(versions) else None


def published_snapshots(item: Publishable, versions: list[Version]) -> list[Snapshot]:
    """Return the content of ``item`` in each of ``versions``, in one query."""
    numbers = [version.revision for version in versions]
    if None in numbers:
        return [snapshot(item)]  # live without a revision: there is one version, which is the stored row
    revisions = published_revisions(type(item)).filter(object_id=item.pk, number__in=numbers)
    found = dict(revisions.values_list("number", "snapshot"))
    return [found[number] for number in numbers]


def published_revisions(model: type[Publishable]) -> QuerySet:
    """Return the published revisions of all items of ``model``, the first one first.

    Joined by the name of the model: a look-up of content types would be a query more.
    """
    return Revision.objects.filter(
        content_type__app_label=model._meta.app_label,
        content_type__model=model._meta.model_name,
        state=Revision.State.PUBLISHED,
    ).order_by("published_at", "number")


class Dependents:
    """What belonged to an item at a time: its public dependents of one model, by key, as they were published.

    ``field_name`` is the foreign key of ``model`` to the item. Two queries, for any number of times until ``last``.
    An item that was withdrawn or deleted since is found too: it was part of what was published.
    """

    def __init__(self, model: type[Publishable], field_name: str, item: Publishable, *, last: datetime):
        self.field_name, self.item_key = field_name, str(item.pk)
        revisions = published_revisions(model)
        belonged = revisions.order_by().filter(**{f"snapshot__fields__{field_name}": self.item_key})
        self.revisions = list(
            revisions.filter(published_at__lte=last, object_id__in=belonged.values("object_id")).values_list(
                "object_id", "published_at", "snapshot"
            )
        )
        keys = {key for key, _at, _data in self.revisions}
        self.changes = list(
            Change.objects.filter(
                content_type__app_label=model._meta.app_label,
                content_type__model=model._meta.model_name,
                object_id__in=keys,
                at__lte=last,
            )
            .order_by("sequence")
            .values_list("object_id", "at", "operation")
        )

    def at(self, time: datetime) -> dict[UUID, Snapshot]:
        """Return the snapshots of what the public saw belong to the item at ``time``."""
        newest = {key: data for key, at, data in self.revisions if at <= time}
        operations = {key: operation for key, at, operation in self.changes if at <= time}
        return {
            key: data
            for key, data in newest.items()
            if operations.get(key) == Change.Operation.UPSERT and data["fields"].get(self.field_name) == self.item_key
        }


def item_from(model: type[Publishable], key: UUID, data: Snapshot) -> Publishable:
    """Return the item that a snapshot describes, with its children, without writing or reading anything."""
    item = model(id=key, **columns_of(model, data["fields"], None))
    item._state.adding = False
    found = {
        name: [
            child_from(child_model, item, row, position, UUID(row["id"]))
            for position, row in enumerate(data["children"].get(name, []))
        ]
        for name, child_model in child_relations(model).items()
    }
    keep_children(item, found)
    return item
