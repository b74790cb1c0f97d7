"""Every text of the first content is on the page it belongs to, in every language."""

import html
import re
from collections import Counter

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from cms.content.languages import site_languages

pytestmark = pytest.mark.rendering

PACKAGE = settings.BASE_DIR / "fixtures" / "americas"


def plain(markup: str) -> str:
    """Return the words of a piece of HTML, without tags and with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


@pytest.fixture(scope="module")
def package() -> dict[str, list[dict]]:
    """The collections of the package, as they stand in its files."""
    collections = {}
    for path in sorted(PACKAGE.glob("*.yaml")):
        for name, items in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if name != "format":
                collections.setdefault(name, []).extend(items)
    return collections


@pytest.fixture(scope="module")
def imported(django_db_setup, django_db_blocker, tmp_path_factory):
    """Import the package, once for all tests here, which only read; return the folder of its files."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), transaction.atomic():
        call_command("import_content", str(PACKAGE), publish=True, verbosity=0)
        yield media
        transaction.set_rollback(True)


@pytest.fixture
def read(imported, db, client, settings):
    """Return a function that answers the words of a public page."""
    settings.MEDIA_ROOT = imported

    def read(path: str) -> str:
        response = client.get(path)
        assert response.status_code == 200, path
        body = response.content.decode().partition("<body")[2]
        return plain(re.sub(r"(?s)<(script|style|svg)\b.*?</\1>", " ", body))

    return read


@pytest.fixture(params=site_languages())
def language(request) -> str:
    return request.param


def missing(texts, page: str) -> list[str]:
    """Return the texts that ``page`` does not hold, apart from empty ones."""
    return [text for text in texts if text and plain(text) not in page]


def in_language(texts: dict[str, str] | None, language: str) -> str:
    """Return the text that a reader of ``language`` is shown: fallback in the site's order."""
    texts = texts or {}
    return next((texts[code] for code in [language, *site_languages()] if texts.get(code)), "")


def test_package_holds_what_the_offices_published(package):
    objectives = Counter((item["strategy"], item["kind"]) for item in package["objectives"])
    assert {name: len(items) for name, items in package.items()} == {
        "synonyms": 34,
        "organization": 1,
        "thematic_areas": 10,
        "pillars": 3,
        "frameworks": 5,
        "countries": 35,
        "offices": 3,
        "strategies": 3,
        "objectives": 30,
        "partners": 17,
        "partnerships": 28,
    }
    assert sorted(objectives.values()) == [3, 12, 15]
    assert sorted(len(item.get("goals", [])) for item in package["frameworks"]) == [0, 3, 6, 17, 23]
    assert [len(item["outline"]) for item in package["strategies"] if item.get("outline")] == [21]


def test_governments_are_a_major_partner_where_the_source_says_so(package):
    """Of the Americas and of the third region it says something else: cooperation, and partnerships to come."""
    offices = [item["office"] for item in package["partnerships"] if item["partner"] == "governments"]
    assert offices == ["south-america"]


def test_address_of_a_strategy_names_no_year_that_its_source_does_not_state(package):
    for strategy in package["strategies"]:
        years = {strategy.get("period_from"), strategy.get("period_to")}
        assert {int(year) for year in re.findall(r"\d{4}", strategy["slug"])} <= years, strategy["slug"]


def test_home_page_names_the_organization_its_pillars_and_offices(read, package, language):
    page = read(f"/{language}/")
    items = [*package["organization"], *package["pillars"], *package["offices"]]
    assert missing([in_language(item["name"], language) for item in items], page) == []


def test_regional_page_shows_everything_of_its_office(read, package, language):
    for office in package["offices"]:
        page = read(f"/{language}/regions/{office['slug']}/")
        strategies = [item for item in package["strategies"] if item["office"] == office["slug"]]
        slugs = {item["slug"] for item in strategies}
        objectives = [item for item in package["objectives"] if item["strategy"] in slugs]
        partnerships = [item for item in package["partnerships"] if item["office"] == office["slug"]]
        partners = {item["slug"]: item for item in package["partners"]}
        areas = {item["slug"]: item for item in package["thematic_areas"]}
        countries = {item["code"]: item for item in package["countries"]}
        texts = [office["name"], office["introduction"], office.get("seat_city"), office.get("director_role")]
        texts += [text for section in office.get("sections", []) for text in (section["heading"], section["body"])]
        texts += [item["title"] for item in strategies]
        texts += [text for item in objectives for text in (item["statement"], item.get("context"))]
        texts += [
            areas[link["thematic_area"]]["name"] for item in strategies for link in item.get("thematic_areas", [])
        ]
        texts += [entry["title"] for item in strategies for entry in item.get("outline", [])]
        texts += [pillar["name"] for pillar in package["pillars"]]
        texts += [
            text for item in partnerships for text in (partners[item["partner"]]["name"], item.get("description"))
        ]
        texts += [countries[code]["name"] for code in office.get("countries", [])]
        words = [in_language(text, language) for text in texts]
        assert missing([*words, office.get("director_name")], page) == [], office["slug"]


def test_strategy_page_shows_its_summary_outline_and_objectives(read, package, language):
    for strategy in package["strategies"]:
        page = read(f"/{language}/strategies/{strategy['slug']}/")
        objectives = [item for item in package["objectives"] if item["strategy"] == strategy["slug"]]
        frameworks = [item for item in package["frameworks"] if item["slug"] in strategy.get("frameworks", [])]
        texts = [strategy["title"], strategy.get("summary")]
        texts += [entry["title"] for entry in strategy.get("outline", [])]
        texts += [item["statement"] for item in objectives]
        texts += [item["name"] for item in frameworks]
        assert missing([in_language(text, language) for text in texts], page) == [], strategy["slug"]


def test_framework_pages_list_their_goals(read, package, language):
    for framework in package["frameworks"]:
        page = read(f"/{language}/frameworks/{framework['slug']}/")
        texts = [
            framework["name"],
            framework.get("description"),
            *(goal["title"] for goal in framework.get("goals", [])),
        ]
        assert missing([in_language(text, language) for text in texts], page) == [], framework["slug"]


def test_partner_pages_name_partner_and_partnerships(read, package, language):
    offices = {item["slug"]: item for item in package["offices"]}
    for partner in package["partners"]:
        page = read(f"/{language}/partners/{partner['slug']}/")
        partnerships = [item for item in package["partnerships"] if item["partner"] == partner["slug"]]
        texts = [partner["name"], partner.get("acronym"), partner.get("description")]
        texts += [text for item in partnerships for text in (offices[item["office"]]["name"], item.get("description"))]
        assert missing([in_language(text, language) for text in texts], page) == [], partner["slug"]


def test_pages_without_a_fact_show_no_empty_label(read, package, language):
    paths = [f"regions/{item['slug']}/" for item in package["offices"]]
    paths += [f"strategies/{item['slug']}/" for item in package["strategies"]]
    for path in paths:
        assert not re.search(r"\bNone\b", read(f"/{language}/{path}")), path
