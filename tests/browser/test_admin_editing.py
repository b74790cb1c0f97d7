"""An editor's work in the admin, in a real browser; the page fixture fails on console errors and CSP violations."""

import pytest
from django.urls import reverse

from cms.content.snapshots import snapshot
from cms.publishing import actions
from priorities.models import Objective, OutlineEntry
from regions.models import Office
from tests.browser.admin import choose_language, draft_of, log_in, open_editor
from tests.factories import (
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OutlineEntryFactory,
    PillarFactory,
    SectionFactory,
    StrategyFactory,
)


@pytest.fixture
def editor(page, admin_user, live_server):
    log_in(page, admin_user, live_server)
    return page


def change_url(item) -> str:
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_change", args=[item.pk])


def save(page, name="_continue"):
    page.locator(f"input[name={name}]").last.click()
    page.locator(".messagelist .success").wait_for()


def anchors_of(office) -> list[str]:
    return [row["anchor"] for row in draft_of(office)["children"]["sections"]]


def test_draft_is_saved_seen_again_reviewed_and_published(editor):
    office = OfficeFactory(slug="north", name_en="Northern office")

    def public() -> str:
        return editor.request.get("/en/regions/north/").text()

    editor.goto(change_url(office))
    editor.fill("#id_name_en", "Southern office")
    save(editor)
    assert editor.locator("#id_name_en").input_value() == "Southern office"
    editor.goto(change_url(office))
    assert editor.locator("#id_name_en").input_value() == "Southern office"
    assert "Southern office" not in public()
    editor.locator(".item-pages a").first.click()
    assert editor.locator(".difference ins").first.inner_text().strip() == "Southern"
    editor.locator(".public-notes summary").click()
    editor.fill("#id_note_en", "The office has moved.")
    editor.click("button[value=publish]")
    editor.locator(".messagelist .success").wait_for()
    page = public()
    assert "Southern office" in page
    assert "Northern office" not in page
    assert "The office has moved." in page


def test_preview_shows_the_draft_and_says_so(editor):
    office = OfficeFactory(slug="north", name_en="Northern office")
    editor.goto(change_url(office))
    editor.fill("#id_name_en", "Southern office")
    save(editor)
    with editor.expect_popup() as popup:
        editor.locator(".item-pages").get_by_role("link", name="Preview").click()
    preview = popup.value
    assert preview.locator("h1").inner_text() == "Southern office"
    assert "It is not public." in preview.locator(".preview-banner").inner_text()


def test_save_over_a_newer_draft_shows_both_and_keeps_what_was_typed(editor):
    office = OfficeFactory(name_en="Northern office")
    editor.goto(change_url(office))
    data = snapshot(office)
    data["fields"]["name_en"] = "Eastern office"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    editor.fill("#id_name_en", "Southern office")
    editor.locator("input[name=_continue]").last.click()
    editor.locator("form.conflict").wait_for()
    assert "Eastern office" in editor.locator("form.conflict").inner_text()
    assert "Southern office" in editor.locator("form.conflict").inner_text()
    assert draft_of(office)["fields"]["name_en"] == "Eastern office"


def test_editor_logs_in_by_the_form(page, admin_user):
    page.goto("/admin/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", "password")
    page.click("input[type=submit]")
    page.locator("table.overview").first.wait_for()


def test_editor_writes_an_introduction_in_spanish(editor):
    office = OfficeFactory(introduction_en="<p>In English.</p>")
    editor.goto(change_url(office))
    choose_language(editor, "id_introduction", "es")
    text = open_editor(editor, "id_introduction_es")
    text.click()
    editor.keyboard.type("Una introducción")
    editor.locator(".prose-editor:has(> #id_introduction_es) button[title=Bold]").click()
    editor.keyboard.type(" nueva")
    save(editor)
    assert draft_of(office)["fields"]["introduction_es"] == "<p>Una introducción<strong> nueva</strong></p>"
    choose_language(editor, "id_introduction", "es")
    assert open_editor(editor, "id_introduction_es").inner_text() == "Una introducción nueva"


def test_editor_inserts_a_table_and_a_link(editor):
    office = OfficeFactory()
    editor.goto(change_url(office))
    text = open_editor(editor, "id_introduction_en")
    text.click()
    editor.keyboard.type("Partners")
    editor.keyboard.press("Control+A")
    editor.locator(".prose-editor:has(> #id_introduction_en) button[title=Link]").click()
    editor.locator(".link-window").get_by_role("combobox").fill("https://example.org/")
    editor.locator(".link-window button[type=submit]").click()
    editor.locator(".link-window").wait_for(state="detached")
    text.click()
    editor.keyboard.press("Control+End")
    editor.keyboard.press("Enter")
    editor.locator(".prose-editor:has(> #id_introduction_en) button[title='Insert table']").click()
    editor.locator(".prose-editor-dialog button[type=submit]").click()
    save(editor)
    introduction = draft_of(office)["fields"]["introduction_en"]
    assert '<a href="https://example.org/"' in introduction
    assert introduction.count("<td") == 9


