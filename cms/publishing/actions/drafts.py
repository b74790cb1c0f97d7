"""Drafts and their review: nothing here changes what the public sees."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.content.models import ContentModel, Publishable
from cms.content.snapshots import Snapshot, changed_languages, child_relations, completed, snapshot, snapshot_fields
from cms.publishing import audit
from cms.publishing.drafts import drafted, edit_token, latest_revision
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.models import Revision
from cms.publishing.notifications import notify_of_review
from cms.publishing.overlay import apply_snapshot, columns_of, refused_in_words
from cms.publishing.permissions import Action, require, require_place

User = Person | None
State = Revision.State


def lock(item: Publishable) -> None:
    """Hold the row of ``item`` until the transaction ends, so that two saves of it come one after the other.

    Raises ``PublishingError`` when it was deleted.
    """
    if not hold(item):
        raise PublishingError(_("The item was deleted."), code="deleted")


def hold(item: Publishable) -> bool:
    """Do what :func:`lock` says, and return whether ``item`` is still there.

    What publication wrote is read again: somebody may have published ``item`` since it was read.
    """
    rows = type(item)._base_manager.select_for_update().filter(pk=item.pk)
    stored = rows.values(*Publishable.STATUS_FIELDS).first()
    for name, value in (stored or {}).items():
        setattr(item, name, value)
    return stored is not None


def add_revision(item: Publishable, data: Snapshot, *, user: User, state: str = State.DRAFT, **fields) -> Revision:
    """Store ``data`` as the next revision of ``item``; an open one that it replaces is superseded."""
    revisions = Revision.objects.of(item)
    number = (revisions.aggregate(newest=Max("number"))["newest"] or 0) + 1
    if state in Revision.OPEN_STATES:
        revisions.open().update(state=State.SUPERSEDED)
    return Revision.objects.create(
        content_type=ContentType.objects.get_for_model(type(item)),
        object_id=item.pk,
        number=number,
        state=state,
        snapshot=data,
        created_at=timezone.now(),
        created_by=user,
        **fields,
    )


def keep_baseline(item: Publishable, data: Snapshot) -> Revision:
    """Store what is live of an item that became so without a revision, so that its history begins with it."""
    return add_revision(
        item, data, user=None, state=State.PUBLISHED, published_at=item.last_published_at, published_by=None
    )


@transaction.atomic
def save_draft(*, item: Publishable, data: Snapshot, user: User, opened_on: str | None, comment: str = "") -> Revision:
    """Store ``data`` as the draft of ``item`` and return it. The live row stays as it is.

    ``opened_on`` is the :func:`edit_token` of the state that the work began from; ``None`` skips the comparison (a
    new item, an import). An item that was never published has no live row to keep: the draft is its row.

    Raises ``EditConflict`` when somebody saved, published or discarded in between, ``PermissionDenied``.
    """
    lock(item)
    current = latest_revision(item)
    base = current.snapshot if current and current.is_open else snapshot(item)
    languages = changed_languages(type(item), base, data)
    moved = as_drafted(item, data)
    require(user, Action.SAVE, [item, moved], languages=languages)
    if item.scope_path == "" and data["fields"].get("parent") != base["fields"].get("parent"):
        require_place(user, Action.SAVE, moved)
    if opened_on is not None and opened_on != edit_token(current):
        raise EditConflict(current)
    if current is None and item.first_published_at:
        keep_baseline(item, base)
    if item.status == Publishable.Status.UNPUBLISHED:
        write(item, data)
    revision = add_revision(item, data, user=user, comment=comment)
    audit.write(audit.Action.SAVE_DRAFT, user, [item], revision=revision.number)
    return revision


@transaction.atomic
def set_aside(*, item: Publishable, data: Snapshot, user: User, base_number: int | None) -> Revision:
    """Keep what could not be saved as a revision of its own, so that nothing typed is lost; editors do not see it.

    ``base_number`` is the revision that the work began from, where it is known. ``item`` may be deleted by now. Raises
    ``PermissionDenied`` for who may save nothing of it.
    """
    hold(item)  # as all that number revisions
    require(user, Action.SAVE, [item], languages=())
    revision = add_revision(item, data, user=user, state=State.SET_ASIDE, base_number=base_number)
    audit.write(audit.Action.SAVE_DRAFT, user, [item], revision=revision.number, set_aside=True)
    return revision


def write(item: Publishable, data: Snapshot, languages: list[str] | None = None) -> None:
    """Apply ``data`` to ``item``; what stands in the way is said in words."""
    check_references(item, data)
    with refused_in_words(item), transaction.atomic():
        apply_snapshot(type(item), item.pk, data, languages=languages)


def as_drafted(item: Publishable, data: Snapshot) -> Publishable:
    """Return the unsaved row that ``data`` makes of ``item``: it may belong to another part of the organization.

    Raises ``PublishingError`` when what it would belong to was deleted.
    """
    row = type(item)(id=item.pk, **columns_of(type(item), data["fields"], None))
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


def require_where_drafted(user: User, action: Action, item: Publishable, draft: Revision | None) -> None:
    """Raise ``PermissionDenied`` unless ``user`` may do ``action`` where ``draft`` puts ``item``, too."""
    if draft is not None:
        moved = as_drafted(item, draft.snapshot)
        if moved.place_key() != item.place_key():
            require_place(user, action, moved)


def may_where_drafted(user: User, action: Action, item: Publishable, draft: Revision | None) -> bool:
    """Say whether ``user`` may do ``action`` to ``item``, also where its open ``draft`` puts it."""
    try:
        require(user, action, [item])
        require_where_drafted(user, action, item, draft if draft and draft.is_open else None)
    except PermissionDenied:
        return False
    except PublishingError:
        pass  # it would belong to what was deleted, which is said in words when it is tried
    return True


def open_draft(item: Publishable, *states: str) -> Revision:
    """Return the open draft of ``item``, locked; it must be in one of ``states`` where given.

    Raises ``PublishingError`` when there is none.
    """
    lock(item)
    revision = Revision.objects.of(item).open().first()
    if revision is None:
        raise PublishingError(_("There is no draft of this item."), code="no-draft")
    if states and revision.state not in states:
        raise PublishingError(
            _("This draft is “%(state)s”; reload the page to see what can be done with it."),
            code="state",
            params={"state": revision.get_state_display()},
        )
    return revision


def require_not_waiting(revision: Revision) -> None:
    """Raise ``PublishingError`` when ``revision`` waits for its release: it would go live although it was taken back.

    A newer draft replaces it for editors and leaves it waiting.
    """
    if pin := revision.release_pins.select_related("release").first():
        raise PublishingError(
            _("It waits for the release “%(release)s”: cancel the schedule of the release first."),
            code="waits",
            params={"release": pin.release},
        )


@transaction.atomic
def discard(*, item: Publishable, user: User) -> Revision:
    """Give up the draft of ``item``: editors see again what is live. The draft stays in the history.

    Raises ``PublishingError`` for an item that was never published (it is its draft: delete it instead).
    """
    revision = open_draft(item)
    languages = changed_languages(type(item), snapshot(item), revision.snapshot)
    require(user, Action.SAVE, [item], languages=languages)
    require_not_waiting(revision)
    if item.status == Publishable.Status.UNPUBLISHED:
        raise PublishingError(_("This item was never published: delete it instead."), code="unpublished")
    revision.state = State.DISCARDED
    revision.save(update_fields=["state"])
    audit.write(audit.Action.DISCARD_DRAFT, user, [item], revision=revision.number)
    return revision


@transaction.atomic
def submit(*, item: Publishable, user: User, comment: str = "") -> Revision:
    """Hand the draft of ``item`` to the publishers, with a comment.

    Whoever may write any of it may do so, whoever wrote the rest: it changes no text, and is looked at as a whole.
    """
    revision = open_draft(item, State.DRAFT, State.CHANGES_REQUESTED)
    require(user, Action.SUBMIT, [item], languages=())
    revision.state, revision.submitted_by, revision.comment = State.SUBMITTED, user, comment or revision.comment
    revision.save(update_fields=["state", "submitted_by", "comment"])
    # The language is the one to answer in: the mail about the review is written in it.
    audit.write(audit.Action.SUBMIT, user, [item], revision=revision.number, comment=comment, language=get_language())
    return revision


@transaction.atomic
def request_changes(*, item: Publishable, user: User, comment: str) -> Revision:
    """Send a submitted draft back to its author with a comment on what to change."""
    require(user, Action.REVIEW, [item])
    revision = open_draft(item, State.SUBMITTED, State.APPROVED)
    if not comment.strip():
        raise PublishingError(_("Say what should be changed."), code="comment")
    require_not_waiting(revision)
    return close_review(item, revision, user, State.CHANGES_REQUESTED, audit.Action.REQUEST_CHANGES, comment)


@transaction.atomic
def approve(*, item: Publishable, user: User, comment: str = "") -> Revision:
    """Approve a submitted draft. Where ``REVIEW_BY_ANOTHER_PERSON`` is set, not one's own."""
    require(user, Action.REVIEW, [item])
    revision = open_draft(item, State.SUBMITTED)
    require_where_drafted(user, Action.REVIEW, item, revision)
    require_another_person(revision, user)
    return close_review(item, revision, user, State.APPROVED, audit.Action.APPROVE, comment)


