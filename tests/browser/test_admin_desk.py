"""A translator's work on the desk, in a real browser; the page fixture fails on console errors and CSP violations."""

import pytest
from django.urls import reverse

from cms.content.languages import site_languages
from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import RoleAssignment
from cms.translations.texts import Status, texts_of
from tests.browser.admin import log_in
from tests.browser.test_admin_accessibility import buttons_outside_the_window, serious_violations
from tests.drafts import drafted, states_of
from tests.factories import OfficeFactory, SectionFactory

SECTIONS = 4  # with a heading and a body each: with name and introduction, ten texts


@pytest.fixture
def office(db):
    """An office whose ten texts were all rewritten in English since they were translated."""
    office = OfficeFactory(
        name_en="The office", name_es="Antes", introduction_en="<p>The words.</p>", introduction_es="<p>Antes.</p>"
    )
    for number in range(SECTIONS):
        texts = {"heading_en": "The heading", "heading_es": "Antes", "body_en": "<p>The body.</p>"}
        SectionFactory(office=office, position=number, **texts, body_es="<p>Antes.</p>")
    data = snapshot(office)
    for row in [data["fields"], *data["children"]["sections"]]:
        for name in ("name_en", "introduction_en", "heading_en", "body_en"):
            if row.get(name):
                row[name] = row[name].replace("The ", "The other ")
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    return office


@pytest.fixture
def translator(page, live_server, django_user_model):
    """The browser of a translator into Spanish."""
    user = django_user_model.objects.create_user("translator", is_staff=True)
    RoleAssignment.objects.create(user=user, role="translator", languages=["es"])
    log_in(page, user, live_server)
    return page


def outdated(office):
    return [text for text in texts_of(office, "es") if text.status == Status.OUTDATED]


def ready(page):
    """Wait until the keyboard is in the text that is open."""
    page.locator("#id_target:not([data-rich-text]):focus, .ProseMirror:focus").wait_for()


def press(page, keys):
    """Press ``keys`` and wait for the page that they lead to."""
    with page.expect_navigation():
        page.keyboard.press(keys)


def test_ten_outdated_texts_are_done_with_the_keyboard_alone(translator, office):
    page, places = translator, [text.place for text in outdated(office)]
    assert len(places) == 10
    page.goto(reverse("admin:regions_office_desk", args=[office.pk, "es"]))
    for number, place in enumerate(places):
        ready(page)
        assert page.locator("input[name=text]").input_value() == f"{office.pk}/{place}"
        assert page.evaluate("document.activeElement.getBoundingClientRect().bottom <= innerHeight")
        if number % 2:
            press(page, "Control+Shift+Enter")
            continue
        page.keyboard.press("Control+A")
        page.keyboard.type("Después")
        press(page, "Control+Enter")
    assert outdated(office) == []
    found = drafted(office)
    assert found["fields"]["name_es"] in ("Después", "Antes")
    written = [row["heading_es"] for row in found["children"]["sections"]]
    written += [row["body_es"] for row in found["children"]["sections"]]
    assert {"Después", "<p>Después</p>"} & set(written)
    page.locator("button[value=submit]:focus").wait_for()
    press(page, "Enter")
    assert states_of(office)["es"] == "submitted"


def test_keys_lead_through_the_texts_without_saving_and_typed_text_is_not_left_without_a_question(translator, office):
    page, first = translator, reverse("admin:regions_office_desk", args=[office.pk, "es"])
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(first)
    ready(page)
    opened = page.locator("input[name=text]").input_value()
    press(page, "Alt+PageDown")
    ready(page)
    assert page.locator("input[name=text]").input_value() != opened
    assert asked == []
    page.keyboard.type("Typed")
    press(page, "Alt+PageUp")
    assert asked == ["beforeunload"]
    assert page.locator("input[name=text]").input_value() == opened
    assert len(outdated(office)) == 10


def test_checks_speak_up_while_somebody_writes(translator, db):
    office = OfficeFactory(name_en="Plan 2030")
    page = translator
    page.goto(reverse("admin:regions_office_desk", args=[office.pk, "es"]))
    ready(page)
    page.keyboard.type("Plan 2031")
    page.locator("#findings li", has_text="2030").wait_for()
    page.locator("#findings input[name=reason]").first.fill("A reason.")
    page.locator("#id_target").press("End")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.keyboard.type("!")
    assert page.locator("#findings input[name=reason]").first.input_value() == "A reason."


def test_form_of_a_translator_opens_on_what_they_may_write(translator, office):
    translator.goto(reverse("admin:regions_office_change", args=[office.pk]))
    assert translator.locator("#id_name_es").is_visible()
    assert not translator.locator("#id_name_en").is_visible()


def test_desk_works_without_scripts(page_without_script, live_server, django_user_model, office):
    page = page_without_script
    user = django_user_model.objects.create_user("translator", is_staff=True)
    RoleAssignment.objects.create(user=user, role="translator", languages=["es"])
    log_in(page, user, live_server)
    page.goto(reverse("admin:regions_office_desk", args=[office.pk, "es"]))
    page.fill("#id_target", "Sin guiones")
    page.click("button[value=next]")
    assert len(outdated(office)) == 9


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("name", ["desk", "worklist", "matrix", "assign"])
def test_pages_of_translation_have_no_serious_violation(page, admin_user, live_server, office, name, width):
    log_in(page, admin_user, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    kind = page_kind(office)
    page.goto(
        {
            "desk": reverse("admin:regions_office_desk", args=[office.pk, "es"]) + "?show=all",
            "worklist": reverse("admin:worklist", args=["es"]),
            "matrix": reverse("admin:translation_matrix"),
            "assign": f"{reverse('admin:assign_translations', args=['es'])}?item={kind}:{office.pk}",
        }[name]
    )
    page.wait_for_load_state("networkidle")
    page.wait_for_function("[...document.querySelectorAll('.ProseMirror')].every((text) => text.ariaLabel)")
    for language in site_languages() if name == "desk" else site_languages()[:1]:
        assert serious_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert buttons_outside_the_window(page) == []
        if language != site_languages()[-1] and name == "desk":
            page.click(f"#language-switch button[value={site_languages()[site_languages().index(language) + 1]}]")
            page.wait_for_load_state("networkidle")


def page_kind(item) -> int:
    """Return what names the kind of ``item`` in an address."""
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(item).pk
