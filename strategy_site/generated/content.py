"""Makes rows of every content model by the thousand, live, the same ones every time.

Content is made in units, each about as large as the content that comes with the project. A unit is written in one
transaction with its neighbours of the batch, so it is there whole or not at all, and names itself by its number:
what is there is found by its slug, and a second run adds nothing.
"""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import models, transaction
from django.utils.translation import override

from cms.content.languages import column
from cms.content.models import Publishable
from cms.publishing.actions.schedules import begin
from cms.publishing.changelog import PublicChange, record
from cms.publishing.models import Change
from cms.publishing.parts_changed import tell
from partners.models import Partner, Partnership
from priorities.models import (
    Alignment,
    Framework,
    FrameworkGoal,
    Objective,
    OutlineEntry,
    Pillar,
    Strategy,
    StrategyThematicArea,
    ThematicArea,
)
from regions.models import Country, Office, Quotation, Section
from strategy_site.generated.texts import Texts

PREFIX = "generated-"
NAMESPACE = uuid.UUID("6f2d3c9a-8a1e-5c53-9e57-3b0f5d0a7b11")
PUBLISHED_AT = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)

OFFICES = 3
SECTIONS = 3
STRATEGIES = 2
OUTLINE = 21
OBJECTIVES = 30
ALIGNMENTS = 2
PARTNERS = 17
PARTNERSHIPS = 30
COUNTRIES = 8
UNITS_PER_BATCH = 5  # about 1,500 rows of four languages: a few megabytes


@dataclass
class ReferenceData:
    """What generated content refers to: the site's own, or some of our making where it has none."""

    countries: list[Country]
    pillars: list[Pillar]
    areas: list[ThematicArea]
    frameworks: list[Framework]
    goals: list[FrameworkGoal]


@dataclass
class Batch:
    """Rows to be written together, in the order in which they refer to each other."""

    rows: dict[type[models.Model], list[models.Model]] = field(default_factory=lambda: defaultdict(list))

    def add(self, model: type[models.Model], name: str, texts: dict[str, dict[str, str]], **values) -> models.Model:
        """Add a row under an identifier made from its ``name``; ``texts`` holds the translated fields."""
        if issubclass(model, Publishable):
            values |= {
                "status": Publishable.Status.LIVE,
                "first_published_at": PUBLISHED_AT,
                "last_published_at": PUBLISHED_AT,
            }
        for field_name, by_language in texts.items():
            values |= {column(field_name, code): text for code, text in by_language.items()}
        row = model(id=uuid.uuid5(NAMESPACE, f"{model.collection or model.__name__}/{name}"), **values)
        self.rows[model].append(row)
        return row

    def link(self, relation: models.Manager, source: models.Model, target: models.Model) -> None:
        """Add a row of a plain many-to-many relation such as ``Office.countries``."""
        ends = {relation.field.m2m_column_name(): source.pk, relation.field.m2m_reverse_name(): target.pk}
        self.rows[relation.through].append(relation.through(**ends))

    def write(self) -> int:
        """Write all rows in one transaction and return their number."""
        # The column of the bare field follows the active language: let it be the same one every time.
        with transaction.atomic(), override("en"):
            head, now = begin()
            for model, rows in self.rows.items():
                model._base_manager.bulk_create(rows, batch_size=500)
            items = [row for model, rows in self.rows.items() if issubclass(model, Publishable) for row in rows]
            record((PublicChange(Change.Operation.UPSERT, type(row), row.pk) for row in items), head=head, at=now)
            tell((type(row), row.pk) for rows in self.rows.values() for row in rows)
        return sum(map(len, self.rows.values()))


def generate(scale: int, progress: Callable[[int, int], None]) -> int:
    """Make the units 1 to ``scale`` that are not there yet and return the number of rows written.

    ``progress`` is called after each batch with the last unit's number and the rows written so far.
    """
    there = set(Office.objects.filter(slug__startswith=PREFIX).values_list("slug", flat=True))
    missing = [unit for unit in range(1, scale + 1) if office_slug(unit, 0) not in there]
    if not missing:
        return 0
    written = ensure_reference_data()
    reference = read_reference_data()
    for units in batches(missing, UNITS_PER_BATCH):
        batch = Batch()
        for unit in units:
            add_unit(batch, unit, reference)
        written += batch.write()
        progress(units[-1], written)
    return written


