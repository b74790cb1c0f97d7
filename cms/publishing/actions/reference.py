"""Reference data: content that has no drafts, such as countries. What is saved there is public at once."""

from django.contrib.auth.models import User as Person
from django.db import transaction

from cms.content.models import ContentModel
from cms.publishing import audit, redirects
from cms.publishing.actions.live import delete_row, note_lost_reference, referrers
from cms.publishing.actions.schedules import begin
from cms.publishing.changelog import PublicChange, record
from cms.publishing.models import Change
from cms.publishing.overlay import refused_in_words
from cms.publishing.parts_changed import tell
from cms.publishing.permissions import Action, require
from cms.publishing.rules import require_right

User = Person | None


@transaction.atomic
def save_reference(*, item: ContentModel, user: User) -> None:
    """Save a row of reference data, new or changed, as it stands in memory. That is a publication.

    Raises ``PublishingError`` when another row has its code, or when it breaks a rule of its model, and
    ``PermissionDenied``.
    """
    head, now = begin()
    require(user, Action.PUBLISH, [item])
    added = item._state.adding
    codes = redirects.current_slugs(type(item), [item.pk])
    with refused_in_words(item), transaction.atomic():
        item.save()
    require_right(item)
    redirects.remember(type(item), codes, at=now)
    tell([(type(item), item.pk)])
    record([PublicChange(Change.Operation.UPSERT, type(item), item.pk)], head=head, at=now)
    audit.write(audit.Action.ADD if added else audit.Action.CHANGE, user, [item])


@transaction.atomic
def delete_reference(*, item: ContentModel, user: User) -> None:
    """Delete a row of reference data.

    Raises ``PublishingError`` when items need it, with their names, and ``PermissionDenied``.
    """
    head, now = begin()
    require(user, Action.DELETE, [item])
    losing = referrers(item)
    delete_row(item, at=now)
    record([PublicChange(Change.Operation.DELETE, type(item), item.pk)], head=head, at=now)
    note_lost_reference(losing, head=head, user=user, at=now)
    audit.write(audit.Action.DELETE, user, [item])
