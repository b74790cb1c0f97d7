"""Objectives by goals: the matrices, the page of a goal, and the same as CSV."""

import csv
import re

import pytest
from django.core.cache import cache

from priorities.models import Alignment, Objective
from priorities.views import OBJECTIVES_ON_GOAL_PAGE, STRATEGIES_IN_MATRIX
from tests.factories import (
    AlignmentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    PillarFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db
HIDDEN = "Hidden thing"


@pytest.fixture
def framework():
    """A framework of three goals."""
    framework = FrameworkFactory(slug="sdg", name_en="The framework")
    for code in "123":
        FrameworkGoalFactory(framework=framework, code=code, title_en=f"Goal {code}", position=int(code))
    return framework


@pytest.fixture
def strategy(framework):
    """A strategy with two objectives under one pillar: a serves goals 1 and 2, b serves goal 2."""
    strategy = StrategyFactory(slug="strategy", title_en="The strategy", office__name_en="The office")
    pillar = PillarFactory(slug="pillar", name_en="The pillar")
    goals = {goal.code: goal for goal in framework.goals.all()}
    for code, served in {"a": "12", "b": "2"}.items():
        objective = ObjectiveFactory(
            slug=f"objective-{code}", strategy=strategy, pillar=pillar, code=code, statement_en=f"Statement {code}."
        )
        for goal in served:
            AlignmentFactory(objective=objective, goal=goals[goal], basis="stated" if goal == "1" else "assigned")
    return strategy


def table(response) -> list[list[str]]:
    """Return the cells of the first matrix of a page as a screen reader has them, headings in square brackets."""
    body = re.search(r'<table class="matrix">(.*?)</table>', response.text, re.S)[1]
    body = re.sub(r"<caption.*?</caption>", "", body, flags=re.S)
    rows = []
    for row in re.findall(r"<tr.*?</tr>", body, re.S):
        cells = re.findall(r"<(t[hd])([^>]*)>(.*?)</t[hd]>", row, re.S)
        rows.append([])
        for tag, attributes, content in cells:
            content = re.sub(r'<span aria-hidden="true">.*?</span>', "", content)
            text = " ".join(re.sub(r"<[^>]+>", "", content).split())
            rows[-1].append(f"[{text}]" if tag == "th" and "scope=" in attributes else text)
    return rows


def test_matrix_of_a_strategy_is_a_table_with_headings_marks_and_totals(client, strategy):
    response = client.get("/en/strategies/strategy/alignment/")
    assert table(response) == [
        ["[Objective]", "[1. Goal 1]", "[2. Goal 2]", "[3. Goal 3]", "[Total]"],
        ["[The pillar]", "1", "2", "", "3"],
        ["[a Statement a.]", "stated in the source", "assigned by editors", "", "2"],
        ["[b Statement b.]", "", "assigned by editors", "", "1"],
        ["[Total]", "1", "2", "", "3"],
    ]
    assert "<caption" in response.text


def test_basis_is_told_without_colour(client, strategy):
    page = client.get("/en/strategies/strategy/alignment/").text
    assert '<span aria-hidden="true">●</span><span class="visually-hidden">stated in the source</span>' in page
    assert '<span aria-hidden="true">○</span><span class="visually-hidden">assigned by editors</span>' in page


@pytest.mark.parametrize(
    "path",
    [
        "strategies/strategy/",
        "strategies/strategy.md",
        "objectives/",
        "objectives.md",
        "frameworks/sdg/",
        "frameworks/sdg/goals/2/",
        "frameworks/sdg/goals/2.md",
    ],
)
def test_goals_that_editors_assigned_are_told_so_wherever_they_stand(client, strategy, path):
    def text() -> str:
        return client.get(f"/en/{path}").content.decode()

    assert "ssigned by editors" in text()
    Alignment.objects.update(basis="stated")
    cache.clear()
    assert "ssigned by editors" not in text()


def test_matrix_scrolls_by_keyboard_under_its_name(client, strategy):
    page = client.get("/en/strategies/strategy/alignment/").text
    assert 'class="matrix-scroll" role="group" tabindex="0" aria-labelledby="sdg.caption"' in page
    assert 'id="sdg.caption"' in page


def test_strategy_without_alignments_says_so(client):
    strategy = StrategyFactory()
    page = client.get(f"/en/strategies/{strategy.slug}/alignment/").text
    assert "No objective of this strategy is aligned" in page
    assert "<table" not in page


def test_frameworks_that_a_strategy_does_not_serve_have_no_matrix(client, strategy):
    FrameworkGoalFactory(framework__name_en="Other framework")
    assert "Other framework" not in client.get("/en/strategies/strategy/alignment/").text


@pytest.fixture
def hidden(strategy, framework):
    """Things that are not live, at every place of a matrix."""
    goal = framework.goals.first()
    AlignmentFactory(goal=goal, objective=ObjectiveFactory(strategy=strategy, statement_en=HIDDEN, live=False))
    pillar = PillarFactory(name_en=HIDDEN, live=False)
    AlignmentFactory(goal=goal, objective=ObjectiveFactory(strategy=strategy, statement_en=HIDDEN, pillar=pillar))
    other = StrategyFactory(title_en=HIDDEN, live=False)
    AlignmentFactory(goal=goal, objective=ObjectiveFactory(strategy=other, statement_en=HIDDEN))
    AlignmentFactory(
        objective=Objective.objects.get(slug="objective-a"), goal__framework__live=False, goal__title_en=HIDDEN
    )


@pytest.mark.parametrize(
    "path",
    [
        "/strategies/strategy/alignment/",
        "/strategies/strategy/alignment.csv",
        "/alignment/",
        "/alignment.csv",
        "/frameworks/sdg/goals/1/",
    ],
)
def test_nothing_that_is_not_live_is_shown_or_counted(client, hidden, path):
    response = client.get(f"/en{path}")
    assert response.status_code == 200
    assert HIDDEN not in response.text
    if path.endswith("alignment/"):
        assert table(response)[-1][1:] == ["1", "2", "", "3"]


def test_matrix_across_regions_has_a_group_for_each_strategy(client, strategy, framework):
    other = StrategyFactory(title_en="Other strategy", office__name_en="Other office")
    pillar = strategy.objectives.first().pillar
    objective = ObjectiveFactory(strategy=other, pillar=pillar, code="c", statement_en="Statement c.")
    AlignmentFactory(objective=objective, goal=framework.goals.get(code="3"))
    assert table(client.get("/en/alignment/")) == [
        ["[Objective]", "[1. Goal 1]", "[2. Goal 2]", "[3. Goal 3]", "[Total]"],
        ["[The office The strategy]", "1", "2", "", "3"],
        ["[The pillar a Statement a.]", "stated in the source", "assigned by editors", "", "2"],
        ["[The pillar b Statement b.]", "", "assigned by editors", "", "1"],
        ["[Other office Other strategy]", "", "", "1", "1"],
        ["[The pillar c Statement c.]", "", "", "assigned by editors", "1"],
        ["[Total of all regions]", "1", "2", "1", "4"],
    ]


def test_framework_is_chosen_by_the_address(client, strategy):
    other = FrameworkGoalFactory(framework__slug="other", title_en="Goal of the other")
    assert "Goal of the other" not in client.get("/en/alignment/").text
    page = client.get(f"/en/alignment/?framework={other.framework.slug}").text
    assert '<a href="?framework=other" aria-current="page">' in page
    assert '<a href="/fr/alignment/?framework=other"' in page


@pytest.mark.parametrize("path", ["/alignment/", "/alignment.csv"])
def test_unknown_framework_is_400(client, framework, path):
    response = client.get(f"/en{path}?framework=no")
    assert response.status_code == 400
    assert "There is no framework “no”." in response.text


def test_totals_are_of_all_pages(client, framework):
    goal = framework.goals.get(code="1")
    AlignmentFactory.create_batch(STRATEGIES_IN_MATRIX + 1, goal=goal)
    for page, strategies in ((1, STRATEGIES_IN_MATRIX), (2, 1)):
        response = client.get(f"/en/alignment/?framework=sdg&page={page}")
        assert len(response.context["matrix"].groups) == strategies
        assert response.context["matrix"].totals == [STRATEGIES_IN_MATRIX + 1, 0, 0]
    assert "?framework=sdg&amp;page=2" in client.get("/en/alignment/?framework=sdg").text
    assert client.get("/en/alignment/?page=3").status_code == 404


# --- The page of a goal ------------------------------------------------------------------------------------------


def test_goal_page_shows_all_objectives_that_serve_it(client, strategy):
    page = client.get("/en/frameworks/sdg/goals/2/").text
    for text in ("Goal 2", "2 objectives serve this goal.", "The strategy", "Statement a.", "Statement b."):
        assert text in page
    assert 'href="/en/frameworks/sdg/goals/1/" rel="prev"' in page
    assert 'href="/en/frameworks/sdg/goals/3/" rel="next"' in page


def test_goal_page_has_pages(client, framework):
    AlignmentFactory.create_batch(OBJECTIVES_ON_GOAL_PAGE + 1, goal=framework.goals.get(code="1"))
    second = client.get("/en/frameworks/sdg/goals/1/?page=2")
    assert len(second.context["page_obj"]) == 1
    assert client.get("/en/frameworks/sdg/goals/1/?page=3").status_code == 404


@pytest.mark.parametrize("path", ["sdg/goals/9/", "no/goals/1/", "hidden/goals/1/"])
def test_goal_that_is_not_there_is_404(client, framework, path):
    FrameworkGoalFactory(framework__slug="hidden", framework__live=False, code="1")
    assert client.get(f"/en/frameworks/{path}").status_code == 404


# --- CSV ---------------------------------------------------------------------------------------------------------


def rows(response) -> list[list[str]]:
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(response.content.decode("utf-8-sig").splitlines()))


