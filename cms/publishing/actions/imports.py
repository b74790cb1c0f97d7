"""What an import of many items leaves behind: revisions, change log and audit entry, in bulk.

The importer writes rows; these functions record it in the same transaction, a batch of items at a time.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User as Person
from django.contrib.contenttypes.models import ContentType
from django.db.models import Max
from django.utils import timezone

from cms.content.models import ContentModel, Publishable
from cms.content.snapshots import Snapshot, snapshots_of
from cms.publishing import audit, redirects
from cms.publishing.actions.schedules import begin
from cms.publishing.changelog import PublicChange, record
from cms.publishing.models import Change, Revision
from cms.publishing.visibility import Item, Row, public_dependents, public_referrers

User = Person | None
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

    def published(self, model: type[ContentModel], keys: Iterable[UUID]) -> None:
        """Record items whose rows were written as they shall be, live or not."""
        keys = list(keys)
        self.changed.setdefault(model, []).extend(keys)
        self.count += len(keys)
        if not issubclass(model, Publishable):
            return
        live = set(model._base_manager.filter(pk__in=keys, status="live").values_list("pk", flat=True))
        snapshots = snapshots_of(model, keys)
        publication = {"state": Revision.State.PUBLISHED, "published_at": self.at, "published_by": self.user}
        self.add_revisions(model, {key: snapshots[key] for key in snapshots if key in live}, **publication)
        self.replace_drafts(model, {key: snapshots[key] for key in snapshots if key not in live})

    def drafted(self, model: type[Publishable], snapshots: dict[UUID, Snapshot]) -> None:
        """Record drafts of items whose live rows stay as they are."""
        self.count += len(snapshots)
        self.replace_drafts(model, snapshots)

    def replace_drafts(self, model: type[Publishable], snapshots: dict[UUID, Snapshot]) -> None:
        self.revisions(model, snapshots).open().update(state=Revision.State.SUPERSEDED)
        self.add_revisions(model, snapshots, state=Revision.State.DRAFT)

    def revisions(self, model: type[Publishable], keys: Iterable[UUID]):
        return Revision.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=list(keys)
        ).order_by()

    def add_revisions(self, model: type[Publishable], snapshots: dict[UUID, Snapshot], **fields) -> None:
        numbers = dict(self.revisions(model, snapshots).values_list("object_id").annotate(newest=Max("number")))
        Revision.objects.bulk_create(
            [
                Revision(
                    content_type=ContentType.objects.get_for_model(model),
                    object_id=key,
                    number=numbers.get(key, 0) + 1,
                    snapshot=data,
                    created_at=timezone.now(),
                    created_by=self.user,
                    **fields,
                )
                for key, data in snapshots.items()
            ],
            batch_size=BATCH,
        )

    def finish(self) -> None:
        """Log what the public sees change, and that there was an import."""
        written = [(model, key) for model, keys in self.changed.items() for key in dict.fromkeys(keys)]
        public = self.public_now(dict.fromkeys([*written, *self.public_before]))
        began = [item for item in written if item in public and item not in self.public_before]
        ceased = [item for item in self.public_before if item not in public]
        changes = {item: PublicChange(Change.Operation.UPSERT, *item) for item in written if item in public}
        changes |= {item: PublicChange(Change.Operation.DELETE, *item) for item in ceased}
        below = [item for item in self.dependents(began) if item not in self.public_before]
        for item in [*below, *public_referrers([*began, *below, *ceased])]:
            changes.setdefault(item, PublicChange(Change.Operation.UPSERT, *item))
        for model, slugs in self.slugs_before.items():
            redirects.remember(model, slugs, at=self.at)
        record(changes.values(), head=self.head, at=self.at)
        if self.count:
            audit.write(audit.Action.IMPORT, self.user, count=self.count)

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


def by_model(items: Iterable[Row]) -> dict[type[ContentModel], list[UUID]]:
    """Return the keys of ``items`` by their models."""
    found: dict[type[ContentModel], list[UUID]] = {}
    for model, key in items:
        found.setdefault(model, []).append(key)
    return found
