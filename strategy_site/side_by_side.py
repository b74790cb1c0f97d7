"""Two to four strategies side by side: what they have in common, and what is in only one of them.

Stands on this floor because it needs partners and strategies alike.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Model, Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from cms.content.languages import localized
from cms.content.lookups import fold
from partners.models import Partner, Partnership
from priorities.models import (
    Alignment,
    Framework,
    FrameworkGoal,
    Objective,
    Pillar,
    PillarGroup,
    Strategy,
    ThematicArea,
)

FEWEST, MOST = 2, 4  # strategies beside each other


@dataclass
class Line:
    """Something that strategies may share, and for each strategy what it says of it; "" where it has it not."""

    item: Model
    cells: list[str]

    @property
    def number(self) -> int:
        """How many of the strategies have it."""
        return sum(bool(cell) for cell in self.cells)

    @property
    def share(self) -> str:
        """``"all"``, ``"some"`` or ``"one"``: how common it is."""
        return {len(self.cells): "all", 1: "one"}.get(self.number, "some")


@dataclass
class Block:
    """Lines of one kind: partners, thematic areas, or the goals of one framework."""

    kind: str  # "areas", "partners" or "goals"
    lines: list[Line]
    framework: Framework | None = None


@dataclass
class PillarComparison:
    """What the strategies set out to do under one pillar: a group of objectives for each, and what they share."""

    pillar: Pillar
    groups: list[PillarGroup]
    blocks: list[Block] = field(default_factory=list)

    @property
    def line(self) -> Line:
        """The pillar as something that strategies may share."""
        return Line(self.pillar, [str(len(group.objectives) or "") for group in self.groups])


@dataclass
class Comparison:
    """Strategies side by side, in the order in which they were asked for."""

    strategies: list[Strategy]
    pillars: list[PillarComparison]
    blocks: list[Block]


def compare(strategies: list[Strategy]) -> Comparison:
    """Return the comparison of live strategies; reads what they are made of with seven queries."""
    prefetch_related_objects(
        strategies,
        *Strategy.objects.parts(),
        Prefetch("live_objectives__alignments", Alignment.objects.with_goal()),
        Prefetch("live_objectives__thematic_areas", ThematicArea.objects.live(), to_attr="live_thematic_areas"),
        Prefetch(
            "office__partnerships",
            Partnership.objects.live()
            .for_office()
            .prefetch_related(Prefetch("pillars", Pillar.objects.live(), to_attr="live_pillars")),
            to_attr="live_partnerships",
        ),
    )
    name_columns(strategies)
    mark_same_wording(strategies)
    pillars = unique(objective.pillar for strategy in strategies for objective in strategy.live_objectives)
    pillars.sort(key=lambda pillar: (pillar.position, pillar.slug))
    return Comparison(
        strategies,
        [compare_pillar(pillar, strategies) for pillar in pillars],
        [
            area_block([strategy_areas(strategy) for strategy in strategies]),
            partner_block([strategy.office.live_partnerships for strategy in strategies]),
            *goal_blocks([strategy.live_objectives for strategy in strategies]),
        ],
    )


def name_columns(strategies: list[Strategy]) -> None:
    """Give each strategy a short ``column``: its office's name, or its title where two are of one office."""
    offices = {strategy.office_id for strategy in strategies}
    for strategy in strategies:
        strategy.column = strategy.office.label if len(offices) == len(strategies) else strategy.label


def mark_same_wording(strategies: list[Strategy]) -> None:
    """Give each objective ``also_in``: the other strategies that have an objective in the same words."""
    holders = {}
    for strategy in strategies:
        for objective in strategy.live_objectives:
            objective.wording = fold(localized(objective, "statement").value)
            holders.setdefault(objective.wording, []).append(strategy)
    for strategy in strategies:
        for objective in strategy.live_objectives:
            objective.also_in = [other for other in unique(holders[objective.wording]) if other.pk != strategy.pk]


def compare_pillar(pillar: Pillar, strategies: list[Strategy]) -> PillarComparison:
    """Return what the strategies do under one pillar."""
    groups = [
        PillarGroup(pillar, strategy, [found for found in strategy.live_objectives if found.pillar_id == pillar.pk])
        for strategy in strategies
    ]
    areas = [
        {area: _("yes") for objective in group.objectives for area in objective.live_thematic_areas}
        for group in groups
    ]
    partnerships = [
        [found for found in group.strategy.office.live_partnerships if pillar in found.live_pillars]
        for group in groups
    ]
    blocks = [area_block(areas), partner_block(partnerships), *goal_blocks([group.objectives for group in groups])]
    return PillarComparison(pillar, groups, [block for block in blocks if block.lines])


