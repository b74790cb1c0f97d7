"""Pages of strategies, pillars, objectives and frameworks; documents; the style sheet of colours."""

import datetime

import pytest
from django.core.files.base import ContentFile

from cms.publishing import actions
from priorities.models import Document, Objective, Pillar
from priorities.views import STRATEGIES_ON_FRAMEWORK_PAGE, STRATEGIES_ON_PILLAR_PAGE
from tests.factories import (
    AlignmentFactory,
    DocumentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OutlineEntryFactory,
    PartnershipFactory,
    PillarFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)
from tests.files import pdf

pytestmark = pytest.mark.django_db
HIDDEN = "Hidden thing"


def page_of(client, item) -> str:
    response = client.get(item.get_absolute_url())
    assert response.status_code == 200
    return response.text


# --- Strategies --------------------------------------------------------------------------------------------------


def test_strategy_page_shows_what_the_strategy_has(client):
    strategy = StrategyFactory(
        title_en="The title",
        summary_en="<p>The summary.</p>",
        vision_en="<p>The vision.</p>",
        period_from=2020,
        period_to=2024,
        original_language="es",
        reference_number="REF/1",
        uploaded_on=datetime.date(2021, 7, 15),
        predecessor=StrategyFactory(title_en="The one before"),
        office__name_en="The office",
    )
    StrategyFactory(title_en="The one after", predecessor=strategy)
    strategy.frameworks.add(FrameworkFactory(name_en="The framework"))
    ObjectiveFactory(strategy=strategy, statement_en="The objective.", pillar__name_en="The pillar")
    StrategyThematicAreaFactory(strategy=strategy, thematic_area__name_en="The area")
    DocumentFactory(strategy=strategy, title="La estrategia", language="es")
    OutlineEntryFactory(strategy=strategy, anchor="annex", number="A", title_en="The annex")
    page = page_of(client, strategy)
    for text in (
        *("The title", "<p>The summary.</p>", "<p>The vision.</p>", "2020–2024", "Spanish", "REF/1", "15 July 2021"),
        *("The one before", "The one after", "The framework", "The objective.", "The pillar", "The area"),
        *('<span lang="es" dir="auto">La estrategia</span>', "PDF", f"{len(pdf())}\xa0bytes"),
        *('id="annex"', "The annex", "The office"),
    ):
        assert text in page, text


def test_strategy_page_with_nulls_shows_no_empty_labels(client):
    page = page_of(client, StrategyFactory())
    assert "None" not in page
    assert page.count("<dt>") == 1  # the office


@pytest.mark.parametrize(
    ("first", "last", "expected"), [(2020, None, "Since 2020"), (None, 2024, "Until 2024"), (2020, 2020, ">2020<")]
)
def test_strategy_page_words_its_period(client, first, last, expected):
    assert expected in page_of(client, StrategyFactory(period_from=first, period_to=last))


def test_strategy_page_shows_nothing_that_is_not_live(client):
    strategy = StrategyFactory(predecessor=StrategyFactory(title_en=HIDDEN, live=False))
    StrategyFactory(title_en=HIDDEN, predecessor=strategy, live=False)
    StrategyFactory(title_en=HIDDEN, predecessor=strategy, office=OfficeFactory(live=False))
    strategy.frameworks.add(FrameworkFactory(name_en=HIDDEN, live=False))
    StrategyThematicAreaFactory(strategy=strategy, thematic_area=ThematicAreaFactory(name_en=HIDDEN, live=False))
    ObjectiveFactory(strategy=strategy, statement_en=HIDDEN, live=False)
    objective = ObjectiveFactory(strategy=strategy)
    AlignmentFactory(objective=objective, goal=FrameworkGoalFactory(title_en=HIDDEN, framework__live=False))
    assert HIDDEN not in page_of(client, strategy)


def test_strategy_of_an_office_that_is_not_live_is_404(client):
    strategy = StrategyFactory(office__live=False)
    assert client.get(strategy.get_absolute_url()).status_code == 404


def test_outline_is_nested_even_where_a_level_is_left_out():
    strategy = StrategyFactory()
    for anchor, level in [("a", 2), ("b", 1), ("c", 3), ("d", 2), ("e", 3), ("f", 1)]:
        OutlineEntryFactory(strategy=strategy, anchor=anchor, level=level)

    def names(entries):
        return [(entry.anchor, names(entry.children)) if entry.children else entry.anchor for entry in entries]

    assert names(strategy.outline_tree()) == ["a", ("b", ["c", ("d", ["e"])]), "f"]


def test_outline_with_texts_leads_to_its_chapters(client):
    strategy = StrategyFactory(slug="strategy")
    OutlineEntryFactory(strategy=strategy, anchor="chapter", body_en="<p>The chapter itself.</p>")
    OutlineEntryFactory(strategy=strategy, anchor="section", level=2)
    OutlineEntryFactory(strategy=strategy, anchor="title-only")
    page = page_of(client, strategy)
    assert 'href="/en/strategies/strategy/read/chapter/"' in page
    assert 'href="/en/strategies/strategy/read/chapter/#section"' in page
    assert "/read/title-only/" not in page
    assert page.count('id="chapter"') == 1


