"""What holds for every public page."""

import pytest

from tests.content import PAGES, queries_at
from tests.factories import OfficeFactory, OrganizationFactory, StrategyFactory

pytestmark = pytest.mark.django_db

LANGUAGES = ["en", "es", "fr", "pt"]
MOST_QUERIES = 13
every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)


@pytest.mark.usefixtures("site_content")
class TestEveryPage:
    """With the content of ``tests/content.py``."""

    @every_page
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_page_is_shown_in_the_language_of_its_address(self, client, language, path):
        response = client.get(f"/{language}{path}")
        assert response.status_code == 200
        assert f'<html lang="{language}" dir="ltr">' in response.text
        assert response.headers["Content-Language"] == language

    @every_page
    def test_page_is_the_same_for_every_reader(self, client, path):
        cookies = f"sessionid={'a' * 32}; django_language=es"
        response = client.get(f"/en{path}", headers={"Accept-Language": "es", "Cookie": cookies})
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert "nonce-" not in response.headers["Content-Security-Policy"]
        assert "csrf" not in response.text

    @every_page
    def test_page_ignores_parameters_that_it_does_not_know(self, client, path):
        address = f"/en{path}{'&' if '?' in path else '?'}utm_source=newsletter"
        response = client.get(address)
        assert response.status_code == 200
        assert "utm_source" not in response.text

    @every_page
    def test_page_names_itself(self, client, path):
        page = client.get(f"/en{path}").text
        title = page.split("<title>")[1].split("</title>")[0]
        assert " – " in title
        assert not title.startswith(" – ")
        assert '<meta property="og:title" content="' in page
        assert page.count("<h1") == 1

    @every_page
    @pytest.mark.parametrize(
        ("query", "statuses"),
        [
            ("search=%00", {200, 400}),
            ("search=" + "a" * 10_000, {200, 400}),
            ("page=abc", {200, 404}),
            ("page=99999", {200, 404}),
            ("page=" + "9" * 5_000, {200, 404}),
            ("kind=nothing", {200, 400}),
            (
                "office=%00&strategy=no&goal=a&goal=/&pillar=%27&country=Q&role=-1&framework=&thematic_area=%F0",
                {200, 400},
            ),
            ("search=%25_%5C%27%22%3Cscript%3E", {200}),
        ],
        ids=["nul", "long", "page-word", "page-beyond", "page-digits", "kind", "unknown-choices", "wildcards"],
    )
    def test_page_answers_bad_queries_without_failing(self, client, path, query, statuses):
        response = client.get(f"/en{path.partition('?')[0]}?{query}")
        assert response.status_code in statuses
        assert "<script>" not in response.text
        assert "<script" not in response.text.replace('<script type="application/ld+json">', "").replace(
            "<script src=", ""
        )

    def test_language_switch_stays_on_the_page_with_its_filters(self, client):
        page = client.get("/en/objectives/?pillar=pillar&utm_source=x&search=of").text
        assert '<a href="/fr/objectives/?search=of&amp;pillar=pillar" hreflang="fr"' in page


@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_cost_the_same_few_queries_at_any_size(client, language):
    addresses = {name: f"/{language}{path}" for name, path in PAGES.items()}
    few, many = (queries_at(client, addresses, scale) for scale in (1, 4))
    assert few == many
    assert {name: count for name, count in many.items() if count > MOST_QUERIES} == {}


@pytest.mark.parametrize(
    "path",
    [
        "/regions/no/",
        "/strategies/no/",
        "/pillars/no/",
        "/objectives/no/",
        "/frameworks/no/",
        "/partners/no/",
        "/countries/ZZ/",
        "/regions/%00/",
        "/countries/" + "A" * 5_000 + "/",
        "/nowhere/",
    ],
)
def test_unknown_address_is_404_in_its_language(client, path):
    response = client.get(f"/es{path}")
    assert response.status_code == 404
    assert '<html lang="es"' in response.text
    assert response.headers["Content-Language"] == "es"
    assert "hreflang" not in response.text.split("<body")[0]


def test_unknown_language_is_404(client):
    assert client.get("/xx/").status_code == 404


def test_header_names_the_organization(client):
    OrganizationFactory(name_en="League of Examples", acronym_en="LoE")
    assert "League of Examples" in client.get("/en/").text


def test_header_names_no_organization_that_is_not_live(client):
    OrganizationFactory(name_en="League of Examples", live=False)
    response = client.get("/en/")
    assert response.status_code == 200
    assert "League of Examples" not in response.text


@pytest.mark.parametrize("path", ["/", "/regions/", "/strategies/", "/objectives/", "/partners/", "/countries/"])
def test_empty_site_has_pages(client, path):
    assert client.get(f"/en{path}").status_code == 200


# --- Languages ---------------------------------------------------------------------------------------------------


def test_alternates_are_the_languages_in_which_the_item_has_its_texts(client, settings):
    settings.SITE_URL = "https://example.org"
    OfficeFactory(slug="office", name_en="Name", name_fr="Nom")
    head = client.get("/en/regions/office/").text.split("<body")[0]
    assert '<link rel="canonical" href="https://example.org/en/regions/office/">' in head
    assert '<link rel="alternate" hreflang="en" href="https://example.org/en/regions/office/">' in head
    assert '<link rel="alternate" hreflang="fr" href="https://example.org/fr/regions/office/">' in head
    assert '<link rel="alternate" hreflang="x-default" href="https://example.org/en/regions/office/">' in head
    assert 'hreflang="es"' not in head
    assert 'hreflang="pt"' not in head


def test_page_in_a_language_it_has_no_texts_in_points_to_the_one_it_has(client, settings):
    settings.SITE_URL = "https://example.org"
    OfficeFactory(slug="office", name_en=None, name_fr="Nom")
    head = client.get("/es/regions/office/").text.split("<body")[0]
    assert '<link rel="canonical" href="https://example.org/fr/regions/office/">' in head
    assert 'hreflang="x-default" href="https://example.org/fr/regions/office/">' in head


def test_fallback_is_labelled_and_announced(client):
    StrategyFactory(slug="strategy", title_en="English title", office__name_es="Oficina")
    page = client.get("/es/strategies/strategy/").text
    assert '<span lang="en" dir="ltr">English title</span> <span class="language-label">Inglés</span>' in page
    assert '<div class="notice"' in page


def test_page_without_fallback_has_no_notice(client):
    StrategyFactory(slug="strategy", title_es="Título", office__name_es="Oficina")
    page = client.get("/es/strategies/strategy/").text
    assert "language-label" not in page
    assert '<div class="notice"' not in page
