"""Pillars, frameworks, strategies and objectives in the API."""

import pytest

from tests.factories import (
    AlignmentFactory,
    DocumentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OutlineEntryFactory,
    PillarFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db


def get(client, collection, item):
    return client.get(f"/api/v1/{collection}/{item.slug}/").json()


def test_framework_gives_its_goals_in_order(client):
    framework = FrameworkFactory()
    for code, position in (("2", 2), ("1", 1)):
        FrameworkGoalFactory(framework=framework, code=code, position=position)
    goals = get(client, "frameworks", framework)["goals"]
    assert [goal["code"] for goal in goals] == ["1", "2"]
    assert goals[0]["web_url"] == f"http://testserver/en/frameworks/{framework.slug}/#goal-1"


def test_strategy_gives_its_parts(client):
    strategy = StrategyFactory(period_to=2024, predecessor=StrategyFactory(slug="before"))
    strategy.frameworks.add(FrameworkFactory(slug="goals"))
    StrategyThematicAreaFactory(strategy=strategy, kind="technical-cooperation", thematic_area__slug="area")
    OutlineEntryFactory(strategy=strategy, anchor="first")
    StrategyFactory(slug="after", predecessor=strategy)

    item = get(client, "strategies", strategy)

    assert (item["period_from"], item["period_to"]) == (None, 2024)
    assert item["predecessor"]["slug"] == "before"
    assert [successor["slug"] for successor in item["successors"]] == ["after"]
    assert [framework["slug"] for framework in item["frameworks"]] == ["goals"]
    assert [(area["kind"], area["thematic_area"]["slug"]) for area in item["thematic_areas"]] == [
        ("technical-cooperation", "area")
    ]
    assert [(entry["anchor"], entry["body"]) for entry in item["outline"]] == [("first", None)]


def test_document_can_be_downloaded_from_its_address(client):
    document = DocumentFactory(language="fr", title="La stratégie")
    answer = client.get(f"/api/v1/strategies/{document.strategy.slug}/")
    shown = answer.json()["documents"][0]
    assert (shown["title"], shown["media_type"]) == ("La stratégie", "application/pdf")
    assert answer["Content-Language"] == "en, fr"
    download = client.get(shown["url"])
    assert (download.status_code, len(download.getvalue())) == (200, shown["size"])


def test_document_whose_file_is_missing_has_no_size(client):
    document = DocumentFactory()
    document.file.storage.delete(document.file.name)
    assert get(client, "strategies", document.strategy)["documents"][0]["size"] is None


@pytest.mark.parametrize("hidden", ["strategy", "office"])
def test_strategy_that_is_not_live_is_nobodys_predecessor_or_successor(client, hidden):
    office = OfficeFactory(live=hidden != "office")
    other = {"office": office, "live": hidden != "strategy"}
    strategy = StrategyFactory(predecessor=StrategyFactory(**other))
    StrategyFactory(predecessor=strategy, **other)
    item = get(client, "strategies", strategy)
    assert (item["predecessor"], item["successors"]) == (None, [])


def test_relations_that_are_not_live_are_left_out_of_strategies(client):
    strategy = StrategyFactory()
    strategy.frameworks.add(FrameworkFactory(live=False))
    StrategyThematicAreaFactory(strategy=strategy, thematic_area=ThematicAreaFactory(live=False))
    item = get(client, "strategies", strategy)
    assert (item["frameworks"], item["thematic_areas"]) == ([], [])


def test_objective_gives_the_goals_it_is_aligned_with(client):
    alignment = AlignmentFactory(goal__framework__slug="goals", goal__code="10", note_en="Why")
    shown = get(client, "objectives", alignment.objective)["alignments"][0]
    assert (shown["goal"]["framework"]["slug"], shown["goal"]["code"], shown["note"]) == ("goals", "10", "Why")


def test_relations_that_are_not_live_are_left_out_of_objectives(client):
    objective = AlignmentFactory(goal__framework=FrameworkFactory(live=False)).objective
    objective.thematic_areas.add(ThematicAreaFactory(live=False))
    item = get(client, "objectives", objective)
    assert (item["alignments"], item["thematic_areas"]) == ([], [])


@pytest.mark.parametrize("parent", ["strategy", "pillar"])
def test_objective_in_a_parent_that_is_not_live_is_404(client, parent):
    factory = {"strategy": StrategyFactory, "pillar": PillarFactory}[parent]
    objective = ObjectiveFactory(**{parent: factory(live=False)})
    assert client.get(f"/api/v1/objectives/{objective.slug}/").status_code == 404
    assert client.get("/api/v1/objectives/").json()["count"] == 0


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("strategy", "wanted-strategy"),
        ("pillar", "wanted-pillar"),
        ("kind", "main"),
        ("thematic_area", "wanted-area"),
        ("framework", "wanted-framework"),
        ("goal", "wanted-framework/10,wanted-framework/11"),
    ],
)
def test_objectives_filter(client, parameter, value):
    wanted = ObjectiveFactory(
        kind="main", strategy=StrategyFactory(slug="wanted-strategy"), pillar=PillarFactory(slug="wanted-pillar")
    )
    wanted.thematic_areas.add(ThematicAreaFactory(slug="wanted-area"))
    framework = FrameworkFactory(slug="wanted-framework")
    for code in ("10", "11"):
        AlignmentFactory(objective=wanted, goal=FrameworkGoalFactory(framework=framework, code=code))
    AlignmentFactory()
    found = client.get("/api/v1/objectives/", {parameter: value}).json()
    assert (found["count"], [item["slug"] for item in found["results"]]) == (1, [wanted.slug])


def test_filter_by_something_that_is_not_live_is_400(client):
    StrategyFactory(slug="secret", live=False)
    StrategyFactory(slug="open")
    answer = client.get("/api/v1/objectives/", {"strategy": "secret"})
    assert (answer.status_code, answer.json()["errors"][0]["allowed"]) == (400, ["open"])
