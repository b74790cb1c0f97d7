"""Filters of the API: by all that stands for an item, what it is not to be, what is missing, and counts of values."""

import pytest
from django.utils import timezone

from cms.publishing.redirects import remember
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    PillarFactory,
    StrategyFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db

OBJECTIVES = "/api/v1/objectives/"


def slugs(client, address: str) -> list[str]:
    """Return the slugs of what a list at ``address`` gives, in alphabetical order."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return sorted(item["slug"] for item in answer.json()["results"])


@pytest.fixture
def office():
    """An office that was called otherwise before, with one strategy, "there"; another one has "elsewhere"."""
    office = OfficeFactory(slug="south")
    remember(type(office), {office.pk: "former"}, at=timezone.now())
    StrategyFactory(slug="there", office=office)
    StrategyFactory(slug="elsewhere", office=OfficeFactory(slug="north"))
    return office


@pytest.mark.parametrize("name", ["south", "SOUTH", "former", "identifier", "IDENTIFIER"])
def test_item_is_named_by_all_that_ever_stood_for_it(client, office, name):
    value = {"identifier": str(office.pk), "IDENTIFIER": str(office.pk).upper()}.get(name, name)
    assert slugs(client, f"/api/v1/strategies/?office={value}") == ["there"]


def test_former_slug_that_another_item_has_now_is_that_items(client, office):
    other = OfficeFactory(slug="former")
    StrategyFactory(slug="taken", office=other)
    assert slugs(client, "/api/v1/strategies/?office=former") == ["taken"]


@pytest.mark.parametrize(
    "value", ["none", "00000000-0000-4000-8000-000000000000", "!none", "south,none", "!", "!!south"]
)
def test_what_never_stood_for_an_item_is_400(client, office, value):
    answer = client.get(f"/api/v1/strategies/?office={value}")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["parameter"], sorted(error["allowed"])) == (400, "office", ["north", "south"])


def test_item_that_is_not_live_is_400_by_every_name(client):
    hidden = OfficeFactory(slug="hidden", live=False)
    for value in ("hidden", str(hidden.pk)):
        assert client.get(f"/api/v1/strategies/?office={value}").status_code == 400


def test_items_by_identifier_in_any_number_without_those_that_are_gone(client):
    found = [ThematicAreaFactory(slug=slug) for slug in ("a", "b", "c")]
    gone = ThematicAreaFactory(slug="gone", live=False)
    keys = ",".join(str(item.pk) for item in [*found[:2], gone])
    assert slugs(client, f"/api/v1/thematic_areas/?id={keys}") == ["a", "b"]
    assert slugs(client, f"/api/v1/thematic_areas/?id=!{found[0].pk}") == ["b", "c"]
    (error,) = client.get("/api/v1/thematic_areas/?id=a").json()["errors"]
    assert error["detail"] == "“a” is no identifier (UUID)."


def test_what_is_no_identifier_is_400_without_a_list_of_right_ones(client):
    (error,) = client.get("/api/v1/offices/?id=abc").json()["errors"]
    assert ("“abc”" in error["detail"], "allowed" in error) == (True, False)


def test_items_by_slug_and_code(client, office):
    CountryFactory(code="NO")
    CountryFactory(code="SE")
    assert slugs(client, "/api/v1/offices/?slug=former,north") == ["north", "south"]
    assert [item["code"] for item in client.get("/api/v1/countries/?code=no").json()["results"]] == ["NO"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("kind=!main", ["b"], id="one-value"),
        pytest.param("thematic_area=!x", ["b", "c"], id="several-values"),
        pytest.param("thematic_area=!x,!y", ["c"], id="none-of"),
        pytest.param("thematic_area=x&thematic_area=!y", ["a"], id="with-and-without"),
        pytest.param("thematic_area=y&kind=!main", ["b"], id="of-two-filters"),
        pytest.param("thematic_area=x,y,!x", ["b"], id="any-but"),
        pytest.param("kind=!main,!priority", [], id="all"),
    ],
)
def test_value_after_an_exclamation_mark_is_left_out(client, query, expected):
    x, y = ThematicAreaFactory(slug="x"), ThematicAreaFactory(slug="y")
    for slug, kind, areas in (("a", "main", [x]), ("b", "priority", [y]), ("c", "main", [])):
        ObjectiveFactory(slug=slug, kind=kind).thematic_areas.set(areas)
    assert slugs(client, f"{OBJECTIVES}?{query}") == expected


def test_what_is_missing_in_a_language_is_found(client):
    ThematicAreaFactory(slug="whole", name_en="A", name_fr="A", description_en="", description_fr="")
    ThematicAreaFactory(slug="half", name_en="B", name_fr="B", description_en="b")
    ThematicAreaFactory(slug="none", name_en="C")
    areas = "/api/v1/thematic_areas/"
    assert slugs(client, f"{areas}?missing=fr") == ["half", "none"]
    assert slugs(client, f"{areas}?missing=!fr") == ["whole"]
    assert slugs(client, f"{areas}?missing=fr,es") == ["half", "none", "whole"]
    assert client.get(f"{areas}?missing=de").json()["errors"][0]["allowed"] == ["en", "es", "fr", "pt"]


def test_texts_of_children_count_as_missing(client):
    whole = ObjectiveFactory(slug="whole", statement_fr="B")
    AlignmentFactory(objective=whole, note_en="", note_fr="")
    half = ObjectiveFactory(slug="half", statement_fr="B")
    AlignmentFactory(objective=half, note_en="a")
    assert slugs(client, f"{OBJECTIVES}?missing=fr") == ["half"]


def test_one_request_answers_a_whole_question(client, django_assert_max_num_queries):
    """All objectives of an office's strategy under a pillar with their goals, in French, with what is missing."""
    office, pillar, country = OfficeFactory(slug="south"), PillarFactory(slug="mobility"), CountryFactory(code="BR")
    office.countries.add(country)
    wanted = ObjectiveFactory(slug="wanted", strategy=StrategyFactory(office=office), pillar=pillar)
    goal = AlignmentFactory(objective=wanted, goal=FrameworkGoalFactory(title_fr="Faim zéro")).goal
    ObjectiveFactory(slug="of-another-pillar", strategy=wanted.strategy)
    ObjectiveFactory(slug="of-another-office", pillar=pillar)
    goal_name = f"{goal.framework.slug}/{goal.code}"
    query = f"office=south&pillar=mobility&country=br&goal={goal_name}&missing=fr&lang=fr&expand=alignments.goal"
    with django_assert_max_num_queries(16):  # four of the list, four of the facets, two of each filter by items
        answer = client.get(f"{OBJECTIVES}?{query}&facets=pillar,kind").json()
    (item,) = answer["results"]
    assert (item["slug"], item["alignments"][0]["goal"]["title"]) == ("wanted", "Faim zéro")
    assert item["languages"]["fallback"]["statement"] == "en"
    assert slugs(client, f"{OBJECTIVES}?goal={goal.pk}") == ["wanted"]


