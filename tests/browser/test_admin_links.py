"""The window of a link in the editor of a text: typing, choosing, addresses, by keyboard and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cms.content.links import Reference
from tests.browser.admin import draft_of, log_in, open_editor
from tests.browser.test_admin_accessibility import serious_violations
from tests.factories import OfficeFactory, StrategyFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target(db):
    return OfficeFactory(slug="south", name_en="South", name_es="Región del Sur y la Educación")


@pytest.fixture
def office(target):
    return OfficeFactory(slug="north", introduction_en="<p>words</p>")


@pytest.fixture
def form(page, admin_user, live_server, office):
    log_in(page, admin_user, live_server)
    page.goto(reverse("admin:regions_office_change", args=[office.pk]))
    return page


def open_window(form):
    """Select the words of the text, ask for a link by the keyboard, and return the field of the window."""
    open_editor(form, "id_introduction_en").click()
    form.keyboard.press("Control+a")
    form.keyboard.press("Control+k")
    field = form.get_by_role("combobox", name="Link to", exact=True)
    expect(field).to_be_focused()
    return field


def text_of(form) -> str:
    return form.locator("#id_introduction_en").input_value()


def test_item_is_found_by_typing_and_chosen_by_the_keyboard(form, target, office):
    form.set_viewport_size({"width": 360, "height": 740})
    open_window(form).press_sequentially("educacion")
    option = form.get_by_role("option", name="South")
    option.wait_for()
    assert serious_violations(form) == []
    assert form.evaluate("document.documentElement.scrollWidth") <= 360
    form.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    form.keyboard.press("Enter")
    expect(form.get_by_role("combobox", name="Link to", exact=True)).to_have_value("South")
    form.keyboard.press("Enter")
    expect(form.locator("dialog")).to_have_count(0)
    reference = Reference(type(target), target.pk)
    assert text_of(form) == f'<p><a href="{reference}">words</a></p>'
    form.locator("[name=_continue]").first.click()
    form.wait_for_load_state()
    assert str(reference) in draft_of(office)["fields"]["introduction_en"]


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        pytest.param("www.example.org", "https://www.example.org", id="web"),
        pytest.param("jo@example.org", "mailto:jo@example.org", id="mail"),
    ],
)
def test_address_that_lacks_its_beginning_is_offered_whole(form, typed, href):
    open_window(form).press_sequentially(typed)
    form.get_by_role("option", name=href).click()
    form.get_by_role("button", name="Apply").click()
    assert text_of(form) == f'<p><a href="{href}">words</a></p>'


@pytest.mark.parametrize("typed", ["hola mundo", "http://", "javascript:alert(1)", "/en/nowhere/"])
def test_what_is_no_address_is_refused_in_words_and_stays(form, typed):
    field = open_window(form)
    field.fill(typed)
    form.keyboard.press("Enter")
    expect(form.locator("dialog [role=status]")).to_contain_text(f"“{typed}”")
    expect(field).to_have_value(typed)
    form.keyboard.press("Escape")
    expect(form.locator("dialog")).to_have_count(0)
    assert text_of(form) == "<p>words</p>"


def test_address_of_a_page_of_this_site_becomes_a_link_to_its_item(form, target):
    open_window(form).press_sequentially("/es/regions/south/#partners")
    form.get_by_role("option", name="South").click()
    form.get_by_role("button", name="Apply").click()
    assert f'href="{Reference(type(target), target.pk, "#partners")}"' in text_of(form)


def test_link_that_is_there_is_shown_by_the_name_of_its_item(page, admin_user, live_server, target):
    strategy = StrategyFactory(title_en="The plan", live=False)
    text = f'<p><a href="{Reference(type(strategy), strategy.pk)}">words</a></p>'
    office = OfficeFactory(introduction_en=text)
    log_in(page, admin_user, live_server)
    page.goto(reverse("admin:regions_office_change", args=[office.pk]))
    expect(open_window(page)).to_have_value("The plan")
    expect(page.locator("dialog [role=status]")).to_contain_text("not public")
    page.get_by_role("button", name="Cancel").click()
    assert text_of(page) == text