def test_csv_has_a_line_for_each_alignment(client, strategy, settings):
    settings.SITE_URL = "https://example.org"
    response = client.get("/en/strategies/strategy/alignment.csv")
    header, *lines = rows(response)
    assert 'filename="strategy-alignment-en.csv"' in response.headers["Content-Disposition"]
    assert header[:3] == ["Office", "Strategy", "Pillar"]
    assert lines[0] == [
        *("The office", "The strategy", "The pillar", "priority", "a", "Statement a.", "en"),
        *(
            "The framework",
            "1",
            "Goal 1",
            "stated in the source",
            "",
            "https://example.org/en/objectives/objective-a/",
        ),
    ]
    assert [(line[4], line[8]) for line in lines] == [("a", "1"), ("a", "2"), ("b", "2")]


def test_csv_is_in_the_language_of_the_page_and_names_the_language_of_a_fallback(client, strategy):
    Objective.objects.filter(slug="objective-b").update(statement_es="Enunciado b.")
    _header, *lines = rows(client.get("/es/alignment.csv"))
    assert [(line[5], line[6]) for line in lines][1:] == [("Statement a.", "en"), ("Enunciado b.", "es")]


def test_csv_of_all_regions_can_be_limited_to_a_framework(client, strategy):
    AlignmentFactory(objective=strategy.objectives.first(), goal__framework__slug="other")
    assert len(rows(client.get("/en/alignment.csv"))) == 1 + 4
    assert len(rows(client.get("/en/alignment.csv?framework=other"))) == 1 + 1


def test_csv_of_a_strategy_that_is_not_live_is_404(client):
    assert client.get(f"/en/strategies/{StrategyFactory(live=False).slug}/alignment.csv").status_code == 404
