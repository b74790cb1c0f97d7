"""Publishing, correcting, withdrawing and deleting: what changes what the public sees."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cms.content.merging import rebased
from cms.content.models import Publishable
from cms.content.parts import Parts, blank, compose, different, languages_in, parts_of, with_waiting
from cms.content.snapshots import Snapshot
from cms.publishing import audit
from cms.publishing.actions.drafts import (
    add_revision,
    begin_history,
    is_waiting_for_time,
    known_drafts,
    lock,
    nearest,
    next_number,
    replace,
    require_save,
    require_where_drafted,
)
from cms.publishing.actions.live import (
    delete_row,
    note_lost_reference,
    put_live,
    reappear,
    referrers,
    require_not_withdrawn,
    to_publish,
    withdraw,
)
from cms.publishing.actions.review import decide, require_another_person, say
from cms.publishing.actions.schedules import begin, cancel_schedules_of, cancel_waiting
from cms.publishing.drafts import Drafts, Versions, contents, drafts_of, edit_token, latest_revision, pins_of
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.models import Comment, PartVersion, Pin, Publication
from cms.publishing.notifications import notify_of_review
from cms.publishing.parts_changed import tell
from cms.publishing.permissions import Action, require
from cms.publishing.stamps import Making, stamps_of

User = Person | None
State = PartVersion.State
REVIEWED = (State.SUBMITTED, State.APPROVED)


@transaction.atomic
def publish(
    *,
    item: Publishable,
    user: User,
    parts: Iterable[str] | None = None,
    note: dict[str, str] | None = None,
    comment: str = "",
    drop_pins: bool = False,
) -> Publication:
    """Make the drafts of ``parts`` of ``item`` live (all, where they are left out) and return the publication.

    All else stays as it is live, and the other drafts stay open. The first publication of an item always has what all
    languages share in it; a language that is not chosen is not public then, whatever is written in it. ``note`` is
    what the public reads about the change, a text a language; ``comment`` is for the authors of what was in review,
    who are told that it is public.

    Raises ``PublishingError`` where nothing is drafted, for an item that was withdrawn (:func:`publish_again`), for
    a part of which another version waits in a release or schedule unless ``drop_pins``, when the item takes a name
    that another one has, drops what another needs, or breaks a rule of its model.
    """
    head, now = begin()
    lock(item)
    require_not_withdrawn(item)
    drafts = known_drafts(item)
    chosen = to_publish(item, drafts, parts)
    require_publication(item, chosen, user)
    settle_pins(item, chosen, at=now, drop_pins=drop_pins)
    end_review(item, chosen, user, comment)
    return put_live(item, chosen, drafts.live, head=head, user=user, at=now, note=note)


def require_publication(item: Publishable, chosen: Versions, user: User) -> None:
    """Raise unless ``user`` may publish ``chosen`` of ``item`` now: role, place and four eyes."""
    require(user, Action.PUBLISH, [item], languages=languages_in(chosen))
    require_where_drafted(user, Action.PUBLISH, item, chosen)
    require_another_person(chosen, user)


def settle_pins(
    item: Publishable, chosen: Versions, *, at: datetime, drop_pins: bool, rebased: Iterable[str] = ()
) -> None:
    """Take away the pins of the parts ``chosen``: of what goes live now, and with ``drop_pins`` of other versions too.
    A release in preparation keeps the draft that is ``rebased``.

    Raises ``PublishingError`` where another version waits and nobody said what shall become of it.
    """
    kept = {part for part in rebased if not drop_pins}
    pins = [pin for part, pin in pins_of(item).items() if part in chosen]
    pins = [pin for pin in pins if pin.part not in kept or is_waiting_for_time(pin)]
    others = [pin for pin in pins if pin.version_id != chosen[pin.part].pk]
    if others and not drop_pins:
        raise PublishingError(
            _("Another version of “%(item)s” waits for “%(place)s”: take this one in there, or take that one out."),
            code="pinned",
            params={"item": item, "place": others[0].place},
        )
    for pin in pins:
        cancel_waiting(pin, at=at)


def end_review(item: Publishable, chosen: Versions, user: User, comment: str) -> None:
    """Write who let drafts in review go live, and tell their authors once it is so."""
    told = {part: version for part, version in chosen.items() if version.state in REVIEWED}
    for version in told.values():
        if version.state == State.SUBMITTED:
            decide(version, user, State.APPROVED)
    if told and user is not None:
        say(item, told, user, Comment.Kind.APPROVAL, comment)
        notify_of_review(item, told, decision=State.LIVE, by=user, comment=comment)


@transaction.atomic
def publish_again(*, item: Publishable, user: User, note: dict[str, str] | None = None) -> None:
    """Make an item that was withdrawn live again, as it was public last; its drafts stay drafts.

    Raises ``PublishingError`` when it was not withdrawn, or breaks a rule of its model by now.
    """
    head, now = begin()
    lock(item)
    begin_history(item)
    require(user, Action.PUBLISH, [item])
    reappear(item, head=head, user=user, at=now, note=note)


@transaction.atomic
def correct_live(
    *,
    item: Publishable,
    data: Snapshot,
    user: User,
    opened_on: str | None = None,
    note: dict[str, str] | None = None,
    drop_pins: bool = False,
    correction_only: bool = False,
) -> Publication:
    """Publish the correction ``data`` of what is live of ``item`` beside its drafts.

    A draft of a part that is corrected gets the correction too, three ways, and loses its approval; where both
    changed one place, the draft keeps its own. ``opened_on`` is the :func:`edit_token` of what was live when the work
    began; ``None`` skips the comparison. ``correction_only`` is that of :func:`save_draft`.

    Raises ``EditConflict`` when something else is live by now, ``PublishingError`` when nothing is corrected, where
    two people are needed or another version waits in a schedule (unless ``drop_pins``), ``PermissionDenied``.
    """
    head, now = begin()
    lock(item)
    require_not_withdrawn(item)
    shown = edit_token(drafts_of(item).live)  # as the form had it: the history of the item may begin with this
    drafts = known_drafts(item)
    made = correction(item, drafts, data)
    require_save(item, data, user, set(made), contents(drafts.live))
    require(user, Action.PUBLISH, [item], languages=languages_in(made))
    if opened_on is not None and opened_on != shown:
        raise EditConflict(latest_revision(item), made)
    if settings.REVIEW_BY_ANOTHER_PERSON and user is not None:
        raise PublishingError(_("Two people are needed here: save a draft and have it approved."), code="four-eyes")
    rebased = rebased_drafts(item, drafts, made)
    for part in rebased:
        replace(drafts.open[part])
    number, making = next_number(item), Making(nearest(drafts.live, drafts.working), is_correction=correction_only)
    stamps = stamps_of(type(item), made, number=number, beside=drafts.live, making=making)
    _revision, corrected = add_revision(
        item, made, user=user, seen=drafts.working, state=State.SUPERSEDED, stamps=stamps, number=number
    )
    settle_pins(item, corrected, at=now, drop_pins=drop_pins, rebased=rebased)
    publication = put_live(item, corrected, drafts.live, head=head, user=user, at=now, note=note)
    if rebased:
        comment = str(_("With the correction of what is live."))
        seen, number = {**drafts.working, **corrected}, number + 1
        making = Making(nearest(drafts.open, corrected))
        stamps = stamps_of(type(item), rebased, number=number, beside=seen, making=making)
        _revision, again = add_revision(
            item, rebased, user=user, seen=seen, stamps=stamps, number=number, comment=comment
        )
        move_pins(again, corrected)
        tell([(type(item), item.pk)])
    audit.write(audit.Action.CORRECT, user, [item], version=publication.number, parts=sorted(made))
    return publication


def correction(item: Publishable, drafts: Drafts, data: Snapshot) -> Parts:
    """Return the parts in which ``data`` is not what is live of ``item``.

    Raises ``PublishingError`` when there is none, or nothing is live.
    """
    live = contents(drafts.live)
    if not live:
        raise PublishingError(_("“%(item)s” is not live."), code="not-live", params={"item": item})
    mine = with_waiting(parts_of(type(item), data), live)
    made = {part: mine.get(part, blank()) for part in different(mine, live)}
    if not made:
        raise PublishingError(_("Nothing was corrected."), code="unchanged")
    return made


def rebased_drafts(item: Publishable, drafts: Drafts, made: Parts) -> Parts:
    """Return the open parts of ``item`` that are corrected by ``made``, each with the correction in it."""
    live = contents(drafts.live)
    base, theirs = compose(type(item), live), compose(type(item), {**live, **made})
    working = contents(drafts.working)
    merged = with_waiting(
        parts_of(type(item), rebased(type(item), base, compose(type(item), working), theirs)), working
    )
    return {part: merged.get(part, blank()) for part in made if part in drafts.open}


def move_pins(versions: Versions, live: Versions) -> None:
    """Pin ``versions`` where those before them are pinned: they were made from what is ``live`` now."""
    for part, version in versions.items():
        pins = Pin.objects.filter(content_type=version.content_type, object_id=version.object_id, part=part)
        pins.update(version=version, base=live[part])


@transaction.atomic
def unpublish(*, item: Publishable, user: User, note: dict[str, str] | None = None) -> None:
    """Withdraw ``item`` from the public site, and with it what is public only through it. Nothing is deleted.

    Raises ``PublishingError`` when it is not live.
    """
    head, now = begin()
    lock(item)
    require(user, Action.PUBLISH, [item])
    withdraw(item, head=head, user=user, at=now, note=note)


@transaction.atomic
def delete(*, item: Publishable, user: User) -> None:
    """Delete ``item``; a live one is withdrawn first. Its versions and its change log stay.

    Raises ``PublishingError`` when other items need it, with their names.
    """
    head, now = begin()
    lock(item)
    require(user, Action.DELETE, [item])
    begin_history(item)
    if item.is_live:
        withdraw(item, head=head, user=user, at=now)
    for pin in pins_of(item).values():
        cancel_waiting(pin, at=now)
    cancel_schedules_of(item, head=head, at=now)
    PartVersion.objects.of(item).open().update(state=State.DISCARDED)
    losing = referrers(item)
    delete_row(item, at=now)
    note_lost_reference(losing, head=head, user=user, at=now, is_logged=True)
    audit.write(audit.Action.DELETE, user, [item])
