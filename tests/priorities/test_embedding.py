"""The objectives of a strategy in a frame of another site: that page, and no other."""

import html

import pytest
from lxml import html as lxml_html

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.preview import link_url
from tests.content import PAGES
from tests.factories import ObjectiveFactory, StrategyFactory

pytestmark = pytest.mark.django_db

PAGE = "/en/strategies/strategy/embed/"


def policy(response):
    return dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))


def test_any_site_may_frame_the_page(client):
    StrategyFactory(slug="strategy")
    response = client.get(PAGE)
    assert policy(response)["frame-ancestors"] == "*"
    assert "X-Frame-Options" not in response.headers
    assert policy(response)["default-src"] == "'none'"
    assert not response.cookies
    assert "csrf" not in response.text
    assert "<script" not in response.text


@pytest.mark.rendering
@pytest.mark.usefixtures("site_content")
class TestOtherPages:
    """With the content of ``tests/content.py``."""

    @pytest.mark.parametrize("path", [*PAGES.values(), "/strategies/never/embed/"])
    def test_no_site_may_frame_another_page(self, client, path):
        response = client.get(f"/en{path}")
        assert policy(response)["frame-ancestors"] == "'none'"
        assert response.headers["X-Frame-Options"] == "DENY"


def test_page_shows_the_live_objectives_with_links_back(client):
    strategy = StrategyFactory(slug="strategy", title_en="Title")
    ObjectiveFactory(strategy=strategy, slug="a", statement_en="Shown.")
    ObjectiveFactory(strategy=strategy, statement_en="Hidden.", live=False)
    page = lxml_html.fromstring(client.get(PAGE).text)
    links = {link.text_content(): link.get("href") for link in page.xpath("//main//a")}
    assert links == {"Title": "/en/strategies/strategy/", "Shown.": "/en/objectives/a/"}
    assert {link.get("target") for link in page.xpath("//a")} == {"_blank"}


@pytest.mark.parametrize("live", [False, True])
def test_strategy_that_is_not_public_has_no_such_page(client, live):
    StrategyFactory(slug="strategy", live=live, office__live=False)
    assert client.get(PAGE).status_code == 404


def test_former_address_leads_to_the_present_embedding(client):
    strategy = StrategyFactory(slug="strategy", live=False)
    actions.publish(item=strategy, user=None)
    data = snapshot(strategy)
    data["fields"]["slug"] = "new"
    actions.save_draft(item=strategy, data=data, user=None, opened_on=None)
    actions.publish(item=strategy, user=None)
    assert client.get(PAGE).headers["Location"] == "/en/strategies/new/embed/"


def test_preview_has_no_embedding(client, admin_user):
    strategy = StrategyFactory(slug="strategy", live=False)
    ObjectiveFactory(strategy=strategy)
    url = link_url(actions.share(item=strategy, user=admin_user))
    assert "iframe" not in client.get(url).text
    assert client.get(f"{url}embed/").status_code == 404


def test_code_to_copy_is_whole_html_whatever_the_title_holds(client, settings):
    settings.SITE_URL = "https://example.org"
    ObjectiveFactory(strategy=StrategyFactory(slug="strategy", title_en='A "b" <c> & d'))
    page = client.get("/en/strategies/strategy/").text
    assert "<iframe" not in page
    code = html.unescape(page.split('<code id="strategy.embed">')[1].split("</code>")[0])
    frame = lxml_html.fromstring(code)
    assert frame.tag == "iframe"
    assert frame.get("src") == "https://example.org/en/strategies/strategy/embed/"
    assert frame.get("title") == 'Objectives: A "b" <c> & d'


def test_operators_can_forbid_it(client, settings):
    ObjectiveFactory(strategy=StrategyFactory(slug="strategy"))
    settings.EMBED_ANCESTORS = []
    assert client.get(PAGE).status_code == 404
    assert "iframe" not in client.get("/en/strategies/strategy/").text