def test_sections_are_reordered_with_the_keyboard(editor):
    office = OfficeFactory()
    for anchor in ("first", "second", "third"):
        SectionFactory(office=office, anchor=anchor)
    editor.goto(change_url(office))
    editor.locator("#sections-2 .move-up").focus()
    editor.keyboard.press("Enter")
    editor.keyboard.press("Enter")
    save(editor)
    assert anchors_of(office) == ["third", "first", "second"]
    assert editor.locator("#sections-group .inline_label").first.inner_text() == "Heading of third"


def test_sections_are_reordered_by_dragging(editor):
    office = OfficeFactory()
    for anchor in ("first", "second", "third"):
        SectionFactory(office=office, anchor=anchor)
    editor.goto(change_url(office))
    editor.locator("#sections-group").scroll_into_view_if_needed()
    editor.locator("#sections-0 .drag-handle").hover()
    editor.mouse.down()
    for row in ("#sections-1", "#sections-2"):
        box = editor.locator(row).bounding_box()
        editor.mouse.move(box["x"] + 300, box["y"] + box["height"] - 4, steps=5)
    editor.mouse.up()
    save(editor)
    assert anchors_of(office) == ["second", "third", "first"]


def test_added_row_has_working_tabs_and_gets_anchor_and_place(editor):
    office = OfficeFactory()
    SectionFactory(office=office, anchor="first", position=7)
    editor.goto(change_url(office))
    editor.click("#sections-group .add-row a")
    choose_language(editor, "id_sections-1-heading", "es")
    editor.fill("#id_sections-1-heading_es", "Año de la Educación")
    choose_language(editor, "id_sections-1-body", "fr")
    open_editor(editor, "id_sections-1-body_fr").click()
    editor.keyboard.type("Un texte")
    save(editor)
    section = draft_of(office)["children"]["sections"][-1]
    assert (section["heading_es"], section["anchor"]) == ("Año de la Educación", "ano-de-la-educacion")
    assert section["body_fr"] == "<p>Un texte</p>"


def test_removing_a_new_row_that_was_moved_up_keeps_the_saved_rows(editor):
    office = OfficeFactory()
    SectionFactory(office=office, anchor="saved")
    editor.goto(change_url(office))
    for _ in range(2):
        editor.click("#sections-group .add-row a")
    editor.fill("#id_sections-1-heading_en", "Kept and moved up")
    editor.click("#sections-1 .move-up")
    editor.click("#sections-2 .inline-deletelink")
    choose_language(editor, "id_sections-1-heading", "pt")
    editor.fill("#id_sections-1-heading_pt", "Título")
    save(editor)
    assert [(row["anchor"], row["heading_pt"]) for row in draft_of(office)["children"]["sections"]] == [
        ("kept-and-moved-up", "Título"),
        ("saved", ""),
    ]


def test_tab_of_an_empty_language_says_so_until_it_is_filled(editor):
    editor.goto(change_url(OfficeFactory()))
    tab = editor.locator("[role=tab][aria-controls=tab_id_name_es]")
    assert tab.get_attribute("aria-label") == "ES Español, empty"
    tab.click()
    editor.fill("#id_name_es", "Oficina")
    assert tab.get_attribute("aria-label") == "ES Español"


def test_error_in_a_hidden_tab_opens_it(editor):
    framework = FrameworkFactory()
    FrameworkGoalFactory(framework=framework)
    editor.goto(change_url(framework))
    choose_language(editor, "id_link", "fr")
    editor.fill("#id_link_fr", "not an address")
    choose_language(editor, "id_link", "en")
    editor.locator("input[name=_continue]").last.click()
    editor.locator(".errornote").wait_for()
    assert editor.locator("#id_link_fr").is_visible()
    assert editor.locator("#id_link_fr").input_value() == "not an address"
    tab = editor.locator("[role=tab][aria-controls=tab_id_link_fr]")
    assert "has errors" in tab.get_attribute("aria-label")


def test_row_with_an_error_in_a_hidden_language_is_open(editor):
    framework = FrameworkFactory()
    FrameworkGoalFactory(framework=framework)
    editor.goto(change_url(framework))
    editor.click("#goals-0 .row-toggle")
    choose_language(editor, "id_goals-0-link", "pt")
    editor.fill("#id_goals-0-link_pt", "not an address")
    editor.locator("input[name=_continue]").last.click()
    editor.locator(".errornote").wait_for()
    assert editor.locator("#id_goals-0-link_pt").is_visible()