def test_document_is_a_download(client):
    document = DocumentFactory(strategy__slug="strategy")
    response = client.get(document.get_absolute_url())
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == 'attachment; filename="strategy-en.pdf"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_document_is_given_in_parts(client):
    document = DocumentFactory()
    whole = client.get(document.get_absolute_url())
    content = b"".join(whole.streaming_content)
    part = client.get(document.get_absolute_url(), headers={"range": "bytes=1-3", "if-range": whole.headers["ETag"]})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, content[1:4])
    assert part.headers["Content-Range"] == f"bytes 1-3/{len(content)}"
    assert part.headers["Content-Type"] == "application/pdf"
    assert client.get(document.get_absolute_url(), headers={"if-none-match": whole.headers["ETag"]}).status_code == 304


def test_part_that_a_document_does_not_have_is_refused_in_words(client):
    response = client.get(DocumentFactory().get_absolute_url(), headers={"range": "bytes=999999-"})
    assert (response.status_code, response.headers["Content-Type"]) == (416, "text/plain; charset=utf-8")
    assert response.headers["Content-Range"].startswith("bytes */")
    assert "bytes" in response.text


@pytest.mark.parametrize(
    "change",
    [
        lambda document: type(document.strategy).objects.update(status="withdrawn"),
        lambda document: document.file.storage.delete(document.file.name),
        lambda document: Document.objects.update(file="strategies/documents/page.html"),
    ],
    ids=["not-live", "lost", "another-kind"],
)
def test_document_that_cannot_be_had_is_404(client, change):
    document = DocumentFactory()
    change(document)
    document.refresh_from_db()
    assert client.get(document.get_absolute_url()).status_code == 404


def test_document_under_another_name_is_404(client):
    document = DocumentFactory()
    assert client.get(f"/documents/{document.pk}/other.pdf").status_code == 404


def test_page_with_a_lost_document_is_shown(client):
    document = DocumentFactory()
    document.file.storage.delete(document.file.name)
    assert "bytes" not in page_of(client, document.strategy)


# --- Pillars, objectives, frameworks -----------------------------------------------------------------------------


def test_pillar_page_goes_across_the_regions(client):
    pillar = PillarFactory(summary_en="The summary.")
    for name in ("One", "Two"):
        ObjectiveFactory(pillar=pillar, statement_en=f"Objective {name}.", strategy__title_en=f"Strategy {name}")
    PartnershipFactory(partner__name_en="The partner").pillars.add(pillar)
    page = page_of(client, pillar)
    for text in ("The summary.", "Objective One.", "Objective Two.", "Strategy One", "Strategy Two", "The partner"):
        assert text in page


def test_pillar_page_shows_nothing_that_is_not_live(client):
    pillar = PillarFactory()
    ObjectiveFactory(pillar=pillar, statement_en=HIDDEN, live=False)
    ObjectiveFactory(pillar=pillar, statement_en=HIDDEN, strategy__title_en=HIDDEN, strategy__live=False)
    PartnershipFactory(description_en=HIDDEN, live=False).pillars.add(pillar)
    assert HIDDEN not in page_of(client, pillar)


def test_pillar_page_has_pages(client):
    pillar = PillarFactory()
    ObjectiveFactory.create_batch(STRATEGIES_ON_PILLAR_PAGE + 1, pillar=pillar)
    address = pillar.get_absolute_url()
    assert len(client.get(f"{address}?page=2").context["groups"]) == 1
    assert client.get(f"{address}?page=3").status_code == 404
    assert client.get(f"{address}?page=abc").status_code == 404


def test_objective_page_shows_its_place_and_its_goals(client):
    strategy, pillar = StrategyFactory(title_en="The strategy"), PillarFactory(name_en="The pillar")
    objective = ObjectiveFactory(
        strategy=strategy, pillar=pillar, code="b", statement_en="The statement.", context_en="The context."
    )
    objective.thematic_areas.add(ThematicAreaFactory(name_en="The area"))
    ObjectiveFactory(strategy=strategy, pillar=pillar, statement_en="The sibling.")
    goal = FrameworkGoalFactory(framework__slug="sdg", framework__name_en="The framework", code="7", title_en="Goal")
    AlignmentFactory(objective=objective, goal=goal, basis="stated", note_en="The note")
    page = page_of(client, objective)
    for text in (
        *("The strategy", "The pillar", "Priority b", "The statement.", "The context.", "The area", "The sibling."),
        *("The framework", "Goal", "goal-sdg-7", "Stated in the source", "The note", "/en/frameworks/sdg/goals/7/"),
    ):
        assert text in page, text


def test_objective_page_shows_nothing_that_is_not_live(client):
    objective = ObjectiveFactory()
    objective.thematic_areas.add(ThematicAreaFactory(name_en=HIDDEN, live=False))
    AlignmentFactory(objective=objective, goal=FrameworkGoalFactory(title_en=HIDDEN, framework__live=False))
    ObjectiveFactory(strategy=objective.strategy, pillar=objective.pillar, statement_en=HIDDEN, live=False)
    assert HIDDEN not in page_of(client, objective)


