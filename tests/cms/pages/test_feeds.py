"""The feeds tell what the public could see change, and no name of what it cannot see any more."""

from datetime import datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import etree

from cms.content.snapshots import snapshot
from cms.pages import feeds
from cms.publishing import actions
from cms.publishing.preview import link_url
from tests.factories import (
    CountryFactory,
    ObjectiveFactory,
    OfficeFactory,
    OrganizationFactory,
    PartnerFactory,
    PartnershipFactory,
    PillarFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db

A = {"a": "http://www.w3.org/2005/Atom"}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://example.org"


def published(factory, note=None, **fields):
    item = factory(live=False, **fields)
    actions.publish(item=item, user=None, note=note)
    return item


def read(client, path="/en/updates.atom"):
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return etree.fromstring(response.content)


def titles(feed):
    return feed.xpath("a:entry/a:title/text()", namespaces=A)


def test_feed_is_valid_atom(client):
    OrganizationFactory(name_en="League", acronym_en="L")
    published(OfficeFactory, slug="north", name_en="North", note={"en": "New page."})
    feed = read(client)
    assert feed.get(XML_LANG) == "en"
    for where in (feed, feed.find("a:entry", A)):  # RFC 4287, sections 4.1.1 and 4.1.2
        assert where.findtext("a:id", None, A).startswith("urn:uuid:")
        assert where.findtext("a:title", None, A)
        assert datetime.fromisoformat(where.findtext("a:updated", None, A)).tzinfo
    assert feed.findtext("a:author/a:name", None, A) == "L"
    links = {link.get("rel"): link.get("href") for link in feed.findall("a:link", A)}
    assert links["self"] == links["first"] == "https://example.org/en/updates.atom"
    assert links["alternate"] == "https://example.org/en/updates/"
    entry = feed.find("a:entry", A)
    assert entry.findtext("a:title", None, A) == "North"
    assert entry.findtext("a:summary", None, A) == "New page."
    assert entry.find("a:link", A).get("href") == "https://example.org/en/regions/north/"


def test_entries_are_the_newest_first_and_keep_their_identifiers(client):
    published(OfficeFactory, name_en="First")
    before = read(client).xpath("a:entry/a:id/text()", namespaces=A)
    published(OfficeFactory, name_en="Second")
    feed = read(client)
    assert titles(feed) == ["Second", "First"]
    assert feed.xpath("a:entry/a:id/text()", namespaces=A)[1:] == before
    other = read(client, "/es/updates.atom").xpath("a:entry/a:id/text()", namespaces=A)
    assert other == feed.xpath("a:entry/a:id/text()", namespaces=A)


def test_fallback_carries_its_language(client):
    published(OfficeFactory, name_en="North", note={"fr": "Nouveau."})
    entry = read(client, "/es/updates.atom").find("a:entry", A)
    assert entry.find("a:title", A).get(XML_LANG) == "en"
    assert entry.find("a:summary", A).get(XML_LANG) == "fr"


@pytest.mark.parametrize("act", [actions.unpublish, actions.delete], ids=["withdrawn", "deleted"])
def test_name_is_not_told_after_a_withdrawal(client, act):
    office = published(OfficeFactory, name_en="Zebra", note={"en": "Zebra is new."})
    read(client)
    act(item=office, user=None)
    for path in ("/en/updates.atom", "/en/updates/"):
        assert "Zebra" not in client.get(path).text
    assert titles(read(client)) == ["Withdrawn: Office"]


def test_draft_is_not_told(client):
    office = published(OfficeFactory, name_en="North")
    data = snapshot(office)
    data["fields"]["name_en"] = "Zebra"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    published(StrategyFactory, title_en="Zebra", office__live=False)
    assert "Zebra" not in client.get("/en/updates.atom").text
    assert "Zebra" not in client.get("/en/updates/").text


def test_change_in_another_language_is_not_told(client):
    office = published(OfficeFactory, name_en="North", name_es="Norte")
    data = snapshot(office)
    data["fields"]["name_es"] = "El norte"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    actions.publish(item=office, user=None)
    assert len(titles(read(client, "/es/updates.atom"))) == 2
    assert len(titles(read(client, "/fr/updates.atom"))) == 1


def test_region_has_what_belongs_to_it_and_nothing_else(client):
    north, south = published(OfficeFactory, slug="north"), published(OfficeFactory, slug="south")
    strategy = published(StrategyFactory, office=north, title_en="Strategy of the north")
    published(ObjectiveFactory, strategy=strategy, statement_en="Objective of the north")
    published(PartnershipFactory, office=north)
    published(PartnershipFactory, office=north, note={"en": "With a new partner."})
    published(StrategyFactory, office=south, title_en="Strategy of the south")
    published(PillarFactory, name_en="Pillar")
    found = titles(read(client, "/en/regions/north/updates.atom"))
    assert found == ["Partnership", "Objective of the north", "Strategy of the north", "Name of north"]


def test_region_tells_what_was_withdrawn_without_its_name(client):
    north = published(OfficeFactory, slug="north")
    strategy = published(StrategyFactory, office=north, title_en="Zebra")
    actions.unpublish(item=strategy, user=None)
    assert titles(read(client, "/en/regions/north/updates.atom")) == ["Withdrawn: Strategy", "Name of north"]


def test_region_that_is_not_live_has_no_feed(client):
    OfficeFactory(slug="north", live=False)
    assert client.get("/en/regions/north/updates.atom").status_code == 404
    assert client.get("/en/regions/never/updates.atom").status_code == 404


def test_pages_hold_everything_once(client, monkeypatch):
    monkeypatch.setattr(feeds, "PAGE_SIZE", 2)
    for number in range(5):
        published(OfficeFactory, name_en=f"Office {number}")
    found, path = [], "/en/updates.atom"
    while path:
        feed = read(client, path)
        found += titles(feed)
        following = feed.xpath("a:link[@rel='next']/@href", namespaces=A)
        path = following[0].removeprefix("https://example.org") if following else None
    assert found == [f"Office {number}" for number in reversed(range(5))]


@pytest.mark.parametrize("page", ["0", "-1", "x", "21", "9" * 5_000, "2", "%00", ""])
@pytest.mark.parametrize("path", ["/en/updates.atom", "/en/updates/"])
def test_page_that_does_not_exist_is_404(client, path, page):
    published(OfficeFactory)
    assert client.get(f"{path}?page={page}").status_code == 404


@pytest.mark.parametrize(
    ("path", "most"), [("/en/updates.atom", 5), ("/en/regions/north/updates.atom", 6), ("/en/updates/", 12)]
)
def test_updates_cost_the_same_few_queries_at_any_size(client, path, most):
    assert connection.features.supports_json_field  # which Django asks SQLite once a connection
    north = published(OfficeFactory, slug="north")
    counts = []
    for _ in range(2):
        for number in range(4):
            strategy = published(StrategyFactory, office=north)
            published(ObjectiveFactory, strategy=strategy)
            published(PartnershipFactory, office=north, partner=published(PartnerFactory))
            country = CountryFactory.build(code=f"{'AB'[len(counts)]}{'ABCD'[number]}")
            actions.save_reference(item=country, user=None)
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= most


def test_feed_that_did_not_change_is_304(reader, django_assert_num_queries):
    published(OfficeFactory)
    etag = reader.get("/en/updates.atom").headers["ETag"]
    with django_assert_num_queries(1):
        assert reader.get("/en/updates.atom", headers={"If-None-Match": etag}).status_code == 304
    published(OfficeFactory)
    assert reader.get("/en/updates.atom", headers={"If-None-Match": etag}).status_code == 200


def test_note_and_name_are_escaped(client):
    published(OfficeFactory, name_en="<b>&", note={"en": "<script>x()</script>"})
    assert titles(read(client)) == ["<b>&"]
    assert "<script>x()" not in client.get("/en/updates/").text


def test_preview_has_no_feed_and_names_none(client, admin_user):
    office = OfficeFactory(slug="north", live=False)
    url = link_url(actions.share(item=office, user=admin_user))
    page = client.get(url)
    assert page.status_code == 200
    assert "application/atom+xml" not in page.text
    for path in ("regions/north/updates.atom", "updates.atom"):
        assert client.get(url.replace("regions/north/", path)).status_code == 404
