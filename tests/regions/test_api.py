"""Offices and countries in the API."""

import pytest

from tests.factories import CountryFactory, OfficeFactory, QuotationFactory, SectionFactory

pytestmark = pytest.mark.django_db


def test_office_gives_its_children_and_relations(client):
    country = CountryFactory(code="AR", name_en="Argentina")
    office = OfficeFactory(seat_country=country, seat_city_en="City", introduction_en="<p>Words</p>")
    office.countries.add(country)
    section = SectionFactory(office=office)
    QuotationFactory(office=office, text_en="Said.")
    suboffice = OfficeFactory(parent=office)

    item = client.get(f"/api/v1/offices/{office.slug}/").json()

    reference = {"type": "countries", "id": str(country.pk), "code": "AR", "name": "Argentina"}
    reference["url"] = "http://testserver/api/v1/countries/AR/"
    assert item["seat_country"] == reference
    assert item["countries"] == [reference]
    assert item["introduction"] == "<p>Words</p>"
    assert [part["anchor"] for part in item["sections"]] == [section.anchor]
    assert [part["text"] for part in item["quotations"]] == ["Said."]
    assert [part["slug"] for part in item["suboffices"]] == [suboffice.slug]


def test_office_list_leaves_children_out(client):
    OfficeFactory()
    assert "sections" not in client.get("/api/v1/offices/").json()["results"][0]


def test_parent_and_suboffices_that_are_not_live_are_not_shown(client):
    office = OfficeFactory(parent=OfficeFactory(live=False))
    OfficeFactory(parent=office, live=False)
    item = client.get(f"/api/v1/offices/{office.slug}/").json()
    assert (item["parent"], item["suboffices"]) == (None, [])


def test_country_shows_only_live_offices(client):
    country = CountryFactory(code="AR")
    live, hidden = OfficeFactory(), OfficeFactory(live=False)
    live.countries.add(country)
    hidden.countries.add(country)
    item = client.get("/api/v1/countries/AR/").json()
    assert [office["slug"] for office in item["offices"]] == [live.slug]


def test_offices_filter_by_country(client):
    country = CountryFactory(code="AR")
    office = OfficeFactory()
    office.countries.add(country, CountryFactory(code="CL"))
    OfficeFactory()
    found = client.get("/api/v1/offices/", {"country": "AR,CL"}).json()
    assert (found["count"], found["results"][0]["slug"]) == (1, office.slug)
