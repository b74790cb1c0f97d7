"""Making things live and taking them away, inside a transaction that holds the head of the change log.

The actions in the other modules ask for permission, take the lock and call these.
"""

from collections.abc import Iterable
from dataclasses import replace as changed_copy
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User as Person
from django.db import transaction
from django.db.models import Max
from django.db.models.deletion import ProtectedError, RestrictedError
from django.utils.translation import gettext_lazy as _

from cms.content.models import ContentModel, Publishable
from cms.content.parts import SHARED, changed_parts, compose, digest, languages_in, parts_of
from cms.content.snapshots import Snapshot, plain_relations, public_part, snapshot
from cms.publishing import audit, redirects
from cms.publishing.actions.choosing import known_parts, require_where_drafted
from cms.publishing.actions.review import require_another_person
from cms.publishing.actions.storing import add_revision, known_drafts, lock, replace, write
from cms.publishing.changelog import PublicChange, record
from cms.publishing.drafts import Drafts, ReleaseDraft, Versions, contents, drafts_in, items_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Change, ChangeLogHead, PartVersion, Pin, Publication, Release
from cms.publishing.models.items import reference
from cms.publishing.models.versions import part_label
from cms.publishing.overlay import make_room, needed_by, writing_order
from cms.publishing.parts_changed import tell
from cms.publishing.permissions import Action, require
from cms.publishing.rules import require_reviewed, require_right
from cms.publishing.stamps import outdated_in, stamps_in
from cms.publishing.visibility import Item, public_group, public_referrers, publishable_models

User = Person | None
State = PartVersion.State


def to_publish(item: Publishable, drafts: Drafts, parts: Iterable[str] | None) -> Versions:
    """Return the open versions of ``parts`` that go live.

    Raises ``PublishingError`` when there is none.
    """
    wanted = set(drafts.open) if parts is None else known_parts(parts)
    if item.first_published_at is None:
        wanted |= {SHARED}
    chosen = {part: version for part, version in drafts.open.items() if part in wanted}
    if not chosen:
        raise PublishingError(_("“%(item)s” has no draft to publish."), code="unchanged", params={"item": item})
    return chosen


def put_live(
    item: Publishable,
    chosen: Versions,
    live: Versions,
    *,
    head: ChangeLogHead,
    user: User,
    at: datetime,
    note: dict[str, str] | None = None,
) -> Publication:
    """Make the versions ``chosen`` of ``item`` live beside the others that are ``live``, and write what happened to
    change log and audit trail. Inside a transaction that holds ``head``.

    Raises ``PublishingError`` when the item breaks a rule of its model then.
    """
    before = snapshot(item)
    publication, after = put_in_place(item, chosen, live, before, head=head, user=user, at=at, note=note)
    require_right(item, after, before=before)
    return publication


def address_in(item: Publishable, data: Snapshot) -> dict[UUID, str]:
    """Return by key the slug that ``data`` gives ``item``, where that was ever public."""
    field = redirects.address_field(type(item))
    return {item.pk: data["fields"][field]} if field and item.first_published_at else {}


def put_in_place(
    item: Publishable,
    chosen: Versions,
    live: Versions,
    before: Snapshot,
    *,
    head: ChangeLogHead,
    user: User,
    at: datetime,
    note: dict[str, str] | None = None,
    release: Release | None = None,
) -> tuple[Publication, Snapshot]:
    """Do what :func:`put_live` says, but leave it to the caller to ask whether all is right in the end.

    ``before`` is what is stored of ``item``; return what is stored then, too.
    """
    require_reviewed(item, chosen, live)
    model, slugs = type(item), address_in(item, before)
    data = compose(model, contents({**live, **chosen}))
    public_before = public_with(item, moves=moves(model, before, data))
    write(item, data)
    if slugs != address_in(item, data):
        redirects.remember(model, slugs, at=at)
    item.set_status(Publishable.Status.LIVE, at=at)
    item.save(update_fields=Publishable.STATUS_FIELDS)
    item.refresh_from_db()
    after = snapshot(item)
    publication = close_as_live(item, chosen, live, after, user=user, at=at, note=note, release=release)
    changed = changed_parts(model, public_part(model, before), public_part(model, after))
    changed |= confirmed_in(chosen, live)
    changes = public_changes(item, public_before, changed=changed, note=note or {})
    outdated = tuple(sorted(outdated_by(chosen, live)))
    changes = [changed_copy(each, outdated=outdated) if each.object_id == item.pk else each for each in changes]
    record(changes, head=head, at=at)
    audit.write(audit.Action.PUBLISH, user, [item], version=publication.number, parts=sorted(chosen))
    return publication, after