def batches(items: list, size: int) -> Iterator[list]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def office_slug(unit: int, number: int) -> str:
    return f"{PREFIX}office-{unit}-{number}"


def ensure_reference_data() -> int:
    """Make pillars, thematic areas and a framework where the site has none; return the number of rows written."""
    batch = Batch()
    texts = Texts("reference")
    if not Pillar.objects.live().exists():
        for number in range(3):
            slug = f"{PREFIX}pillar-{number}"
            words = {"name": texts.name("pillar", number + 1), "summary": texts.sentences(1)}
            batch.add(Pillar, slug, words, slug=slug, position=number, colour="#1f4e79", icon=Pillar.Icon.GLOBE)
    if not ThematicArea.objects.live().exists():
        for number in range(10):
            slug = f"{PREFIX}area-{number}"
            batch.add(ThematicArea, slug, {"name": texts.name("area", number + 1)}, slug=slug, position=number)
    if not FrameworkGoal.objects.filter(Framework.live_condition("framework__")).exists():
        slug = f"{PREFIX}framework"
        framework = batch.add(Framework, slug, {"name": texts.name("framework", 1)}, slug=slug)
        for number in range(17):
            code = str(number + 1)
            words = {"title": texts.name("goal", code)}
            batch.add(FrameworkGoal, f"{slug}/{code}", words, framework=framework, code=code, position=number)
    return batch.write()


def read_reference_data() -> ReferenceData:
    return ReferenceData(
        countries=list(Country.objects.order_by("code")),
        pillars=list(Pillar.objects.live().order_by("slug")),
        areas=list(ThematicArea.objects.live().order_by("slug")),
        frameworks=list(Framework.objects.live().order_by("slug")),
        goals=list(
            FrameworkGoal.objects.filter(Framework.live_condition("framework__")).order_by("framework__slug", "code")
        ),
    )


def add_unit(batch: Batch, unit: int, reference: ReferenceData) -> None:
    """Add one unit: offices, strategies with outline and objectives, partners and partnerships."""
    texts = Texts(f"unit {unit}")
    offices = [add_office(batch, unit, number, texts, reference) for number in range(OFFICES)]
    for number in range(STRATEGIES):
        add_strategy(batch, f"{PREFIX}strategy-{unit}-{number}", offices[number], f"{unit}.{number}", texts, reference)
    partners = [add_partner(batch, unit, number, texts, reference) for number in range(PARTNERS)]
    roles = list(Partnership.Role)
    for number in range(PARTNERSHIPS):
        # 17, 3 and 11 have no common divisor, so no two of the thirty agree in all three.
        office, partner, role = offices[number % OFFICES], partners[number % PARTNERS], roles[number % len(roles)]
        name = f"{unit}/{number}"
        words = {"description": texts.sentences(1)}
        partnership = batch.add(
            Partnership, name, words, office=office, partner=partner, role=role, since=2000 + number, position=number
        )
        batch.link(Partnership.pillars, partnership, choice(reference.pillars, number))


def choice(items: list, number: int):
    return items[number % len(items)]


def add_office(batch: Batch, unit: int, number: int, texts: Texts, reference: ReferenceData) -> Office:
    slug = office_slug(unit, number)
    label = f"{unit}.{number}"
    words = {
        "name": texts.name("office", label),
        "short_name": texts.name("region", label),
        "introduction": texts.paragraphs(3),
        "director_role": texts.name("role", label),
    }
    office = batch.add(
        Office, slug, words, slug=slug, director_name=f"A. Person {label}", position=1_000 + unit * OFFICES + number
    )
    for step in range(min(COUNTRIES, len(reference.countries))):
        batch.link(Office.countries, office, choice(reference.countries, unit * OFFICES + number + step))
    for position in range(SECTIONS):
        words = {"heading": texts.name("section", position + 1), "body": texts.paragraphs(1)}
        batch.add(Section, f"{slug}/{position}", words, office=office, anchor=f"section-{position}", position=position)
    words = {"text": texts.sentences(1), "role": texts.name("role", label)}
    batch.add(Quotation, slug, words, office=office, attributed_to=f"A. Person {label}")
    return office


