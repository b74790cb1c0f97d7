"""The versions of a strategy: their permanent addresses, what was in them, what changed, how they are cited."""

import copy
from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone

from cms.content.snapshots import snapshot
from cms.publishing.actions import delete, publish, save_draft, unpublish
from cms.publishing.history import versions_of
from cms.publishing.models import Revision
from priorities.citations import bibtex, citation_of, ris
from priorities.models import Objective, Strategy
from tests.factories import (
    AlignmentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OrganizationFactory,
    OutlineEntryFactory,
    PillarFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db
VERSIONS = "/en/strategies/plan/versions/"
HIDDEN = "Hidden thing"


def change(item, *, languages=None, note=None, **fields):
    """Publish ``item`` with other values."""
    data = copy.deepcopy(snapshot(item))
    data["fields"].update(fields)
    save_draft(item=item, data=data, user=None, opened_on=None)
    publish(item=item, user=None, parts=languages, note=note)
    item.refresh_from_db()


@pytest.fixture
def plan():
    """A strategy in version 1, with one objective."""
    strategy = StrategyFactory(slug="plan", title_en="First title", title_es="Primer título", live=False)
    OutlineEntryFactory(strategy=strategy, anchor="one", title_en="Chapter", body_en="<p>First text.</p>")
    StrategyThematicAreaFactory(strategy=strategy, thematic_area__name_en="The area")
    objective = ObjectiveFactory(strategy=strategy, slug="objective", statement_en="First statement.", live=False)
    AlignmentFactory(objective=objective, goal=FrameworkGoalFactory(title_en="The goal"))
    publish(item=objective, user=None)
    publish(item=strategy, user=None)
    return strategy


@pytest.fixture
def objective(plan):
    return Objective.objects.get(slug="objective")


def page(client, path: str) -> str:
    response = client.get(VERSIONS + path)
    assert response.status_code == 200, path
    return response.text


def test_version_shows_the_strategy_as_it_was(client, plan, objective):
    change(objective, statement_en="Second statement.")
    change(plan, title_en="Second title")
    first, second = page(client, "1/"), page(client, "2/")
    for text in ("<h1>First title</h1>", "First statement.", "First text.", "The area", "The goal"):
        assert text in first, text
    assert "Second statement." not in first
    assert "<h1>Second title</h1>" in second
    assert "Second statement." in second


def test_version_shows_the_objectives_of_its_moment(client, plan, objective):
    change(objective, statement_en="Published later.")
    assert "First statement." in page(client, "1/")


@pytest.mark.parametrize("leave", [unpublish, delete], ids=["withdrawn", "deleted"])
def test_objective_that_went_is_in_the_versions_that_had_it(client, plan, objective, leave):
    leave(item=objective, user=None)
    change(plan, title_en="Second title")
    assert "First statement." in page(client, "1/")
    assert "First statement." not in page(client, "2/")


def test_objective_that_moved_to_another_strategy_is_in_the_versions_that_had_it(client, plan, objective):
    change(objective, strategy=str(StrategyFactory(slug="other").pk))
    change(plan, title_en="Second title")
    assert "First statement." in page(client, "1/")
    assert "First statement." not in page(client, "2/")


def test_version_shows_no_name_that_was_never_public_and_no_draft(client, plan):
    data = copy.deepcopy(snapshot(plan))
    data["relations"]["frameworks"] = [str(FrameworkFactory(name_en=HIDDEN, live=False).pk)]
    data["children"]["area_links"].append(
        {
            "id": "00000000-0000-4000-8000-000000000001",
            "thematic_area": str(ThematicAreaFactory(name_en=HIDDEN, live=False).pk),
            "kind": "carried-out-through",
        }
    )
    save_draft(item=plan, data=data, user=None, opened_on=None)
    publish(item=plan, user=None)
    pending = ObjectiveFactory(strategy=plan, pillar=PillarFactory(live=False, name_en=HIDDEN), live=False)
    publish(item=pending, user=None)
    data["fields"]["title_en"] = HIDDEN
    save_draft(item=plan, data=data, user=None, opened_on=None)
    for path in ("1/", "2/", "1/changes/"):
        assert HIDDEN not in page(client, path), path


def test_publication_of_one_language_is_a_version_with_the_others_as_they_were(client, plan):
    data = copy.deepcopy(snapshot(plan))
    data["fields"] |= {"title_en": "Not yet", "title_es": "Segundo título"}
    save_draft(item=plan, data=data, user=None, opened_on=None)
    publish(item=plan, user=None, parts=["es"])
    assert "<h1>First title</h1>" in page(client, "2/")
    assert "<h1>Segundo título</h1>" in client.get("/es/strategies/plan/versions/2/").text
    assert "Published in: Spanish" in page(client, "2/")


def test_numbers_stay_when_old_drafts_are_pruned(plan):
    for title in ("A", "B"):
        data = copy.deepcopy(snapshot(plan))
        data["fields"]["title_en"] = title
        save_draft(item=plan, data=data, user=None, opened_on=None)
    publish(item=plan, user=None)
    Revision.objects.update(created_at="2000-01-01T00:00Z")
    before = versions_of(plan)
    call_command("prune_revisions", days=1)
    assert [version.number for version in before] == [1, 2]
    assert versions_of(plan) == before


def test_strategy_that_is_live_without_a_revision_is_in_version_one(client):
    strategy = StrategyFactory(slug="plan", title_en="The title")
    ObjectiveFactory(strategy=strategy, statement_en="The statement.")
    assert "The statement." in page(client, "1/")
    assert client.get(f"{VERSIONS}2/").status_code == 404


@pytest.mark.parametrize("path", ["0/", "2/", "99999999999999999999/", "x/", "1/changes/", "1/cite.txt", "2/cite.bib"])
def test_version_that_is_not_there_is_404(client, plan, path):
    assert client.get(VERSIONS + path).status_code == 404


@pytest.mark.parametrize("hide", ["withdrawn", "office"])
@pytest.mark.parametrize("path", ["1/", "1/changes/", "1/cite.bib", "1/cite.ris"])
def test_versions_of_a_strategy_that_is_not_live_are_404(client, plan, hide, path):
    change(plan, title_en="Second title")
    if hide == "withdrawn":
        unpublish(item=plan, user=None)
    else:
        Strategy.objects.update(office=OfficeFactory(live=False))
    assert client.get(VERSIONS + path).status_code == 404


def test_versions_are_kept_out_of_search_engines_and_say_their_dates(client, plan):
    change(plan, title_en="Second title", note={"en": "A new name."})
    response = client.get(f"{VERSIONS}1/")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert f'href="{VERSIONS}1/changes/"' in response.text
    listed = client.get("/en/strategies/plan/").text
    assert f'href="{VERSIONS}1/"' in listed
    assert f'href="{VERSIONS}2/"' in listed
    assert "A new name." in listed
    assert "/en/updates/" in listed


def test_changes_are_shown_word_by_word(client, plan, objective):
    change(objective, statement_en="Second statement.")
    added = ObjectiveFactory(strategy=plan, statement_en="Added one.", live=False)
    publish(item=added, user=None)
    data = copy.deepcopy(snapshot(plan))
    data["fields"] |= {"title_en": "Second title", "period_to": 2030}
    data["children"]["outline"][0]["body_en"] = "<p>Second text.</p>"
    data["children"]["area_links"] = []
    save_draft(item=plan, data=data, user=None, opened_on=None)
    publish(item=plan, user=None)
    found = page(client, "1/changes/")
    for text in (
        *("<del>First</del><ins>Second</ins> title", "<del>First</del><ins>Second</ins> text.", "<ins>2030</ins>"),
        *("<del>First</del><ins>Second</ins> statement.", "Added one.", "The area"),
    ):
        assert text in found, text
    assert "/documents/" not in found


def test_changes_in_a_language_that_the_reader_does_not_see_are_left_out(client, plan):
    change(plan, title_es="Segundo título")
    assert "Nothing that is read in this language differs" in page(client, "1/changes/")
    assert "Segundo</ins>" in client.get("/es/strategies/plan/versions/1/changes/").text


def test_markup_in_a_changed_text_is_escaped(client, plan):
    change(plan, title_en="<script>x()</script>")
    assert "<script>x" not in page(client, "1/changes/") + page(client, "2/")


def test_citation_has_the_permanent_address(client, plan):
    OrganizationFactory(name_en="Organization of Examples")
    address = "http://127.0.0.1:8000/en/strategies/plan/versions/1/"
    for text in (page(client, "1/"), client.get("/en/strategies/plan/").text):
        assert "Organization of Examples (" in text
        assert f">{address}</a>" in text
    for extension, line in {"bib": f"  url = {{{address}}},", "ris": f"UR  - {address}\r\n"}.items():
        response = client.get(f"{VERSIONS}1/cite.{extension}")
        assert line in response.text
        assert response.headers["Content-Disposition"] == f'attachment; filename="plan-1.{extension}"'


THIS_YEAR = date.today().year


@pytest.mark.parametrize(
    ("fields", "words", "bibtex_lines", "ris_lines"),
    [
        pytest.param(
            {"uploaded_on": "2021-07-15", "period_from": 2020},
            "(2021)",
            ["year = {2021},", "month = {7},"],
            ["PY  - 2021", "DA  - 2021/07/15"],
            id="upload",
        ),
        pytest.param({"period_from": 2020}, "(2020)", ["year = {2020},"], ["PY  - 2020"], id="period"),
        pytest.param(
            {"period_from": THIS_YEAR + 2},
            f"({THIS_YEAR})",
            [f"year = {{{THIS_YEAR}}},"],
            [f"PY  - {THIS_YEAR}"],
            id="period to come",
        ),
        pytest.param({"period_to": 2024}, "(n.d.)", [], [], id="unknown"),
    ],
)
def test_citation_names_the_year_of_the_work(client, plan, fields, words, bibtex_lines, ris_lines):
    change(plan, **{"uploaded_on": None, "period_from": None, "period_to": None, **fields})
    number = len(versions_of(plan))
    text = client.get("/en/strategies/plan/").text.partition('class="cite__text"')[2].partition("</p>")[0]
    assert words in text
    found = [line.strip() for line in client.get(f"{VERSIONS}{number}/cite.bib").text.splitlines()]
    assert [line for line in found if line.startswith(("year", "month"))] == bibtex_lines
    found = client.get(f"{VERSIONS}{number}/cite.ris").text.split("\r\n")
    assert [line for line in found if line.startswith(("PY", "DA"))] == ris_lines


@pytest.mark.parametrize("extension", ["bib", "ris"])
def test_citation_names_the_version_of_the_site_apart(client, plan, extension):
    text = client.get(f"{VERSIONS}1/cite.{extension}").text
    assert f"Version 1 ({timezone.localdate():%Y-%m-%d})" in text


def test_citation_files_escape_what_their_formats_mean(plan):
    plan.title_en = "Rights & 100% {x}_y\r\nER  - \\end"
    citation = citation_of(plan, versions_of(plan)[0], None)
    assert r"title = {{Rights \& 100\% \{x\}\_y ER  - \textbackslash{}end}}" in bibtex(citation)
    assert "TI  - Rights & 100% {x}_y ER  - \\end\r\n" in ris(citation)
    assert ris(citation).count("\r\nER  - ") == 1


@pytest.mark.parametrize("scale", [1, 10])
@pytest.mark.parametrize("path", ["1/", "1/changes/", "2/cite.bib"])
def test_versions_cost_the_same_queries_at_any_size(
    client, plan, objective, scale, path, django_assert_max_num_queries
):
    for number in range(scale):
        other = ObjectiveFactory(strategy=plan, code=str(number), live=False)
        AlignmentFactory(objective=other)
        publish(item=other, user=None)
        change(plan, title_en=f"Title {number}")
    change(objective, statement_en="Changed.")
    data = copy.deepcopy(snapshot(plan))
    data["relations"]["frameworks"] = [str(FrameworkFactory().pk) for _each in range(scale)]
    data["children"]["outline"] = []
    save_draft(item=plan, data=data, user=None, opened_on=None)
    publish(item=plan, user=None)
    with django_assert_max_num_queries(12):
        assert client.get(f"{VERSIONS}{scale + 1}/{path[2:]}").status_code == 200
