"""What an import of many items leaves behind: revisions, change log and audit entry, in bulk.

The importer writes rows; these functions record it in the same transaction, a batch of items at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.contrib.auth.models import User as Person
from django.contrib.contenttypes.models import ContentType
from django.db.models import Max, QuerySet
from django.utils import timezone

from cms.content.models import ContentModel, Publishable
from cms.content.parts import Parts, blank, compose, digest, parts_of
from cms.content.snapshots import Snapshot, snapshots_of
from cms.publishing import audit, redirects
from cms.publishing.actions.schedules import begin
from cms.publishing.actions.storing import nearest
from cms.publishing.changelog import PublicChange, record
from cms.publishing.drafts import Drafts, Versions, contents, manifest_of
from cms.publishing.models import Change, PartVersion, Publication, Revision
from cms.publishing.parts_changed import tell
from cms.publishing.rules import require_reviewed
from cms.publishing.stamps import Making, Stamps, stamps_of
from cms.publishing.visibility import Item, Row, public_dependents, public_referrers

User = Person | None
State = PartVersion.State
BATCH = 1_000


class ImportRecorder:
    """Records one import. Made at the start of its transaction; holds the change log until that ends.

    ``user`` is who imports, ``None`` for a command. :meth:`published` and :meth:`drafted` are called for each batch
    that was written, :meth:`finish` once at the end.
    """

    def __init__(self, *, user: User):
        self.user = user
        self.head, self.at = begin()
        self.public_before: set[Item] = set()
        self.slugs_before: dict[type[ContentModel], dict[UUID, str]] = {}
        self.changed: dict[type[ContentModel], list[UUID]] = {}
        self.unseen: set[Row] = set()
        self.count = 0

    def before(self, model: type[ContentModel], keys: Iterable[UUID]) -> None:
        """Note which of the items that are about to be written the public sees now, at which addresses, and what it
        sees through them."""
        keys = list(keys)
        self.slugs_before.setdefault(model, {}).update(redirects.current_slugs(model, keys))
        if issubclass(model, Publishable):
            public = list(model.objects.live().filter(pk__in=keys).values_list("pk", flat=True))
            self.public_before.update((model, key) for key in public)
            self.public_before.update(public_dependents(model, public))

    def published(self, model: type[ContentModel], keys: Iterable[UUID], *, unseen: Iterable[UUID] = ()) -> None:
        """Record items whose rows were written as they shall be, public or not; of those ``unseen`` nothing that the
        public sees was changed."""
        keys = list(keys)
        self.unseen.update((model, key) for key in unseen)
        self.changed.setdefault(model, []).extend(keys)
        self.count += len(keys)
        if not issubclass(model, Publishable):
            tell((model, key) for key in keys)
            return
        published = model._base_manager.filter(pk__in=keys, first_published_at__isnull=False)
        public = set(published.values_list("pk", flat=True))
        snapshots = snapshots_of(model, keys)
        self.write_versions(model, {key: data for key, data in snapshots.items() if key in public}, live=True)
        self.write_versions(model, {key: data for key, data in snapshots.items() if key not in public}, live=False)

    def drafted(self, model: type[Publishable], snapshots: dict[UUID, Snapshot]) -> None:
        """Record drafts of items whose live rows stay as they are."""
        self.count += len(snapshots)
        self.write_versions(model, snapshots, live=False)

    def drafted_content(self, model: type[Publishable], keys: Iterable[UUID]) -> dict[UUID, Snapshot]:
        """Return what editors see of those of the items ``keys`` of which something is drafted."""
        of_items = PartVersion.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=list(keys)
        )
        present: dict[UUID, Drafts] = defaultdict(Drafts)
        for version in of_items.working():
            present[version.object_id].add(version)
        return {key: compose(model, contents(drafts.working)) for key, drafts in present.items() if drafts.open}

    def write_versions(self, model: type[Publishable], snapshots: dict[UUID, Snapshot], *, live: bool) -> None:
        """Store the parts of ``snapshots`` that are not as they were: as what is live, or as drafts.

        Drafts that are open beside what becomes live stay; they show that what is live changed below them.
        """
        content_type = ContentType.objects.get_for_model(model)
        of_items = {"content_type": content_type, "object_id__in": list(snapshots)}
        revisions = dict(newest(Revision.objects.filter(**of_items)))
        publications = dict(newest(Publication.objects.filter(**of_items))) if live else {}
        present: dict[UUID, Drafts] = defaultdict(Drafts)
        for version in PartVersion.objects.working().filter(**of_items).select_related("revision"):
            present[version.object_id].add(version)
        made = Made()
        for key, data in snapshots.items():
            before = present[key].live if live else present[key].working
            parts = changed_from(parts_of(model, data), before)
            if parts:
                reference = {"content_type": content_type, "object_id": key}
                made.add(
                    model,
                    reference,
                    parts,
                    before=before,
                    carried=nearest(before, present[key].working, present[key].live),
                    replaced=before if live else present[key].open,
                    number=revisions.get(key, 0) + 1,
                    publication=self.publication(reference, parts, publications.get(key, 0) + 1) if live else None,
                    user=self.user,
                )
        if live:
            made.require_reviewed(model, present)
        made.store(replaced_state=State.PAST if live else State.SUPERSEDED)
        tell((model, key) for key in snapshots)

    def publication(self, reference: dict, parts: Iterable[str], number: int) -> Publication:
        return Publication(
            **reference, number=number, parts=sorted(parts), published_at=self.at, published_by=self.user
        )

    def finish(self) -> None:
        """Log what the public sees change, and that there was an import."""
        written = [(model, key) for model, keys in self.changed.items() for key in dict.fromkeys(keys)]
        public = self.public_now(dict.fromkeys([*written, *self.public_before]))
        began = [item for item in written if item in public and item not in self.public_before]
        ceased = [item for item in self.public_before if item not in public]
        told = [item for item in written if item in public and not self.is_unseen(item)]
        changes = {item: PublicChange(Change.Operation.UPSERT, *item) for item in told}
        changes |= {item: PublicChange(Change.Operation.DELETE, *item) for item in ceased}
        below = [item for item in self.dependents(began) if item not in self.public_before]
        for item in [*below, *public_referrers([*began, *below, *ceased])]:
            changes.setdefault(item, PublicChange(Change.Operation.UPSERT, *item))
        for model, slugs in self.slugs_before.items():
            redirects.remember(model, slugs, at=self.at)
        record(changes.values(), head=self.head, at=self.at, is_all=not any(map(self.is_unseen, written)))
        if self.count:
            audit.write(audit.Action.IMPORT, self.user, count=self.count)

    def is_unseen(self, item: Row) -> bool:
        """Say whether the public sees nothing of what was written to ``item``, which it saw before."""
        return item in self.unseen and (item in self.public_before or not issubclass(item[0], Publishable))

    def public_now(self, items: Iterable[Row]) -> set[Row]:
        """Return those of ``items`` that the public sees."""
        public: set[Row] = set()
        for model, keys in by_model(items).items():
            if not issubclass(model, Publishable):
                public.update((model, key) for key in keys)
                continue
            for start in range(0, len(keys), BATCH):
                live = model.objects.live().filter(pk__in=keys[start : start + BATCH])
                public.update((model, key) for key in live.values_list("pk", flat=True))
        return public

    def dependents(self, parents: Iterable[Row]):
        for model, keys in by_model(parents).items():
            for start in range(0, len(keys), BATCH):
                yield from public_dependents(model, keys[start : start + BATCH])


class Made:
    """Revisions, publications and versions of one batch, to be stored in bulk."""

    def __init__(self):
        self.revisions: list[Revision] = []
        self.publications: list[Publication] = []
        self.versions: list[PartVersion] = []
        self.replaced: list[int] = []

    def add(
        self,
        model: type[Publishable],
        reference: dict,
        parts: Parts,
        *,
        before: Versions,
        carried: dict[str, list[PartVersion]],
        replaced: Versions,
        number: int,
        publication: Publication | None,
        user: User,
    ) -> None:
        stamps = stamps_of(model, parts, number=number, beside=before, making=Making(carried))
        manifest = {**manifest_of(before), **dict.fromkeys(parts, number)}
        revision = Revision(**reference, number=number, manifest=manifest, created_at=timezone.now(), created_by=user)
        self.revisions.append(revision)
        self.publications += [publication] if publication else []
        self.replaced += [replaced[part].pk for part in parts if part in replaced]
        self.versions += [
            PartVersion(
                **reference,
                revision=revision,
                part=part,
                state=State.LIVE if publication else State.DRAFT,
                content=content,
                digest=digest(content),
                author=user,
                publication=publication,
                **vars(stamps.get(part, Stamps())),
            )
            for part, content in parts.items()
        ]

    def require_reviewed(self, model: type[Publishable], present: Mapping[UUID, Drafts]) -> None:
        """Raise ``PublishingError`` where what is imported as live is machine-made, and may not be."""
        for version in self.versions:
            if version.provenance:
                item = model._base_manager.get(pk=version.object_id)
                require_reviewed(item, {version.part: version}, present[version.object_id].live)

    def store(self, *, replaced_state: str) -> None:
        for start in range(0, len(self.replaced), BATCH):
            PartVersion.objects.filter(pk__in=self.replaced[start : start + BATCH]).update(state=replaced_state)
        Revision.objects.bulk_create(self.revisions, batch_size=BATCH)
        Publication.objects.bulk_create(self.publications, batch_size=BATCH)
        PartVersion.objects.bulk_create(self.versions, batch_size=BATCH)


def newest(rows: QuerySet) -> QuerySet:
    """Return pairs of the key of an item and the highest number among ``rows`` that speak of it."""
    return rows.order_by().values_list("object_id").annotate(newest=Max("number"))


def changed_from(parts: Parts, before: Versions) -> Parts:
    """Return those of ``parts`` that are not as ``before``; a language whose texts are gone is blank."""
    gone = {part: blank() for part, version in before.items() if part not in parts and version.digest}
    changed = {
        part: content
        for part, content in parts.items()
        if part not in before or before[part].digest != digest(content)
    }
    return {**changed, **gone}


def by_model(items: Iterable[Row]) -> dict[type[ContentModel], list[UUID]]:
    """Return the keys of ``items`` by their models."""
    found: dict[type[ContentModel], list[UUID]] = {}
    for model, key in items:
        found.setdefault(model, []).append(key)
    return found
