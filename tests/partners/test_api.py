"""Partners and partnerships in the API."""

import pytest

from tests.factories import CountryFactory, OfficeFactory, PartnerFactory, PartnershipFactory, PillarFactory

pytestmark = pytest.mark.django_db


def test_partner_gives_its_partnerships_with_live_offices(client):
    partnership = PartnershipFactory(role="co-lead")
    PartnershipFactory(partner=partnership.partner, office=OfficeFactory(live=False))
    PartnershipFactory(partner=partnership.partner, live=False)
    item = client.get(f"/api/v1/partners/{partnership.partner.slug}/").json()
    assert [(row["role"], row["office"]["slug"], row["url"]) for row in item["partnerships"]] == [
        ("co-lead", partnership.office.slug, f"http://testserver/api/v1/partnerships/{partnership.pk}/")
    ]


def test_partnership_has_no_slug_and_is_found_by_identifier(client):
    partnership = PartnershipFactory(description_en="Words", since=2015)
    partnership.pillars.add(PillarFactory(slug="shown"), PillarFactory(live=False))
    item = client.get(f"/api/v1/partnerships/{partnership.pk}/").json()
    assert "slug" not in item
    assert (item["description"], item["since"], item["until"]) == ("Words", 2015, None)
    assert [pillar["slug"] for pillar in item["pillars"]] == ["shown"]
    assert item["web_url"].endswith(f"/en/partners/{partnership.partner.slug}/#{partnership.anchor}")


@pytest.mark.parametrize("parameter", ["office", "partner"])
def test_partnerships_filter(client, parameter):
    wanted = PartnershipFactory()
    PartnershipFactory()
    found = client.get("/api/v1/partnerships/", {parameter: getattr(wanted, parameter).slug}).json()
    assert [item["id"] for item in found["results"]] == [str(wanted.pk)]


@pytest.mark.parametrize(("parameter", "value"), [("role", "outreach"), ("office", "wanted"), ("country", "AR")])
def test_partners_filter(client, parameter, value):
    partner = PartnerFactory()
    partner.countries.add(CountryFactory(code="AR"))
    PartnershipFactory(partner=partner, role="outreach", office=OfficeFactory(slug="wanted"))
    PartnershipFactory()
    found = client.get("/api/v1/partners/", {parameter: value}).json()
    assert [item["slug"] for item in found["results"]] == [partner.slug]
