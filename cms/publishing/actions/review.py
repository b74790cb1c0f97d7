"""What people say about drafts on their way to the public: submission, review, comments. Nothing here changes text."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.content.parts import languages_in, part_names
from cms.publishing import audit
from cms.publishing.actions.choosing import chosen_drafts, require_not_waiting, require_where_drafted
from cms.publishing.actions.storing import lock
from cms.publishing.drafts import Versions, drafts_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Comment, PartVersion
from cms.publishing.models.items import reference
from cms.publishing.notifications import notify_of_review, notify_of_submission
from cms.publishing.permissions import Action, may, require

User = Person | None
State = PartVersion.State
Kind = Comment.Kind
TO_SUBMIT = (State.DRAFT, State.CHANGES_REQUESTED)


@transaction.atomic
def submit(*, item: Publishable, user: User, parts: Iterable[str] | None = None, comment: str = "") -> Versions:
    """Hand the drafts of ``parts`` of ``item`` to the publishers, with a comment; all that ``user`` may write, where
    they are left out.

    Raises ``PublishingError`` where there is nothing to submit, ``PermissionDenied`` for a part that ``user`` may not
    write.
    """
    chosen = chosen_drafts(item, parts, *TO_SUBMIT, user=user, action=Action.SUBMIT)
    if parts is None and user is not None:
        chosen = own(chosen, user, Action.SUBMIT, item) or chosen
    require(user, Action.SUBMIT, [item], languages=languages_in(chosen))
    for version in chosen.values():
        version.state, version.submitted_by, version.submitted_at = State.SUBMITTED, user, timezone.now()
        version.save(update_fields=["state", "submitted_by", "submitted_at"])
    say(item, chosen, user, Kind.SUBMISSION, comment)
    # The language is the one to answer in: the mail about the review is written in it.
    audit.write(audit.Action.SUBMIT, user, [item], parts=sorted(chosen), comment=comment, language=get_language())
    notify_of_submission(item, chosen, by=user, comment=comment)
    return chosen


def own(versions: Versions, user: Person, action: Action, item: Publishable) -> Versions:
    """Return those of ``versions`` to which ``user`` may do ``action``, each by itself."""
    return {
        part: version for part, version in versions.items() if may(user, action, item, languages=languages_in([part]))
    }


@transaction.atomic
def request_changes(*, item: Publishable, user: User, comment: str, parts: Iterable[str] | None = None) -> Versions:
    """Send submitted or approved drafts back to their authors with a comment on what to change."""
    chosen = chosen_drafts(item, parts, State.SUBMITTED, State.APPROVED, user=user, action=Action.REVIEW)
    require(user, Action.REVIEW, [item], languages=languages_in(chosen))
    if not comment.strip():
        raise PublishingError(_("Say what should be changed."), code="comment")
    for version in chosen.values():
        require_not_waiting(version)
    close_review(item, chosen, user, State.CHANGES_REQUESTED, comment)
    audit.write(audit.Action.REQUEST_CHANGES, user, [item], parts=sorted(chosen), comment=comment)
    return chosen


@transaction.atomic
def approve(*, item: Publishable, user: User, parts: Iterable[str] | None = None, comment: str = "") -> Versions:
    """Approve submitted drafts. Where ``REVIEW_BY_ANOTHER_PERSON`` is set, nothing of one's own."""
    chosen = chosen_drafts(item, parts, State.SUBMITTED, user=user, action=Action.REVIEW)
    require(user, Action.REVIEW, [item], languages=languages_in(chosen))
    require_where_drafted(user, Action.REVIEW, item, chosen)
    require_another_person(chosen, user)
    close_review(item, chosen, user, State.APPROVED, comment)
    audit.write(audit.Action.APPROVE, user, [item], parts=sorted(chosen), comment=comment)
    return chosen


