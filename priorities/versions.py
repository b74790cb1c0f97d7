"""What a strategy said in each of its versions, put together again from the revisions that were published."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from cms.content.children import keep_children, prefetch_children
from cms.content.comparison import Comparison
from cms.content.languages import LocalizedText, localized
from cms.content.models import Publishable
from cms.pages.comparison import PublicNames, readable_comparison
from cms.publishing.history import Dependents, Version, item_from, published_snapshots
from priorities.models import Framework, FrameworkGoal, Objective, Pillar, Strategy, ThematicArea


def once_public(model: type[Publishable], keys: Iterable[UUID]) -> QuerySet:
    """Return the rows ``keys`` without those that were never published."""
    return model.objects.filter(pk__in=set(keys)).exclude(status=Publishable.Status.UNPUBLISHED)


def strategy_in(version: Version, strategy: Strategy) -> Strategy:
    """Return ``strategy`` as it was published in ``version``, with its objectives of that moment, ready to be shown.

    Office, pillars, thematic areas, frameworks and goals have the names that they have now.
    """
    if not version.is_kept:  # it has no revisions: what is live is all there is
        shown = Strategy.objects.live().for_page().get(pk=strategy.pk)
        prefetch_children(shown, "outline")
        return shown
    content = published_snapshots(strategy, [version])[0]
    shown = item_from(Strategy, strategy.pk, content)
    shown.live_frameworks = list(once_public(Framework, content["relations"].get("frameworks", [])))
    shown.office = strategy.office
    found = Dependents(Objective, "strategy", strategy, last=version.published_at).at(version.published_at)
    objectives = [item_from(Objective, key, data) for key, data in found.items()]
    pillars = once_public(Pillar, [objective.pillar_id for objective in objectives]).in_bulk()
    alignments = [row for objective in objectives for row in objective.alignments.all()]
    goals = (
        FrameworkGoal.objects.filter(pk__in={row.goal_id for row in alignments})
        .exclude(framework__status=Publishable.Status.UNPUBLISHED)
        .select_related("framework")
        .in_bulk()
    )
    shown.live_objectives = []
    for objective in objectives:
        if objective.pillar_id in pillars:
            objective.strategy, objective.pillar = shown, pillars[objective.pillar_id]
            rows = [row for row in objective.alignments.all() if row.goal_id in goals]
            for row in rows:
                row.goal = goals[row.goal_id]
            keep_children(objective, {"alignments": rows})
            shown.live_objectives.append(objective)
    shown.live_objectives.sort(key=reading_order)
    areas = once_public(ThematicArea, [link.thematic_area_id for link in shown.area_links.all()]).in_bulk()
    shown.live_area_links = [link for link in shown.area_links.all() if link.thematic_area_id in areas]
    for link in shown.live_area_links:
        link.thematic_area = areas[link.thematic_area_id]
    return shown


def reading_order(objective: Objective) -> tuple:
    """Return what objectives of a strategy are sorted by."""
    pillar = objective.pillar
    return pillar.position, pillar.slug, objective.kind, objective.position, objective.slug


@dataclass(frozen=True)
class ObjectiveDifference:
    """An objective that came, went or changed between two versions."""

    kind: str
    name: LocalizedText
    comparison: Comparison | None = None


@dataclass(frozen=True)
class VersionDifference:
    """All that a reader may want to know of what one version changed of the one before."""

    strategy: Comparison
    objectives: list[ObjectiveDifference]

    def __bool__(self) -> bool:
        return bool(self.strategy or self.objectives)


def difference(strategy: Strategy, before: Version, after: Version) -> VersionDifference:
    """Return what ``after`` changed of ``before``, in the reader's language and its fallbacks."""
    old, new = published_snapshots(strategy, [before, after])
    dependents = Dependents(Objective, "strategy", strategy, last=after.published_at)
    were, are = dependents.at(before.published_at), dependents.at(after.published_at)
    names = PublicNames([(Strategy, [old, new]), (Objective, [*were.values(), *are.values()])])
    changed = readable_comparison(Strategy, old, new, names)
    objectives = []
    for key in {**are, **were}:
        row = item_from(Objective, key, are.get(key) or were[key])
        name = localized(row, "statement")
        if key not in were:
            objectives.append(ObjectiveDifference("added", name))
        elif key not in are:
            objectives.append(ObjectiveDifference("removed", name))
        elif comparison := readable_comparison(Objective, were[key], are[key], names):
            objectives.append(ObjectiveDifference("changed", name, comparison))
    return VersionDifference(changed, objectives)