def confirmed_in(chosen: Versions, live: Versions) -> set[str]:
    """Return the parts of ``chosen`` whose texts are those that are ``live``, but made from something else."""
    same = {part: version for part, version in chosen.items() if part in live and live[part].digest == version.digest}
    return {part for part, version in same.items() if not stamps_in(version).are_those_of(live[part])}


def outdated_by(chosen: Versions, live: Versions) -> set[str]:
    """Return the languages in which a text becomes outdated when ``chosen`` takes its place in what is ``live``."""
    before = outdated_in(live)
    after = outdated_in({**live, **chosen})
    return {language for language, places in after.items() if places - before.get(language, set())}


def close_as_live(
    item: Publishable,
    chosen: Versions,
    live: Versions,
    stored: Snapshot,
    *,
    user: User,
    at: datetime,
    note: dict[str, str] | None = None,
    release: Release | None = None,
) -> Publication:
    """Write that ``chosen`` is what is live of its parts now, as ``stored`` has it, and nothing before it any more."""
    publication = add_publication(item, chosen, user=user, at=at, note=note or {}, release=release)
    chosen = as_stored(item, chosen, live, stored, user)
    PartVersion.objects.filter(pk__in=[live[part].pk for part in chosen if part in live]).update(state=State.PAST)
    PartVersion.objects.filter(pk__in=[version.pk for version in chosen.values()]).update(
        state=State.LIVE, publication=publication
    )
    Pin.objects.filter(version__in=chosen.values()).delete()
    tell([(type(item), item.pk)])
    return publication


def add_publication(item: Publishable, parts: Iterable[str], *, user: User, at: datetime, **fields) -> Publication:
    """Store that ``parts`` of ``item`` became public together, as its next version."""
    number = Publication.objects.of(item).aggregate(newest=Max("number"))["newest"] or 0
    return Publication.objects.create(
        **reference(item), number=number + 1, parts=sorted(parts), published_at=at, published_by=user, **fields
    )


def as_stored(item: Publishable, chosen: Versions, live: Versions, stored: Snapshot, user: User) -> Versions:
    """Return ``chosen``, what all languages share as it was really written: it may have named what is deleted by now.

    The version that says otherwise stays as it was saved, and is replaced.
    """
    shared = parts_of(type(item), stored)[SHARED]
    if SHARED not in chosen or chosen[SHARED].digest == digest(shared):
        return chosen
    if chosen[SHARED].is_open:
        replace(chosen[SHARED])
    _revision, made = add_revision(
        item, {SHARED: shared}, user=chosen[SHARED].author, seen={**live, **chosen}, state=State.SUPERSEDED
    )
    chosen[SHARED].pins.update(version=made[SHARED])
    return {**chosen, **made}


def moves(model: type[Publishable], before: Snapshot, data: Snapshot) -> bool:
    """Say whether ``data`` makes an item public through something else than ``before``."""
    return any(data["fields"].get(name) != before["fields"].get(name) for name in model.live_through)


def public_with(item: Publishable, *, moves: bool) -> set[Item]:
    """Return ``item`` if it is public and, where it ``moves``, what is public only through it."""
    model = type(item)
    if moves:
        return public_group(model, item.pk)
    return {(model, item.pk)} if model.objects.live().filter(pk=item.pk).exists() else set()


def public_changes(
    item: Publishable, before: set[Item], *, changed: set[str], note: dict[str, str]
) -> list[PublicChange]:
    """Return what the public sees of a publication: the item, what begins or ceases to be public with it, and the
    items that show those. ``before`` is what was public of them, ``changed`` the parts that the public sees change."""
    model, key = type(item), item.pk
    is_public = model.objects.live().filter(pk=key).exists()
    if is_public and (model, key) in before:
        if not changed:
            return []
        languages = languages_in(changed) or ()
        return [PublicChange(Change.Operation.UPSERT, model, key, tuple(sorted(languages)), note)]
    after = public_group(model, key) if is_public else set()
    return switched(item, before=before, after=after, note=note)


