"""What stands in the way of a release: found with its drafts in place, listed for the people who decide.

Other apps add checks of their own with :func:`register`; a check is called with the items of the release, as they
will be, and yields problems.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.content.snapshots import child_relations, plain_relations, snapshot
from cms.publishing.drafts import ReleaseDraft, drafts_in, items_of
from cms.publishing.exceptions import DraftClash
from cms.publishing.models import Release, Revision
from cms.publishing.overlay import overlay
from cms.publishing.preview import drafts_of_release
from cms.publishing.rules import broken_rules


@dataclass(frozen=True)
class Problem:
    """One thing that stands in the way, at one item."""

    item: Publishable
    text: str | Promise


Check = Callable[[list[Publishable]], Iterable[Problem]]
CHECKS: list[Check] = []


def register(check: Check) -> Check:
    """Add a check to those that every release goes through."""
    CHECKS.append(check)
    return check


def problems_of(release: Release) -> list[Problem]:
    """Return what stands in the way of ``release``, item by item. Looks only; nothing is changed."""
    drafts = drafts_in(release)
    stored = [item for item, _draft in drafts]
    found = [*not_approved(drafts)]
    try:
        with overlay(drafts_of_release(release), as_live=True):
            items = items_of(release)
            found += [problem for check in CHECKS for problem in check(items)]
    except DraftClash as error:
        found.append(Problem(stored[0], " ".join(error.messages)))
    order = [(type(item), item.pk) for item in stored]
    return sorted(found, key=lambda problem: order.index((type(problem.item), problem.item.pk)))


def not_approved(drafts: Iterable[ReleaseDraft]) -> Iterator[Problem]:
    """Yield the items whose draft nobody has approved, or that have nothing to publish.

    A scheduled one that was replaced by a newer draft was judged when it was scheduled.
    """
    for item, draft in drafts:
        if draft is None and item.is_live:
            yield Problem(item, _("It has no draft: there is nothing to publish."))
        elif draft is not None and draft.is_open and draft.state != Revision.State.APPROVED:
            yield Problem(item, _("The draft is “%(state)s”, not approved.") % {"state": draft.get_state_display()})


@register
def rules_of_the_models(items: list[Publishable]) -> Iterator[Problem]:
    """Yield what the models' ``clean()`` says against the items as they will be together."""
    for item in items:
        for text in broken_rules(item, snapshot(item)):
            yield Problem(item, text)


@register
def links_to_what_is_not_live(items: list[Publishable]) -> Iterator[Problem]:
    """Yield the references of items, and of their children, to items that the public will not see."""
    for item in items:
        for target in references(item):
            if not type(target).objects.live().filter(pk=target.pk).exists():
                yield Problem(
                    item,
                    _("It refers to “%(target)s”, which is not live and not in this release.") % {"target": target},
                )


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
