"""The goals that objectives serve, read for all objectives of a page at once."""

from collections.abc import Iterable
from uuid import UUID

from cms.content.statements import Statement
from priorities.models import Alignment, FrameworkGoal, Objective

ALIGNMENTS = Statement(lambda key: Alignment.objects.filter(objective__in=[key]))
GOALS = Statement(lambda key: FrameworkGoal.objects.with_framework().filter(pk__in=[key]))


def read_alignments(objectives: Iterable[Objective]) -> None:
    """Give each of ``objectives`` its ``live_alignments`` with goal and framework, in two queries for all."""
    found: dict[UUID, list[Alignment]] = {objective.pk: [] for objective in objectives}
    alignments = ALIGNMENTS.rows(*found)
    goals = {goal.pk: goal for goal in GOALS.rows(*{alignment.goal_id for alignment in alignments})}
    for alignment in alignments:
        if alignment.goal_id in goals:
            alignment.goal = goals[alignment.goal_id]
            found[alignment.objective_id].append(alignment)
    for objective in objectives:
        objective.live_alignments = found[objective.pk]
