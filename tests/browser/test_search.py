"""The search box in a real browser: suggestions by keyboard and pointer, and the form without script."""

import re

import pytest
from playwright.sync_api import expect

from cms.search import index
from tests.factories import OfficeFactory, ThematicAreaFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def content():
    OfficeFactory(slug="rivers", name_en="Rivers office")
    ThematicAreaFactory(slug="area", name_en="About rivers")
    index.rebuild()


def typed(page, text):
    box = page.get_by_role("combobox", name="Search the site")
    if not box.is_visible():  # on a phone, behind its button
        page.locator(".toggle--search summary").click()
    box.press_sequentially(text)
    return box


@pytest.mark.parametrize("width", [360, 1440])
def test_suggestion_is_chosen_by_keyboard(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/en/countries/")
    box = typed(page, "riv")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box.press("Enter")
    expect(page).to_have_url(re.compile("/en/regions/rivers/$"))


def test_arrows_lead_round_through_the_text_that_was_typed(page):
    page.goto("/en/countries/")
    box = typed(page, "riv")
    expect(page.get_by_role("option")).to_have_count(2)
    for selected in (0, 1, None, 0):
        box.press("ArrowDown")
        active = box.get_attribute("aria-activedescendant")
        assert active == (None if selected is None else page.get_by_role("option").nth(selected).get_attribute("id"))
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None


def test_escape_closes_the_suggestions_and_enter_searches(page):
    page.goto("/en/countries/")
    box = typed(page, "riv")
    expect(page.get_by_role("option")).to_have_count(2)
    box.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/en/search/\?q=riv"))


def test_suggestion_is_chosen_by_pointer(page):
    page.goto("/en/countries/")
    typed(page, "about")
    page.get_by_role("option").click()
    expect(page).to_have_url(re.compile(r"/en/objectives/\?thematic_area=area$"))


def test_search_works_without_script(page_without_script):
    page = page_without_script
    page.goto("/en/countries/")
    page.get_by_role("searchbox", name="Search the site").fill("river")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".result")).to_have_count(2)
    page.get_by_role("link", name="Offices").click()
    expect(page.locator(".result")).to_have_count(1)
