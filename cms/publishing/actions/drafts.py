"""Saving what is drafted, giving it up, and bringing back what was: nothing here changes what the public sees."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User as Person
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.content.models import ContentModel, Publishable
from cms.content.parts import (
    SHARED,
    Content,
    Parts,
    blank,
    compose,
    different,
    digest,
    languages_in,
    part_names,
    parts_of,
    with_waiting,
)
from cms.content.snapshots import Snapshot, child_relations, completed, snapshot, snapshot_fields
from cms.publishing import audit
from cms.publishing.drafts import (
    Drafts,
    Versions,
    contents,
    drafts_of,
    edit_token,
    latest_revision,
    manifest_of,
    opened_versions,
    seen_in,
)
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.models import PartVersion, Pin, Publication, Release, Revision
from cms.publishing.models.items import reference
from cms.publishing.overlay import apply_snapshot, columns_of, refused_in_words, writing_order
from cms.publishing.parts_changed import tell
from cms.publishing.permissions import Action, require, require_place
from cms.publishing.stamps import Making, Stamps, stamps_of
from cms.publishing.stored_words import RESTORED

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


@transaction.atomic
def save_draft(
    *,
    item: Publishable,
    data: Snapshot,
    user: User,
    opened_on: str | None,
    comment: str = "",
    correction_only: bool = False,
    provenance: Mapping[str, str] | None = None,
    stamps: Mapping[str, Stamps] | None = None,
) -> Revision:
    """Store the parts of ``data`` that are not as they were as drafts of ``item`` and return the revision.

    The live rows stay as they are, but those of an item that was never published, which is its own draft. A part that
    is as it is live now has no draft any more. Where nothing changed, the newest revision is returned.

    ``opened_on`` is the :func:`edit_token` of the state that the work began from; ``None`` skips the comparison (a
    new item, an import). ``correction_only`` says that no text changes in substance: translations of them stay
    current. ``provenance`` says, by place, who wrote the texts that change, where that was no person; ``stamps``, by
    part, what texts were made from, where that is not what the source says now.

    Raises ``EditConflict`` when somebody else changed a part that ``data`` changes too, ``PermissionDenied``.
    """
    lock(item)
    is_new = item.status == Publishable.Status.UNPUBLISHED and latest_revision(item) is None
    drafts = known_drafts(item)
    base = opened_parts(item, drafts, opened_on)
    mine = with_waiting(parts_of(type(item), data), base)
    now = contents(drafts.working)
    wanted = different(mine, base) & different(mine, now)  # a limited form sends the rest as it is by now
    require_save(item, data, user, wanted, base)
    if theirs := different(now, base) & wanted:
        raise EditConflict(latest_revision(item), theirs)
    making = Making(
        nearest(drafts.working, drafts.live),
        is_correction=correction_only,
        provenance=provenance or {},
        given=stamps or {},
    )
    made = {part: mine.get(part, blank()) for part in wanted}
    revision = store(item, made, drafts, user=user, making=making, comment=comment)
    if is_new and user and not wanted:  # it has just been made: who did is its author
        revision.created_by, revision.comment = user, comment
        revision.save(update_fields=["created_by", "comment"])
        revision.versions.update(author=user)
    audit.write(audit.Action.SAVE_DRAFT, user, [item], revision=revision.number, parts=sorted(wanted))
    return revision


def opened_parts(item: Publishable, drafts: Drafts, opened_on: str | None) -> Parts:
    """Return the parts that a form was opened on."""
    if opened_on is None or opened_on == edit_token(drafts.working):
        return contents(drafts.working)
    return contents(opened_versions(item, opened_on)) or contents(drafts.live) or contents(drafts.working)


def require_save(item: Publishable, data: Snapshot, user: User, changed: set[str], base: Parts) -> None:
    """Raise ``PermissionDenied`` unless ``user`` may save the parts ``changed`` of ``item``, also where ``data`` puts
    it and ``base``, what the work began from, did not."""
    moved = as_drafted(item, data)
    require(user, Action.SAVE, [item, moved], languages=languages_in(changed))
    if item.scope_path == "" and moved.place_key() != as_drafted(item, compose(type(item), base)).place_key():
        require_place(user, Action.SAVE, moved)


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


@transaction.atomic
def set_aside(
    *,
    item: Publishable,
    data: Snapshot,
    user: User,
    opened_on: str,
    parts: Iterable[str] | None = None,
    comment: str = "",
) -> Revision:
    """Keep what of ``data`` could not be saved as a revision of its own, so that nothing typed is lost; editors do not
    see it. What can be saved beside it is saved.

    ``opened_on`` is the token of the state that the work began from, ``parts`` those that somebody else changed
    meanwhile; ``None``: all that ``data`` changes. ``item`` may be deleted by now. Raises ``PermissionDenied`` for who
    may save nothing of it.
    """
    is_there = bool(hold(item))
    require(user, Action.SAVE, [item], languages=())
    opened = opened_versions(item, opened_on)
    drafts = known_drafts(item) if is_there else drafts_of(item)
    base = contents(opened) or contents(drafts.live) or contents(drafts.working)
    mine = with_waiting(parts_of(type(item), data), base)
    changed = different(mine, base) & different(mine, contents(drafts.working))
    aside = changed if parts is None else changed & set(parts)
    if beside := {part: mine.get(part, blank()) for part in changed - aside}:
        require_save(item, data, user, set(beside), base)
        store(item, beside, drafts, user=user, comment=comment)
        drafts = drafts_of(item)
    base_number = max((version.revision.number for version in opened.values()), default=None)
    kept = {part: mine.get(part, blank()) for part in aside}
    revision, _versions = add_revision(
        item, kept, user=user, seen=opened, state=State.SET_ASIDE, base_number=base_number, comment=comment
    )
    audit.write(audit.Action.SAVE_DRAFT, user, [item], revision=revision.number, set_aside=True)
    return revision


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


def require_where_drafted(user: User, action: Action, item: Publishable, versions: Versions) -> None:
    """Raise ``PermissionDenied`` unless ``user`` may do ``action`` where ``versions`` put ``item``, too."""
    if SHARED in versions:
        moved = moved_by(item, versions[SHARED])
        if moved.place_key() != item.place_key():
            require_place(user, action, moved)


def moved_by(item: Publishable, shared: PartVersion) -> Publishable:
    """Return the unsaved row of ``item`` with the plain fields of ``shared``."""
    return as_drafted(item, {"fields": shared.content["fields"], "relations": {}, "children": {}})


def may_where_drafted(user: User, action: Action, item: Publishable, versions: Versions) -> bool:
    """Say whether ``user`` may do ``action`` to the parts ``versions`` of ``item``, also where they put it."""
    try:
        require(user, action, [item], languages=languages_in(versions))
        require_where_drafted(user, action, item, versions)
    except PermissionDenied:
        return False
    except PublishingError:
        pass  # it would belong to what was deleted, which is said in words when it is tried
    return True


def chosen_drafts(
    item: Publishable, parts: Iterable[str] | None, *states: str, user: User, action: Action
) -> Versions:
    """Return the open versions of ``item``, whose row is locked: those of ``parts``, else all in one of ``states``.

    Raises ``PublishingError`` when there is none, or a part is in another state, and ``PermissionDenied`` first where
    ``user`` may do ``action`` to no part of it: what there is, is not told then.
    """
    require(user, action, [item], languages=[])
    lock(item)
    found = known_drafts(item).open
    if parts is None:
        chosen = {part: version for part, version in found.items() if not states or version.state in states}
        if not chosen and found:
            raise wrong_state(next(iter(found.values())))
    else:
        chosen = {part: found[part] for part in known_parts(parts) if part in found}
    if not chosen:
        raise PublishingError(_("There is no draft of this item."), code="no-draft")
    for version in chosen.values():
        if states and version.state not in states:
            raise wrong_state(version)
    return chosen


def known_parts(parts: Iterable[str]) -> set[str]:
    """Return ``parts`` as a set; raises ``PublishingError`` for one that items of this site do not have."""
    wanted = set(parts)
    if unknown := wanted - set(part_names()):
        raise PublishingError(
            _("There is no part %(names)s."), code="parts", params={"names": ", ".join(sorted(unknown))}
        )
    return wanted


def wrong_state(version: PartVersion) -> PublishingError:
    return PublishingError(
        _("This draft is “%(state)s”; reload the page to see what can be done with it."),
        code="state",
        params={"state": version.get_state_display()},
    )


def require_not_waiting(version: PartVersion) -> None:
    """Raise ``PublishingError`` when ``version`` waits for its time: it would go live although it was taken back.

    A newer draft replaces it for editors and leaves it waiting.
    """
    pin = version.pins.select_related("release_item__release", "schedule").first()
    if pin and is_waiting_for_time(pin):
        raise PublishingError(
            _("It waits for “%(place)s”: cancel that first."), code="waits", params={"place": pin.place}
        )


def is_waiting_for_time(pin: Pin) -> bool:
    """Say whether ``pin`` goes live by itself: it is not in a release that is still being prepared."""
    return pin.release_item is None or pin.release_item.release.state != Release.State.OPEN


@transaction.atomic
def discard(*, item: Publishable, user: User, parts: Iterable[str] | None = None) -> Versions:
    """Give up the drafts of ``parts`` of ``item`` (all, where it is left out): editors see again what is live. They
    stay in the history.

    Raises ``PublishingError`` for an item that was never published (it is its draft: delete it instead).
    """
    chosen = chosen_drafts(item, parts, user=user, action=Action.SAVE)
    require(user, Action.SAVE, [item], languages=languages_in(chosen))
    if item.status == Publishable.Status.UNPUBLISHED:
        raise PublishingError(_("This item was never published: delete it instead."), code="unpublished")
    for version in chosen.values():
        require_not_waiting(version)
        version.pins.all().delete()
        version.state = State.DISCARDED
        version.save(update_fields=["state"])
    tell([(type(item), item.pk)])
    audit.write(audit.Action.DISCARD_DRAFT, user, [item], parts=sorted(chosen))
    return chosen


@transaction.atomic
def restore(*, item: Publishable, number: int, user: User, parts: Iterable[str] | None = None) -> Revision:
    """Make ``parts`` of ``item`` (all, where they are left out), as they were after an old revision, its drafts again.
    What is live stays as it is.

    Fields that the model got since keep the value they have now. Raises ``PublishingError`` for an unknown number.
    """
    lock(item)
    old = Revision.objects.of(item).filter(number=number).first()
    if old is None:
        require(user, Action.RESTORE, [item])
        raise PublishingError(_("This item has no revision %(number)s."), code="number", params={"number": number})
    drafts = known_drafts(item)
    now = contents(drafts.working)
    was = as_it_was(item, old, drafts.working)
    then = parts_of(type(item), completed(compose(type(item), now), compose(type(item), contents(was))))
    wanted = different(now, then) & set(part_names() if parts is None else parts)
    require(user, Action.RESTORE, [item], languages=None if parts is None else languages_in(wanted))
    if SHARED in wanted:
        require_where_drafted(user, Action.RESTORE, item, {SHARED: PartVersion(content=then[SHARED])})
    making = Making(nearest(was, drafts.working, drafts.live))
    made = {part: then.get(part, blank()) for part in wanted}
    comment = RESTORED % {"number": number}
    revision = store(item, made, drafts, user=user, making=making, comment=comment)
    audit.write(audit.Action.RESTORE, user, [item], revision=revision.number, restored=number)
    return revision


def as_it_was(item: Publishable, revision: Revision, now: Versions) -> Versions:
    """Return what ``revision`` holds: the versions that editors saw then or, where they do not see it
    (``ASIDE_STATES``), its own beside what they see ``now``."""
    aside = {version.part: version for version in revision.versions.filter(state__in=PartVersion.ASIDE_STATES)}
    return {**now, **aside} if aside else seen_in(item, revision)
