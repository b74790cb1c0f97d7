"""The search page, its suggestions, and the search in a preview."""

import re
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from lxml import etree, html

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.preview import preview_url
from cms.search import index, synonyms
from cms.search.models import SearchEntry
from tests.content import make_content, queries_at
from tests.factories import ObjectiveFactory, OfficeFactory, StrategyFactory, ThematicAreaFactory

pytestmark = pytest.mark.django_db

MOST_QUERIES = 6
INSTEAD = 3  # more where nothing is found: other words, what of them there is, and how much


def page_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return html.fromstring(response.content)


def select(page, selector):
    """Return the elements that a simple CSS selector finds: tags, classes and attributes, and what is inside."""
    path = ""
    for step in selector.split():
        tag, rest = re.match(r"([a-z0-9]*)(.*)", step).groups()
        path += f"//{tag or '*'}"
        for name, attribute in re.findall(r"\.([\w-]+)|\[([^]]+)\]", rest):
            key, _equals, value = attribute.partition("=")
            quoted = f"='{value}'" if value else ""
            path += f"[contains(concat(' ', @class, ' '), ' {name} ')]" if name else f"[@{key}{quoted}]"
    return page.xpath(path)


def texts(page, selector):
    return [" ".join(element.text_content().split()) for element in select(page, selector)]


def test_page_costs_at_most_six_queries_at_any_size(client):
    queries = {
        "words": "q=name",
        "filters": "q=name&type=offices&region=office&pillar=pillar",
        "nothing": "q=nothing+nmae",
        "phrase": "q=%22of+office%22",
        "prefix": "q=nam*",
        "empty": "q=",
        "no word": "q=%F0%9F%98%80",
    }
    addresses = {name: f"/en/search/?{query}" for name, query in queries.items()}
    few, many = (queries_at(client, addresses, scale, kept=synonyms.known) for scale in (1, 4))
    assert few == many
    allowed = {name: MOST_QUERIES + (INSTEAD if name == "nothing" else 0) for name in many}
    assert {name: count for name, count in many.items() if count > allowed[name]} == {}


@pytest.mark.usefixtures("site_content")
class TestBadQueries:
    """With the content of ``tests/content.py``."""

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("q=" + "a" * 10_000, 200),
            ("q=" + quote("word " * 2_000), 200),
            ("q=%00%01%1f", 200),
            ("q=" + quote('"unbalanced'), 200),
            ("q=" + quote("NEAR(a b) AND title:x OR *"), 200),
            ("q=%F0%9F%98%80", 200),
            ("q=" + quote("البحث عن الهجرة"), 200),
            ("q=" + quote("移民"), 200),
            ("q=%FF%FE", 200),
            ("q=the", 200),
            ("q=a&q=b", 200),
            ("q=name&type=no", 400),
            ("q=name&region=%00", 400),
            ("q=name&pillar=" + ",".join(map(str, range(60))), 400),
            ("q=name&page=0", 404),
            ("q=name&page=x", 404),
            ("q=name&page=" + "9" * 5_000, 404),
            ("q=name&page=99", 404),
        ],
        ids=[
            "long word", "many words", "control", "unbalanced", "operators", "emoji", "arabic", "chinese", "no utf-8",
            "stop word", "twice", "unknown type", "unknown region", "many values", "page 0", "page x", "page digits",
            "page beyond",
        ],
    )  # fmt: skip
    def test_bad_query_gets_results_or_a_clear_message(self, client, query, status):
        response = client.get(f"/en/search/?{query}")
        assert response.status_code == status
        page = html.fromstring(response.content)
        assert select(page, "h1")


def test_query_is_escaped(client):
    page = client.get("/en/search/?q=" + quote("<script>alert(1)</script>")).text
    assert "<script>" not in page


def test_page_is_not_for_other_search_engines(client):
    response = client.get("/en/search/?q=name")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert re.findall(r'<meta name="robots" content="([^"]*)"', response.text) == ["noindex, follow"]


def test_links_to_other_languages_keep_the_query(client):
    make_content()
    page = page_of(client, "/en/search/?q=name+of&region=office&page=1")
    (link,) = select(page, ".languages a[hreflang=es]")
    assert link.get("href") == "/es/search/?q=name+of&region=office"


def test_results_show_kind_region_title_and_passage(client):
    office = OfficeFactory(name_en="Office of the north")
    ObjectiveFactory(
        strategy=StrategyFactory(office=office), statement_en="Protect rivers.", context_en="Clean rivers matter."
    )
    index.rebuild()
    page = page_of(client, "/en/search/?q=river")
    assert texts(page, ".result__kind") == ["Objective Office of the north"]
    assert texts(page, ".result__title mark") == ["rivers"]
    assert texts(page, ".result__passage") == ["Clean rivers matter."]


def test_fallback_result_is_labelled_with_its_language(client):
    ThematicAreaFactory(name_en="Rivers", description_en="About rivers.")
    index.rebuild()
    page = page_of(client, "/es/search/?q=river")
    (title,) = select(page, ".result__title [lang]")
    assert (title.get("lang"), title.text_content()) == ("en", "Rivers")
    assert select(page, ".result__title .language-label")


def test_results_are_paged(client):
    for number in range(25):
        ThematicAreaFactory(name_en=f"River {number}")
    index.rebuild()
    page = page_of(client, "/en/search/?q=river&page=2")
    assert len(select(page, ".result")) == 5
    assert select(page, ".results")[0].get("start") == "21"
    assert select(page, "[rel=prev]")[0].get("href") == "?q=river&page=1"


