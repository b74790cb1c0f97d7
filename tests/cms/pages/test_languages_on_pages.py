"""A page says which languages it is complete in, which of its addresses are fallbacks, and isolates what it quotes."""

import pytest
from django.utils.translation import override
from lxml import html

from cms.pages.templatetags.pages import grouped
from tests.content import PAGES
from tests.factories import (
    CountryFactory,
    DocumentFactory,
    ObjectiveFactory,
    OfficeFactory,
    QuotationFactory,
    SectionFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db


def complete_in(client, path):
    """Return the languages that the line at the top of a page names."""
    page = html.fromstring(client.get(path).text)
    note = page.xpath("//main/*[1][@role='note']")[0]
    return [element.get("lang") for element in note.xpath(".//*[@lang]")]


@pytest.mark.rendering
@pytest.mark.usefixtures("site_content")
class TestEveryPage:
    """With the content of ``tests/content.py``."""

    @pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
    def test_every_page_says_in_one_line_which_languages_it_is_complete_in(self, client, path):
        page = html.fromstring(client.get(f"/es{path}").text)
        if path == PAGES["search"]:  # shows no text of the content: there is nothing that it could lack
            assert page.xpath("//*[@role='note']") == []
            return
        assert len(page.xpath("//*[@role='note']")) == 1
        assert len(page.xpath("//main/*[1][@role='note']/p")) == 1

    def test_every_span_that_names_a_language_names_a_direction(self, client):
        CountryFactory(code="ZZ", name_en="Zed")
        for path in PAGES.values():
            page = html.fromstring(client.get(f"/es{path}").text)
            # SVG has no such attribute; the names on a map are bare attributes and text of one language each.
            assert page.xpath("//body//*[@lang and not(@dir) and not(ancestor::svg)]") == [], path


def test_page_is_complete_where_every_text_it_shows_exists(client):
    office = OfficeFactory(slug="office", name_en="Name", name_es="Nombre", name_fr="Nom")
    SectionFactory(office=office, heading_en="H", heading_es="T", body_en="<p>B</p>", body_es="<p>C</p>")
    assert complete_in(client, "/en/regions/office/") == ["en", "es"]


@pytest.mark.parametrize("part", ["related", "child"])
def test_page_is_not_complete_where_a_part_of_it_is_missing(client, part):
    office = OfficeFactory(slug="office", name_en="Name", name_es="Nombre")
    if part == "related":
        StrategyFactory(office=office, title_en="Only English")
    else:
        QuotationFactory(office=office, text_en="Only English")
    assert complete_in(client, "/es/regions/office/") == ["en"]


def test_text_that_exists_nowhere_is_missing_nowhere(client):
    OfficeFactory(slug="office", name_en="Name", name_es="Nombre", name_fr="Nom", name_pt="Nome")
    assert "This page is complete in" not in client.get("/en/regions/office/").text


def test_page_that_is_complete_nowhere_says_so(client):
    OfficeFactory(slug="office", name_en="Name", introduction_es="<p>Sólo español.</p>")
    page = client.get("/fr/regions/office/").text
    assert complete_in(client, "/en/regions/office/") == []
    assert '<div class="notice"' in page


def test_line_is_of_the_page_and_not_of_its_frame(client):
    OfficeFactory(slug="office", name_en="Name", name_es="Nombre")
    ObjectiveFactory(pillar__name_en="A pillar in the menu")
    assert complete_in(client, "/en/regions/office/") == ["en", "es"]


def test_error_page_has_no_such_line(client):
    assert 'role="note"' not in client.get("/es/nowhere/").text


def test_switch_says_where_a_page_is_not_translated(client):
    OfficeFactory(slug="office", name_en="Name", name_fr="Nom")
    page = html.fromstring(client.get("/en/regions/office/").text)
    links = {
        link.get("hreflang"): " ".join(link.text_content().split())
        for link in page.xpath("//nav[@class='languages']//a")
    }
    assert links == {
        "en": "English",
        "es": "Español (not translated yet)",
        "fr": "Français",
        "pt": "Português (not translated yet)",
    }


def test_switch_of_a_list_marks_nothing(client):
    assert "not translated yet" not in client.get("/en/regions/").text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es-MX,es;q=0.9", "es"),
        ("zh-Hant-TW, fr;q=0.1", "fr"),
        ("PT-br", "pt"),
        ("en;q=0, es;q=0.5", "es"),
        ("*", "en"),
        ("de", "en"),
        ("", "en"),
        ("\x00;;,", "en"),
    ],
)
def test_root_leads_to_the_language_that_lookup_finds(client, header, language):
    client.cookies["django_language"] = "pt"
    response = client.get("/", headers={"Accept-Language": header})
    assert response.headers["Location"] == f"/{language}/"
    assert response.headers["Vary"] == "Accept-Language"


@pytest.mark.parametrize(("language", "text"), [("en", "12,345"), ("fr", "12\u202f345"), ("pt", "12.345")])
def test_number_is_grouped_as_its_language_does(language, text):
    with override(language):
        assert grouped(12_345).replace("\xa0", "\u202f") == text


def test_date_is_written_as_its_language_does(client):
    StrategyFactory(slug="s", uploaded_on="2024-03-05")
    assert ">5 March 2024</time>" in client.get("/en/strategies/s/").text
    assert ">5 de marzo de 2024</time>" in client.get("/es/strategies/s/").text
    assert ">5 mars 2024</time>" in client.get("/fr/strategies/s/").text
    assert ">5 de Março de 2024</time>" in client.get("/pt/strategies/s/").text


def test_what_is_in_no_language_of_the_page_is_isolated(client):
    office = OfficeFactory(
        slug="office", director_name="A. Person", email="a@example.org", phone="+1 2", website="https://x.example/"
    )
    QuotationFactory(office=office, attributed_to="B. Person")
    page = html.fromstring(client.get("/en/regions/office/").text)
    assert page.xpath("//bdi/text()") == ["A. Person", "B. Person"]
    for text in ("a@example.org", "+1 2", "x.example"):
        assert page.xpath(f"//*[normalize-space(text())='{text}']/@dir") == ["ltr"], text


def test_title_of_a_file_is_isolated_in_its_own_language(client):
    DocumentFactory(strategy=StrategyFactory(slug="s"), language="es", title="La estrategia")
    page = html.fromstring(client.get("/en/strategies/s/").text)
    assert page.xpath("//span[.='La estrategia']/@*") == ["es", "auto"]
