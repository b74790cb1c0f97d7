"""What programs put on the clipboard, pasted by Ctrl+V into the editor of a text.

What each program means is asked of the cleaner in ``tests/cms/content/test_pasting.py``; here is the way to it.
"""

import json
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.admin import log_in, open_editor
from tests.cms.content.test_pasting import PROGRAMS
from tests.factories import OfficeFactory

SLICE = "application/x-vnd.google-docs-document-slice-clip+wrapped"
FIELD = ".form-row:has(#id_introduction_en)"
SUGGESTIONS = (
    '<b style="font-weight:normal;" id="docs-internal-guid-1"><p><span style="font-weight:400;">Very small steps'
    '</span></p><p><span style="font-weight:400;">count </span><span style="font-weight:700;">al</span>ways</p></b>'
)


def slice_of(text: str, deletions: list) -> str:
    """The other form of a Google Docs clipboard, with the lists of suggestions where these begin and end."""
    resolved = {"dsl_spacers": text, "dsl_suggesteddeletions": {"sgsl_sugg": deletions}}
    return json.dumps({"dct": "kix", "data": json.dumps({"resolved": resolved})})


@pytest.fixture
def form(page, admin_user, live_server):
    office = OfficeFactory(introduction_en="")
    log_in(page, admin_user, live_server)
    page.goto(reverse("admin:regions_office_change", args=[office.pk]))
    return page


def paste(form, expected=re.compile(r".{11}"), **contents: str) -> str:
    """Copy ``contents`` by their media types, paste them into a text and return what is sent with the form, once it is
    as ``expected``."""
    form.evaluate(
        """(contents) => document.addEventListener("copy", (event) => {
            for (const [type, content] of Object.entries(contents)) event.clipboardData.setData(type, content);
            event.preventDefault();
        }, { once: true })""",
        {{"slice": SLICE, "text": "text/plain", "html": "text/html"}[kind]: each for kind, each in contents.items()},
    )
    editor = open_editor(form, "id_introduction_en")
    form.locator("#id_slug").focus()
    form.keyboard.press("Control+c")
    editor.click()
    form.keyboard.press("Control+v")
    field = form.locator("#id_introduction_en")
    expect(field).to_have_value(expected)
    return field.input_value()


def said(form) -> str:
    return form.locator(f"{FIELD} .paste-status [role=status]").inner_text()


@pytest.mark.parametrize(
    ("program", "case", "words"),
    [
        ("google docs", "emphasis", "Pasted."),
        ("word", "tracked change", "Pasted, but not: 1 deleted or struck out text."),
        ("libreoffice", "emphasis", "Pasted."),
        ("outlook", "picture", "Pasted, but not: 1 picture."),
    ],
)
def test_paste_means_what_the_cleaner_says_and_what_was_left_out_is_told(form, program, case, words):
    text = paste(form, html=PROGRAMS[program][case]["html"])
    assert text.startswith(PROGRAMS[program][case]["kept"])
    assert said(form) == words


def test_numbered_list_of_word_is_a_list_in_the_editor(form):
    text = paste(form, html=PROGRAMS["word"]["numbered list of three levels"]["html"])
    assert '<ol data-type="lower-roman" type="i"><li><p>Innermost</p></li>' in text


def test_suggested_deletion_of_google_docs_is_left_out(form):
    deletions = [["s1"], *[None] * 4, [], *[None] * 17, ["s2"], None, []]
    document = slice_of("Very small steps\ncount always", deletions)
    assert paste(form, html=SUGGESTIONS, slice=document) == "<p>small steps</p><p>count ways</p>"
    assert "1 deleted or struck out text" in said(form)


def test_text_copied_in_the_site_is_pasted_as_it_is(form):
    html = '<p data-pm-slice="1 1 []">One <strong>two</strong> three four</p>'
    assert paste(form, html=html) == "<p>One <strong>two</strong> three four</p>"
    assert said(form) == ""


def test_one_step_takes_a_paste_back_and_leaves_what_was_typed_before_it(form):
    open_editor(form, "id_introduction_en").press_sequentially("Typed before. ")
    paste(form, re.compile("Pasted words"), html="<b>Pasted words</b>")
    form.get_by_role("button", name="Undo the paste").click()
    assert form.locator("#id_introduction_en").input_value() == "<p>Typed before. </p>"
    assert said(form) == "The paste was undone."
    assert form.get_by_role("button", name="Undo the paste").count() == 0


def test_plain_text_is_pasted_and_it_is_said_when_the_server_cannot_read_it(form):
    form.route(reverse("admin:paste"), lambda route: route.fulfill(body="no answer"))
    assert paste(form, html="<b>Some words</b>", text="Some words, plain") == "<p>Some words, plain</p>"
    assert said(form).startswith("Pasted as plain text")


def test_header_row_and_header_column_are_switched_by_buttons(form):
    rows = "<tr><td>Country</td><td>Year</td></tr><tr><td>Peru</td><td>2026</td></tr>"
    paste(form, html=f"<table>{rows}</table>")
    open_editor(form, "id_introduction_en").get_by_text("Country").click()
    for name in ("Header row on or off", "Header column on or off"):
        form.locator(FIELD).get_by_role("button", name=name).click()
    text = form.locator("#id_introduction_en").input_value()
    assert [cell in text for cell in ("Country</p></th>", "Year</p></th>", "Peru</p></th>", "2026</p></td>")] == [
        True
    ] * 4
