"""Publishing, correcting, withdrawing and deleting: what changes what the public sees."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.content.merging import rebased
from cms.content.models import Publishable
from cms.content.parts import Parts, blank, compose, different, languages_in, parts_of, with_waiting
from cms.content.snapshots import Snapshot
from cms.publishing import audit
from cms.publishing.actions.choosing import is_waiting_for_time, require_where_drafted
from cms.publishing.actions.drafts import require_save
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
from cms.publishing.actions.storing import (
    add_revision,
    begin_history,
    known_drafts,
    lock,
    nearest,
    next_number,
    replace,
)
from cms.publishing.drafts import (
    Drafts,
    Versions,
    contents,
    correction_of,
    drafts_of,
    edit_token,
    latest_revision,
    manifest_of,
    pins_of,
)
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.models import ChangeLogHead, Comment, PartVersion, Pin, Publication
from cms.publishing.notifications import notify_of_review, notify_of_submission
from cms.publishing.parts_changed import tell
from cms.publishing.permissions import Action, require
from cms.publishing.stamps import Making, stamps_in, stamps_of
from cms.publishing.stored_words import CORRECTED

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
) -> Publication | None:
    """Publish the correction ``data`` of what is live of ``item`` beside its drafts.

    A draft of a part that is corrected gets the correction too, three ways, and loses its approval; where both
    changed one place, the draft keeps its own. Where two people are needed, the correction waits until another one
    publishes it (:func:`publish_correction`), and ``None`` is returned. ``opened_on`` is the :func:`edit_token` of
    what was live when the work began; ``None`` skips the comparison. ``correction_only`` is that of
    :func:`save_draft`.

    Raises ``EditConflict`` when something else is live by now, ``PublishingError`` when nothing is corrected, where
    another correction waits, or another version in a schedule (unless ``drop_pins``), ``PermissionDenied``.
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
    making = Making(nearest(drafts.live, drafts.working), is_correction=correction_only)
    if settings.REVIEW_BY_ANOTHER_PERSON and user is not None:
        propose(item, made, drafts, making, user)
        return None
    return put_correction_live(
        item, made, drafts, making=making, head=head, user=user, at=now, note=note, drop_pins=drop_pins
    )


def propose(item: Publishable, made: Parts, drafts: Drafts, making: Making, user: Person) -> None:
    """Keep the correction ``made`` of what is live of ``item`` until somebody else publishes or declines it."""
    if correction_of(item):
        raise PublishingError(
            _("A correction of “%(item)s” waits for approval already: decide on that one first."),
            code="waits",
            params={"item": item},
        )
    number = next_number(item)
    stamps = stamps_of(type(item), made, number=number, beside=drafts.live, making=making)
    _revision, waiting = add_revision(
        item, made, user=user, seen=drafts.live, state=State.CORRECTION, stamps=stamps, number=number
    )
    audit.write(audit.Action.SUBMIT, user, [item], parts=sorted(made), language=get_language())
    notify_of_submission(item, waiting, by=user)


@transaction.atomic
def publish_correction(
    *,
    item: Publishable,
    number: int,
    user: User,
    note: dict[str, str] | None = None,
    comment: str = "",
    drop_pins: bool = False,
) -> Publication:
    """Approve the correction that waits in the revision ``number`` of ``item``, and make it live as
    :func:`correct_live` does, under the name of who wrote it.

    Raises ``PublishingError`` where somebody else must, or when something else is live by now.
    """
    head, now = begin()
    lock(item)
    require_not_withdrawn(item)
    waiting, drafts = waiting_correction(item, number), drafts_of(item)
    require_publication(item, waiting, user)
    for part, version in waiting.items():
        if version.revision.manifest.get(part) != manifest_of(drafts.live).get(part):
            raise PublishingError(
                _("“%(item)s” (%(part)s) was published since: correct it again."),
                code="published",
                params={"item": item, "part": version.label},
            )
        replace(version)
    say(item, waiting, user, Comment.Kind.APPROVAL, comment)
    notify_of_review(item, waiting, decision=State.LIVE, by=user, comment=comment)
    return put_correction_live(
        item,
        contents(waiting),
        drafts,
        making=Making(
            nearest(drafts.live, drafts.working),
            given={part: stamps_in(version) for part, version in waiting.items()},
        ),
        head=head,
        user=user,
        at=now,
        note=note,
        drop_pins=drop_pins,
        authors={part: version.author for part, version in waiting.items()},
    )