def switched(item: Publishable, *, before: set[Item], after: set[Item], note: dict[str, str]) -> list[PublicChange]:
    """Return the changes where some items began or ceased to be public, ``item`` first with its ``note``."""
    of_item = (type(item), item.pk)
    others = sorted({*before, *after} - {of_item}, key=lambda each: writing_order(*each))
    changes = []
    for each in [of_item, *others]:
        if each in after or each in before:
            operation = Change.Operation.UPSERT if each in after else Change.Operation.DELETE
            changes.append(PublicChange(operation, *each, (), note if each == of_item else {}))
    showing = public_referrers(before ^ after) - after - {of_item}
    changes += [
        PublicChange(Change.Operation.UPSERT, *each) for each in sorted(showing, key=lambda each: writing_order(*each))
    ]
    return changes


def withdraw(
    item: Publishable, *, head: ChangeLogHead, user: User, at: datetime, note: dict[str, str] | None = None
) -> None:
    """Do what :func:`unpublish` says, inside a transaction that holds ``head``."""
    item.refresh_from_db(fields=Publishable.STATUS_FIELDS)
    if not item.is_live:
        raise PublishingError(_("“%(item)s” is not live."), code="not-live", params={"item": item})
    model = type(item)
    before = public_group(model, item.pk)
    item.set_status(Publishable.Status.WITHDRAWN, at=at)
    item.save(update_fields=Publishable.STATUS_FIELDS)
    record(switched(item, before=before, after=set(), note=note or {}), head=head, at=at)
    audit.write(audit.Action.WITHDRAW, user, [item])


def reappear(
    item: Publishable, *, head: ChangeLogHead, user: User, at: datetime, note: dict[str, str] | None = None
) -> None:
    """Do what :func:`publish_again` says, inside a transaction that holds ``head``."""
    if item.status != Publishable.Status.WITHDRAWN:
        raise PublishingError(_("“%(item)s” was not withdrawn."), code="not-withdrawn", params={"item": item})
    before = snapshot(item)
    item.set_status(Publishable.Status.LIVE, at=at)
    item.save(update_fields=Publishable.STATUS_FIELDS)
    require_right(item, before, before=before)
    record(public_changes(item, set(), changed={SHARED}, note=note or {}), head=head, at=at)
    audit.write(audit.Action.PUBLISH, user, [item], again=True)


def referrers(item: ContentModel) -> list[Publishable]:
    """Return the live items that name ``item`` in a plain relation, held until the transaction ends.

    They lose it when it is deleted; what points to it by a foreign key keeps it from being deleted.
    """
    found: dict[tuple, Publishable] = {}
    for model in publishable_models():
        for field in plain_relations(model):
            if isinstance(item, field.related_model):
                rows = model._base_manager.filter(**{field.name: item.pk}, status=Publishable.Status.LIVE)
                found |= {writing_order(model, row.pk): row for row in rows if row != item}
    lock(*found.values())
    return [found[order] for order in sorted(found)]


def delete_row(item: ContentModel, *, at: datetime) -> None:
    """Delete ``item`` and remember where it stood. It keeps its key in memory, for what is written about it after.

    Raises ``PublishingError`` when other items need it, with their names.
    """
    key, name, slugs = item.pk, str(item), redirects.current_slugs(type(item), [item.pk])
    try:
        with transaction.atomic():
            item.delete()
    except (ProtectedError, RestrictedError) as error:
        raise PublishingError(
            _("“%(item)s” cannot be deleted: it is needed by %(needed)s."),
            code="needed",
            params={"item": name, "needed": needed_by(error)},
        ) from error
    item.pk = key
    redirects.remember(type(item), slugs, at=at)
    tell([(type(item), key)])


def note_lost_reference(
    items: Iterable[Publishable], *, head: ChangeLogHead, user: User, at: datetime, is_logged: bool = False
) -> None:
    """Write what is live of ``items`` that have just lost a reference to what was deleted, and the change log unless
    what was deleted had ceased to be public before and ``is_logged`` with them."""
    changes = []
    for item in items:
        model, stored = type(item), snapshot(item)
        live = known_drafts(item).live
        shared = {SHARED: parts_of(model, stored)[SHARED]}
        _revision, made = add_revision(item, shared, user=user, seen=live, state=State.SUPERSEDED)
        close_as_live(item, made, live, stored, user=user, at=at)
        if SHARED in live:  # what waits for its time loses the reference too
            Pin.objects.filter(base=live[SHARED]).update(base=made[SHARED])
        if not is_logged and model.objects.live().filter(pk=item.pk).exists():
            changes.append(PublicChange(Change.Operation.UPSERT, model, item.pk))
    record(changes, head=head, at=at)