def test_goal_is_found_by_its_framework_and_without_accents(editor):
    framework = FrameworkFactory(name_en="Agenda", acronym_en="SDGs")
    goal = FrameworkGoalFactory(framework=framework, code="10", title_es="Reducción de las desigualdades")
    objective = ObjectiveFactory()
    editor.goto(change_url(objective))
    editor.click("#alignments-group .add-row a")
    editor.click("#alignments-0 .select2-selection")
    editor.keyboard.type("sdgs reduccion")
    editor.locator(".select2-results__option--highlighted", has_text="SDGs 10.").wait_for()
    editor.keyboard.press("Enter")
    save(editor)
    assert [row["goal"] for row in draft_of(objective)["children"]["alignments"]] == [str(goal.pk)]


def test_add_objective_from_the_strategy_is_prefilled(editor):
    strategy, pillar = StrategyFactory(slug="plan"), PillarFactory(slug="mobility")
    editor.goto(change_url(strategy))
    editor.locator(".related-lists .addlink", has_text="Add objective").click()
    editor.fill("#id_code", "b")
    editor.click(".field-pillar .select2-selection")
    editor.locator(".select2-results__option", has_text=str(pillar)).click()
    editor.fill("#id_statement_en", "Open regular channels.")
    save(editor, "_publish")
    objective = Objective.objects.get()
    assert (objective.strategy, objective.slug, objective.is_live) == (strategy, "plan-mobility-b", True)


def test_only_the_editors_in_view_are_started(editor):
    strategy = StrategyFactory()
    OutlineEntryFactory.create_batch(12, strategy=strategy, body_en="<p>Text</p>")
    editor.goto(change_url(strategy))
    open_editor(editor, "id_summary_en")
    assert editor.locator(".prose-editor").count() < 6
    editor.click("#outline-3 .row-toggle")
    assert open_editor(editor, "id_outline-3-body_en").inner_text() == "Text"
    assert OutlineEntry.objects.count() == 12


def test_colour_picker_and_text_field_stay_in_step(editor):
    editor.goto(change_url(PillarFactory(colour="#1f4e79")))
    picker = editor.locator("input[type=color]")
    assert picker.input_value() == "#1f4e79"
    editor.fill("#id_colour", "#00ff00")
    assert picker.input_value() == "#00ff00"
    picker.fill("#123456")
    assert editor.locator("#id_colour").input_value() == "#123456"


def test_slug_follows_the_name_of_a_new_item(editor):
    editor.goto(reverse("admin:regions_office_add"))
    editor.fill("#id_name_en", "Regional Office for Africa")
    editor.locator("#id_short_name_en").press_sequentially("Africa")
    assert editor.locator("#id_slug").input_value() == "africa"
    save(editor)
    assert Office.objects.get().slug == "africa"


def test_filter_by_office_is_chosen_by_typing(editor):
    office = OfficeFactory(name_es="Oficina de Bogotá")
    wanted, _other = StrategyFactory(office=office), StrategyFactory()
    editor.goto(reverse("admin:priorities_strategy_changelist"))
    editor.click(".autocomplete-filter .select2-selection")
    editor.keyboard.type("bogota")
    editor.locator(".select2-results__option--highlighted", has_text=str(office)).wait_for()
    editor.keyboard.press("Enter")
    editor.click(".autocomplete-filter button")
    editor.wait_for_url(f"**office__id__exact={office.pk}*")
    editor.wait_for_load_state()
    assert editor.locator("#result_list tbody tr").count() == 1
    assert editor.locator("#result_list tbody th").inner_text() == str(wanted)


def test_language_switch_changes_the_interface_and_stays_on_the_page(editor):
    url = reverse("admin:regions_office_changelist")
    editor.goto(url)
    editor.click("#language-switch button[value=es]")
    editor.wait_for_url(f"**{url}")
    assert editor.locator("html").get_attribute("lang") == "es"


def test_language_chosen_for_all_fields_is_kept_on_the_next_form(editor):
    office, pillar = OfficeFactory(), PillarFactory()
    editor.goto(change_url(office))
    editor.select_option("#modeltranslation-main-switch", label="Français")
    assert editor.locator("#id_introduction_fr").locator("xpath=ancestor::*[@role='tabpanel']").is_visible()
    editor.goto(change_url(pillar))
    assert editor.locator("#id_summary_fr").is_visible()


def test_leaving_a_form_with_typed_text_asks_first(editor):
    asked = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    editor.goto(change_url(PillarFactory()))
    editor.locator("#id_name_en").press_sequentially("x")
    editor.goto("/admin/")
    assert asked == ["beforeunload"]


def test_years_in_a_title_stay_apart_in_the_slug_that_is_made_of_it(editor):
    editor.goto(reverse("admin:priorities_strategy_add"))
    editor.locator("#id_title_en").press_sequentially("Plan 2027–2030")
    assert editor.locator("#id_slug").input_value() == "plan-2027-2030"
