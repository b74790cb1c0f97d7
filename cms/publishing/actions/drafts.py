"""Saving what is drafted, giving it up, and bringing back what was: nothing here changes what the public sees."""

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import User as Person
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.content.parts import (
    SHARED,
    Parts,
    blank,
    compose,
    different,
    languages_in,
    part_names,
    parts_of,
    with_waiting,
)
from cms.content.snapshots import Snapshot, completed
from cms.publishing import audit
from cms.publishing.actions.choosing import chosen_drafts, require_not_waiting, require_where_drafted
from cms.publishing.actions.storing import add_revision, as_drafted, hold, known_drafts, lock, nearest, store
from cms.publishing.drafts import (
    Drafts,
    Versions,
    contents,
    drafts_of,
    edit_token,
    latest_revision,
    opened_versions,
    seen_in,
)
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.models import PartVersion, Revision
from cms.publishing.parts_changed import tell
from cms.publishing.permissions import Action, require, require_place
from cms.publishing.stamps import Making, Stamps
from cms.publishing.stored_words import RESTORED

User = Person | None
State = PartVersion.State


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
