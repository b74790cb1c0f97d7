"""Releases: versions of parts of many items that go live in one transaction, and can be taken back in one."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User as Person
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.content.parts import Parts, blank, compose, languages_in
from cms.content.snapshots import snapshot
from cms.publishing import audit
from cms.publishing.actions.choosing import require_where_drafted
from cms.publishing.actions.live import (
    lock_release,
    locked_drafts,
    pin_versions,
    put_in_place,
    put_release_live,
    to_publish,
    withdraw,
)
from cms.publishing.actions.review import close_review, require_another_person
from cms.publishing.actions.schedules import begin
from cms.publishing.actions.storing import add_revision, known_drafts, lock, next_number, store
from cms.publishing.drafts import Drafts, Versions, contents, drafts_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import ChangeLogHead, PartVersion, Publication, Release, ReleaseItem
from cms.publishing.models.items import reference
from cms.publishing.overlay import make_room, writing_order
from cms.publishing.permissions import Action, require
from cms.publishing.rules import require_right
from cms.publishing.stamps import Making, stamps_of
from cms.publishing.stored_words import FROM_UNDONE, UNDONE

User = Person | None
State = PartVersion.State


@transaction.atomic
def add_to_release(*, release: Release, items: Iterable[Publishable], user: User) -> int:
    """Pin the open versions of ``items`` in ``release`` and return how many items were not in it yet.

    Parts of an item that is in it already are pinned as they are now. Raises ``PublishingError`` for a part that
    waits in another release or a schedule.
    """
    items = list(items)
    begin()  # so that nobody puts the same item into another release meanwhile
    lock_release(release, Release.State.OPEN)
    lock(*items)
    return sum(pin_item(release, item, known_drafts(item), user) for item in items)


def pin_item(release: Release, item: Publishable, drafts: Drafts, user: User) -> bool:
    """Pin the open ``drafts`` of ``item``, which is locked, in ``release``; say whether that had none of it yet."""
    require(user, Action.PUBLISH, [item], languages=languages_in(drafts.open) if drafts.open else ())
    require_where_drafted(user, Action.PUBLISH, item, drafts.open)
    entry, is_new = ReleaseItem.objects.get_or_create(release=release, **reference(item))
    pin_versions(item, drafts.open, drafts.live, release_item=entry)
    return is_new


@transaction.atomic
def add_what_fits(
    *, release: Release, items: Iterable[Publishable], user: User
) -> tuple[list[Publishable], list[tuple[Publishable, str]]]:
    """Do what :func:`add_to_release` does for those of ``items`` that it can be done for and that have a draft.

    Return these, and of each of the others why not, in words.
    """
    begin()
    lock_release(release, Release.State.OPEN)
    added, refused = [], []
    for item in sorted(items, key=lambda item: writing_order(type(item), item.pk)):
        try:
            with transaction.atomic():
                lock(item)
                drafts = known_drafts(item)
                to_publish(item, drafts, None)
                pin_item(release, item, drafts, user)
        except PermissionDenied:
            refused.append((item, str(_("Your role does not allow it."))))
        except PublishingError as error:
            refused.append((item, " ".join(error.messages)))
        else:
            added.append(item)
    return added, refused


@transaction.atomic
def remove_from_release(*, release: Release, key: str, user: User, parts: Iterable[str] | None = None) -> None:
    """Take ``parts`` of the item with the primary key ``key`` out of ``release``, all of it where they are left out;
    its drafts stay as they are."""
    lock_release(release, Release.State.OPEN)
    entry = next((entry for entry in release.items.all() if str(entry.object_id) == key), None)
    if entry is None:
        raise PublishingError(_("The release has no such item."), code="item")
    if item := entry.item:
        require(user, Action.PUBLISH, [item], languages=() if parts is None else languages_in(parts))
    if parts is not None:
        entry.pins.filter(part__in=list(parts)).delete()
    if parts is None or not entry.pins.exists():
        entry.delete()


@transaction.atomic
def approve_release(*, release: Release, user: User, comment: str = "") -> int:
    """Approve all that is submitted in ``release`` and return how many parts that were.

    Raises ``PublishingError`` where somebody else must approve one, ``PermissionDenied``.
    """
    begin()  # as whoever locks several items
    lock_release(release, Release.State.OPEN)
    count = 0
    for draft in locked_drafts(release):
        submitted = {part: version for part, version in draft.versions.items() if version.state == State.SUBMITTED}
        if submitted:
            require(user, Action.REVIEW, [draft.item], languages=languages_in(submitted))
            require_where_drafted(user, Action.REVIEW, draft.item, submitted)
            require_another_person(submitted, user)
            close_review(draft.item, submitted, user, State.APPROVED, comment)
            audit.write(audit.Action.APPROVE, user, [draft.item], parts=sorted(submitted), comment=comment)
            count += len(submitted)
    return count


@transaction.atomic
def publish_release(*, release: Release, user: User, note: dict[str, str] | None = None) -> Release:
    """Make all that is pinned in ``release`` live in one transaction: all or none."""
    head, now = begin()
    lock_release(release, Release.State.OPEN)
    put_release_live(release, head=head, user=user, at=now, note=note)
    return release


@transaction.atomic
def undo_release(
    *, release: Release, user: User, note: dict[str, str] | None = None, also: Iterable[tuple[str, str]] = ()
) -> Release:
    """Take back what ``release`` published, part by part, in one transaction; its content comes back as drafts.

    What was published since stays, unless ``also`` names it: pairs of the primary key of an item and a part. Items
    that the release published first are withdrawn, with all that was published of them since where ``also`` names any
    of it, and else stay. Raises ``PublishingError`` when the release is not published, or what comes back breaks a
    rule by now.
    """
    head, now = begin()
    lock_release(release, Release.State.PUBLISHED)
    first, undone = parts_to_undo(release, set(also))
    lock(*first, *undone)
    for item in [*first, *undone]:
        require(user, Action.PUBLISH, [item], languages=None if item in first else languages_in(undone[item]))
    take_back({item: parts for item, parts in undone.items() if item.is_live}, head=head, user=user, at=now, note=note)
    for item in first:
        if item.is_live:
            withdraw(item, head=head, user=user, at=now, note=note)
    release.state, release.undone_at = Release.State.UNDONE, now
    release.save(update_fields=["state", "undone_at"])
    audit.write(audit.Action.UNDO, user, [release])
    return release


def parts_to_undo(
    release: Release, also: set[tuple[str, str]]
) -> tuple[list[Publishable], dict[Publishable, Versions]]:
    """Return the items that go with ``release``, because it published them first, and by item the versions that it
    made live of others: those that are live still, and others that ``also`` names."""
    first: list[Publishable] = []
    undone: dict[Publishable, Versions] = {}
    publications = Publication.objects.filter(release=release).select_related("content_type")
    for publication in publications.prefetch_related("versions"):
        item = publication.item
        if item is None:
            continue
        named = {part for key, part in also if key == str(item.pk)}
        if publication.number == 1:
            is_last = not Publication.objects.of(item).filter(number__gt=1).exists()
            first += [item] if is_last or named else []
            continue
        versions = {version.part: version for version in publication.versions.all()}
        chosen = {part: each for part, each in versions.items() if each.state == State.LIVE or part in named}
        undone |= {item: chosen} if chosen else {}
    return first, undone


def take_back(undone: dict[Publishable, Versions], *, head: ChangeLogHead, user: User, at: datetime, note) -> None:
    """Put what was live before the versions ``undone`` in their place, all items together, and draft those again."""
    items = sorted(undone, key=lambda item: writing_order(type(item), item.pk))
    stood = {item: snapshot(item) for item in items}
    live = {item: drafts_of(item).live for item in items}
    back = {item: restored_versions(item, undone[item], user) for item in items}
    make_room((type(item), item.pk, compose(type(item), contents({**live[item], **back[item]}))) for item in items)
    done = {"head": head, "user": user, "at": at, "note": note}
    after = {item: put_in_place(item, back[item], live[item], stood[item], **done)[1] for item in items}
    for item in items:
        require_right(item, after[item], before=stood[item])
        come_back_as_drafts(item, undone[item], user)


def restored_versions(item: Publishable, undone: Versions, user: User) -> Versions:
    """Store what was live before the versions ``undone`` of ``item`` as new versions and return those."""
    made: Parts = {}
    carried: dict[str, list[PartVersion]] = {}
    for part, version in undone.items():
        earlier = PartVersion.objects.of(item).filter(
            part=part,
            publication__number__lt=version.publication.number,  # type: ignore[union-attr] # it was published
        )
        before = earlier.order_by("-publication__number").first()
        made[part] = before.content if before else blank()
        carried |= {part: [before]} if before else {}
    drafts, number = drafts_of(item), next_number(item)
    stamps = stamps_of(type(item), made, number=number, beside=drafts.live, making=Making(carried))
    _revision, versions = add_revision(
        item,
        made,
        user=user,
        seen=drafts.working,
        state=State.SUPERSEDED,
        stamps=stamps,
        number=number,
        comment=UNDONE,
    )
    return versions


def come_back_as_drafts(item: Publishable, undone: Versions, user: User) -> None:
    """Make the content of the versions ``undone`` of ``item`` its drafts, but where there is a newer draft."""
    drafts = drafts_of(item)
    again = {part: version.content for part, version in undone.items() if part not in drafts.open}
    making = Making({part: [version] for part, version in undone.items()})
    store(item, again, drafts, user=user, making=making, comment=FROM_UNDONE)