def strategy_areas(strategy: Strategy) -> dict[ThematicArea, str]:
    """Return the thematic areas of a whole strategy with what it has to do with each."""
    areas = {}
    for link in strategy.live_area_links:
        areas.setdefault(link.thematic_area, []).append(link.get_kind_display())
    return {area: ", ".join(kinds) for area, kinds in areas.items()}


def area_block(columns: list[dict[ThematicArea, str]]) -> Block:
    return Block("areas", sorted(lines_of(columns), key=lambda line: (line.item.position, line.item.slug)))


def partner_block(columns: list[Iterable[Partnership]]) -> Block:
    """Return the partners of each strategy's office with the roles that the office has."""
    roles: list[dict[Partner, list[str]]] = []
    for partnerships in columns:
        roles.append({})
        for found in partnerships:
            roles[-1].setdefault(found.partner, []).append(found.get_role_display())
    texts = [{partner: ", ".join(names) for partner, names in column.items()} for column in roles]
    return Block("partners", sorted(lines_of(texts), key=lambda line: (-line.number, fold(line.item.label.value))))


def goal_blocks(columns: list[list[Objective]]) -> list[Block]:
    """Return for each framework the goals that are served, with how many objectives of each strategy serve it.

    What editors assigned and the source does not state is told apart.
    """
    lines = lines_of([goal_cells(objectives) for objectives in columns])
    frameworks = unique(line.item.framework for line in lines)
    return [
        Block(
            "goals",
            sorted((line for line in lines if line.item.framework == framework), key=lambda line: line.item.position),
            framework,
        )
        for framework in sorted(frameworks, key=lambda framework: (framework.position, framework.slug))
    ]


def goal_cells(objectives: list[Objective]) -> dict[FrameworkGoal, str]:
    """Return for each goal that any of ``objectives`` serves how many do, and how many of them by assignment."""
    bases: dict[FrameworkGoal, list[str]] = {}
    for objective in objectives:
        for group in objective.goal_groups():
            for alignment in group.alignments:
                bases.setdefault(alignment.goal, []).append(alignment.basis)
    return {goal: counted(len(found), found.count(Alignment.Basis.ASSIGNED)) for goal, found in bases.items()}


def counted(number: int, assigned: int) -> str:
    """Return a number of objectives, with how many of them serve a goal only in the view of editors."""
    if not assigned:
        return str(number)
    return _("%(number)d (%(assigned)d assigned by editors)") % {"number": number, "assigned": assigned}


def lines_of(columns: list[dict[Model, str]]) -> list[Line]:
    """Return a line for each item that any column has."""
    items = unique(item for column in columns for item in column)
    return [Line(item, [column.get(item, "") for column in columns]) for item in items]


def unique(items: Iterable[Model]) -> list[Model]:
    """Return items once each, in the order in which they first come."""
    return list(dict.fromkeys(items))


def comparison_table(comparison: Comparison) -> Iterator[list]:
    """Yield a comparison as rows of a table in the reader's language, the names of the columns first."""
    titles = [strategy.label for strategy in comparison.strategies]
    yield [_("Pillar"), _("Topic"), _("Item"), *titles, _("How many have it"), _("Address")]
    for part in comparison.pillars:
        pillar = part.pillar.label
        for number, group in enumerate(part.groups):
            for objective in group.objectives:
                cells = ["" for _title in titles]
                cells[number] = objective.code or _("yes")
                shared = 1 + len(objective.also_in)
                address = settings.SITE_URL + objective.get_absolute_url()
                yield [pillar, objective.get_kind_display(), objective.label, *cells, shared, address]
        yield from block_rows(pillar, part.blocks)
    yield from block_rows(_("The whole strategy"), comparison.blocks)


def block_rows(pillar: str, blocks: Iterable[Block]) -> Iterator[list]:
    topics = {"areas": _("Thematic area"), "partners": _("Partner")}
    for block in blocks:
        topic = block.framework.label if block.framework else topics[block.kind]
        for line in block.lines:
            address = settings.SITE_URL + line.item.get_absolute_url()
            yield [pillar, topic, line.item.label, *line.cells, line.number, address]
