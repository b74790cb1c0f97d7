"""What search engines and link previews get of a page: title, description, data and picture."""

import json
from io import BytesIO

import pytest
from lxml import html
from PIL import Image, ImageFont

from cms.content.runner import Busy
from cms.pages import share_card, share_drawing
from cms.pages.share_card import FONT, ShareCard, drawn
from cms.pages.share_drawing import is_covered
from cms.pages.structured_data import json_ld
from cms.pages.templatetags.sharing import open_graph_locale
from cms.publishing import actions
from cms.publishing.preview import link_url
from tests.content import PAGES
from tests.factories import OfficeFactory, OrganizationFactory, PillarFactory, StrategyFactory

pytestmark = pytest.mark.django_db

# What schema.org's terms need for search engines to use them (developers.google.com/search/docs/appearance).
REQUIRED = {
    "Organization": {"name", "url"},
    "WebSite": {"name", "url", "inLanguage"},
    "BreadcrumbList": {"itemListElement"},
    "Report": {"name", "headline", "url", "inLanguage", "datePublished", "dateModified", "author", "publisher"},
    "Dataset": {"name", "description", "url", "creator", "distribution"},
}


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://example.org"


def head_of(client, path):
    return html.fromstring(client.get(path).text).find("head")


def content_of(head, name):
    return head.xpath(f"string(meta[@property='{name}' or @name='{name}']/@content)")


def data_of(client, path):
    """Return the nodes of all data blocks of a page."""
    blocks = html.fromstring(client.get(path).text).xpath("//script[@type='application/ld+json']/text()")
    found = [json.loads(block) for block in blocks]
    assert all(block["@context"] == "https://schema.org" for block in found)
    return [node for block in found for node in block.get("@graph", [block])]


def node_of(client, path, kind, **values):
    nodes = [node for node in data_of(client, path) if node["@type"] == kind]
    return next(node for node in nodes if all(node.get(name) == value for name, value in values.items()))


# --- Language ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "en_US"), ("ar", "ar_EG"), ("pt-br", "pt_BR"), ("zh-hant", "zh_TW"), ("eo", ""), ("xx", "")],
)
def test_locale_for_link_previews_has_a_territory(language, expected):
    assert open_graph_locale(language) == expected


def test_page_names_its_locale_and_those_of_its_other_languages(client):
    OfficeFactory(slug="a", name_en="A", name_es="A")
    head = head_of(client, "/es/regions/a/")
    assert content_of(head, "og:locale") == "es_ES"
    assert head.xpath("meta[@property='og:locale:alternate']/@content") == ["en_US"]


# --- Titles and descriptions ---------------------------------------------------------------------------------------


@pytest.mark.rendering
@pytest.mark.usefixtures("site_content")
class TestTitles:
    """With the content of ``tests/content.py``."""

    @pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
    def test_every_page_has_a_title_and_a_description_of_its_own(self, client, path):
        head = head_of(client, f"/en{path}")
        assert 10 <= len(head.findtext("title")) <= 200
        if not head.xpath("meta[@name='robots']"):  # results of a search are not to be found
            assert len(content_of(head, "description")) >= 6
        assert content_of(head, "og:description") == content_of(head, "description")

    def test_no_two_pages_have_the_same_title(self, client):
        # Without a choice, the alignment is that of the first framework: the same page twice.
        paths = [path for name, path in PAGES.items() if name != "alignment-of-framework"]
        titles = [head_of(client, f"/en{path}").findtext("title") for path in paths]
        assert [title for title in titles if titles.count(title) > 1] == []

    def test_filtered_list_says_so(self, client):
        head = head_of(client, "/en/objectives/?pillar=pillar&kind=main")
        assert head.findtext("title").startswith("Objectives: Name of pillar, Main objective – ")
        assert content_of(head, "description").startswith(
            "Pillar: Name of pillar; Kind: Main objective. All objectives"
        )

    def test_search_text_is_escaped_in_the_title(self, client):
        page = client.get("/en/objectives/?search=%3Cscript%3E%22").text
        assert "Objectives: &lt;script&gt;&quot;" in page.split("<body")[0]


