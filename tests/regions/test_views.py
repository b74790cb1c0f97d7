"""Regional pages, country pages and cover images."""

import pytest
from django.core.files.base import ContentFile

from tests.factories import (
    CountryFactory,
    DocumentFactory,
    ObjectiveFactory,
    OfficeFactory,
    OutlineEntryFactory,
    PartnerFactory,
    PartnershipFactory,
    PillarFactory,
    QuotationFactory,
    SectionFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db
HIDDEN = "Hidden thing"


@pytest.fixture
def office():
    return OfficeFactory(slug="office", name_en="Name of the office")


def page_of(client, office) -> str:
    response = client.get(office.get_absolute_url())
    assert response.status_code == 200
    return response.text


def test_regional_page_shows_what_the_office_has(client, office):
    country = CountryFactory(code="AR", name_en="Argentina")
    office.countries.add(country)
    office.seat_country, office.seat_city_en = country, "Buenos Aires"
    office.introduction_en = "<p>The introduction.</p>"
    office.director_name, office.director_role_en = "D. Rector", "Regional Director"
    office.email, office.phone, office.website = "office@example.org", "+54 1", "https://office.example.org"
    office.address_en = "First line\nSecond line"
    office.save()
    SectionFactory(office=office, anchor="un-bodies", heading_en="The section", body_en="<p>Its body.</p>")
    QuotationFactory(office=office, text_en="The words.", attributed_to="Q. Uoted", role_en="Her role")
    strategy = StrategyFactory(office=office, title_en="The strategy title", period_to=2024)
    ObjectiveFactory(strategy=strategy, kind="main", statement_en="The main objective.", context_en="The context.")
    ObjectiveFactory(strategy=strategy, code="a", statement_en="The priority.")
    StrategyThematicAreaFactory(strategy=strategy, thematic_area__name_en="The area")
    OutlineEntryFactory(strategy=strategy, number="1", title_en="The chapter")
    DocumentFactory(strategy=strategy, title="The file")
    PartnershipFactory(office=office, partner__name_en="The partner", description_en="The cooperation.")
    OfficeFactory(parent=office, name_en="The suboffice")
    page = page_of(client, office)
    for text in (
        *("Name of the office", "Argentina", "Buenos Aires", "<p>The introduction.</p>", "D. Rector"),
        *("Regional Director", "office@example.org", "+54 1", "https://office.example.org", "First line<br>Second"),
        *('id="un-bodies"', "The section", "<p>Its body.</p>", "The words.", "Q. Uoted", "Her role"),
        *("The strategy title", "Until 2024", "The main objective.", "The context.", "The priority.", "The area"),
        *("The chapter", "The file", "The partner", "The cooperation.", "Member", "The suboffice"),
    ):
        assert text in page, text


def test_regional_page_without_anything_shows_no_empty_labels(client, office):
    page = page_of(client, office)
    assert "None" not in page
    assert "<dt>" not in page
    assert page.count("<h2") == 1  # the contents


def test_regional_page_shows_nothing_that_is_not_live(client, office):
    office.parent = OfficeFactory(name_en=HIDDEN, live=False)
    office.save()
    OfficeFactory(parent=office, name_en=HIDDEN, live=False)
    StrategyFactory(office=office, title_en=HIDDEN, live=False)
    strategy = StrategyFactory(office=office)
    ObjectiveFactory(strategy=strategy, statement_en=HIDDEN, live=False)
    ObjectiveFactory(strategy=strategy, statement_en=HIDDEN, pillar=PillarFactory(name_en=HIDDEN, live=False))
    hidden_area = ThematicAreaFactory(name_en=HIDDEN, live=False)
    StrategyThematicAreaFactory(strategy=strategy, thematic_area=hidden_area)
    PartnershipFactory(office=office, description_en=HIDDEN, live=False)
    PartnershipFactory(office=office, description_en=HIDDEN, partner=PartnerFactory(name_en=HIDDEN, live=False))
    assert HIDDEN not in page_of(client, office)


def test_regional_page_of_an_office_that_is_not_live_is_404(client):
    parent = OfficeFactory(live=False)
    OfficeFactory(parent=parent)
    assert client.get(parent.get_absolute_url()).status_code == 404


def test_regional_page_shows_the_strategy_of_now_in_full(client, office):
    StrategyFactory(office=office, title_en="Old", period_to=2010)
    StrategyFactory(office=office, title_en="Open-ended", period_from=2020)
    response = client.get(office.get_absolute_url())
    assert response.context["strategy"].title_en == "Open-ended"
    assert [strategy.title_en for strategy in response.context["other_strategies"]] == ["Old"]


def test_list_unfolds_the_tree(client):
    top = OfficeFactory(name_en="Top")
    middle = OfficeFactory(name_en="Middle", parent=top)
    OfficeFactory(name_en="Bottom", parent=middle)
    response = client.get("/en/regions/")
    assert [office.name_en for office in response.context["office_list"]] == ["Top"]
    assert "Bottom" in response.text


def test_list_shows_an_office_whose_parent_is_not_live_at_the_top(client):
    OfficeFactory(name_en="Child", parent=OfficeFactory(live=False))
    assert [office.name_en for office in client.get("/en/regions/").context["office_list"]] == ["Child"]


def test_filtered_list_is_flat(client):
    OfficeFactory(kind="country", name_en="Found", parent=OfficeFactory())
    response = client.get("/en/regions/?kind=country")
    assert [office.name_en for office in response.context["office_list"]] == ["Found"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"])
def test_hostile_texts_are_harmless(client, text):
    office = OfficeFactory(
        slug="office",
        name_en=text,
        short_name_en=text,
        introduction_en=f"<p>Safe</p>{text}",
        director_name=text,
        director_role_en=text,
        address_en=text,
        seat_city_en=text,
        website="javascript:alert(1)",
    )
    SectionFactory(office=office, heading_en=text, body_en=f'<p onclick="alert(1)">Safe</p>{text}')
    QuotationFactory(office=office, text_en=text, attributed_to=text, role_en=text)
    page = page_of(client, office)
    for forbidden in ("<script>alert", "<img src=x", "onclick=", 'href="javascript:'):
        assert forbidden not in page
    assert ">14<" not in page


# --- Countries ---------------------------------------------------------------------------------------------------


def test_countries_are_ordered_and_grouped_in_the_readers_language(client):
    CountryFactory(code="EC", name_en="Ecuador", name_fr="Équateur")
    CountryFactory(code="SV", name_en="El Salvador", name_fr="El Salvador")
    CountryFactory(code="DM", name_en="Dominica", name_fr="Dominique")
    letters = client.get("/fr/countries/").context["letters"]
    assert [(letter, [country.code for country in found]) for letter, found in letters] == [
        ("D", ["DM"]),
        ("E", ["SV", "EC"]),
    ]


def test_country_page_shows_offices_and_partners(client):
    country = CountryFactory(code="AR", name_en="Argentina")
    OfficeFactory(name_en="Covering office").countries.add(country)
    OfficeFactory(name_en="Seated office", seat_country=country)
    PartnerFactory(name_en="Member partner").countries.add(country)
    page = client.get("/en/countries/AR/").text
    for text in ("Argentina", "Covering office", "Seated office", "Member partner"):
        assert text in page


def test_country_page_shows_nothing_that_is_not_live(client):
    country = CountryFactory(code="AR")
    OfficeFactory(name_en=HIDDEN, live=False, seat_country=country).countries.add(country)
    PartnerFactory(name_en=HIDDEN, live=False).countries.add(country)
    page = client.get("/en/countries/AR/").text
    assert HIDDEN not in page
    assert HIDDEN not in client.get("/en/countries/").text


@pytest.mark.parametrize("code", ["ar", "Ar"])
def test_country_code_in_small_letters_moves_to_capitals(client, code):
    CountryFactory(code="AR")
    response = client.get(f"/en/countries/{code}/")
    assert (response.status_code, response.url) == (301, "/en/countries/AR/")


# --- Cover images ------------------------------------------------------------------------------------------------


@pytest.fixture
def with_cover(office):
    office.cover_image.save("cover.png", ContentFile(b"\x89PNG"))
    return office


def test_cover_is_served_as_a_picture(client, with_cover):
    response = client.get(f"/offices/{with_cover.pk}/cover")
    assert b"".join(response.streaming_content) == b"\x89PNG"
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert f'src="/offices/{with_cover.pk}/cover"' in page_of(client, with_cover)


def test_cover_of_an_office_that_is_not_live_is_404(client, with_cover):
    type(with_cover).objects.update(status="withdrawn")
    assert client.get(f"/offices/{with_cover.pk}/cover").status_code == 404


def test_cover_that_is_not_there_is_404(client, office):
    assert client.get(f"/offices/{office.pk}/cover").status_code == 404


def test_cover_that_is_lost_is_404(client, with_cover):
    with_cover.cover_image.storage.delete(with_cover.cover_image.name)
    assert client.get(f"/offices/{with_cover.pk}/cover").status_code == 404


def test_cover_of_another_kind_is_404(client, office):
    office.cover_image.save("cover.svg", ContentFile(b"<svg/>"))
    assert client.get(f"/offices/{office.pk}/cover").status_code == 404
