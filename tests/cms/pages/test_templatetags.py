"""Translated texts, addresses and small things in templates."""

import pytest
from django.core.files.base import ContentFile
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import mark_safe
from django.utils.translation import override

from cms.content.languages import LocalizedText
from cms.pages.templatetags.localized import excerpt, language_name, scrolling_tables
from cms.pages.templatetags.pages import file_size, file_type, icon, website, years
from tests.factories import OfficeFactory, PartnerFactory, PillarFactory

pytestmark = pytest.mark.django_db


def render(source: str, language: str = "en", **context) -> str:
    with override(language):
        return Template("{% load localized pages %}" + source).render(Context(context)).strip()


def test_text_in_the_language_of_the_page_is_bare():
    pillar = PillarFactory.build(name_en="A & B")
    assert render('{% localized pillar "name" %}', pillar=pillar) == "A &amp; B"


def test_text_that_is_markup_already_stays_so():
    text = LocalizedText(mark_safe("<mark>A</mark> &amp; B"), "en", "en")
    assert render("{% localized_text text %}", text=text) == "<mark>A</mark> &amp; B"


def test_plain_text_of_lines_is_escaped_in_paragraphs():
    pillar = PillarFactory.build(summary_en="A & <b>")
    assert render('{% localized_lines pillar "summary" %}', pillar=pillar) == (
        '<div class="plain-text"><p>A &amp; &lt;b&gt;</p></div>'
    )
    pillar.summary_en = "A & <b>\nC\n\nD"
    assert render('{% localized_lines pillar "summary" %}', pillar=pillar) == (
        '<div class="plain-text"><p>A &amp; &lt;b&gt;<br>C</p>\n\n<p>D</p></div>'
    )


def test_text_in_another_language_says_so():
    pillar = PillarFactory.build(name_en="<b>")
    assert render('{% localized pillar "name" %}', "fr", pillar=pillar) == (
        '<span lang="en" dir="ltr">&lt;b&gt;</span> <span class="language-label">Anglais</span>'
    )


def test_later_field_in_the_readers_language_goes_before_an_earlier_one_in_another():
    office = OfficeFactory.build(name_en="Office", name_es="Oficina", short_name_en="Short")
    assert render('{% localized office "short_name" "name" %}', "es", office=office) == "Oficina"


def test_acronym_in_another_language_has_its_language_but_no_label():
    partner = PartnerFactory.build(acronym_en="AB")
    assert render("{% localized_acronym partner %}", "fr", partner=partner) == (
        '<abbr lang="en" dir="ltr" title="Anglais">AB</abbr>'
    )


def test_lines_are_escaped_paragraphs():
    pillar = PillarFactory.build(summary_en="One <script>\nTwo\n\nThree")
    assert render('{% localized_lines pillar "summary" %}', pillar=pillar) == (
        '<div class="plain-text"><p>One &lt;script&gt;<br>Two</p>\n\n<p>Three</p></div>'
    )


def test_rich_text_in_another_language_carries_it():
    office = OfficeFactory.build(introduction_en="<p>Text</p>")
    assert render('{% localized_html office "introduction" %}', "es", office=office) == (
        '<p class="language-line"><span class="language-label">Inglés</span></p>'
        '<div class="rich-text" lang="en" dir="ltr"><p>Text</p></div>'
    )


def test_rich_text_that_is_nowhere_leaves_nothing():
    assert render('{% localized_html office "introduction" %}', office=OfficeFactory.build()) == ""


def test_tables_scroll_in_groups_that_take_the_focus():
    start = '<div class="table-scroll" role="group" tabindex="0" aria-label="Table {}">'
    assert scrolling_tables("<table><tr></tr></table><p></p><table></table>") == (
        start.format(1) + "<table><tr></tr></table></div><p></p>" + start.format(2) + "<table></table></div>"
    )


@pytest.mark.parametrize(
    ("value", "length", "expected"),
    [
        ("<p>One</p><p>Two &amp; three</p>", 100, "One Two & three"),
        ("one two three", 8, "one two…"),
        ("one, two", 5, "one…"),
        ("abcdefghij", 5, "abcd…"),
        (LocalizedText("<p>Uno</p>", "es", "es"), 100, "Uno"),
        ("", 10, ""),
    ],
    ids=["rich", "whole-words", "no-comma-at-end", "one-word", "localized", "empty"],
)
def test_excerpt(value, length, expected):
    assert excerpt(value, length) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (2020, 2024, "2020–2024"),
        (2020, 2020, "2020"),
        (2020, None, "since 2020"),
        (None, 2024, "until 2024"),
        (None, None, ""),
    ],
)
def test_years(first, last, expected):
    assert years(first, last) == expected


@pytest.mark.parametrize(("code", "name"), [("es", "Espagnol"), ("xx-unknown", "xx-unknown")])
def test_language_name_is_in_the_language_of_the_page(code, name):
    with override("fr"):
        assert language_name(code) == name


@pytest.mark.parametrize("name", ["", "../../settings", "nothing"])
def test_unknown_icon_is_nothing(name):
    assert icon(name) == ""


@pytest.mark.parametrize("name", PillarFactory._meta.model.Icon.values)
def test_every_icon_of_a_pillar_is_drawn(name):
    assert 'aria-hidden="true"' in icon(name)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.example.org/", '<a href="https://www.example.org/" dir="ltr">example.org</a>'),
        ("http://example.org/a", '<a href="http://example.org/a" dir="ltr">example.org/a</a>'),
        ("javascript:alert(1)//https://", ""),
        ("", ""),
    ],
)
def test_website_links_to_the_web_alone(address, expected):
    assert website(address) == expected


@pytest.mark.parametrize(("name", "expected"), [("a.PDF", "PDF"), ("a.docx", "Word"), ("a.odt", "OpenDocument")])
def test_file_type(name, expected):
    assert file_type(name) == expected


def test_size_of_a_file_that_is_lost_is_nothing():
    office = OfficeFactory(cover_image=ContentFile(b"1234", name="cover.png"))
    assert file_size(office.cover_image) == "4\xa0bytes"
    office.cover_image.storage.delete(office.cover_image.name)
    assert file_size(office.cover_image) == ""


@pytest.mark.parametrize(
    ("path", "languages", "expected"),
    [
        ("/en/regions/a/", ["en", "es"], "/es/regions/a/"),
        ("/en/", ["en"], "/es/"),
        ("/admin/x/", ["en"], "/es/"),
        ("/en/nowhere/", None, "/es/"),
    ],
    ids=["page", "home", "no-language", "error-page"],
)
def test_language_switch_leads_to(path, languages, expected):
    context = {"request": RequestFactory().get(path)} | ({"page_languages": languages} if languages else {})
    source = "{% page_links as links %}{% for link in links.switch %}{{ link.path }} {% endfor %}"
    assert expected in render(source, **context).split()


def test_capture_keeps_a_piece_of_the_page_in_one_line():
    assert render("{% capture title %} A\n  {{ name }} {% endcapture %}[{{ title }}]", name="<b>") == "[A &lt;b&gt;]"
