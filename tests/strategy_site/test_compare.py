"""Strategies side by side."""

import csv

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from priorities.models import Strategy
from strategy_site.side_by_side import compare
from tests.factories import (
    AlignmentFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    PartnerFactory,
    PartnershipFactory,
    PillarFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db
HIDDEN = "Hidden thing"
MOST_QUERIES = 12


@pytest.fixture
def world():
    """Two strategies, north and south, that share some things."""
    pillar, other_pillar = PillarFactory(slug="shared", name_en="Shared pillar"), PillarFactory(slug="northern")
    shared_area, own_area = ThematicAreaFactory(name_en="Shared area"), ThematicAreaFactory(name_en="Own area")
    shared_goal = FrameworkGoalFactory(framework__slug="sdg", code="1")
    own_goal = FrameworkGoalFactory(framework=shared_goal.framework, code="2")
    shared_partner, own_partner = PartnerFactory(name_en="Shared partner"), PartnerFactory(name_en="Own partner")
    for name in ("north", "south"):
        strategy = StrategyFactory(slug=name, title_en=f"Strategy {name}", office__name_en=f"Office {name}")
        main = ObjectiveFactory(strategy=strategy, pillar=pillar, kind="main", statement_en=f"Main of {name}.")
        main.thematic_areas.add(shared_area)
        ObjectiveFactory(strategy=strategy, pillar=pillar, code="a", statement_en="The same words.")
        StrategyThematicAreaFactory(strategy=strategy, thematic_area=shared_area)
        AlignmentFactory(objective=main, goal=shared_goal, basis="stated")
        PartnershipFactory(office=strategy.office, partner=shared_partner).pillars.add(pillar)
        if name == "north":
            ObjectiveFactory(strategy=strategy, pillar=other_pillar, statement_en="Only here.")
            StrategyThematicAreaFactory(strategy=strategy, thematic_area=own_area)
            AlignmentFactory(objective=main, goal=own_goal, basis="assigned")
            PartnershipFactory(office=strategy.office, partner=own_partner)


def compared(*slugs):
    found = {strategy.slug: strategy for strategy in Strategy.objects.live().across_regions()}
    return compare([found[slug] for slug in slugs])


def lines(blocks) -> list[tuple[str, list[str], str]]:
    return [(line.item.label.value, line.cells, line.share) for block in blocks for line in block.lines]


def test_comparison_says_what_is_common_and_what_only_one_has(world):
    assert sorted(lines(compared("north", "south").blocks)) == [
        ("1. Title of goal 1", ["1", "1"], "all"),
        ("2. Title of goal 2", ["1 (1 assigned by editors)", ""], "one"),
        ("Own area", ["carried out through", ""], "one"),
        ("Own partner", ["member", ""], "one"),
        ("Shared area", ["carried out through", "carried out through"], "all"),
        ("Shared partner", ["member", "member"], "all"),
    ]


def test_comparison_goes_pillar_by_pillar(world):
    shared, northern = compared("south", "north").pillars
    assert (shared.line.share, northern.line.share) == ("all", "one")
    assert [group.main.statement_en for group in shared.groups] == ["Main of south.", "Main of north."]
    assert [name for name, _, _ in lines(shared.blocks)] == [
        "Shared area",
        "Shared partner",
        "1. Title of goal 1",
        "2. Title of goal 2",
    ]
    assert northern.blocks == []


@pytest.mark.parametrize("path", ["compare/", "compare.csv"])
def test_what_editors_assigned_is_told_apart_on_page_and_in_table(client, world, path):
    text = client.get(f"/en/{path}?s=south&s=north").content.decode()
    assert "1 (1 assigned by editors)" in text


def test_page_keeps_the_order_of_the_address(client, world):
    page = client.get("/en/compare/?s=south&s=north").text
    assert page.index("Main of south.") < page.index("Main of north.")
    assert '<a href="/es/compare/?s=south&amp;s=north"' in page


def test_page_tells_what_is_common_in_words(client, world):
    page = client.get("/en/compare/?s=north&s=south").text
    for text in ("In all", "Only in one", "In the same words in: Office south", "not in this strategy"):
        assert text in " ".join(page.split())
    assert "This strategy has no objective under this pillar." in page


def test_three_strategies_may_share_something_in_part(world):
    StrategyFactory(slug="east")
    shares = {name: share for name, _, share in lines(compared("north", "south", "east").blocks)}
    assert shares["Shared area"] == "some"


def test_strategies_of_one_office_are_told_apart_by_their_titles(world):
    north = Strategy.objects.get(slug="north")
    StrategyFactory(slug="later", title_en="Later strategy", office=north.office)
    assert [str(strategy.column) for strategy in compared("north", "later").strategies] == [
        "Strategy north",
        "Later strategy",
    ]


def test_comparison_shows_nothing_that_is_not_live(client, world):
    north = Strategy.objects.get(slug="north")
    pillar = PillarFactory(name_en=HIDDEN, live=False)
    ObjectiveFactory(strategy=north, statement_en=HIDDEN, live=False)
    ObjectiveFactory(strategy=north, statement_en=HIDDEN, pillar=pillar)
    StrategyThematicAreaFactory(strategy=north, thematic_area=ThematicAreaFactory(name_en=HIDDEN, live=False))
    PartnershipFactory(office=north.office, partner=PartnerFactory(name_en=HIDDEN, live=False))
    PartnershipFactory(office=north.office, partner=PartnerFactory(name_en=HIDDEN), live=False)
    AlignmentFactory(objective=north.objectives.first(), goal__framework__live=False, goal__title_en=HIDDEN)
    StrategyFactory(title_en=HIDDEN, live=False)
    assert HIDDEN not in client.get("/en/compare/?s=north&s=south").text
    assert HIDDEN not in client.get("/en/compare.csv?s=north&s=south").text


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("", 200, "Choose two to four strategies"),
        ("?s=", 200, "Choose two to four strategies"),
        ("?s=north", 200, "“Strategy north” is chosen. Choose at least one more."),
        ("?s=north&s=no", 400, "There is no strategy “no”."),
        ("?s=north&s=hidden", 400, "There is no strategy “hidden”."),
        ("?s=north&s=north", 400, "The same strategy was chosen twice."),
        ("?s=north&s=south&s=x1&s=x2&s=x3", 400, "At most 4 strategies can be compared at a time."),
        ("?s=" + "a" * 5_000, 400, "There is no strategy"),
        ("?s=%00&s=%3Cscript%3E", 400, "There is no strategy"),
    ],
    ids=["none", "blank", "one", "unknown", "not live", "twice", "five", "long", "hostile"],
)
def test_choice_that_cannot_be_compared_gets_the_form(client, world, query, status, text):
    StrategyFactory(slug="hidden", live=False)
    for number in range(3):
        StrategyFactory(slug=f"x{number + 1}")
    response = client.get(f"/en/compare/{query}")
    assert response.status_code == status
    assert text in response.text
    assert '<input type="checkbox" name="s" value="north"' in response.text
    assert "<script>" not in response.text


