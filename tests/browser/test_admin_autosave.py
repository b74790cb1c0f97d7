"""Nothing typed is lost: what the form keeps by itself, in a real browser."""

import os
import signal
from contextlib import contextmanager

import pytest
from django.urls import reverse

from cms.editing.models import UnsavedForm
from tests.browser.admin import choose_language, draft_of, log_in, open_editor
from tests.browser.conftest import CHROMIUM, FLAGS, ask_no_more
from tests.factories import OfficeFactory, SectionFactory

MOST_LOST = 10  # seconds of typing, when the browser is killed


@pytest.fixture
def editor(page, admin_user, live_server):
    log_in(page, admin_user, live_server)
    return page


@pytest.fixture
def troubled_editor(browser, admin_user, live_server):
    """An editor whose browser may write to its console that a request failed."""
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    log_in(page, admin_user, live_server)
    yield page
    ask_no_more(context)
    context.close()


@contextmanager
def doomed_browser(browser):
    """A page of a browser of its own, and the number of its process."""
    doomed = browser.browser_type.launch(executable_path=CHROMIUM, args=FLAGS)
    found = doomed.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    yield doomed.new_page(), next(process["id"] for process in found if process["type"] == "browser")
    doomed.close()


def change_url(item) -> str:
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_change", args=[item.pk])


def kept(name: str) -> str:
    return next((form.data.get(name, "") for form in UnsavedForm.objects.all()), "")


def wait_until_kept(page) -> None:
    """Wait for the form to say so: the test's thread and the server share one connection to the database."""
    said = page.locator("#autosave-state", has_text="What you type is kept")
    said.wait_for(timeout=MOST_LOST * 1000)


def test_text_is_offered_on_another_machine_after_the_browser_was_killed(page, browser, admin_user, live_server):
    office = OfficeFactory(name_en="North", introduction_en="<p>Text</p>")
    with doomed_browser(browser) as (doomed, process):
        log_in(doomed, admin_user, live_server)
        doomed.goto(live_server.url + change_url(office))
        doomed.fill("#id_name_en", "Typed before the crash")
        open_editor(doomed, "id_introduction_en").click()
        doomed.keyboard.press("Control+End")
        doomed.keyboard.type(" and more")
        wait_until_kept(doomed)
        doomed.keyboard.type(", lost")
        os.kill(process, signal.SIGKILL)
    log_in(page, admin_user, live_server)
    page.goto(change_url(office))
    assert page.locator("#id_name_en").input_value() == "North"
    page.click(".unsaved-form a")
    assert page.locator("#id_name_en").input_value() == "Typed before the crash"
    assert open_editor(page, "id_introduction_en").inner_text() == "Text and more"
    page.keyboard.press("Control+S")
    page.locator(".messagelist .success").wait_for()
    assert draft_of(office)["fields"]["name_en"] == "Typed before the crash"
    assert page.locator(".unsaved-form").count() == 0


def test_text_is_kept_at_once_when_the_page_is_left(editor):
    office = OfficeFactory(name_en="North")
    editor.goto(change_url(office))
    editor.on("dialog", lambda dialog: dialog.accept())
    editor.fill("#id_name_en", "Typed and left")
    editor.goto("about:blank")
    for _ in range(20):  # the browser sends it behind the page's back, so there is nothing else to wait for
        if not kept("name_en"):
            editor.wait_for_timeout(250)
    assert kept("name_en") == "Typed and left"


def test_nothing_is_kept_of_a_form_that_nobody_typed_into(editor):
    office = OfficeFactory(introduction_en="<p>Text</p>")
    editor.goto(change_url(office))
    open_editor(editor, "id_introduction_en").click()
    choose_language(editor, "id_name", "es")
    leave(editor)
    assert not UnsavedForm.objects.exists()


def test_what_was_saved_is_not_offered_again(editor):
    office = OfficeFactory(name_en="North")
    editor.goto(change_url(office))
    editor.fill("#id_name_en", "Saved")
    editor.keyboard.press("Control+S")
    editor.locator(".messagelist .success").wait_for()
    leave(editor)
    assert not UnsavedForm.objects.exists()


