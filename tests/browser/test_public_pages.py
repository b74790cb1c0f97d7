"""What readers do on public pages in a real browser; what holds for every kind of page stands in ``quality/``."""

import pytest

from tests.content import make_content

pytestmark = pytest.mark.django_db(transaction=True)

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