def pin_versions(item: Publishable, versions: Versions, live: Versions, **place: Any) -> None:
    """Pin ``versions`` of ``item`` in ``place`` (a ``release_item`` or a ``schedule``).

    Raises ``PublishingError`` for a part that waits elsewhere.
    """
    for part, version in versions.items():
        pin = Pin.objects.filter(**reference(item), part=part).select_related("release_item", "schedule").first()
        if pin and any(getattr(pin, name) != value for name, value in place.items()):
            raise PublishingError(
                _("“%(item)s” waits in “%(place)s” already."),
                code="elsewhere",
                params={"item": item, "place": pin.place},
            )
        pin = pin or Pin(**reference(item), part=part, **place)
        pin.version, pin.base = version, live.get(part)
        pin.save()


def lock_release(release: Release, *states: str) -> None:
    """Hold ``release`` until the transaction ends; raises ``PublishingError`` when it is in none of ``states``."""
    Release.objects.select_for_update().filter(pk=release.pk).first()
    release.refresh_from_db()
    if release.state not in states:
        raise PublishingError(
            _("The release is “%(state)s”."), code="state", params={"state": release.get_state_display()}
        )


def locked_drafts(release: Release) -> list[ReleaseDraft]:
    """Return what :func:`drafts_in` does, parents first, the items held until the transaction ends."""
    lock(*items_of(release))
    return sorted(drafts_in(release), key=lambda each: writing_order(type(each.item), each.item.pk))


def require_release(user: User, drafts: Iterable[ReleaseDraft]) -> None:
    """Raise ``PermissionDenied`` unless ``user`` may publish what is pinned of all items, and where it moves them to.

    Raises ``PublishingError`` where somebody else must approve some of it first.
    """
    for draft in drafts:
        require(user, Action.PUBLISH, [draft.item], languages=languages_in(draft.versions))
        require_where_drafted(user, Action.PUBLISH, draft.item, draft.versions)
        require_another_person(draft.versions, user)


def require_base(item: Publishable, pins: Iterable[Pin], live: Versions) -> None:
    """Raise ``PublishingError`` where what is live of ``item`` now is not what was live when it was pinned: it would
    go backwards."""
    for pin in pins:
        present = live.get(pin.part)
        if (present and present.pk) != pin.base_id:
            raise PublishingError(
                _(
                    "“%(item)s” (%(part)s) was published after this was put into the release or scheduled: look at it "
                    "again."
                ),
                code="published",
                params={"item": item, "part": part_label(pin.part)},
            )


def require_not_withdrawn(item: Publishable) -> None:
    """Raise ``PublishingError`` for an item that was withdrawn: no part of it brings it back by the way."""
    if item.status == Publishable.Status.WITHDRAWN:
        raise PublishingError(
            _("“%(item)s” was withdrawn: publish it again first."), code="withdrawn", params={"item": item}
        )


def put_release_live(
    release: Release, *, head: ChangeLogHead, user: User, at: datetime, note: dict[str, str] | None = None
) -> None:
    """Do what :func:`publish_release` says, inside a transaction that holds ``head``.

    Parents go first, so that what becomes public with them is logged after them. What must be right is asked when
    all is in place: parents may change places, and slugs. Items of which nothing is pinned are passed over.
    """
    drafts = [draft for draft in locked_drafts(release) if draft.pins]
    if not drafts:
        raise PublishingError(_("The release has nothing to publish."), code="empty")
    require_release(user, drafts)
    for draft in drafts:
        require_not_withdrawn(draft.item)
        require_base(draft.item, draft.pins.values(), draft.drafts.live)
    stood = [snapshot(draft.item) for draft in drafts]
    make_room((type(draft.item), draft.item.pk, draft.snapshot) for draft in drafts)
    put = partial(put_in_place, head=head, user=user, at=at, note=note, release=release)
    placed = [
        put(draft.item, draft.versions, draft.drafts.live, before) for draft, before in zip(drafts, stood, strict=True)
    ]
    for draft, before, (_publication, after) in zip(drafts, stood, placed, strict=True):
        require_right(draft.item, after, before=before)
    release.state, release.published_at = Release.State.PUBLISHED, at
    release.save(update_fields=["state", "published_at"])
    audit.write(audit.Action.PUBLISH, user, [release])
