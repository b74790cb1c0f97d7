"""The strategy of the next period, begun from the one before: a draft with its objectives and their alignments."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User as Person
from django.db import transaction

from cms.content.snapshots import Snapshot
from cms.editing.forms import unique_name
from cms.publishing import actions
from cms.publishing.drafts import drafted
from cms.publishing.permissions import Action, require
from priorities.models import Objective, Strategy

NOT_COPIED = {"reference_number": "", "uploaded_on": None}  # of the publication that there is not yet
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")

Renamed = Callable[[str], str]


@transaction.atomic
def start_next_period(*, strategy: Strategy, user: Person | None) -> Strategy:
    """Make the draft of the strategy that follows ``strategy``, with its objectives, from what is drafted; return it.

    Objectives that were withdrawn are left out. Raises ``PermissionDenied`` and ``PublishingError``.
    """
    require(user, Action.CREATE, [strategy])
    data = drafted(strategy)
    moved = moved_years(data["fields"])
    made: Any = actions.create_from(item=strategy, data=of_next_period(strategy, data, moved), user=user)
    for objective in strategy.objectives.exclude(status=Objective.Status.WITHDRAWN).order_by("pk"):
        actions.create_from(item=objective, data=under(made, drafted(objective), moved), user=user)
    return made


def period_of(fields: dict[str, Any]) -> tuple[int, int] | None:
    """Return first and last year of a strategy, where both are known."""
    first, last = fields["period_from"], fields["period_to"]
    return (first, last) if first and last else None


def moved_years(fields: dict[str, Any]) -> Renamed:
    """Return what puts the years of the next period, which is as long, in the place of those in a text."""
    period = period_of(fields)
    if period is None:
        return lambda text: text
    years = {str(year): str(later) for year, later in zip(period, next_years(*period), strict=True)}
    return lambda text: YEAR.sub(lambda found: years.get(found[0], found[0]), text)


def next_years(first: int, last: int) -> tuple[int, int]:
    return last + 1, last + 1 + last - first


def of_next_period(strategy: Strategy, data: Snapshot, moved: Renamed) -> Snapshot:
    """Return the content of the next strategy: that of ``strategy`` without what belongs to its publication."""
    fields = {**data["fields"], **NOT_COPIED, "predecessor": str(strategy.pk)}
    fields |= {name: moved(text) for name, text in fields.items() if name.startswith("title_") and text}
    period = period_of(fields)
    fields["period_from"], fields["period_to"] = next_years(*period) if period else (None, None)
    fields["slug"] = free_slug(Strategy, moved(fields["slug"]))
    return {**data, "fields": fields, "children": {**data["children"], "documents": []}}


def under(strategy: Strategy, data: Snapshot, moved: Renamed) -> Snapshot:
    """Return the content of an objective with another strategy, under a slug that is free."""
    slug = free_slug(Objective, moved(data["fields"]["slug"]))
    return {**data, "fields": {**data["fields"], "strategy": str(strategy.pk), "slug": slug}}


def free_slug(model: type[Strategy | Objective], wanted: str) -> str:
    taken = model._default_manager.filter(slug__startswith=wanted[:20]).values_list("slug", flat=True)
    return unique_name(wanted, set(taken), model._meta.get_field("slug").max_length)
