"""Lists with filters."""

import pytest

from priorities.models import Objective
from tests.factories import (
    AlignmentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    PillarFactory,
    StrategyFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/en/objectives/"


def statements(response) -> list[str]:
    return [objective.statement_en for objective in response.context["objective_list"]]


@pytest.fixture
def objectives():
    """Three objectives: of different strategies, pillars, areas and goals."""
    found = [
        ObjectiveFactory(
            strategy=StrategyFactory(slug=f"strategy-{name}"),
            pillar=PillarFactory(slug=f"pillar-{name}"),
            statement_en=name,
            kind=Objective.Kind.MAIN if name == "a" else Objective.Kind.PRIORITY,
        )
        for name in "abc"
    ]
    for objective in found:
        objective.thematic_areas.add(ThematicAreaFactory(slug=f"area-{objective.statement_en}"))
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pillar=pillar-a", ["a"]),
        ("pillar=pillar-a&pillar=pillar-b", ["a", "b"]),
        ("pillar=pillar-a&strategy=strategy-b", []),
        ("strategy=strategy-c", ["c"]),
        ("thematic_area=area-b", ["b"]),
        ("kind=main", ["a"]),
        ("search=B", ["b"]),
        ("search=b&search=a", []),
        ("search=&pillar=", ["a", "b", "c"]),
    ],
)
def test_filters(client, objectives, query, expected):
    assert statements(client.get(f"{LIST}?{query}")) == expected


def test_filter_through_several_rows_shows_an_objective_once(client):
    framework = FrameworkFactory(slug="framework")
    objective = ObjectiveFactory(statement_en="a")
    for code in "XYZ":
        AlignmentFactory(objective=objective, goal=FrameworkGoalFactory(framework=framework, code=code))
    query = "goal=framework/X&goal=framework/Y&framework=framework"
    assert statements(client.get(f"{LIST}?{query}")) == ["a"]


def test_filters_in_force_can_be_removed_one_by_one(client, objectives):
    page = client.get(f"{LIST}?pillar=pillar-a&pillar=pillar-b&search=a&utm_source=x").text
    assert 'href="/en/objectives/?pillar=pillar-a&amp;pillar=pillar-b"' in page
    assert 'href="/en/objectives/?search=a&amp;pillar=pillar-b"' in page
    assert 'href="/en/objectives/?search=a&amp;pillar=pillar-a"' in page


def test_choices_are_only_what_is_live(client):
    StrategyFactory(title_en="Hidden strategy", live=False)
    PillarFactory(name_en="Hidden pillar", live=False)
    FrameworkGoalFactory(title_en="Hidden goal", framework__live=False)
    ObjectiveFactory()
    page = client.get(LIST).text
    assert "Hidden" not in page


def test_filter_by_what_is_not_live_is_400_and_says_which(client):
    PillarFactory(slug="hidden", live=False)
    response = client.get(f"{LIST}?pillar=hidden")
    assert response.status_code == 400
    assert "Pillar: “hidden” is not one of the choices." in response.text


def test_pages_keep_the_filters(client):
    pillar = PillarFactory(slug="pillar")
    strategy = StrategyFactory()
    ObjectiveFactory.create_batch(51, pillar=pillar, strategy=strategy)
    first = client.get(f"{LIST}?pillar=pillar")
    second = client.get(f"{LIST}?pillar=pillar&page=2")
    assert len(statements(first)) == 50
    assert len(statements(second)) == 1
    assert 'href="?pillar=pillar&amp;page=2" rel="next"' in first.text
    assert 'hreflang="es" ' in second.text
    assert 'href="/es/objectives/?pillar=pillar&amp;page=2"' in second.text


def test_search_finds_the_text_that_is_shown_in_the_readers_language(client):
    ObjectiveFactory(statement_en="Documents", statement_es="Documentación")
    ObjectiveFactory(statement_en="Documentacion fallback")
    assert client.get("/es/objectives/?search=documentacion").context["paginator"].count == 2
    assert client.get("/en/objectives/?search=documentacion").context["paginator"].count == 1


def test_long_lists_of_choices_are_cut_but_take_every_value(client, monkeypatch):
    monkeypatch.setattr("cms.pages.filter_panel.MOST_CHOICES", 2)
    for name in "abcd":
        ObjectiveFactory(statement_en=name, strategy__slug=name, strategy__office__position=ord(name))
    page = client.get(f"{LIST}?strategy=a&strategy=d")
    assert statements(page) == ["a", "d"]
    assert page.text.count('name="strategy"') == 3
    assert "Only the first are listed here." in page.text
    assert client.get(f"{LIST}?strategy=nothing").status_code == 400