def close_review(item: Publishable, chosen: Versions, user: User, state: str, comment: str) -> None:
    kind = Kind.APPROVAL if state == State.APPROVED else Kind.CHANGES_REQUESTED
    for version in chosen.values():
        decide(version, user, state)
    say(item, chosen, user, kind, comment)
    notify_of_review(item, chosen, decision=state, by=user, comment=comment)


def decide(version: PartVersion, user: User, state: str) -> None:
    """Write what a publisher decided about ``version``."""
    version.state, version.reviewed_by = state, user
    version.approved_at = timezone.now() if state == State.APPROVED else None
    version.save(update_fields=["state", "reviewed_by", "approved_at"])


def say(item: Publishable, versions: Versions, user: User, kind: str, text: str) -> None:
    """Write what somebody said about ``versions`` into the conversation of each of their parts."""
    Comment.objects.bulk_create(
        Comment(
            **reference(item), part=part, version=version, kind=kind, author=user, at=timezone.now(), text=text.strip()
        )
        for part, version in versions.items()
    )


@transaction.atomic
def comment(
    *, item: Publishable, part: str, user: User, text: str, place: str = "", answers: int | None = None
) -> Comment:
    """Say something about ``part`` of ``item``: about the text at ``place``, as an answer to the comment with the key
    ``answers``, or about all of it.

    Raises ``PublishingError`` for an empty text, an unknown part, or a comment that is not of this part.
    """
    require(user, Action.COMMENT, [item])
    if part not in part_names() or not text.strip():
        raise PublishingError(_("Write a comment first."), code="comment")
    of_part = Comment.objects.of(item).filter(part=part)
    answered = of_part.filter(pk=answers).first() if answers is not None else None
    if answers is not None and answered is None:
        raise PublishingError(_("There is no such comment."), code="comment")
    lock(item)
    version = drafts_of(item).working.get(part)
    said = Comment.objects.create(
        **reference(item),
        part=part,
        version=version,
        author=user,
        at=timezone.now(),
        text=text.strip(),
        place=place[:200],
        answers=answered,
    )
    audit.write(audit.Action.COMMENT, user, [item], part=part)
    return said


def authors_of(version: PartVersion) -> set[int]:
    """Return the keys of all who wrote ``version``: those of the versions of its part since the one that was live, and
    who submitted it. A correction has one; a draft that got a correction is still by those who wrote it before."""
    if version.state == State.CORRECTION:
        return {version.author_id} if version.author_id else set()
    chain = PartVersion.objects.filter(
        content_type=version.content_type, object_id=version.object_id, part=version.part, pk__lte=version.pk
    )
    last = chain.published().order_by("-pk").values_list("pk", flat=True).first() or 0
    since = chain.filter(pk__gt=last).exclude(state__in=[State.DISCARDED, *PartVersion.ASIDE_STATES])
    found = {*since.values_list("author", flat=True), version.submitted_by_id}
    for corrected in since.filter(revision__base_number__isnull=False).select_related("revision"):
        earlier = chain.filter(pk__lt=last, revision__number__lte=corrected.revision.base_number)
        if before := earlier.exclude(state__in=[State.DISCARDED, *PartVersion.ASIDE_STATES]).order_by("-pk").first():
            found |= authors_of(before)
    return {key for key in found if key is not None}


def needs_another_person(versions: Versions, user: User) -> bool:
    """Say whether the site wants two people and ``user`` wrote or submitted one of ``versions`` that nobody else has
    approved."""
    if not settings.REVIEW_BY_ANOTHER_PERSON or user is None:
        return False
    open_to_doubt = [version for version in versions.values() if version.approved_at is None]
    return any(user.pk in authors_of(version) for version in open_to_doubt)


def require_another_person(versions: Versions, user: User) -> None:
    """Raise ``PublishingError`` when :func:`needs_another_person`."""
    if needs_another_person(versions, user):
        raise PublishingError(_("Somebody else must approve what you wrote or submitted yourself."), code="four-eyes")
