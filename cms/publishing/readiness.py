"""What stands in the way of a release: found with its drafts in place, listed for the people who decide.

Other apps add checks of their own with :func:`register`; a check is called with the items of the release, as they
will be, and yields problems.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.content.languages import site_languages
from cms.content.links import Reference, references_in_snapshots
from cms.content.models import Child, ContentModel, Publishable
from cms.content.parts import SHARED
from cms.content.snapshots import Snapshot, child_relations, plain_relations, snapshot, snapshots_of
from cms.publishing.drafts import ReleaseDraft, drafts_in, items_of
from cms.publishing.exceptions import DraftClash
from cms.publishing.models import PartVersion, Release, RoleAssignment
from cms.publishing.overlay import overlay
from cms.publishing.preview import drafts_of_release
from cms.publishing.rules import broken_rules

Role = RoleAssignment.Role


@dataclass(frozen=True)
class Problem:
    """One thing that stands in the way, at one item; ``version`` where it is about one part, ``target`` where it is
    about another item. ``role`` is whose turn it is."""

    item: Publishable
    text: str | Promise
    version: PartVersion | None = None
    role: str = Role.PUBLISHER
    target: Publishable | None = None

    @property
    def person(self) -> Any:
        """Whose turn it is, where that is the author of a part."""
        return self.version.author if self.version and self.version.state in UNSUBMITTED else None


UNSUBMITTED = (PartVersion.State.DRAFT, PartVersion.State.CHANGES_REQUESTED)
DELETED = _("A text links to something that was deleted.")
NOT_LIVE = _("It refers to “%(target)s”, which is not live and not in this release.")
Check = Callable[[list[Publishable]], Iterable[Problem]]
CHECKS: list[Check] = []


def register(check: Check) -> Check:
    """Add a check to those that every release goes through."""
    CHECKS.append(check)
    return check


def problems_of(release: Release) -> list[Problem]:
    """Return what stands in the way of ``release``, item by item. Looks only; nothing is changed."""
    drafts = drafts_in(release)
    found = [*not_approved(drafts), *moved_on(drafts)]
    try:
        with overlay(drafts_of_release(release), as_live=True):
            items = items_of(release)
            found += [problem for check in CHECKS for problem in check(items)]
    except DraftClash as error:
        found.append(Problem(drafts[0].item, " ".join(error.messages)))
    order = [(type(draft.item), draft.item.pk) for draft in drafts]
    return sorted(found, key=lambda problem: order.index((type(problem.item), problem.item.pk)))


def not_approved(drafts: Iterable[ReleaseDraft]) -> Iterator[Problem]:
    """Yield the items of which a part that nobody approved is pinned, or none at all."""
    for draft in drafts:
        if not draft.pins:
            yield Problem(draft.item, _("It has no draft: there is nothing to publish."))
        for version in draft.versions.values():
            if version.approved_at is None:
                yield Problem(
                    draft.item,
                    _("The draft (%(part)s) is “%(state)s”, not approved.")
                    % {"part": version.label, "state": version.get_state_display()},
                    version,
                    role=turn_of(version),
                )


def turn_of(version: PartVersion) -> str:
    """Return the role that has to act on a version that is not approved: who writes it submits it first."""
    if version.state not in UNSUBMITTED:
        return Role.PUBLISHER
    return Role.EDITOR if version.part in (SHARED, site_languages()[0]) else Role.TRANSLATOR


def moved_on(drafts: Iterable[ReleaseDraft]) -> Iterator[Problem]:
    """Yield the items that were withdrawn, or published by hand, since they were put into the release."""
    for draft in drafts:
        if draft.item.status == Publishable.Status.WITHDRAWN:
            yield Problem(draft.item, _("It was withdrawn: publish it again first, or take it out."))
        for part, pin in draft.pins.items():
            live = draft.drafts.live.get(part)
            if (live and live.pk) != pin.base_id:
                yield Problem(
                    draft.item,
                    _("It was published (%(part)s) since it was put into the release: take the newest draft in.")
                    % {"part": pin.version.label},
                    pin.version,
                )


@register
def rules_of_the_models(items: list[Publishable]) -> Iterator[Problem]:
    """Yield what the models' ``clean()`` says against the items as they will be together."""
    for item in items:
        for text in broken_rules(item, snapshot(item)):
            yield Problem(item, text, role=Role.EDITOR)


