"""What readers do on public pages in a real browser; what holds for every kind of page stands in ``quality/``."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.quality.checks import SETTLED, WATCH_LAYOUT
from tests.content import make_content

pytestmark = pytest.mark.django_db(transaction=True)

# What is written is parsed and painted as what comes over a network is.
WRITE_IN_TWO_PIECES = f"""async pieces => {{
    document.open();
    for (const piece of pieces) {{
        document.write(piece);
        await ({SETTLED})();
    }}
    document.close();
    await ({SETTLED})();
}}"""
both_widths = pytest.mark.parametrize("width", [360, 1440])


@both_widths
def test_tab_reaches_the_skip_link_first_and_it_leads_to_the_content(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/en/")
    page.keyboard.press("Tab")
    skip_link = page.locator(".skip-link")
    assert skip_link.evaluate("element => element === document.activeElement")
    assert skip_link.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_menu_opens_by_keyboard_on_a_phone(page):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/en/")
    page.locator(".toggle--menu summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".menu").get_by_role("link", name="Partners").is_visible()


@pytest.mark.parametrize("name", ["page", "page_without_script"])
def test_header_of_a_phone_is_low_and_has_everything_behind_its_buttons(request, name):
    make_content()
    page = request.getfixturevalue(name)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/en/")
    assert page.locator("header.site-header").bounding_box()["height"] <= 110
    for button, shown in [(".toggle--search", ".search-box"), (".toggle:has(+ .languages)", ".languages")]:
        assert not page.locator(shown).is_visible()
        page.locator(f"{button} summary").click()
        assert page.locator(shown).is_visible()


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_header_does_not_move_while_the_page_comes_in(page, width):
    make_content()
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(WATCH_LAYOUT)
    html = page.goto("/es/strategies/").text()
    begin, end = html.index("<header"), html.index("<main")
    tags = [begin + match.end() for match in re.finditer(">", html[begin:end])]
    for place in tags[:: len(tags) // 12]:
        page.evaluate(WRITE_IN_TWO_PIECES, [html[:place], html[place:]])
        assert page.evaluate("layoutShifts") == [], html[place - 80 : place]


@pytest.mark.parametrize("path", ["/", "/regions/office/", "/strategies/strategy/", "/objectives/", "/alignment/"])
@pytest.mark.parametrize("size", ["100%", "200%"])
def test_nothing_scrolls_sideways_whatever_the_words_and_their_size(page, path, size):
    make_content()
    page.set_viewport_size({"width": 320, "height": 740})
    page.goto(f"/en{path}")
    page.evaluate(
        """size => {
            document.documentElement.style.fontSize = size;
            for (const details of document.querySelectorAll("details")) details.open = true;
            for (const element of document.querySelectorAll("main h1, main h2, main p, main li a, main dd"))
                if (!element.childElementCount) element.textContent = "Donaudampfschifffahrt".repeat(6);
        }""",
        size,
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_results_come_before_filters_on_a_phone(page):
    make_content()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/en/objectives/?thematic_area=area")
    assert page.locator(".objective-card").first.bounding_box()["y"] < 740
    assert page.locator(".toggle--filters .filters__count").inner_text().startswith("1")
    assert page.locator("h1").inner_text() == "Objectives: Name of area"


def test_filters_work_without_script(page_without_script):
    make_content()
    page = page_without_script
    page.goto("/en/objectives/")
    page.locator("summary", has_text="Pillar").click()
    page.get_by_role("checkbox", name="Name of pillar").check()
    page.get_by_role("button", name="Show results").click()
    expect(page).to_have_url(re.compile(r"/en/objectives/\?search=&pillar=pillar$"))
    page.get_by_role("link", name="Remove the filter").click()
    expect(page).to_have_url(re.compile(r"/en/objectives/$"))


def test_targets_are_large_enough_for_a_finger(page):
    make_content()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/en/objectives/?pillar=pillar")
    page.locator(".toggle--menu summary").click()
    page.locator(".toggle--filters summary").click()
    small = page.eval_on_selector_all(
        ".site-header a, summary, .choice, .button, .active-filters a, .site-footer a",
        """elements => elements.filter(element => element.checkVisibility())
            .map(element => [element.innerText, element.getBoundingClientRect().height])
            .filter(([, height]) => height < 44)""",
    )
    assert small == []


def test_right_to_left_page_is_mirrored(page):
    make_content()
    page.goto("/en/regions/office/")
    page.evaluate("document.documentElement.dir = 'rtl'")
    side, main = (page.locator(name).bounding_box() for name in (".contents", ".with-side__main"))
    assert side["x"] > main["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
