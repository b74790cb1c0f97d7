"""The home page and what belongs to no app."""

import pytest

from strategy_site.views import count_live_items
from tests.factories import (
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OrganizationFactory,
    PartnerFactory,
    PillarFactory,
    StrategyFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db


def test_home_counts_what_is_live(client):
    ObjectiveFactory()
    ObjectiveFactory(live=False)
    PartnerFactory.create_batch(2)
    assert count_live_items() == {"offices": 2, "strategies": 2, "objectives": 1, "partners": 2, "partnerships": 0}


def test_home_shows_nothing_that_is_not_live(client):
    hidden = "Hidden thing"
    PillarFactory(name_en=hidden, live=False)
    OfficeFactory(name_en=hidden, live=False)
    StrategyFactory(title_en=hidden, live=False)
    ThematicAreaFactory(name_en=hidden, live=False)
    FrameworkGoalFactory(framework=FrameworkFactory(name_en=hidden, live=False))
    assert hidden not in client.get("/en/").text


def test_root_leads_to_the_language_of_the_reader(client):
    response = client.get("/", headers={"Accept-Language": "pt-BR,pt;q=0.9,en;q=0.5"})
    assert (response.status_code, response.url) == (302, "/pt/")
    assert response.headers["Vary"] == "Accept-Language"


def test_favicon_is_answered(client):
    assert client.get("/favicon.ico").url == "/static/img/favicon.ico"


def test_accessibility_statement_names_whom_to_tell(client):
    OrganizationFactory(website="https://example.org/")
    OfficeFactory(slug="office", email="office@example.org")
    OfficeFactory(slug="silent")
    OfficeFactory(email="draft@example.org", live=False)
    page = client.get("/en/accessibility/").text.split("<main")[1].split("</main")[0]
    assert 'href="mailto:office@example.org"' in page
    assert 'href="https://example.org/"' in page
    assert "draft@example.org" not in page
    assert page.count("mailto:") == 1


def test_every_page_links_to_the_accessibility_statement(client):
    assert 'href="/es/accessibility/"' in client.get("/es/").text.split("<footer")[1]