@pytest.mark.parametrize("collection", ["strategies", "objectives"])
def test_country_that_is_repeated_must_be_of_the_office_each_time(client, collection):
    """An office has several, so that here two can fit one item."""
    both, one = OfficeFactory(), OfficeFactory()
    both.countries.set([CountryFactory(code="BR"), CountryFactory(code="AR")])
    one.countries.set(both.countries.filter(code="BR"))
    for slug, office in (("both", both), ("one", one)):
        ObjectiveFactory(slug=slug, strategy=StrategyFactory(slug=slug, office=office))
    assert slugs(client, f"/api/v1/{collection}/?country=BR,AR") == ["both", "one"]
    assert slugs(client, f"/api/v1/{collection}/?country=BR&country=AR") == ["both"]


def test_strategies_by_what_their_objectives_are_about(client):
    pillar = PillarFactory(slug="mobility")
    ObjectiveFactory(strategy=StrategyFactory(slug="of-it"), pillar=pillar)
    ObjectiveFactory(strategy=StrategyFactory(slug="hidden"), pillar=pillar, live=False)
    assert slugs(client, "/api/v1/strategies/?pillar=mobility") == ["of-it"]
    assert slugs(client, "/api/v1/strategies/?pillar=!mobility") == ["hidden"]


# --- Counts of values --------------------------------------------------------------------------------------------


@pytest.fixture
def objectives():
    """Two main objectives and a priority under two pillars, one of them with a hidden thematic area."""
    pillars = [PillarFactory(slug="a", name_fr="Un"), PillarFactory(slug="b")]
    hidden = ThematicAreaFactory(slug="hidden", live=False)
    x = ThematicAreaFactory(slug="x")
    for kind, pillar in (("main", 0), ("main", 1), ("priority", 0)):
        ObjectiveFactory(kind=kind, pillar=pillars[pillar]).thematic_areas.set([hidden, x])


def counts(answer, name: str) -> dict[str, int]:
    return {entry["value"]: entry["count"] for entry in answer.json()["facets"][name]}


def test_facets_count_the_values_of_what_is_found(client, objectives):
    answer = client.get(f"{OBJECTIVES}?facets=pillar,kind,thematic_area&limit=1&lang=fr")
    assert counts(answer, "pillar") == {"a": 2, "b": 1}
    assert counts(answer, "kind") == {"main": 2, "priority": 1}
    assert counts(answer, "thematic_area") == {"x": 3}
    assert answer.json()["facets"]["pillar"][0] == {"value": "a", "name": "Un", "count": 2}


def test_values_of_equal_count_stand_by_name(client):
    for name in ("Zeal", "Élan", "Doubt"):
        ObjectiveFactory(pillar=PillarFactory(name_en=name))
    (facet,) = client.get(f"{OBJECTIVES}?facets=pillar").json()["facets"].values()
    assert [value["name"] for value in facet] == ["Doubt", "Élan", "Zeal"]


def test_facets_count_within_the_filters_that_are_set(client, objectives):
    assert counts(client.get(f"{OBJECTIVES}?facets=pillar&kind=priority"), "pillar") == {"a": 1}


def test_facets_are_the_same_on_every_page(client, objectives):
    first = client.get(f"{OBJECTIVES}?facets=pillar&limit=2").json()
    assert client.get(first["next"]).json()["facets"] == first["facets"]


@pytest.mark.parametrize("value", ["search", "title", "id", "kind,kind2", "missing"])
def test_what_cannot_be_counted_is_400(client, value):
    (error,) = client.get(f"{OBJECTIVES}?facets={value}").json()["errors"]
    assert (error["parameter"], "pillar" in error["allowed"]) == ("facets", True)
    assert f"“{value.split(',')[-1]}”" in error["detail"]


def test_each_facet_costs_the_same_few_queries(client, objectives, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):  # three of the list
        client.get(f"{OBJECTIVES}?facets=pillar,kind,thematic_area,office,strategy")