def test_type_links_and_filters_lead_on(client):
    make_content()
    page = page_of(client, "/en/search/?q=name&type=offices")
    assert texts(page, ".result-types [aria-current]")[0].startswith("Offices")
    assert select(page, "input[type=hidden][name=type][value=offices]")
    assert "q=name" in select(page, ".active-filters__clear")[0].get("href")


def test_filters_that_leave_nothing_can_be_taken_away(client):
    make_content()
    page = page_of(client, "/en/search/?q=name&type=countries")
    assert not select(page, ".result")
    assert select(page, ".empty a")[0].get("href") == "/en/search/?q=name"


def test_misspelt_word_is_put_right_and_said(client):
    ThematicAreaFactory(name_en="Migration")
    index.rebuild()
    page = page_of(client, "/en/search/?q=migartion")
    assert texts(page, ".search-instead a") == ["migration"]
    assert texts(page, ".result__title a") == ["Migration"]


def test_word_that_a_result_does_not_have_is_struck_out(client):
    ThematicAreaFactory(name_en="Migration")
    index.rebuild()
    page = page_of(client, "/en/search/?q=migration+elsewhere")
    assert texts(page, ".result__title a") == ["Migration"]
    assert texts(page, ".result__missing s") == ["elsewhere"]


def test_nothing_found_helps_on(client):
    ThematicAreaFactory(name_en="Migration")
    index.rebuild()
    page = page_of(client, "/en/search/?q=zzzzzzzz")
    assert select(page, ".search-nothing")
    assert select(page, ".search-help")


@pytest.mark.parametrize("address", ["/en/", "/es/strategies/", "/fr/nowhere/"])
def test_every_page_has_the_search_box(client, address):
    page = html.fromstring(client.get(address).content)
    (box,) = select(page, "header form[role=search]")
    assert box.get("action") == f"/{address[1:3]}/search/"
    assert select(page, f"label[for={box.xpath('.//input/@id')[0]}]")


# --- Suggestions and description -------------------------------------------------------


def test_suggestions_are_json_that_can_be_kept(client):
    ThematicAreaFactory(slug="rivers", name_en="Rivers")
    index.rebuild()
    response = client.get("/en/search/suggestions/?q=riv")
    assert response.json() == {
        "suggestions": [
            {
                "title": "Rivers",
                "lang": "en",
                "dir": "ltr",
                "kind": "Thematic area",
                "url": "/en/objectives/?thematic_area=rivers",
            }
        ]
    }
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert not response.cookies


@pytest.mark.parametrize("query", ["", "?q=", "?q=r", "?q=%00", "?q=%22%22*", "?q=" + "a" * 10_000])
def test_suggestions_for_nothing_are_none(client, query):
    assert client.get(f"/en/search/suggestions/{query}").json() == {"suggestions": []}


def test_suggestions_cost_two_queries(client, django_assert_num_queries):
    make_content()
    with django_assert_num_queries(2):
        client.get("/en/search/suggestions/?q=name")


def test_browsers_are_told_how_to_search(client):
    response = client.get("/es/search/opensearch.xml")
    assert response.headers["Content-Type"].startswith("application/opensearchdescription+xml")
    (url,) = etree.fromstring(response.content).findall("{*}Url")
    assert url.get("template").endswith("/es/search/?q={searchTerms}")


# --- In a preview --------------------------------------------------------------------


def test_preview_finds_the_draft_and_leaves_the_index(admin_client):
    office = OfficeFactory(slug="north", name_en="Public")
    index.rebuild()
    data = snapshot(office)
    data["fields"]["name_en"] = "Drafted"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    address = preview_url(office).replace("regions/north/", "search/?q=drafted")
    page = html.fromstring(admin_client.get(address).content)
    (link,) = select(page, ".result__title a")
    assert link.get("href") == preview_url(office)
    assert not SearchEntry.objects.filter(title="Drafted").exists()
    assert list(index.differences()) == []


def test_preview_of_what_was_never_published_finds_it_and_what_is_below(admin_client):
    office = OfficeFactory(slug="north", live=False, name_en="New office")
    StrategyFactory(office=office, title_en="New strategy")
    address = preview_url(office).replace("regions/north/", "search/?q=new")
    page = html.fromstring(admin_client.get(address).content)
    assert sorted(texts(page, ".result__title")) == ["New office", "New strategy"]


# --- Commands ------------------------------------------------------------------------


def test_check_names_what_differs_and_fails(capsys):
    office = OfficeFactory()
    call_command("rebuild_search", verbosity=0)
    call_command("rebuild_search", check=True, verbosity=0)
    type(office).objects.filter(pk=office.pk).update(name_en="Changed")
    with pytest.raises(CommandError, match="differs"):
        call_command("rebuild_search", check=True)
    assert f"outdated: regions.office {office.pk} (en)" in capsys.readouterr().out


def test_migrate_fills_an_empty_index():
    OfficeFactory()
    call_command("migrate", verbosity=0)
    assert SearchEntry.objects.exists()


def test_generated_content_is_in_the_index():
    call_command("generate_content", scale=1, verbosity=0)
    assert list(index.differences()) == []
    call_command("generate_content", delete=True, verbosity=0)
    assert list(index.differences()) == []