def test_further_page_of_a_list_says_so(client):
    StrategyFactory.create_batch(21)
    assert head_of(client, "/en/strategies/?page=2").findtext("title").startswith("Strategies – page 2 – ")


# --- Data ----------------------------------------------------------------------------------------------------------


@pytest.mark.rendering
@pytest.mark.usefixtures("site_content")
class TestData:
    """With the content of ``tests/content.py``."""

    @pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
    @pytest.mark.parametrize("language", ["en", "es"])
    def test_data_of_every_page_has_what_its_terms_need(self, client, language, path):
        nodes = data_of(client, f"/{language}{path}")
        assert nodes
        for node in nodes:
            assert REQUIRED[node["@type"]] <= set(node), node["@type"]
            assert all(value not in (None, "", [], {}) for value in node.values())


def test_home_is_the_web_site_of_the_organization(client):
    OrganizationFactory(name_en="League of Examples", acronym_en="LoE", website="https://loe.example/")
    organization = node_of(client, "/en/", "Organization")
    assert organization["alternateName"] == "LoE"
    assert organization["logo"].startswith("https://example.org/static/")
    assert node_of(client, "/en/", "WebSite")["publisher"] == {"@id": organization["@id"]}


def test_breadcrumb_leads_from_home_to_the_page(client):
    office = OfficeFactory(slug="office", name_en="A & B")
    StrategyFactory(slug="s", office=office, title_en="Strategy")
    items = node_of(client, "/es/strategies/s/", "BreadcrumbList")["itemListElement"]
    assert [item["position"] for item in items] == [1, 2, 3, 4]
    assert [item["name"] for item in items] == ["Inicio", "Estrategias", "A & B", "Strategy"]
    assert [item.get("item") for item in items] == [
        "https://example.org/es/",
        "https://example.org/es/strategies/",
        "https://example.org/es/regions/office/",
        None,
    ]


def test_strategy_is_a_report(client):
    StrategyFactory(slug="s", title_en="Strategy", period_from=2020, period_to=2024, reference_number="R/1")
    report = node_of(client, "/en/strategies/s/", "Report")
    assert report["temporalCoverage"] == "2020/2024"
    assert report["reportNumber"] == "R/1"
    assert report["inLanguage"] == ["en"]


@pytest.mark.parametrize(
    ("fields", "published"),
    [
        ({"uploaded_on": "2021-07-15", "period_from": 2020}, "2021-07-15"),
        ({"period_from": 2020}, "2020"),
        ({"period_to": 2024}, None),
    ],
)
def test_report_names_the_date_of_the_work_and_not_of_the_site(client, fields, published):
    StrategyFactory(slug="s", **fields)
    assert node_of(client, "/en/strategies/s/", "Report").get("datePublished") == published


def test_open_period_is_written_as_iso_8601_has_it(client):
    StrategyFactory(slug="s", period_from=2020)
    assert node_of(client, "/en/strategies/s/", "Report")["temporalCoverage"] == "2020/.."


def test_api_is_a_dataset(client):
    dataset = node_of(client, "/api/v1/docs/?lang=en", "Dataset")
    assert REQUIRED["Dataset"] <= set(dataset)
    assert 50 <= len(dataset["description"]) <= 5_000


def test_data_cannot_end_its_block():
    block = json_ld({"@type": "Thing", "name": "</script><script>x()</script><!-- &amp; \u2028"})
    assert block.count("<") == 2
    assert json.loads(block.partition(">")[2].rpartition("<")[0])["name"].startswith("</script>")


def test_hostile_name_stays_data(client):
    OfficeFactory(slug="office", name_en="</script><script>alert(1)</script>")
    page = client.get("/en/regions/office/").text
    assert "<script>alert" not in page
    assert node_of(client, "/en/regions/office/", "BreadcrumbList")["itemListElement"][-1]["name"].startswith("</")