def needs_another_person(revision: Revision, user: User) -> bool:
    """Say whether the site wants two people and ``user`` wrote or submitted ``revision``."""
    is_own = user is not None and user.pk in {revision.submitted_by_id, revision.created_by_id}
    return settings.REVIEW_BY_ANOTHER_PERSON and is_own


def require_another_person(revision: Revision, user: User) -> None:
    """Raise ``PublishingError`` when :func:`needs_another_person`."""
    if needs_another_person(revision, user):
        raise PublishingError(_("Somebody else must approve what you wrote or submitted yourself."), code="four-eyes")


def close_review(item: Publishable, revision: Revision, user: User, state: str, action: str, comment: str) -> Revision:
    revision.state, revision.reviewed_by, revision.review_comment = state, user, comment
    revision.save(update_fields=["state", "reviewed_by", "review_comment"])
    audit.write(action, user, [item], revision=revision.number, comment=comment)
    transaction.on_commit(lambda: notify_of_review(item, revision, decision=state, by=user))
    return revision


@transaction.atomic
def restore(*, item: Publishable, number: int, user: User) -> Revision:
    """Make an old revision of ``item`` its draft again. What is live stays as it is.

    Fields that the model got since keep the value they have now. Raises ``PublishingError`` for an unknown number.
    """
    require(user, Action.RESTORE, [item])
    lock(item)
    old = Revision.objects.of(item).filter(number=number).first()
    if old is None:
        raise PublishingError(_("This item has no revision %(number)s."), code="number", params={"number": number})
    require_where_drafted(user, Action.RESTORE, item, old)
    data = completed(drafted(item), old.snapshot)
    if item.status == Publishable.Status.UNPUBLISHED:
        write(item, data)
    revision = add_revision(
        item, data, user=user, comment=str(_("Restored from revision %(number)s.") % {"number": number})
    )
    audit.write(audit.Action.RESTORE, user, [item], revision=revision.number, restored=number)
    return revision
