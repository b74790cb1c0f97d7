"""Each public page as Markdown: the same content, and never more than the page shows."""

import re

import pytest

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.preview import link_url
from tests.content import PAGES
from tests.factories import OfficeFactory, PillarFactory, StrategyFactory

pytestmark = pytest.mark.django_db

MARKDOWN = {
    name: "/index.md"
    if path == "/"
    else f"{path.partition('?')[0].rstrip('/')}.md" + (f"?{path.partition('?')[2]}" if "?" in path else "")
    for name, path in PAGES.items()
}


AUTOLINK = re.compile(r"<https://[^<>\s]+>")  # CommonMark, section 6.5


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://example.org"


@pytest.mark.rendering
@pytest.mark.usefixtures("site_content")
class TestEveryPage:
    """With the content of ``tests/content.py``."""

    @pytest.mark.parametrize("path", MARKDOWN.values(), ids=MARKDOWN)
    @pytest.mark.parametrize("language", ["en", "es"])
    def test_page_is_there_as_markdown(self, client, language, path):
        response = client.get(f"/{language}{path}")
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert response.headers["Content-Language"] == language
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert "\n# " in f"\n{response.text}"
        assert "<" not in AUTOLINK.sub("", response.text.rpartition("---")[0])
        assert not response.cookies

    @pytest.mark.parametrize("query", ["kind=nothing", "page=abc", "page=99999"])
    def test_bad_query_answers_as_the_page_does(self, client, query):
        assert (
            client.get(f"/en/objectives.md?{query}").status_code == client.get(f"/en/objectives/?{query}").status_code
        )


def test_markdown_says_what_the_page_says(client):
    office = OfficeFactory(
        slug="office", name_en="Office", introduction_en="<p>First <strong>bold</strong>.</p><ul><li>One</li></ul>"
    )
    StrategyFactory(office=office, slug="s", title_en="A strategy")
    text = client.get("/en/regions/office.md").text
    assert "# Office" in text
    assert "First **bold**." in text
    assert "- One" in text
    assert "[A strategy](https://example.org/en/strategies/s/)" in text
    assert text.endswith("Source: <https://example.org/en/regions/office/>\n")


def test_fallback_is_labelled(client):
    StrategyFactory(slug="s", title_en="Title")
    text = client.get("/es/strategies/s.md").text
    assert "# Title [Inglés]" in text
    assert text.startswith("Estrategia regional")


def test_page_names_its_markdown_and_markdown_its_page(client):
    OfficeFactory(slug="office")
    head = client.get("/en/regions/office/").text.split("<body")[0]
    assert '<link rel="alternate" type="text/markdown" href="https://example.org/en/regions/office.md">' in head
    assert (
        '<link rel="alternate" type="text/markdown" href="https://example.org/en/index.md">' in client.get("/en/").text
    )
    link = client.get("/en/regions/office.md").headers["Link"]
    assert link == '<https://example.org/en/regions/office/>; rel="canonical"'


@pytest.mark.parametrize(
    "path",
    [
        "nowhere.md",
        "regions/draft.md",
        "regions/.md",
        ".md",
        "regions//office.md",
        "updates.atom.md",
        "regions/office/updates.atom.md",
        "admin.md",
        "../admin.md",
        "index/.md",
        "%00.md",
        "regions/office.md.md",
        "regions/office/.md",
        "index.md/",
        "a" * 3000 + ".md",
    ],
)
def test_what_is_no_public_page_is_404(client, path):
    OfficeFactory(slug="office")
    OfficeFactory(slug="draft", live=False)
    assert client.get(f"/en/{path}").status_code == 404


def test_withdrawn_page_is_gone_at_once(client):
    office = OfficeFactory(slug="office", live=False)
    actions.publish(item=office, user=None)
    assert client.get("/en/regions/office.md").status_code == 200
    actions.unpublish(item=office, user=None)
    assert client.get("/en/regions/office.md").status_code == 410


def test_former_address_leads_to_the_markdown_of_the_present_one(client):
    pillar = PillarFactory(slug="old", live=False)
    actions.publish(item=pillar, user=None)
    data = snapshot(pillar)
    data["fields"]["slug"] = "new"
    actions.save_draft(item=pillar, data=data, user=None, opened_on=None)
    actions.publish(item=pillar, user=None)
    response = client.get("/en/pillars/old.md")
    assert (response.status_code, response.headers["Location"]) == (301, "/en/pillars/new.md")


def test_preview_has_no_markdown_and_names_none(client, admin_user):
    office = OfficeFactory(slug="office", live=False)
    url = link_url(actions.share(item=office, user=admin_user))
    assert "text/markdown" not in client.get(url).text
    assert client.get(url.replace("regions/office/", "regions/office.md")).status_code == 404


def test_markdown_that_did_not_change_is_304_from_the_version_alone(reader, django_assert_num_queries):
    OfficeFactory(slug="office")
    etag = reader.get("/en/regions/office.md").headers["ETag"]
    with django_assert_num_queries(1):
        response = reader.get("/en/regions/office.md", headers={"If-None-Match": etag})
    assert response.status_code == 304
    head = reader.head("/en/regions/office.md")
    assert (head.status_code, head.content) == (200, b"")