def add_strategy(batch: Batch, slug: str, office: Office, label: str, texts: Texts, reference: ReferenceData) -> None:
    words = {
        "title": texts.name("strategy", label),
        "summary": texts.paragraphs(1),
        "vision": texts.paragraphs(1),
    }
    strategy = batch.add(
        Strategy, slug, words, slug=slug, office=office, period_from=2020, period_to=2024, original_language="en"
    )
    for framework in reference.frameworks:
        batch.link(Strategy.frameworks, strategy, framework)
    for position, area in enumerate(reference.areas):
        batch.add(
            StrategyThematicArea, f"{slug}/{area.slug}", {}, strategy=strategy, thematic_area=area, position=position
        )
    for position in range(OUTLINE):
        words = {"title": texts.name("chapter", position + 1), "body": texts.paragraphs(1)}
        batch.add(
            OutlineEntry, f"{slug}/{position}", words,
            strategy=strategy, anchor=f"chapter-{position}", number=str(position + 1), position=position,
        )  # fmt: skip
    for number in range(OBJECTIVES):
        add_objective(batch, f"{slug}-{number}", strategy, number, texts, reference)


def add_objective(
    batch: Batch, slug: str, strategy: Strategy, number: int, texts: Texts, reference: ReferenceData
) -> None:
    is_main = number < len(reference.pillars)  # the first one under each pillar
    words = {"statement": texts.sentences(1), "context": texts.sentences(2)}
    objective = batch.add(
        Objective, slug, words,
        slug=slug, strategy=strategy, pillar=choice(reference.pillars, number), position=number,
        kind=Objective.Kind.MAIN if is_main else Objective.Kind.PRIORITY,
    )  # fmt: skip
    batch.link(Objective.thematic_areas, objective, choice(reference.areas, number))
    for position in range(min(ALIGNMENTS, len(reference.goals))):
        goal = choice(reference.goals, number * ALIGNMENTS + position)
        batch.add(Alignment, f"{slug}/{position}", {}, objective=objective, goal=goal, position=position)


def add_partner(batch: Batch, unit: int, number: int, texts: Texts, reference: ReferenceData) -> Partner:
    slug = f"{PREFIX}partner-{unit}-{number}"
    words = {"name": texts.name("partner", f"{unit}.{number}"), "description": texts.paragraphs(1)}
    partner = batch.add(Partner, slug, words, slug=slug, kind=choice(list(Partner.Kind), number))
    for step in range(min(3, len(reference.countries))):
        batch.link(Partner.countries, partner, choice(reference.countries, number + step))
    return partner


# From what refers to what is referred to; the path is the one on which the generated slug is found.
DELETED = [
    (Partnership, "office__slug"),
    (Partner, "slug"),
    (Objective, "slug"),
    (Strategy, "slug"),
    (Office, "slug"),
    (Framework, "slug"),
    (ThematicArea, "slug"),
    (Pillar, "slug"),
]
DELETED_AT_ONCE = 2_000


def delete_generated(progress: Callable[[str, int], None]) -> int:
    """Delete all generated content and return the number of rows; a part at a time, so memory stays small.

    Raises ``ProtectedError`` when content of the site's own refers to it.
    """
    deleted = 0
    for model, path in DELETED:
        generated = model.objects.filter(**{f"{path}__startswith": PREFIX}).order_by()
        while ids := list(generated.values_list("pk", flat=True)[:DELETED_AT_ONCE]):
            with transaction.atomic():
                head, now = begin()
                public = model.objects.live().filter(pk__in=ids).values_list("pk", flat=True)
                gone = [PublicChange(Change.Operation.DELETE, model, key) for key in public]
                deleted += model.objects.filter(pk__in=ids).delete()[0]
                record(gone, head=head, at=now)
            progress(str(model._meta.verbose_name_plural), deleted)
    return deleted
