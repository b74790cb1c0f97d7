"""A strategy read online, a chapter a page."""

import re

import pytest

from priorities.models import Strategy
from tests.factories import OfficeFactory, OutlineEntryFactory, StrategyFactory

pytestmark = pytest.mark.django_db
READ = "/en/strategies/plan/read/"


@pytest.fixture
def plan():
    strategy = StrategyFactory(slug="plan", title_en="The plan")
    OutlineEntryFactory(strategy=strategy, anchor="foreword", title_en="Foreword", body_en="<p>Before.</p>")
    OutlineEntryFactory(strategy=strategy, anchor="one", number="1", title_en="One", body_en="<h3>Inside one</h3>")
    OutlineEntryFactory(
        strategy=strategy, anchor="one-a", number="1.1", level=2, title_en="Section", body_en="<h3>In</h3>"
    )
    OutlineEntryFactory(strategy=strategy, anchor="empty", title_en="Title alone")
    OutlineEntryFactory(strategy=strategy, anchor="annex", title_en="Annex", body_es="<p>Solo en español.</p>")
    return strategy


def test_reading_begins_with_the_first_chapter(client, plan):
    response = client.get(READ)
    assert (response.status_code, response.headers["Location"]) == (302, f"{READ}foreword/")


def test_chapter_has_its_text_sections_and_neighbours(client, plan):
    page = client.get(f"{READ}one/").text
    assert "Before." not in page
    for text in (
        *("<h2>Inside one</h2>", "<h3>In</h3>", 'id="one"'),
        *(f'rel="prev" href="{READ}foreword/"', f'rel="next" href="{READ}annex/"'),
        *(f'href="{READ}one/" aria-current="page"', 'href="#one-a"', 'href="/en/strategies/plan/"'),
    ):
        assert text in page, text
    assert re.search(r'<h2><[^>]*\sid="one-a"', page)


def test_address_of_a_section_leads_to_it_in_its_chapter(client, plan):
    response = client.get(f"{READ}one-a/")
    assert (response.status_code, response.headers["Location"]) == (302, f"{READ}one/#one-a")


def test_chapter_without_a_text_is_left_out(client, plan):
    assert client.get(f"{READ}empty/").status_code == 404
    assert "Title alone" not in client.get(f"{READ}one/").text


def test_passage_in_another_language_is_labelled_and_the_page_is_not_said_to_be_in_this_one(client, plan):
    page = client.get(f"{READ}annex/").text
    assert '<div class="rich-text" lang="es" dir="ltr"><p>Solo en español.</p></div>' in page
    assert 'class="notice"' in page
    assert 'hreflang="en" href="http' not in page


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: Strategy.objects.update(status="withdrawn"),
        lambda plan: Strategy.objects.update(office=OfficeFactory(live=False)),
        lambda plan: plan.outline.update(body_en="", body_es=None),
        lambda plan: plan.outline.all().delete(),
    ],
    ids=["withdrawn", "office-not-live", "titles-only", "no-outline"],
)
@pytest.mark.parametrize("path", [READ, f"{READ}one/"], ids=["read", "chapter"])
def test_what_cannot_be_read_is_404(client, plan, change, path):
    change(plan)
    assert client.get(path).status_code == 404


def test_entry_below_no_chapter_is_a_chapter_itself(client):
    strategy = StrategyFactory(slug="plan")
    OutlineEntryFactory(strategy=strategy, anchor="deep", level=3, body_en="<p>Text.</p>")
    assert client.get(f"{READ}deep/").status_code == 200


@pytest.mark.parametrize("scale", [1, 20])
def test_chapter_costs_the_same_queries_at_any_length(client, plan, scale, django_assert_num_queries):
    for number in range(scale):
        OutlineEntryFactory(strategy=plan, level=1 + number % 3, body_en="<p>Text.</p>")
    with django_assert_num_queries(7):
        assert client.get(f"{READ}one/").status_code == 200
