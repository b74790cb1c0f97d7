"""The versions of an item: each time parts of it were published, counted from 1 and never again.

What was published is never changed and never deleted, so the number of a version and its text stand for ever. It is
public as long as the item is. Its content is of each part the newest that was published with it or before.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cms.content.children import child_from, keep_children
from cms.content.languages import LocalizedText, fallback_chain
from cms.content.models import Publishable
from cms.content.parts import SHARED, Parts, compose
from cms.content.snapshots import Snapshot, child_relations, snapshot
from cms.publishing.models import Change, PartVersion, Publication
from cms.publishing.overlay import columns_of


@dataclass(frozen=True)
class Version:
    """One publication of an item.

    ``languages`` are those whose texts alone were published, empty where more was. ``is_kept`` is false where an item
    is live that has no history: its only version is what is stored.
    """

    number: int
    published_at: datetime
    languages: tuple[str, ...]
    note: LocalizedText
    is_kept: bool = True


def versions_of(item: Publishable) -> list[Version]:
    """Return the versions of ``item``, the first one first, in one query and without their texts."""
    rows = publications(type(item)).filter(object_id=item.pk).values_list("published_at", "parts", "note")
    chain = fallback_chain()
    found = []
    for count, (published_at, parts, note) in enumerate(rows, start=1):
        code = next((code for code in chain if note.get(code)), chain[0])
        text = LocalizedText(note.get(code, ""), code, chain[0])
        found.append(Version(count, published_at, () if SHARED in parts else tuple(parts), text))
    if not found and item.last_published_at:
        text = LocalizedText("", chain[0], chain[0])
        found.append(Version(1, item.last_published_at, (), text, is_kept=False))
    return found


def version_of(item: Publishable, number: int) -> tuple[list[Version], Version | None]:
    """Return all versions of ``item`` and the one that has ``number``, if there is one."""
    versions = versions_of(item)
    return versions, versions[number - 1] if 1 <= number <= len(versions) else None


def published_snapshots(item: Publishable, versions: list[Version]) -> list[Snapshot]:
    """Return the content of ``item`` in each of ``versions``, in one query."""
    if not all(version.is_kept for version in versions):
        return [snapshot(item)]
    rows = list(
        published_versions(type(item))
        .filter(object_id=item.pk, publication__number__lte=max(version.number for version in versions))
        .values_list("publication__number", "part", "content")
    )
    found = []
    for version in versions:
        parts = {part: content for number, part, content in rows if number <= version.number}
        found.append(compose(type(item), parts))
    return found


def of_model(rows: QuerySet, model: type[Publishable]) -> QuerySet:
    """Return those of ``rows`` that speak of items of ``model``.

    Joined by the name of the model: a look-up of content types would be a query more.
    """
    names = {"content_type__app_label": model._meta.app_label, "content_type__model": model._meta.model_name}
    return rows.filter(**names)


def publications(model: type[Publishable]) -> QuerySet:
    """Return the publications of all items of ``model``, the first one first."""
    return of_model(Publication.objects.order_by("published_at", "number"), model)


def published_versions(model: type[Publishable]) -> QuerySet:
    """Return the versions of parts of all items of ``model`` that are or were live, the first one first."""
    return of_model(PartVersion.objects.published(), model).order_by(
        "publication__published_at", "publication__number"
    )


class Dependents:
    """What belonged to an item at a time: its public dependents of one model, by key, as they were published.

    ``field_name`` is the foreign key of ``model`` to the item. Two queries, for any number of times until ``last``.
    An item that was withdrawn or deleted since is found too: it was part of what was published.
    """

    def __init__(self, model: type[Publishable], field_name: str, item: Publishable, *, last: datetime):
        self.model, self.field_name, self.item_key = model, field_name, str(item.pk)
        versions = published_versions(model)
        belonged = versions.order_by().filter(part=SHARED, **{f"content__fields__{field_name}": self.item_key})
        self.versions = list(
            versions.filter(
                publication__published_at__lte=last, object_id__in=belonged.values("object_id")
            ).values_list("object_id", "publication__published_at", "part", "content")
        )
        keys = {key for key, _at, _part, _content in self.versions}
        changes = of_model(Change.objects.filter(object_id__in=keys, at__lte=last), model)
        self.changes = list(changes.order_by("sequence").values_list("object_id", "at", "operation"))

    def at(self, time: datetime) -> dict[UUID, Snapshot]:
        """Return the snapshots of what the public saw belong to the item at ``time``."""
        newest: dict[UUID, Parts] = defaultdict(dict)
        for key, at, part, content in self.versions:
            if at <= time:
                newest[key][part] = content
        operations = {key: operation for key, at, operation in self.changes if at <= time}
        return {
            key: compose(self.model, parts)
            for key, parts in newest.items()
            if operations.get(key) == Change.Operation.UPSERT and self.belongs(parts)
        }

    def belongs(self, parts: Parts) -> bool:
        return parts[SHARED]["fields"].get(self.field_name) == self.item_key


def item_from(model: type[Publishable], key: UUID, data: Snapshot) -> Publishable:
    """Return the item that a snapshot describes, with its children, without writing or reading anything."""
    item = model(id=key, **columns_of(model, data["fields"]))
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