@register
def links_to_what_is_not_live(items: list[Publishable]) -> Iterator[Problem]:
    """Yield the references of items, and of their children, to items that the public will not see."""
    named = {item: references(item) for item in items}
    public = public_among(target for targets in named.values() for target in targets)
    for item, targets in named.items():
        for target in targets:
            if target not in public:
                yield Problem(item, NOT_LIVE % {"target": target}, target=target)


@register
def text_links_to_what_is_not_live(items: list[Publishable]) -> Iterator[Problem]:
    """Yield the items to which texts of ``items`` link and that the public will not see; what was deleted has no
    name."""
    named = {item: keys_of(references_in_snapshots([data])) for item, data in together(items)}
    found = rows_by_key(key for keys in named.values() for key in keys)
    public = public_among(found.values())
    for item, keys in named.items():
        if any(key not in found for key in keys):
            yield Problem(item, DELETED, role=Role.EDITOR)
        for target in dict.fromkeys(found[key] for key in keys if key in found):
            if target not in public:
                yield Problem(item, NOT_LIVE % {"target": target}, target=target)


def together(items: list[Publishable]) -> Iterator[tuple[Publishable, Snapshot]]:
    """Yield ``items`` with their snapshots, read kind by kind."""
    for model in dict.fromkeys(map(type, items)):
        of_model = [item for item in items if type(item) is model]
        data = snapshots_of(model, [item.pk for item in of_model])
        yield from ((item, data[item.pk]) for item in of_model)


def keys_of(references: Iterable[Reference]) -> list[tuple[type[ContentModel], UUID]]:
    """Return model and key of what ``references`` lead to, as far as it can be withdrawn: of items, and of parts."""
    return [
        (each.model, each.key)
        for each in references
        if issubclass(each.model, Publishable) or issubclass(each.model, Child)
    ]


def rows_by_key(keys: Iterable[tuple[type[ContentModel], UUID]]) -> dict[tuple[type[ContentModel], UUID], Publishable]:
    """Return the items by the keys that stand for them or for their parts, one query a kind."""
    wanted: dict[type[ContentModel], list[UUID]] = {}
    for model, key in keys:
        wanted.setdefault(model, []).append(key)
    found: dict[tuple[type[ContentModel], UUID], Publishable] = {}
    for model, each in wanted.items():
        rows = model._base_manager.filter(pk__in=each)
        if parent := model.parent_field:
            rows = rows.select_related(parent)
        found |= {(model, row.pk): getattr(row, parent) if parent else row for row in rows}  # type: ignore[misc] # keys_of() names such
    return found


def public_among(items: Iterable[Publishable]) -> set[Publishable]:
    """Return those of ``items`` that the public sees, in one query a kind."""
    by_model: dict[type[Publishable], dict] = {}
    for item in items:
        by_model.setdefault(type(item), {})[item.pk] = item
    return {
        found[key]
        for model, found in by_model.items()
        for key in model.objects.live().filter(pk__in=found).values_list("pk", flat=True)
    }


def references(item: Publishable) -> list[Publishable]:
    """Return the publishable items that ``item`` points to, itself or through its children, each once."""
    found = list(references_of_row(item))
    for field in plain_relations(type(item)):
        if issubclass(field.related_model, Publishable):
            found += getattr(item, field.name).all()
    for name, child_model in child_relations(type(item)).items():
        keys = [field.name for field in publishable_keys(child_model) if field.name != child_model.parent_field]
        if keys:
            for child in getattr(item, name).select_related(*keys):
                found += references_of_row(child, left_out=child_model.parent_field)
    return list(dict.fromkeys(found))


def publishable_keys(model: type[models.Model]) -> list[models.Field]:
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field.related_model, type) and issubclass(field.related_model, Publishable)
    ]


def references_of_row(row: models.Model, *, left_out: str = "") -> Iterator[Publishable]:
    for field in publishable_keys(type(row)):
        if field.name != left_out and (target := getattr(row, field.name)) is not None:
            yield target