def test_form_keeps_what_was_chosen(client, world):
    page = client.get("/en/compare/?s=north&s=no").text
    assert 'value="north" checked' in page
    assert 'value="south" checked' not in page


def test_comparison_costs_the_same_few_queries_at_any_size(client, world):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/en/compare/?s=north&s=south&s=x1&s=x2").status_code == 200
        return len(queries)

    for number in (1, 2):
        StrategyFactory(slug=f"x{number}")
    few = count()
    for strategy in Strategy.objects.all():
        for objective in ObjectiveFactory.create_batch(3, strategy=strategy):
            objective.thematic_areas.add(ThematicAreaFactory())
            AlignmentFactory.create_batch(2, objective=objective)
        PartnershipFactory(office=strategy.office).pillars.add(PillarFactory())
        StrategyThematicAreaFactory(strategy=strategy)
    assert few == count() <= MOST_QUERIES


def test_csv_has_a_column_for_each_strategy(client, world, settings):
    settings.SITE_URL = "https://example.org"
    response = client.get("/en/compare.csv?s=north&s=south")
    header, *rows = csv.reader(response.content.decode("utf-8-sig").splitlines())
    assert header == ["Pillar", "Topic", "Item", "Strategy north", "Strategy south", "How many have it", "Address"]
    assert ["Shared pillar", "priority", "The same words.", "a", "", "2"] in [row[:6] for row in rows]
    whole = [row[1:6] for row in rows if row[0] == "The whole strategy"]
    assert ["Partner", "Own partner", "member", "", "1"] in whole


@pytest.mark.parametrize("query", ["", "?s=north"], ids=["none", "one"])
def test_csv_of_too_few_leads_to_the_form(client, world, query):
    response = client.get(f"/en/compare.csv{query}")
    assert (response.status_code, response.url) == (302, f"/en/compare/{query}")


@pytest.mark.parametrize("query", ["?s=north&s=no", "?s=north&s=north"], ids=["unknown", "twice"])
def test_csv_of_what_cannot_be_compared_is_400(client, world, query):
    assert client.get(f"/en/compare.csv{query}").status_code == 400


@pytest.mark.parametrize("path", ["/strategies/", "/strategies/north/"])
def test_strategies_lead_to_their_comparison(client, world, path):
    assert 'href="/en/compare/' in client.get(f"/en{path}").text.split("<footer")[0]
