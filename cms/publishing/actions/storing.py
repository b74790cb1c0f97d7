"""Versions of parts as they are stored: locked, begun, added, replaced, and written to the live rows."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User as Person
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.content.models import ContentModel, Publishable
from cms.content.parts import Content, compose, digest, parts_of
from cms.content.snapshots import Snapshot, child_relations, snapshot, snapshot_fields
from cms.publishing.drafts import Drafts, Versions, contents, drafts_of, latest_revision, manifest_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import PartVersion, Pin, Publication, Release, Revision
from cms.publishing.models.items import reference
from cms.publishing.overlay import apply_snapshot, columns_of, refused_in_words, writing_order
from cms.publishing.parts_changed import tell
from cms.publishing.stamps import Making, Stamps, stamps_of

User = Person | None
State = PartVersion.State


def lock(*items: Publishable) -> None:
    """Hold the rows of ``items`` until the transaction ends, so that two saves of one come one after the other.

    Who locks more than one row, here or by a second call, holds the head of the change log first (``begin()``): so
    nobody else waits for one while holding another. Raises ``PublishingError`` when one was deleted.
    """
    if len(hold(*items)) < len(items):
        raise PublishingError(_("The item was deleted."), code="deleted")


def hold(*items: Publishable) -> set[UUID]:
    """Do what :func:`lock` says, a model at a time, and return the keys of those that are still there.

    What publication wrote is read again: somebody may have published an item since it was read. What refers to a row
    may be saved while it is held, since keys stay as they are (``no_key``).
    """
    ordered = sorted(items, key=lambda item: writing_order(type(item), item.pk))
    found: set[UUID] = set()
    for model, group in groupby(ordered, key=lambda item: type(item)):
        of_model = {item.pk: item for item in group}
        rows = model._base_manager.select_for_update(no_key=True).filter(pk__in=of_model).order_by("pk")
        for row in rows.values("pk", *Publishable.STATUS_FIELDS):
            found.add(key := row.pop("pk"))
            for name, value in row.items():
                setattr(of_model[key], name, value)
    return found


def add_revision(
    item: Publishable,
    made: Mapping[str, Content],
    *,
    user: User,
    seen: Versions,
    state: str = State.DRAFT,
    authors: Mapping[str, User] | None = None,
    stamps: Mapping[str, Stamps] | None = None,
    number: int | None = None,
    publication: Publication | None = None,
    **fields,
) -> tuple[Revision, Versions]:
    """Store a revision of ``item`` with a version of each part in ``made``; return both.

    ``seen`` are the versions that editors saw before. Open versions see them no more, where they are replaced.
    ``authors`` wrote parts that ``user`` only saves. ``stamps`` and ``number`` are worked out where they are left
    out, as of texts that ``seen`` may have too; ``publication`` and ``state`` are of the versions, ``fields`` of the
    revision.
    """
    number = number or next_number(item)
    if stamps is None:
        making = Making(carried=nearest(seen))
        stamps = stamps_of(type(item), made, number=number, beside=seen, making=making)
    shown = {} if state in PartVersion.ASIDE_STATES else dict.fromkeys(made, number)
    revision = Revision.objects.create(
        **reference(item),
        number=number,
        manifest={**manifest_of(seen), **shown},
        created_at=timezone.now(),
        created_by=user,
        **fields,
    )
    versions = {
        part: PartVersion(
            **reference(item),
            revision=revision,
            part=part,
            state=state,
            content=content,
            digest=digest(content),
            author=(authors or {}).get(part, user),
            publication=publication,
            **vars(stamps.get(part, Stamps())),
        )
        for part, content in made.items()
    }
    PartVersion.objects.bulk_create(versions.values())
    return revision, versions


def next_number(item: Publishable) -> int:
    """Return the number of the next revision of ``item``."""
    newest = latest_revision(item)
    return newest.number + 1 if newest else 1


def nearest(*versions: Versions) -> dict[str, list[PartVersion]]:
    """Return, by part, the versions that texts are carried on from: those of the first mapping first."""
    parts = {part for found in versions for part in found}
    return {part: [found[part] for found in versions if part in found] for part in parts}


def begin_history(item: Publishable) -> None:
    """Store what there is of an item that has no revision, so that its history begins with it: what was public as its
    first version, else as its draft. Imports and fixtures leave such items."""
    if Revision.objects.of(item).exists():
        return
    made = parts_of(type(item), snapshot(item))
    published_at = item.last_published_at
    if item.first_published_at is None or published_at is None:
        add_revision(item, made, user=None, seen={})
        tell([(type(item), item.pk)])
        return
    publication = Publication.objects.create(**reference(item), number=1, parts=list(made), published_at=published_at)
    add_revision(item, made, user=None, seen={}, state=State.LIVE, publication=publication)
    tell([(type(item), item.pk)])


def known_drafts(item: Publishable) -> Drafts:
    """Return the versions of ``item`` that count now, once its history has begun."""
    drafts = drafts_of(item)
    if not drafts.working:
        begin_history(item)
        drafts = drafts_of(item)
    return drafts


def store(
    item: Publishable,
    made: Mapping[str, Content],
    drafts: Drafts,
    *,
    user: User,
    making: Making | None = None,
    **fields,
) -> Revision:
    """Store the parts ``made`` as the drafts of ``item``, in the place of those that are open. Where ``making`` does
    not say what their texts are carried on from, that is what is drafted, and what is live."""
    if not made:
        return latest_revision(item)  # type: ignore[return-value] # its history has begun
    seen, number = drafts.working, next_number(item)
    making = making or Making(nearest(drafts.working, drafts.live))
    stamps = stamps_of(type(item), made, number=number, beside=seen, making=making)
    for part in made:
        if part in drafts.open:
            replace(drafts.open[part])
    settled = {part for part, content in made.items() if is_live(content, stamps.get(part), drafts.live.get(part))}
    for part in settled:
        seen.pop(part, None)
        seen |= {part: drafts.live[part]} if part in drafts.live else {}
    drawn = {part: content for part, content in made.items() if part not in settled}
    revision, versions = add_revision(item, drawn, user=user, seen=seen, stamps=stamps, number=number, **fields)
    follow(versions)
    if item.status == Publishable.Status.UNPUBLISHED:
        write(item, compose(type(item), {**contents(seen), **contents(versions)}))
    tell([(type(item), item.pk)])
    return revision


def is_live(content: Content, stamps: Stamps | None, live: PartVersion | None) -> bool:
    """Say whether ``live`` has this content and these stamps: texts that were found still right are a change."""
    if digest(content) != (live.digest if live else ""):
        return False
    return live is None or stamps is None or stamps.are_those_of(live)


def replace(version: PartVersion) -> None:
    """Close an open version in whose place another one comes, or none."""
    version.state = State.SUPERSEDED
    version.save(update_fields=["state"])


def follow(versions: Versions) -> None:
    """Let the new ``versions`` take the places of those before them in releases in preparation, where nobody had
    approved those: what was approved stays pinned until somebody takes the newer one in."""
    for part, version in versions.items():
        Pin.objects.filter(
            content_type=version.content_type,
            object_id=version.object_id,
            part=part,
            version__approved_at=None,
            release_item__release__state=Release.State.OPEN,
        ).update(version=version)


def write(item: Publishable, data: Snapshot) -> None:
    """Apply ``data`` to ``item``; what stands in the way is said in words."""
    check_references(item, data)
    with refused_in_words(item), transaction.atomic():
        apply_snapshot(type(item), item.pk, data)


def as_drafted(item: Publishable, data: Snapshot) -> Publishable:
    """Return the unsaved row that ``data`` makes of ``item``: it may belong to another part of the organization.

    Raises ``PublishingError`` when what it would belong to was deleted.
    """
    row = type(item)(id=item.pk, **columns_of(type(item), data["fields"]))
    try:
        row.scope_key()
    except ObjectDoesNotExist as error:
        raise missing_reference(item) from error
    return row


def missing_reference(item: Publishable) -> PublishingError:
    return PublishingError(
        _("“%(item)s” refers to something that was deleted meanwhile: choose something else."),
        code="missing",
        params={"item": item},
    )


def check_references(item: Publishable, data: Snapshot) -> None:
    """Raise ``PublishingError`` when ``data`` points to a row that was deleted since.

    The database would refuse it too, but only when the transaction ends.
    """
    rows: list[tuple[type[ContentModel], list[dict]]] = [(type(item), [data["fields"]])]
    rows += [(model, data["children"].get(name, [])) for name, model in child_relations(type(item)).items()]
    for model, values in rows:
        for field in snapshot_fields(model):
            if not field.is_relation:
                continue
            keys = {row[field.name] for row in values if row.get(field.name) is not None}
            target: Any = field.related_model
            if keys and target._base_manager.filter(pk__in=keys).count() < len(keys):
                raise missing_reference(item)