@pytest.mark.parametrize("path", ["/en/nowhere/", "/en/regions/never/"])
def test_error_page_has_no_data_and_no_picture(client, path):
    page = client.get(path).text
    assert "ld+json" not in page
    assert "og:image" not in page


def test_preview_has_no_data_and_no_picture(client, admin_user):
    page = client.get(link_url(actions.share(item=OfficeFactory(live=False), user=admin_user))).text
    assert "ld+json" not in page
    assert "og:image" not in page


# --- Pictures ------------------------------------------------------------------------------------------------------


def picture_address(client, path):
    return content_of(head_of(client, path), "og:image").removeprefix("https://example.org")


@pytest.mark.rendering
@pytest.mark.usefixtures("site_content")
class TestPictures:
    """With the content of ``tests/content.py``."""

    @pytest.mark.parametrize("path", [path for path in PAGES.values() if "?" not in path])
    @pytest.mark.parametrize("language", ["en", "es"])
    def test_every_page_has_a_picture_in_its_language(self, client, language, path):
        address = picture_address(client, f"/{language}{path}")
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "image/png"
        assert Image.open(BytesIO(response.content)).size == (1200, 630)
        assert len(response.content) < 60_000

    def test_picture_of_a_filtered_list_is_that_of_the_list(self, client):
        assert picture_address(client, "/en/objectives/?pillar=pillar") == picture_address(client, "/en/objectives/")


def test_address_of_the_picture_changes_with_the_title(client):
    office = OfficeFactory(slug="office", name_en="Before")
    before = picture_address(client, "/en/regions/office/")
    type(office).objects.filter(pk=office.pk).update(name_en="After")
    after = picture_address(client, "/en/regions/office/")
    assert after != before
    response = client.get(before)
    assert (response.status_code, response.headers["Location"]) == (302, after)


def test_picture_of_what_is_not_live_is_not_there(client):
    OfficeFactory(slug="draft", live=False)
    for page in ("en/regions/draft", "en/nowhere", "xx/regions", "admin", "en"):
        expected = 302 if page == "en" else 404
        assert client.get(f"/share/{'0' * 16}/{page}.png").status_code == expected


def test_picture_is_drawn_once_a_version(reader, monkeypatch, django_assert_num_queries):
    OfficeFactory(slug="office")
    address = picture_address(reader, "/en/regions/office/")
    reader.get(address)
    monkeypatch.setattr(share_card, "drawn", None)
    with django_assert_num_queries(1):
        assert reader.get(address).status_code == 200


@pytest.mark.parametrize("title", ["", "a", "w" * 250, "Long words " * 40, "إقليم", "Ünïcödé – «ok»", "日本"])
def test_any_title_makes_a_picture(title):
    assert Image.open(BytesIO(drawn(ShareCard(title, "Site", ("#ff0000", "#00ff00"))))).size == (1200, 630)


def test_font_has_the_characters_that_are_counted_on():
    font = ImageFont.truetype(FONT, 40)
    missing = bytes(font.getmask("\U0001fffe"))
    characters = [chr(code) for first, last in share_drawing.COVERED for code in range(first, last + 1)]
    assert [each for each in characters if not each.isspace() and bytes(font.getmask(each)) == missing] == []
    assert is_covered("Ação")
    assert not is_covered("إقليم")


def test_text_that_the_font_lacks_is_left_out():
    assert drawn(ShareCard("إقليم", "Site")) == drawn(ShareCard("", "Site"))


def test_page_without_pillars_or_organization_has_a_picture(client):
    PillarFactory(colour="")
    assert client.get(picture_address(client, "/en/")).status_code == 200


def test_picture_that_has_to_wait_too_long_asks_to_come_back(client, monkeypatch):
    OfficeFactory(slug="office")
    address = picture_address(client, "/en/regions/office/")

    def full(*args):
        raise Busy

    monkeypatch.setattr(share_card.cards, "run", full)
    response = client.get(address)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