@transaction.atomic
def decline_correction(*, item: Publishable, number: int, user: User, comment: str = "") -> None:
    """Give up the correction that waits in the revision ``number`` of ``item``; who wrote it may take it back. It
    stays in the history."""
    lock(item)
    waiting = waiting_correction(item, number)
    is_own = user is not None and all(version.author_id == user.pk for version in waiting.values())
    require(user, Action.SAVE if is_own else Action.REVIEW, [item], languages=languages_in(waiting))
    for version in waiting.values():
        version.state = State.DISCARDED
        version.save(update_fields=["state"])
    say(item, waiting, user, Comment.Kind.CHANGES_REQUESTED, comment)
    audit.write(audit.Action.DISCARD_DRAFT, user, [item], parts=sorted(waiting), comment=comment)
    notify_of_review(item, waiting, decision="declined", by=user, comment=comment)


def waiting_correction(item: Publishable, number: int) -> Versions:
    """Return :func:`correction_of` ``item``; raises ``PublishingError`` when it is not of the revision ``number``."""
    waiting = correction_of(item)
    if {version.revision.number for version in waiting.values()} != {number}:
        raise PublishingError(_("There is no such correction any more."), code="no-correction")
    return waiting


def put_correction_live(
    item: Publishable,
    made: Parts,
    drafts: Drafts,
    *,
    making: Making,
    head: ChangeLogHead,
    user: User,
    at: datetime,
    note: dict[str, str] | None,
    drop_pins: bool,
    authors: dict[str, User] | None = None,
) -> Publication:
    """Do what :func:`correct_live` says with the parts ``made``, which ``authors`` wrote where ``user`` did not, as
    ``making`` says. The drafts that get the correction stay those of their authors, who are told."""
    rebased = rebased_drafts(item, drafts, made)
    for part in rebased:
        replace(drafts.open[part])
    before, number = latest_revision(item), next_number(item)
    stamps = stamps_of(type(item), made, number=number, beside=drafts.live, making=making)
    _revision, corrected = add_revision(
        item,
        made,
        user=user,
        authors=authors,
        seen=drafts.working,
        state=State.SUPERSEDED,
        stamps=stamps,
        number=number,
    )
    settle_pins(item, corrected, at=at, drop_pins=drop_pins, rebased=rebased)
    publication = put_live(item, corrected, drafts.live, head=head, user=user, at=at, note=note)
    if rebased:
        seen, number = {**drafts.working, **corrected}, number + 1
        making = Making(nearest(drafts.open, corrected))
        _revision, again = add_revision(
            item,
            rebased,
            user=user,
            authors={part: drafts.open[part].author for part in rebased},
            seen=seen,
            stamps=stamps_of(type(item), rebased, number=number, beside=seen, making=making),
            number=number,
            comment=CORRECTED,
            base_number=before.number if before else None,
        )
        move_pins(again, corrected)
        tell([(type(item), item.pk)])
        notify_of_review(item, again, decision="corrected", by=user)
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
    PartVersion.objects.of(item).filter(state__in=[*PartVersion.OPEN_STATES, State.CORRECTION]).update(
        state=State.DISCARDED
    )
    losing = referrers(item)
    delete_row(item, at=now)
    note_lost_reference(losing, head=head, user=user, at=now, is_logged=True)
    audit.write(audit.Action.DELETE, user, [item])
