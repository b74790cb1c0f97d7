"""Every kind of public page in a real browser, on a phone and on a wide screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.content import PAGES, make_content

pytestmark = pytest.mark.django_db(transaction=True)

# A refused request for a style sheet or script is a console error; a 404 of the page itself is one too, so the
# error pages are not among these.
every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
both_widths = pytest.mark.parametrize("width", [360, 1440])


@every_page
@both_widths
@pytest.mark.parametrize("language", ["en", "es"])
def test_page_fits_the_screen_and_the_policy(page, path, width, language):
    make_content()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/{language}{path}", wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@every_page
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
def test_page_has_no_accessibility_violation(page, path, width, scheme):
    make_content()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/es{path}")
    results = Axe().run(page, options={"preload": False})  # it would ask for imported style sheets at wrong addresses
    assert results.violations_count == 0, results.generate_report()


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
    page.locator(".menu--narrow summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".menu--narrow").get_by_role("link", name="Partners").is_visible()


def test_filters_work_without_script(browser, live_server):
    make_content()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/en/objectives/")
    page.locator("summary", has_text="Pillar").click()
    page.get_by_role("checkbox", name="Name of pillar").check()
    page.get_by_role("button", name="Show results").click()
    assert page.url.endswith("/en/objectives/?search=&pillar=pillar")
    page.get_by_role("link", name="Remove the filter").click()
    assert page.url.endswith("/en/objectives/")
    context.close()


def test_targets_are_large_enough_for_a_finger(page):
    make_content()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/en/objectives/?pillar=pillar")
    page.locator(".menu--narrow summary").click()
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
