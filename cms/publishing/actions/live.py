"""Making things live and taking them away, inside a transaction that holds the head of the change log.

The actions in the other modules ask for permission, take the lock and call these.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User as Person
from django.db import transaction
from django.db.models.deletion import ProtectedError, RestrictedError
from django.utils.translation import gettext_lazy as _

from cms.content.languages import site_languages
from cms.content.models import ContentModel, Publishable
from cms.content.snapshots import Snapshot, changed_languages, plain_relations, public_part, snapshot
from cms.publishing import audit, redirects
from cms.publishing.actions.drafts import add_revision, lock, require_another_person, require_where_drafted, write
from cms.publishing.changelog import PublicChange, record
from cms.publishing.drafts import ReleaseDraft, drafts_in, items_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Change, ChangeLogHead, Release, Revision
from cms.publishing.models.revisions import refers_to
from cms.publishing.overlay import make_room, needed_by, writing_order
from cms.publishing.permissions import Action, require
from cms.publishing.rules import require_right
from cms.publishing.visibility import Item, public_group, public_referrers, publishable_models

User = Person | None
State = Revision.State


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

    Raises ``PublishingError`` when the item breaks a rule of its model then.
    """
    languages = check_languages(item, languages)
    revision = put_in_place(
        item, revision, data, standing(item), head=head, user=user, at=at, languages=languages, note=note
    )
    require_right(item, revision.snapshot)
    return revision


# What an item is stored as, and at which address it is, before a publication changes it.
Standing = tuple[Snapshot, dict[UUID, str]]


def standing(item: Publishable) -> Standing:
    return snapshot(item), redirects.current_slugs(type(item), [item.pk])


def put_in_place(
    item: Publishable,
    revision: Revision | None,
    data: Snapshot | None,
    stood: Standing,
    *,
    head: ChangeLogHead,
    user: User,
    at: datetime,
    languages: list[str] | None = None,
    note: dict[str, str] | None = None,
) -> Revision:
    """Do what :func:`put_live` says, but leave it to the caller to ask whether all is right in the end."""
    model, (before, slugs) = type(item), stood
    public_before = public_with(item, moves=data is not None and languages is None and moves(model, before, data))
    if data is not None:
        write(item, data, languages)
        redirects.remember(model, slugs, at=at)
    item.set_status(Publishable.Status.LIVE, at=at)
    item.save(update_fields=Publishable.STATUS_FIELDS)
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
    changed = changed_languages(model, public_part(model, before), public_part(model, live))
    record(public_changes(item, public_before, languages=changed, note=note or {}), head=head, at=at)
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
    item: Publishable, before: set[Item], *, languages: set[str] | None, note: dict[str, str]
) -> list[PublicChange]:
    """Return what the public sees of a publication: the item, what begins or ceases to be public with it, and the
    items that show those. ``before`` is what was public of them."""
    model, key = type(item), item.pk
    is_public = model.objects.live().filter(pk=key).exists()
    if is_public and (model, key) in before:
        if languages == set():
            return []
        return [PublicChange(Change.Operation.UPSERT, model, key, tuple(sorted(languages or ())), note)]
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
    for order in sorted(found):
        lock(found[order])
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


def note_lost_reference(
    items: Iterable[Publishable], *, head: ChangeLogHead, user: User, at: datetime, is_logged: bool = False
) -> None:
    """Write the revisions of ``items`` that have just lost a reference to what was deleted, and the change log unless
    what was deleted had ceased to be public before and ``is_logged`` with them."""
    changes = []
    for item in items:
        model = type(item)
        add_revision(item, snapshot(item), user=user, state=State.PUBLISHED, published_at=at, published_by=user)
        if not is_logged and model.objects.live().filter(pk=item.pk).exists():
            changes.append(PublicChange(Change.Operation.UPSERT, model, item.pk))
    record(changes, head=head, at=at)


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
    for item in sorted(items_of(release), key=lambda item: writing_order(type(item), item.pk)):
        lock(item)
    return sorted(drafts_in(release), key=lambda each: writing_order(type(each[0]), each[0].pk))


def require_release(user: User, drafts: Iterable[ReleaseDraft]) -> None:
    """Raise ``PermissionDenied`` unless ``user`` may publish all items, and where their ``drafts`` move them to.

    Raises ``PublishingError`` where somebody else must approve one first.
    """
    for item, draft in drafts:
        require(user, Action.PUBLISH, [item])
        require_where_drafted(user, Action.PUBLISH, item, draft)
        if draft and draft.is_open and draft.state != Revision.State.APPROVED:  # one replaced was judged when pinned
            require_another_person(draft, user)


def put_release_live(
    release: Release, *, head: ChangeLogHead, user: User, at: datetime, note: dict[str, str] | None = None
) -> None:
    """Do what :func:`publish_release` says, inside a transaction that holds ``head``.

    Parents go first, so that what becomes public with them is logged after them. What must be right is asked when
    all is in place: parents may change places, and slugs.
    """
    drafts = locked_drafts(release)
    if not drafts:
        raise PublishingError(_("The release is empty."), code="empty")
    require_release(user, drafts)
    stood, live = {item: standing(item) for item, _draft in drafts}, {}
    make_room((type(item), item.pk, draft.snapshot) for item, draft in drafts if draft)
    for item, draft in drafts:
        data = draft.snapshot if draft else None
        revision = put_in_place(item, draft, data, stood[item], head=head, user=user, at=at, note=note)
        release.items.filter(refers_to(item)).update(published_revision=revision, scheduled_revision=None)
        live[item] = revision.snapshot
    for item, data in live.items():
        require_right(item, data)
    release.state, release.published_at = Release.State.PUBLISHED, at
    release.save(update_fields=["state", "published_at"])
    audit.write(audit.Action.PUBLISH, user, [release])
