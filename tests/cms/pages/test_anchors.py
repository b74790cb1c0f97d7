"""Every section and objective has an address, and a link to it that can be copied."""

import re

import pytest
from lxml import html

from tests.content import PAGES
from tests.factories import ObjectiveFactory, PartnerFactory, StrategyFactory

pytestmark = pytest.mark.django_db

every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)


def page_of(client, path):
    return html.fromstring(client.get(path).text)


@pytest.mark.rendering
@pytest.mark.usefixtures("site_content")
class TestEveryPage:
    """With the content of ``tests/content.py``."""

    @every_page
    def test_every_id_is_there_once_and_every_link_to_one_leads_there(self, client, path):
        page = page_of(client, f"/en{path}")
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        for target in page.xpath("//a[starts-with(@href, '#')]/@href"):
            assert target[1:] in ids
        for name in page.xpath("//@aria-labelledby"):
            assert name in ids

    @every_page
    def test_every_heading_with_an_address_has_a_link_that_names_it(self, client, path):
        page = page_of(client, f"/en{path}")
        for heading in page.xpath("//main//*[self::h2 or self::h3][span[@class='heading-text']]"):
            text = " ".join(heading.find("span").text_content().split())
            link = heading.xpath("a[@class='anchor']")[0]
            assert link.get("aria-label").startswith("Link to “")
            assert link.get("aria-label").strip("”").removeprefix("Link to “")[:20] in text


def test_objectives_have_links_of_their_own(client):
    objective = ObjectiveFactory(slug="a", strategy=StrategyFactory(slug="s"), statement_en='Say "so" & <that>.')
    ObjectiveFactory(slug="main", kind="main", strategy=objective.strategy, pillar=objective.pillar)
    page = page_of(client, "/en/strategies/s/")
    links = {
        link.get("href"): link.get("aria-label")
        for link in page.xpath("//*[contains(@class,'objective')]//a[@class='anchor']")
    }
    assert links == {
        "#objective.a": 'Link to “Say "so" & <that>.”',
        "#objective.main": "Link to “Statement of main.”",
    }


def test_address_of_a_section_does_not_depend_on_what_else_there_is(client):
    PartnerFactory(kind="academia")
    before = set(page_of(client, "/en/partners/").xpath("//section//@id"))
    PartnerFactory(kind="un-agency")
    assert before == {"kind.academia"}
    assert before < set(page_of(client, "/en/partners/").xpath("//section//@id"))


def test_label_of_a_fallback_is_no_part_of_the_name(client):
    ObjectiveFactory(slug="a", strategy=StrategyFactory(slug="s"), statement_en="Only English.")
    page = client.get("/es/strategies/s/").text
    assert re.search(r'href="#objective.a" aria-label="[^"]*«Only English.»"', page)


def test_error_page_has_no_such_links(client):
    assert 'class="anchor"' not in client.get("/en/nowhere/").text
