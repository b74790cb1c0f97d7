"""A small site with everything on it, in as many copies as asked for: what tests of pages are run against."""

from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cms.search import index
from partners.models import Partnership
from priorities.models import Alignment, Objective, StrategyThematicArea
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    DocumentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OrganizationFactory,
    OutlineEntryFactory,
    PartnerFactory,
    PartnershipFactory,
    PillarFactory,
    QuotationFactory,
    SectionFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)

# The address of every kind of public page, without the language; ``make_content`` makes what they show.
PAGES = {
    "home": "/",
    "accessibility": "/accessibility/",
    "regions": "/regions/",
    "regions-filtered": "/regions/?kind=regional&country=AA",
    "office": "/regions/office/",
    "strategies": "/strategies/",
    "strategies-filtered": "/strategies/?search=title&office=office&thematic_area=area&framework=framework",
    "strategy": "/strategies/strategy/",
    "strategy-alignment": "/strategies/strategy/alignment/",
    "alignment": "/alignment/",
    "alignment-of-framework": "/alignment/?framework=framework",
    "compare": "/compare/",
    "compare-two": "/compare/?s=strategy&s=other",
    "goal": "/frameworks/framework/goals/1/",
    "chapter": "/strategies/strategy/read/chapter-0/",
    "version": "/strategies/strategy/versions/1/",
    "pillar": "/pillars/pillar/",
    "objectives": "/objectives/",
    "objectives-filtered": (
        "/objectives/?search=of&strategy=strategy&pillar=pillar&kind=main&thematic_area=area"
        "&framework=framework&goal=framework/1"
    ),
    "objective": "/objectives/objective/",
    "framework": "/frameworks/framework/",
    "partners": "/partners/",
    "partners-filtered": "/partners/?search=name&kind=un-agency&role=member&office=office",
    "partner": "/partners/partner/",
    "countries": "/countries/",
    "country": "/countries/AA/",
    "search": "/search/",
    "search-results": "/search/?q=name&type=offices&region=office",
    "search-nothing": "/search/?q=nothing+nmae",
    "country-on-map": "/countries/BR/",
}


def make_content(scale: int = 1) -> None:
    """Make one of each thing under the slug that ``PAGES`` names, and ``scale`` more of each beside it."""
    OrganizationFactory(tagline_en="Tagline.", about_en="<p>About.</p>", website="https://example.org/")
    pillar = PillarFactory(slug="pillar", summary_en="Summary.")
    area = ThematicAreaFactory(slug="area", description_en="Description.")
    framework = FrameworkFactory(slug="framework", acronym_en="FW", description_en="Description.")
    goals = [FrameworkGoalFactory(framework=framework, code=str(code + 1)) for code in range(1 + scale)]
    countries = [CountryFactory(code=f"A{chr(65 + number)}") for number in range(1 + scale)]
    countries.append(CountryFactory(code="BR"))  # of these codes one that maps know
    parent = OfficeFactory(slug="parent", kind="headquarters")
    office = OfficeFactory(
        slug="office",
        parent=parent,
        seat_country=countries[0],
        seat_city_en="City",
        seat_latitude=-15.8,
        seat_longitude=-47.9,
        introduction_en="<p>Intro.</p>",
    )
    office.countries.set(countries)
    predecessor = StrategyFactory(slug="predecessor", office=office, period_to=2010)
    strategy = StrategyFactory(
        slug="strategy", office=office, period_from=2020, period_to=2024, predecessor=predecessor
    )
    StrategyFactory(slug="successor", office=office, period_to=2011, predecessor=strategy)
    strategy.frameworks.add(framework)
    main = ObjectiveFactory(slug="objective", strategy=strategy, pillar=pillar, kind=Objective.Kind.MAIN)
    main.thematic_areas.add(area)
    partner = PartnerFactory(slug="partner")
    partner.countries.set(countries)
    partnership = PartnershipFactory(office=office, partner=partner)
    partnership.pillars.add(pillar)
    for goal in goals:
        AlignmentFactory(objective=main, goal=goal)
    for number in range(1 + scale):
        suboffice = OfficeFactory(parent=office)
        suboffice.countries.set(countries)
        SectionFactory(office=office)
        QuotationFactory(office=office)
        other = StrategyFactory(office=suboffice, **({"slug": "other"} if number == 0 else {}))
        other.frameworks.add(framework)
        StrategyThematicAreaFactory(strategy=strategy, thematic_area=area if number == 0 else ThematicAreaFactory())
        StrategyThematicAreaFactory(
            strategy=other, thematic_area=area, kind=StrategyThematicArea.Kind.TECHNICAL_COOPERATION
        )
        OutlineEntryFactory(
            strategy=strategy, anchor=f"chapter-{number}", level=1 + number % 2, body_en="<p>Chapter.</p>"
        )
        DocumentFactory(strategy=strategy, title=f"Document {number}")
        for each in (strategy, other):
            objective = ObjectiveFactory(strategy=each, pillar=pillar, code=str(number))
            objective.thematic_areas.add(area)
            AlignmentFactory(objective=objective, goal=goals[0], basis=Alignment.Basis.STATED)
        more = PartnershipFactory(office=office, partner=PartnerFactory(), role=Partnership.Role.MEMBER)
        more.pillars.add(pillar)
        PartnershipFactory(office=suboffice, partner=partner, role=Partnership.Role.MEMBER)
    index.rebuild()  # factories do not publish, which would do it


def queries_at(client, addresses: dict[str, str], scale: int, kept=lambda: None) -> dict[str, int]:
    """Return how many queries each address costs with ``scale`` of the content, under the name that it has here.

    The cache is empty but for what ``kept`` reads, which is there for a minute.
    """
    assert connection.features.supports_json_field  # which Django asks SQLite once a connection
    savepoint, counts = transaction.savepoint(), {}
    make_content(scale)
    for name, address in addresses.items():
        cache.clear()
        kept()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, address
        counts[name] = len(queries)
    transaction.savepoint_rollback(savepoint)
    return counts
