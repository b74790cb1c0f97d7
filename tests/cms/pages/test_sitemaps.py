"""Sitemaps hold every public page, in the languages it is in, and nothing else."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import etree

from cms.pages import sitemaps
from cms.publishing import actions
from cms.publishing.models import Change
from tests.content import make_content
from tests.factories import FrameworkFactory, FrameworkGoalFactory, OfficeFactory, StrategyFactory

pytestmark = pytest.mark.django_db

SPACES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
SECTIONS = ["pages", *sitemaps.sections()]


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://example.org"


def read(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    return etree.fromstring(response.content)


def locations(client, path):
    return read(client, path).xpath("//s:loc/text()", namespaces=SPACES)


def test_index_lists_a_section_a_type_that_each_answers(client):
    make_content()
    sections = locations(client, "/sitemap.xml")
    assert set(sections) == {f"https://example.org/sitemap-{name}-1.xml" for name in SECTIONS}
    for address in sections:
        read(client, address.removeprefix("https://example.org"))


def test_every_address_answers_200_without_a_redirect(client):
    make_content()
    for name in SECTIONS:
        for address in locations(client, f"/sitemap-{name}-1.xml"):
            assert client.get(address.removeprefix("https://example.org")).status_code == 200, address


def test_home_and_lists_are_in_all_languages(client):
    found = locations(client, "/sitemap-pages-1.xml")
    for path in ("/en/", "/es/", "/fr/regions/", "/pt/countries/", "/en/objectives/"):
        assert f"https://example.org{path}" in found


def test_item_is_listed_in_the_languages_it_has_with_all_beside_each(client):
    OfficeFactory(slug="a", name_en="A", name_fr="A")
    found = read(client, "/sitemap-offices-1.xml")
    assert found.xpath("//s:loc/text()", namespaces=SPACES) == [
        "https://example.org/en/regions/a/",
        "https://example.org/fr/regions/a/",
    ]
    for url in found.xpath("//s:url", namespaces=SPACES):
        links = {link.get("hreflang"): link.get("href") for link in url.xpath("x:link", namespaces=SPACES)}
        assert links == {
            "en": "https://example.org/en/regions/a/",
            "fr": "https://example.org/fr/regions/a/",
            "x-default": "https://example.org/en/regions/a/",
        }


def test_goals_and_alignments_are_listed_in_their_languages(client):
    framework = FrameworkFactory(slug="agenda", live=False)
    FrameworkGoalFactory(framework=framework, code="10", title_en="A", title_es="A")
    FrameworkGoalFactory(framework__live=False)
    StrategyFactory(slug="plan", title_en="A")
    actions.publish(item=framework, user=None)
    Change.objects.update(at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    goals = read(client, "/sitemap-goals-1.xml")
    assert goals.xpath("//s:loc/text()", namespaces=SPACES) == [
        "https://example.org/en/frameworks/agenda/goals/10/",
        "https://example.org/es/frameworks/agenda/goals/10/",
    ]
    assert set(goals.xpath("//x:link/@hreflang", namespaces=SPACES)) == {"en", "es", "x-default"}
    assert set(goals.xpath("//s:lastmod/text()", namespaces=SPACES)) == {"2026-03-04T05:06:07+00:00"}
    assert locations(client, "/sitemap-strategy_alignments-1.xml") == [
        "https://example.org/en/strategies/plan/alignment/"
    ]


def test_nothing_that_is_not_live_is_listed(client):
    OfficeFactory(slug="draft", live=False)
    StrategyFactory(slug="hidden", office__live=False)
    assert client.get("/sitemap-offices-1.xml").status_code == 404
    assert client.get("/sitemap-strategies-1.xml").status_code == 404
    assert locations(client, "/sitemap.xml") == ["https://example.org/sitemap-pages-1.xml"]


def test_withdrawn_item_is_gone_at_once(client):
    office = OfficeFactory(slug="a")
    OfficeFactory(slug="b")
    assert "https://example.org/en/regions/a/" in locations(client, "/sitemap-offices-1.xml")
    actions.unpublish(item=office, user=None)
    assert locations(client, "/sitemap-offices-1.xml") == ["https://example.org/en/regions/b/"]


def test_last_change_is_that_of_the_change_log(client):
    office = OfficeFactory(slug="a", live=False)
    actions.publish(item=office, user=None)
    Change.objects.update(at=datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC))
    assert read(client, "/sitemap-offices-1.xml").xpath("//s:lastmod/text()", namespaces=SPACES) == [
        "2026-03-04T05:06:07+00:00"
    ]
    assert set(read(client, "/sitemap.xml").xpath("//s:lastmod/text()", namespaces=SPACES)) == {
        "2026-03-04T05:06:07+00:00"
    }


def test_section_is_split_into_files_that_hold_everything_once(client, monkeypatch):
    OfficeFactory.create_batch(5)
    monkeypatch.setattr(sitemaps, "items_per_file", lambda: 2)
    files = [path for path in locations(client, "/sitemap.xml") if "offices" in path]
    found = [address for path in files for address in locations(client, path.removeprefix("https://example.org"))]
    assert len(files) == 3
    assert len(found) == len(set(found)) == 5


def test_file_is_within_the_limits_of_the_protocol(settings):
    settings.SITE_URL = "https://" + "a" * 60 + ".example.org"
    path = "/en/" + "b" * (sitemaps.MOST_PATH - 4)
    entry = sitemaps.Entry(dict.fromkeys([code for code, _ in settings.LANGUAGES], path), datetime.now(tz=UTC))
    lines = list(sitemaps.urls(entry))
    size = sitemaps.items_per_file()
    assert size * len(lines) <= sitemaps.MOST_URLS
    assert size * sum(len(line) + 1 for line in lines) <= sitemaps.MOST_BYTES


@pytest.mark.parametrize("path", ["/sitemap-x-1.xml", "/sitemap-offices-0.xml", "/sitemap-offices-99999999999.xml"])
def test_section_that_does_not_exist_is_404(client, path):
    OfficeFactory()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("name", ["index", *SECTIONS])
def test_sitemap_costs_the_same_few_queries_at_any_size(client, name):
    path = "/sitemap.xml" if name == "index" else f"/sitemap-{name}-1.xml"
    counts = []
    make_content()
    for _ in range(2):
        OfficeFactory.create_batch(3)
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5


def test_sitemap_that_did_not_change_is_304_from_the_version_alone(reader, django_assert_num_queries):
    OfficeFactory()
    etag = reader.get("/sitemap.xml").headers["ETag"]
    with django_assert_num_queries(1):
        response = reader.get("/sitemap.xml", headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert reader.head("/sitemap.xml").status_code == 200


def test_robots_names_the_sitemap_and_closes_what_is_no_content(client):
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Sitemap: https://example.org/sitemap.xml" in response.text
    for path in ("/admin/", "/preview/", "/api/v1/docs/try/"):
        assert f"Disallow: {path}\n" in response.text
