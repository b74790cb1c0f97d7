"""Publishing, withdrawing and deleting: what changes what the public sees."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models.deletion import ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing import audit
from publishing.actions.drafts import add_revision, latest_revision, lock, require_another_person
from publishing.changelog import PublicChange, public_dependents, record
from publishing.exceptions import PublishingError
from publishing.languages import site_languages
from publishing.models import Change, ChangeLogHead, Publishable, Revision, ScheduledChange
from publishing.overlay import apply_snapshot
from publishing.permissions import Action, require
from publishing.snapshots import Snapshot, changed_languages, snapshot

User = AbstractBaseUser | None
State = Revision.State


@transaction.atomic
def publish(
    *, item: Publishable, user: User, languages: Iterable[str] | None = None, note: dict[str, str] | None = None
) -> Revision:
    """Make the draft of ``item`` live (the row as it stands where there is no draft) and return what went live.

    ``languages`` limits it to the texts in those languages: everything else stays as it is live, and the draft
    stays open with the rest. ``note`` is what the public reads about the change, a text a language.

    Raises ``PublishingError`` when the draft takes a name that another item has, or drops what another needs.
    """
    require(user, Action.PUBLISH, [item])
    head = ChangeLogHead.locked()
    lock(item)
    item.refresh_from_db(fields=["status"])
    draft = Revision.objects.of(item).open().first()
    if draft and draft.state != State.APPROVED:
        require_another_person(draft, user)
    return put_live(
        item,
        draft,
        draft.snapshot if draft else None,
        head=head,
        user=user,
        at=timezone.now(),
        languages=languages,
        note=note,
    )


def put_live(
    item: Publishable,
    revision: Revision | None,
    data: Snapshot | None,
    *,
    head: ChangeLogHead,
    user: User,
    at: datetime,
    languages: Iterable[str] | None = None,
    note: dict[str, str] | None = None,
) -> Revision:
    """Write ``data`` to the live tables, and what happened to revision, change log and audit trail.

    Inside a transaction that holds ``head``. ``revision`` is the one that goes live, closed unless only some
    languages of it do.
    """
    model, languages = type(item), check_languages(item, languages)
    was_public = model.objects.live().filter(pk=item.pk).exists()
    before = snapshot(item)
    if data is not None:
        write(item, data, languages)
    model._base_manager.filter(pk=item.pk).update(
        status=Publishable.Status.LIVE,
        last_published_at=at,
        **({} if item.first_published_at else {"first_published_at": at}),
    )
    item.refresh_from_db()
    live = snapshot(item)
    published = {
        "published_at": at,
        "published_by": user,
        "published_languages": languages,
        "note": note or {},
    }
    if revision is not None and languages is None:
        revision.state, revision.snapshot = State.PUBLISHED, live
        for name, value in published.items():
            setattr(revision, name, value)
        revision.save(update_fields=["state", "snapshot", *published])
    else:
        revision = add_revision(item, live, user=user, state=State.PUBLISHED, **published)
    record(
        public_changes(item, was_public=was_public, languages=changed_languages(model, before, live), note=note or {}),
        head=head,
        at=at,
    )
    audit.write(audit.Action.PUBLISH, user, [item], revision=revision.number, languages=languages)
    return revision


def check_languages(item: Publishable, languages: Iterable[str] | None) -> list[str] | None:
    """Return ``languages`` as a list, or ``None`` for the whole item.

    Raises ``PublishingError`` for a language the site lacks, for none, and for an item that is not live yet: it has
    no live texts beside which some could appear.
    """
    if languages is None:
        return None
    languages = list(languages)
    if not languages or set(languages) - set(site_languages()):
        raise PublishingError(_("Choose one or more of the site's languages."), code="languages")
    if not item.is_live:
        raise PublishingError(_("The first publication is of the item as a whole."), code="languages")
    return languages


def write(item: Publishable, data: Snapshot, languages: list[str] | None) -> None:
    """Apply ``data`` to ``item``; what stands in the way is said in words."""
    try:
        with transaction.atomic():
            apply_snapshot(type(item), item.pk, data, languages=languages)
    except IntegrityError as error:
        raise PublishingError(
            _("“%(item)s” takes a name or a place that another item has: change its slug, code or kind."),
            code="unique",
            params={"item": item},
        ) from error
    except (ProtectedError, RestrictedError) as error:
        raise PublishingError(
            _("“%(item)s” drops something that other items need: %(needed)s."),
            code="needed",
            params={"item": item, "needed": needed_by(error)},
        ) from error


def needed_by(error: ProtectedError | RestrictedError) -> str:
    """Return the names of the first few rows that stand in the way of a deletion."""
    rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    return ", ".join(sorted({f"{row._meta.verbose_name} “{row}”" for row in list(rows)[:5]}))


def public_changes(
    item: Publishable, *, was_public: bool, languages: set[str] | None, note: dict[str, str]
) -> list[PublicChange]:
    """Return what the public sees of a publication: the item, and what became public with it."""
    model = type(item)
    if not model.objects.live().filter(pk=item.pk).exists():
        return []  # its parents are not live: it becomes public with them
    if was_public:
        if languages == set():
            return []
        return [PublicChange(Change.Operation.UPSERT, model, item.pk, tuple(sorted(languages or ())), note)]
    return [
        PublicChange(Change.Operation.UPSERT, model, item.pk, (), note),
        *(
            PublicChange(Change.Operation.UPSERT, dependent, key)
            for dependent, key in public_dependents(model, [item.pk])
        ),
    ]


@transaction.atomic
def unpublish(*, item: Publishable, user: User, note: dict[str, str] | None = None) -> None:
    """Withdraw ``item`` from the public site, and with it what is public only through it. Nothing is deleted.

    Raises ``PublishingError`` when it is not live.
    """
    require(user, Action.PUBLISH, [item])
    head = ChangeLogHead.locked()
    lock(item)
    withdraw(item, head=head, user=user, at=timezone.now(), note=note)


def withdraw(
    item: Publishable, *, head: ChangeLogHead, user: User, at: datetime, note: dict[str, str] | None = None
) -> None:
    """Do what :func:`unpublish` says, inside a transaction that holds ``head``."""
    item.refresh_from_db(fields=["status"])
    if not item.is_live:
        raise PublishingError(_("“%(item)s” is not live."), code="not-live", params={"item": item})
    model = type(item)
    gone = []
    if model.objects.live().filter(pk=item.pk).exists():
        gone = [
            PublicChange(Change.Operation.DELETE, model, item.pk, (), note or {}),
            *(
                PublicChange(Change.Operation.DELETE, dependent, key)
                for dependent, key in public_dependents(model, [item.pk])
            ),
        ]
    item.status = Publishable.Status.WITHDRAWN
    model._base_manager.filter(pk=item.pk).update(status=item.status)
    record(gone, head=head, at=at)
    audit.write(audit.Action.WITHDRAW, user, [item])


@transaction.atomic
def delete(*, item: Publishable, user: User) -> None:
    """Delete ``item``; a live one is withdrawn first. Its revisions and its change log stay.

    Raises ``PublishingError`` when other items need it, with their names.
    """
    require(user, Action.DELETE, [item])
    head = ChangeLogHead.locked()
    lock(item)
    item.refresh_from_db(fields=["status"])
    if latest_revision(item) is None:
        add_revision(item, snapshot(item), user=user, state=State.SUPERSEDED)
    if item.is_live:
        withdraw(item, head=head, user=user, at=timezone.now())
    revisions = Revision.objects.of(item)
    ScheduledChange.objects.filter(state=ScheduledChange.State.PENDING, revision__in=revisions).update(
        state=ScheduledChange.State.CANCELLED, finished_at=timezone.now()
    )
    revisions.filter(state__in=[*Revision.OPEN_STATES, State.SCHEDULED]).update(state=State.DISCARDED)
    key, name = item.pk, str(item)
    try:
        with transaction.atomic():
            item.delete()
    except (ProtectedError, RestrictedError) as error:
        raise PublishingError(
            _("“%(item)s” cannot be deleted: it is needed by %(needed)s."),
            code="needed",
            params={"item": name, "needed": needed_by(error)},
        ) from error
    item.pk = key  # Django empties it; the audit entry names what was deleted
    audit.write(audit.Action.DELETE, user, [item])
