"""Which drafts an action is about, where they put their item, and who may do it there."""

from collections.abc import Iterable

from django.contrib.auth.models import User as Person
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.content.parts import SHARED, languages_in, part_names
from cms.publishing.actions.storing import as_drafted, known_drafts, lock
from cms.publishing.drafts import Versions
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import PartVersion, Pin, Release
from cms.publishing.permissions import Action, require, require_place

User = Person | None
State = PartVersion.State


def require_where_drafted(user: User, action: Action, item: Publishable, versions: Versions) -> None:
    """Raise ``PermissionDenied`` unless ``user`` may do ``action`` where ``versions`` put ``item``, too."""
    if SHARED in versions:
        moved = moved_by(item, versions[SHARED])
        if moved.place_key() != item.place_key():
            require_place(user, action, moved)


def moved_by(item: Publishable, shared: PartVersion) -> Publishable:
    """Return the unsaved row of ``item`` with the plain fields of ``shared``."""
    return as_drafted(item, {"fields": shared.content["fields"], "relations": {}, "children": {}})


def may_where_drafted(user: User, action: Action, item: Publishable, versions: Versions) -> bool:
    """Say whether ``user`` may do ``action`` to the parts ``versions`` of ``item``, also where they put it."""
    try:
        require(user, action, [item], languages=languages_in(versions))
        require_where_drafted(user, action, item, versions)
    except PermissionDenied:
        return False
    except PublishingError:
        pass  # it would belong to what was deleted, which is said in words when it is tried
    return True


def chosen_drafts(
    item: Publishable, parts: Iterable[str] | None, *states: str, user: User, action: Action
) -> Versions:
    """Return the open versions of ``item``, whose row is locked: those of ``parts``, else all in one of ``states``.

    Raises ``PublishingError`` when there is none, or a part is in another state, and ``PermissionDenied`` first where
    ``user`` may do ``action`` to no part of it: what there is, is not told then.
    """
    require(user, action, [item], languages=[])
    lock(item)
    found = known_drafts(item).open
    if parts is None:
        chosen = {part: version for part, version in found.items() if not states or version.state in states}
        if not chosen and found:
            raise wrong_state(next(iter(found.values())))
    else:
        chosen = {part: found[part] for part in known_parts(parts) if part in found}
    if not chosen:
        raise PublishingError(_("There is no draft of this item."), code="no-draft")
    for version in chosen.values():
        if states and version.state not in states:
            raise wrong_state(version)
    return chosen


def known_parts(parts: Iterable[str]) -> set[str]:
    """Return ``parts`` as a set; raises ``PublishingError`` for one that items of this site do not have."""
    wanted = set(parts)
    if unknown := wanted - set(part_names()):
        raise PublishingError(
            _("There is no part %(names)s."), code="parts", params={"names": ", ".join(sorted(unknown))}
        )
    return wanted


def wrong_state(version: PartVersion) -> PublishingError:
    return PublishingError(
        _("This draft is “%(state)s”; reload the page to see what can be done with it."),
        code="state",
        params={"state": version.get_state_display()},
    )


def require_not_waiting(version: PartVersion) -> None:
    """Raise ``PublishingError`` when ``version`` waits for its time: it would go live although it was taken back.

    A newer draft replaces it for editors and leaves it waiting.
    """
    pin = version.pins.select_related("release_item__release", "schedule").first()
    if pin and is_waiting_for_time(pin):
        raise PublishingError(
            _("It waits for “%(place)s”: cancel that first."), code="waits", params={"place": pin.place}
        )


def is_waiting_for_time(pin: Pin) -> bool:
    """Say whether ``pin`` goes live by itself: it is not in a release that is still being prepared."""
    return pin.release_item is None or pin.release_item.release.state != Release.State.OPEN
