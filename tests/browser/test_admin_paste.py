"""What word processors put on the clipboard, pasted by Ctrl+V into the editor of a text."""

import json

import pytest
from django.urls import reverse

from tests.browser.admin import log_in, open_editor
from tests.factories import OfficeFactory

SLICE = "application/x-vnd.google-docs-document-slice-clip+wrapped"

GOOGLE_DOCS = (
    '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-5f0c1d9a">'
    '<p dir="ltr" style="line-height:1.38;margin-top:0pt;"><span style="font-size:11pt;font-weight:400;'
    'font-style:normal;text-decoration:none;vertical-align:baseline;">Plain, </span>'
    '<span style="font-weight:700;font-style:normal;">bold</span><span style="font-weight:400;"> and </span>'
    '<span style="font-weight:400;font-style:italic;">slanted</span>'
    '<span style="font-weight:700;font-style:italic;"> both</span><span style="font-weight:400;"> CO</span>'
    '<span style="font-size:0.6em;vertical-align:sub;">2</span></p></b><br class="Apple-interchange-newline">'
)
WORD = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0cm;} --></style>'
    "</head><body lang=EN-GB><!--StartFragment--><p class=MsoNormal><b style='mso-bidi-font-weight:normal'>Bold<o:p>"
    "</o:p></b> and <i style='mso-bidi-font-style:normal'>slanted</i>, <span class=msoIns><ins cite=\"mailto:Ana\" "
    'datetime="2026-01-05T10:00">added</ins></span><span class=msoDel><del cite="mailto:Ana" '
    "datetime=\"2026-01-05T10:00\"> taken out</del></span><span style='display:none;mso-hide:all'> hidden</span> end"
    "<span class=MsoCommentReference><span style='font-size:8.0pt'><a class=msocomanchor href=\"#_msocom_1\">[A1]</a>"
    "</span></span>.</p><div style='mso-element:comment-list'><div style='mso-element:comment'><p>Why?</p></div></div>"
    "<!--EndFragment--></body></html>"
)
LIBREOFFICE = (
    '<!DOCTYPE html><html><head><meta name="generator" content="LibreOffice 7.4"/></head><body lang="en-GB">'
    '<p style="line-height: 100%; margin-bottom: 0cm"><b>Bold <span style="font-weight: normal">not</span></b> '
    '<i>slanted</i> <span style="font-style: italic">too</span> <strike>struck</strike> '
    '<span style="text-decoration: line-through">and this</span> m<sup>2</sup></p></body></html>'
)
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


def paste(form, **contents: str) -> str:
    """Copy ``contents`` by their media types, paste them into a text and return what is sent with the form."""
    form.evaluate(
        """(contents) => document.addEventListener("copy", (event) => {
            for (const [type, content] of Object.entries(contents)) event.clipboardData.setData(type, content);
            event.preventDefault();
        }, { once: true })""",
        {SLICE if kind == "slice" else "text/html": content for kind, content in contents.items()},
    )
    editor = open_editor(form, "id_introduction_en")
    form.locator("#id_slug").focus()
    form.keyboard.press("Control+c")
    editor.click()
    form.keyboard.press("Control+v")
    form.wait_for_function("document.getElementById('id_introduction_en').value.length > 10")
    return form.locator("#id_introduction_en").input_value()


def left_out(form) -> str:
    return form.locator(".form-row:has(#id_introduction_en) .paste-status").inner_text()


def test_text_of_google_docs_keeps_its_bold_and_italic_and_no_other(form):
    assert paste(form, html=GOOGLE_DOCS).startswith(
        "<p>Plain, <strong>bold</strong> and <em>slanted</em><strong><em> both</em></strong> CO<sub>2</sub></p>"
    )
    assert left_out(form) == ""


def test_text_of_word_comes_without_deletions_hidden_words_and_comments(form):
    assert paste(form, html=WORD) == "<p><strong>Bold</strong> and <em>slanted</em>, added end.</p>"
    assert "not pasted" in left_out(form)


def test_text_of_libreoffice_comes_without_what_is_struck_out(form):
    text = paste(form, html=LIBREOFFICE)
    assert text == "<p><strong>Bold </strong>not <em>slanted</em> <em>too</em> m<sup>2</sup></p>"


def test_suggested_deletion_of_google_docs_is_left_out(form):
    text = "Very small steps\ncount always"
    deletions = [["s1"], *[None] * 4, [], *[None] * 17, ["s2"], None, []]
    assert paste(form, html=SUGGESTIONS, slice=slice_of(text, deletions)) == "<p>small steps</p><p>count ways</p>"
    assert "not pasted" in left_out(form)


@pytest.mark.parametrize("other", ["", "{}", "[", slice_of("Another text", [["s1"]])])
def test_unknown_form_of_the_clipboard_takes_nothing_away(form, other):
    text = paste(form, html=SUGGESTIONS, slice=other)
    assert text == "<p>Very small steps</p><p>count <strong>al</strong>ways</p>"


def test_text_copied_in_the_site_is_pasted_as_it_is(form):
    html = '<p data-pm-slice="1 1 []">One <strong>two</strong> three four</p>'
    assert paste(form, html=html) == "<p>One <strong>two</strong> three four</p>"
