"""Objectives by the goals that they serve, as a matrix: one for each framework.

The columns are the goals of one framework, all of them, so that gaps show; the rows are objectives, in groups.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from django.conf import settings
from django.utils.translation import gettext as _

from cms.content.languages import localized
from priorities.models import Alignment, Framework, FrameworkGoal, Objective, Pillar, Strategy


@dataclass
class Row:
    """An objective and, for each goal, its alignment or ``None``."""

    objective: Objective
    cells: list[Alignment | None]

    @property
    def total(self) -> int:
        """How many of the goals the objective serves."""
        return sum(cell is not None for cell in self.cells)


@dataclass
class Group:
    """Objectives under one heading; ``totals`` says for each goal how many of them serve it."""

    item: Pillar | Strategy
    rows: list[Row]

    @property
    def totals(self) -> list[int]:
        return [
            sum(cell is not None for cell in cells) for cells in zip(*(row.cells for row in self.rows), strict=True)
        ]

    @property
    def total(self) -> int:
        """How many alignments there are under the heading."""
        return sum(row.total for row in self.rows)

    @property
    def css_class(self) -> str:
        """The class that gives the pillar's colour; none for a strategy."""
        return f"pillar-{self.item.slug}" if isinstance(self.item, Pillar) else ""


@dataclass
class Matrix:
    """The objectives by the goals of one framework; ``totals`` are of all groups, those on other pages included."""

    framework: Framework
    goals: list[FrameworkGoal]
    groups: list[Group]
    totals: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many alignments there are."""
        return sum(self.totals)

    @property
    def columns(self) -> list[tuple[FrameworkGoal, int]]:
        """Pairs of a goal and how many objectives serve it."""
        return list(zip(self.goals, self.totals, strict=True))

    @property
    def bases(self) -> set[str]:
        """The bases that occur: values of ``Alignment.Basis``."""
        return {cell.basis for group in self.groups for row in group.rows for cell in row.cells if cell}


def strategy_matrices(objectives: list[Objective], goals: Iterable[FrameworkGoal]) -> list[Matrix]:
    """Return a matrix for each framework that the objectives of one strategy serve, by pillar.

    ``objectives`` come by pillar, with their ``alignments`` prefetched; ``goals`` by framework.
    """
    matrices = []
    for framework, found in groupby(goals, key=lambda goal: goal.framework):
        columns = list(found)
        groups = [
            Group(pillar, [make_row(objective, columns, objective.alignments.all()) for objective in members])
            for pillar, members in groupby(objectives, key=lambda objective: objective.pillar)
        ]
        totals = [sum(numbers) for numbers in zip(*(group.totals for group in groups), strict=True)]
        if any(totals):
            matrices.append(Matrix(framework, columns, groups, totals))
    return matrices


def region_matrix(
    framework: Framework,
    goals: list[FrameworkGoal],
    strategies: Iterable[Strategy],
    alignments: Iterable[Alignment],
    counts: Counter,
) -> Matrix:
    """Return the matrix of one framework across strategies.

    ``alignments`` are those of the ``strategies`` with their objectives, in the order of the objectives; ``counts``
    says by the key of a goal how many objectives serve it in all.
    """
    by_strategy = {}
    for objective, found in groupby(alignments, key=lambda alignment: alignment.objective):
        row = make_row(objective, goals, found)
        by_strategy.setdefault(objective.strategy_id, []).append(row)
    groups = [Group(strategy, by_strategy.get(strategy.pk, [])) for strategy in strategies]
    return Matrix(framework, goals, [group for group in groups if group.rows], [counts[goal.pk] for goal in goals])


def make_row(objective: Objective, goals: list[FrameworkGoal], alignments: Iterable[Alignment]) -> Row:
    """Return the row of an objective under ``goals``."""
    by_goal = {alignment.goal_id: alignment for alignment in alignments}
    return Row(objective, [by_goal.get(goal.pk) for goal in goals])


def alignment_table(alignments: Iterable[Alignment]) -> Iterator[list]:
    """Yield alignments as rows of a table in the reader's language, the names of the columns first.

    Needs :meth:`AlignmentQuerySet.for_table`.
    """
    yield [
        *(_("Office"), _("Strategy"), _("Pillar"), _("Kind"), _("Code"), _("Objective"), _("Language")),
        *(_("Framework"), _("Goal"), _("Title of the goal"), _("Basis"), _("Note"), _("Address")),
    ]
    for alignment in alignments:
        objective, goal = alignment.objective, alignment.goal
        statement = localized(objective, "statement")
        yield [
            localized(objective.strategy.office, "name"),
            localized(objective.strategy, "title"),
            localized(objective.pillar, "name"),
            objective.get_kind_display(),
            objective.code,
            statement,
            statement.language,
            goal.framework.label,
            goal.code,
            localized(goal, "title"),
            alignment.get_basis_display(),
            localized(alignment, "note"),
            settings.SITE_URL + objective.get_absolute_url(),
        ]