def test_framework_page_shows_which_objectives_serve_each_goal(client):
    goal = FrameworkGoalFactory(code="7", title_en="The goal", framework__description_en="The description.")
    FrameworkGoalFactory(framework=goal.framework, code="8", title_en="The other goal")
    AlignmentFactory(goal=goal, objective__statement_en="The objective.")
    goal.framework.strategies.add(StrategyFactory(title_en="The strategy"))
    page = page_of(client, goal.framework)
    for text in (
        "The description.",
        'id="goal-7"',
        "The goal",
        "The other goal",
        "The objective.",
        "The strategy",
    ):
        assert text in page


def test_framework_page_shows_nothing_that_is_not_live(client):
    goal = FrameworkGoalFactory()
    AlignmentFactory(goal=goal, objective=ObjectiveFactory(statement_en=HIDDEN, live=False))
    goal.framework.strategies.add(StrategyFactory(title_en=HIDDEN, live=False))
    assert HIDDEN not in page_of(client, goal.framework)


def test_framework_page_has_pages_of_strategies_and_leads_to_all_objectives(client):
    goal = FrameworkGoalFactory(framework__slug="sdg", code="7")
    AlignmentFactory.create_batch(STRATEGIES_ON_FRAMEWORK_PAGE + 2, goal=goal)
    response = client.get("/en/frameworks/sdg/")
    assert len(response.context["goals"][0].alignments_shown) == STRATEGIES_ON_FRAMEWORK_PAGE
    assert 'href="/en/objectives/?goal=sdg%2F7"' in response.text
    assert len(client.get("/en/frameworks/sdg/?page=2").context["goals"][0].alignments_shown) == 2
    assert client.get("/en/frameworks/sdg/?page=3").status_code == 404


def test_goals_of_an_objective_are_in_the_order_of_frameworks_and_goals():
    objective = ObjectiveFactory()
    late, early = FrameworkFactory(position=2), FrameworkFactory(position=1)
    for framework, code, position in [(late, "1", 1), (early, "2", 2), (late, "0", 0), (early, "1", 1)]:
        goal = FrameworkGoalFactory(framework=framework, code=code, position=position)
        AlignmentFactory(objective=objective, goal=goal)
    groups = Objective.objects.for_page().get().goal_groups()
    assert [(group.framework, [found.goal.code for found in group.alignments]) for group in groups] == [
        (early, ["1", "2"]),
        (late, ["0", "1"]),
    ]


# --- Colours -----------------------------------------------------------------------------------------------------


def test_theme_has_the_colours_of_live_pillars_and_goals(client):
    PillarFactory(slug="water", colour="#FCC30B")
    PillarFactory(slug="hidden", colour="#111111", live=False)
    goal = FrameworkGoalFactory(framework__slug="sdg", code="7", colour="#19486a")
    FrameworkGoalFactory(framework__slug="draft", framework__live=False, colour="#222222")
    response = client.get("/theme.css")
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert ".pillar-water{--accent:#fcc30b;--on-accent:#000000;--accent-text:" in response.text
    assert f".goal-{goal.framework.slug}-7{{--accent:#19486a;--on-accent:#ffffff;" in response.text
    assert "hidden" not in response.text
    assert "draft" not in response.text


@pytest.mark.parametrize(
    ("slug", "colour"),
    [("a{}*", "#111111"), ("a b", "#111111"), ("fine", "red"), ("fine", "#1111"), ("fine", "#11111}"), ("fine", "")],
)
def test_theme_leaves_out_what_is_no_name_or_no_colour(client, slug, colour):
    pillar = PillarFactory()
    Pillar.objects.filter(pk=pillar.pk).update(slug=slug, colour=colour)
    assert ".pillar" not in client.get("/theme.css").text


def test_theme_is_not_sent_twice(reader):
    PillarFactory()
    first = reader.get("/theme.css")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    second = reader.get("/theme.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    actions.publish(item=PillarFactory(colour="#123456", live=False), user=None)
    assert reader.get("/theme.css", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_strategy_list_is_ordered_by_office_and_period(client):
    first, second = OfficeFactory(position=1), OfficeFactory(position=2)
    for office, title, last in [(second, "d", None), (first, "c", 2010), (first, "a", None), (first, "b", 2024)]:
        StrategyFactory(office=office, title_en=title, period_to=last)
    page = client.get("/en/strategies/").context["strategy_list"]
    assert [strategy.title_en for strategy in page] == ["a", "b", "c", "d"]


def test_word_document_keeps_its_type(client):
    document = DocumentFactory(file=ContentFile(b"PK", name="strategy.docx"), strategy__slug="strategy")
    response = client.get(document.get_absolute_url())
    response.close()
    assert response.headers["Content-Disposition"] == 'attachment; filename="strategy-en.docx"'