@pytest.mark.parametrize(
    ("status", "said"), [(0, "does not answer"), (413, "has become too large")], ids=["no answer", "too large"]
)
def test_failure_is_said_and_the_text_stays_until_it_can_be_kept(troubled_editor, status, said):
    editor, office = troubled_editor, OfficeFactory(name_en="North")
    editor.goto(change_url(office))
    editor.route("**/autosave/", lambda route: route.fulfill(status=status) if status else route.abort())
    editor.fill("#id_name_en", "Too long")
    look_away(editor)
    editor.locator("#autosave-problem", has_text=said).wait_for()
    assert editor.locator("#id_name_en").input_value() == "Too long"
    editor.unroute("**/autosave/")
    editor.fill("#id_name_en", "Short")
    look_away(editor)
    wait_until_kept(editor)
    assert kept("name_en") == "Short"
    assert editor.locator("#autosave-problem").inner_text() == ""


def look_away(page) -> None:
    """Send what was typed now, as going to another tab does."""
    page.evaluate("""() => {
        Object.defineProperty(document, "hidden", {value: true, configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
        delete document.hidden;
    }""")


def leave(page) -> None:
    """Look away, and wait for what that sends."""
    page.keyboard.press("Shift")
    look_away(page)
    page.wait_for_load_state("networkidle")


def test_preview_beside_the_form_shows_what_is_typed_in_the_language_that_is_edited(editor):
    office = OfficeFactory(name_en="North", name_es="Norte")
    editor.goto(change_url(office))
    editor.click("#preview-toggle")
    heading = editor.frame_locator("#preview-pane iframe").locator("h1")
    heading.get_by_text("North").wait_for()
    editor.fill("#id_name_en", "Typed")
    heading.get_by_text("Typed").wait_for()
    choose_language(editor, "id_name", "es")
    heading.get_by_text("Norte").wait_for()
    assert editor.locator("#id_name_en").input_value() == "Typed"  # the form was not loaded anew
    editor.check("input[name=preview-width][value='1280']")
    assert heading.evaluate("() => innerWidth") == 1280
    with editor.expect_popup() as popup:
        editor.locator("#preview-pane a").click()
    own = popup.value
    assert own.locator("h1").inner_text() == "Norte"
    own.locator(".preview-banner a[href*='/change/']").click()
    own.locator("#id_name_en").wait_for()
    editor.locator("#preview-pane button").click()
    assert editor.evaluate("document.activeElement.id") == "preview-toggle"


def test_form_with_errors_leads_to_each_of_them_and_closed_rows_say_what_they_lack(editor):
    office = OfficeFactory(name_en="North", website="no address")
    SectionFactory(office=office, anchor="first", heading_en="First", heading_es="Primero", body_en="<p>x</p>")
    editor.goto(change_url(office))
    assert editor.locator("#sections-0 .row-marks .language").all_inner_texts() == ["ES", "FR", "PT"]
    choose_language(editor, "id_name", "fr")
    editor.locator("#sections-0 .row-toggle").click()
    editor.fill("#id_sections-0-anchor", "no anchor!")
    editor.keyboard.press("Control+S")
    editor.locator("#error-links").wait_for()
    assert editor.evaluate("document.activeElement.id") == "error-links"
    editor.locator("#sections-0 .row-toggle").click()
    editor.locator("#error-links a", has_text="Section").first.click()
    assert editor.evaluate("document.activeElement.id") == "id_sections-0-anchor"
    assert "has errors" in editor.locator(".form-outline a", has_text="Sections").inner_text()


def test_outline_beside_the_form_leads_to_a_row_and_the_bar_stays_in_sight(editor):
    office = OfficeFactory()
    for number in range(12):
        SectionFactory(office=office, anchor=f"s{number}", heading_en=f"Heading {number}")
    editor.goto(change_url(office))
    save = editor.locator("input[name=_continue]")
    assert save.is_visible()
    editor.locator(".form-outline a", has_text="Heading 11").click()
    field = editor.locator("#id_sections-11-heading_en")
    for shown in (save, field):
        box = shown.bounding_box()
        assert 0 <= box["y"] < 900 - box["height"]


def test_new_form_begins_on_its_first_field(editor):
    editor.goto(reverse("admin:regions_office_add"))
    editor.wait_for_function("document.activeElement.closest('fieldset.module')")
    assert editor.evaluate("document.activeElement.name") == "name_en"
