"""The partners directory and partner pages."""

import pytest

from partners.models import Partner, Partnership
from tests.factories import CountryFactory, OfficeFactory, PartnerFactory, PartnershipFactory, PillarFactory

pytestmark = pytest.mark.django_db
HIDDEN = "Hidden thing"


def names(client, query: str = "", language: str = "en") -> list[str]:
    response = client.get(f"/{language}/partners/?{query}")
    return [str(partner) for partner in response.context["partner_list"]]


def test_directory_is_grouped_by_kind_and_ordered_by_the_name_that_is_shown(client):
    PartnerFactory(slug="1", name_en="Zebra", kind=Partner.Kind.UN_AGENCY)
    PartnerFactory(slug="2", name_en="École", kind=Partner.Kind.UN_AGENCY)
    PartnerFactory(slug="3", name_en="Firm", kind=Partner.Kind.UN_AGENCY)
    PartnerFactory(slug="4", name_en="Academy", kind=Partner.Kind.ACADEMIA)
    assert names(client) == ["École", "Firm", "Zebra", "Academy"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=academia", ["b"]),
        ("role=co-lead", ["a"]),
        ("office=office", ["a", "b"]),
        ("office=office&role=co-lead", ["a"]),
        ("search=NAME%20A", []),
        ("search=a", ["a"]),
    ],
)
def test_directory_filters(client, query, expected):
    office = OfficeFactory(slug="office")
    first = PartnerFactory(name_en="a")
    PartnershipFactory(office=office, partner=first, role=Partnership.Role.CO_LEAD)
    PartnershipFactory(office=office, partner=first, role=Partnership.Role.MEMBER)
    PartnershipFactory(office=office, partner=PartnerFactory(name_en="b", kind=Partner.Kind.ACADEMIA))
    PartnerFactory(name_en="c")
    assert names(client, query) == expected


def test_directory_does_not_filter_by_partnerships_that_are_not_live(client):
    PartnershipFactory(office__slug="office", role=Partnership.Role.CO_LEAD, live=False)
    assert names(client, "role=co-lead") == []
    assert names(client, "office=office") == []


def test_directory_names_the_first_partnerships_and_counts_the_others(client):
    partner = PartnerFactory()
    PartnershipFactory.create_batch(8, partner=partner)
    PartnershipFactory(partner=partner, live=False)
    response = client.get("/en/partners/")
    assert len(response.context["partner_list"][0].first_partnerships) == 6
    assert "8 partnerships in all" in response.text


def test_partner_page_shows_what_there_is(client):
    partner = PartnerFactory(
        name_en="The partner", acronym_en="TP", description_en="<p>The description.</p>", website="https://tp.example"
    )
    partner.countries.add(CountryFactory(name_en="The country"))
    partnership = PartnershipFactory(
        partner=partner, office__slug="office", office__name_en="The office", description_en="The work.", since=2018
    )
    partnership.pillars.add(PillarFactory(name_en="The pillar"))
    page = client.get(partner.get_absolute_url()).text
    for text in (
        *("The partner", "TP", "United Nations agency", "<p>The description.</p>", "https://tp.example"),
        *("The country", "The office", "Member", "The work.", "Since 2018", "The pillar", 'id="office-member"'),
    ):
        assert text in page, text


def test_partner_page_shows_nothing_that_is_not_live(client):
    partner = PartnerFactory()
    PartnershipFactory(partner=partner, description_en=HIDDEN, live=False)
    PartnershipFactory(partner=partner, description_en=HIDDEN, office=OfficeFactory(name_en=HIDDEN, live=False))
    PartnershipFactory(partner=partner).pillars.add(PillarFactory(name_en=HIDDEN, live=False))
    assert HIDDEN not in client.get(partner.get_absolute_url()).text


def test_partner_that_is_not_live_is_404(client):
    assert client.get(PartnerFactory(live=False).get_absolute_url()).status_code == 404
