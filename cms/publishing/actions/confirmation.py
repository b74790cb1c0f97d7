"""Saying of translations that they are still right: they are made from the source as it stands now."""

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import User as Person
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.content.substance import places_in
from cms.publishing import audit
from cms.publishing.actions.choosing import known_parts
from cms.publishing.actions.storing import known_drafts, lock, nearest, store
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import PartVersion, Revision
from cms.publishing.permissions import Action, require
from cms.publishing.stamps import Making, Provenance, Sources, Versions, is_behind, language_of, source_in


@transaction.atomic
def confirm(
    *,
    item: Publishable,
    language: str,
    places: Iterable[str],
    user: Person | None,
    comment: str = "",
    seen: Mapping[str, str] | None = None,
) -> Revision:
    """Draft the texts of ``item`` in ``language`` at ``places`` as they are, as made from the source that editors see
    now, and return the revision. What a machine made is reviewed with it.

    It is a change of that part like any other: it is submitted, approved and published. ``seen`` are the keys of the
    sources that were looked at, by place, where that is known. Raises ``PublishingError`` for a place where there is
    no text, or whose source says something else by now, ``PermissionDenied``.
    """
    require(user, Action.SAVE, [item], languages=known_parts([language]))
    lock(item)
    drafts, chosen = known_drafts(item), set(places)
    version = drafts.working.get(language)
    if version is None or not chosen <= set(places_in(language, version.content)):
        raise PublishingError(_("There is no text yet that could be still right."), code="places")
    require_seen(language_of(type(item), drafts.working), drafts.working, seen or {})
    if not any(can_be_confirmed(place, version, drafts.working) for place in chosen):
        return version.revision
    making = Making(nearest(drafts.working, drafts.live), confirmed=chosen)
    revision = store(item, {language: version.content}, drafts, user=user, making=making, comment=comment)
    audit.write(audit.Action.CONFIRM, user, [item], revision=revision.number, parts=[language], places=sorted(chosen))
    return revision


def require_seen(language: str, working: Versions, seen: Mapping[str, str]) -> None:
    """Raise ``PublishingError`` where what is written in ``language`` is not what was ``seen`` of it, by place."""
    source = source_in(language, working)
    if any(source.key(place) != key for place, key in seen.items()):
        raise PublishingError(
            _("The text that this was translated from has changed once more: look at it again."), code="source"
        )


def can_be_confirmed(place: str, version: PartVersion, beside: Versions) -> bool:
    """Say whether there is something to confirm: the text is outdated, or nobody has looked at what a machine made."""
    return is_behind(place, version, Sources(beside)) or version.provenance.get(place) == Provenance.MACHINE
