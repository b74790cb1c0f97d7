"""Maps, matrices and comparisons in a real browser: by keyboard, and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from priorities.models import Strategy
from regions.models import Country
from tests.content import make_content
from tests.factories import AlignmentFactory, FrameworkGoalFactory

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 360, "height": 740}
WINDOW = {"width": 1024, "height": 740}  # above the width from which the matrix is a table


def test_country_on_the_map_is_reached_and_followed_by_keyboard(page):
    make_content()
    Country.objects.filter(code="BR").update(name_en="Brazil")
    page.goto("/en/regions/office/")
    page.locator(".map__skip").focus()
    page.keyboard.press("Tab")
    focused = page.evaluate("[document.activeElement.getAttribute('class'), document.activeElement.ariaLabel]")
    assert focused == ["map__country", "Brazil – Name of office"]
    fill = page.evaluate("getComputedStyle(document.activeElement.querySelector('.map__shape')).fill")
    assert fill == "rgb(255, 191, 43)"
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/countries/BR/")


def test_map_takes_its_place_before_it_is_drawn(page):
    make_content()
    page.set_viewport_size(PHONE)
    page.goto("/en/regions/office/")
    box = page.locator(".map__picture").bounding_box()
    ratio = page.locator(".map__picture").evaluate("map => map.viewBox.baseVal.height / map.viewBox.baseVal.width")
    assert box["width"] <= 360
    assert box["height"] / box["width"] == pytest.approx(ratio, rel=0.02)


def test_matrix_scrolls_sideways_by_keyboard_and_keeps_its_headings(page):
    make_content()
    goal = FrameworkGoalFactory(framework__slug="wide")
    FrameworkGoalFactory.create_batch(60, framework=goal.framework)
    AlignmentFactory(objective=Strategy.objects.get(slug="strategy").objectives.first(), goal=goal)
    page.set_viewport_size(WINDOW)  # on a phone it is a list
    page.goto("/en/alignment/?framework=wide")
    region = page.get_by_role("group", name="Objectives of all regional strategies")
    heading = region.get_by_role("rowheader").first
    before = heading.bounding_box()["x"]
    region.focus()
    page.keyboard.press("ArrowRight")
    scrolled = 0
    for _ in range(100):  # it glides; the policy forbids to wait by an expression
        page.wait_for_timeout(50)
        scrolled = region.evaluate("element => element.scrollLeft")
        if scrolled:
            break
    assert scrolled > 0
    assert heading.bounding_box()["x"] == pytest.approx(before, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") == WINDOW["width"]


@pytest.mark.parametrize(("width", "beside"), [(360, False), (1440, True)])
def test_strategies_stand_beside_each_other_where_there_is_room(page, width, beside):
    make_content()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/en/compare/?s=strategy&s=other")
    first, second = (box.bounding_box() for box in page.locator(".pillar-group .beside").first.locator("> div").all())
    assert (first["y"] == second["y"]) is beside


def test_strategies_are_chosen_without_script(page_without_script):
    make_content()
    page = page_without_script
    page.goto("/en/strategies/strategy/")
    page.get_by_role("link", name="Compare with other strategies").click()
    page.get_by_role("checkbox", name="Title of other").check()
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(r"/en/compare/\?s="))
    expect(page.get_by_role("heading", name="Name of pillar")).to_be_visible()
