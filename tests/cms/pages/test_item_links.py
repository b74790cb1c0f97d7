"""Links to items on their way to readers: every page, file and answer has addresses, and none a reference."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.api.records import records_of
from cms.content.links import Reference, hrefs_in, targets
from cms.content.registry import child_models, content_models
from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.links import rich_columns
from cms.publishing.preview import link_url
from regions.models import Office
from renditions.source import source_of
from tests.addresses import public_addresses
from tests.cms.pages.test_stored_dependencies import kept, log_everything, republish, set_field
from tests.factories import DocumentFactory, OfficeFactory, PartnerFactory, SectionFactory, StrategyFactory

pytestmark = pytest.mark.django_db

REFERENCE = re.compile(rb"item:[a-z_]+\.[a-z_]+/")
SITE = settings.SITE_URL


def link(row, anchor="") -> str:
    return f'<a href="{Reference(type(row), row.pk, anchor)}">{type(row).__name__} {row.pk}</a>'


def plant(html: str) -> int:
    """Put ``html`` into every rich text of the site, in every language; return how many columns that is."""
    count = 0
    for item in content_models():
        for model in (item, *child_models(item)):
            columns = [column.name for column in rich_columns(model)]
            model._base_manager.update(**dict.fromkeys(columns, html)) if columns else None
            count += len(columns)
    return count


@pytest.mark.usefixtures("site_content")
def test_no_public_address_gives_a_reader_a_reference(client):
    rows = [model._base_manager.first() for model in targets().values()]
    hidden, gone = OfficeFactory(live=False), OfficeFactory()
    html = "".join(f"<p>{link(row)}</p>" for row in [*filter(None, rows), hidden, gone])
    gone.delete()
    assert plant(html) >= 7 * len(settings.LANGUAGES)
    office = Office.objects.get(slug="office")
    republish(office, set_field("introduction_en", f"{html}<p>Other words.</p>"))
    items = [row for model in content_models() for row in model.objects.all()]
    addresses = public_addresses(items, ["en", "fr"])
    assert len(addresses) > 200
    answers = {address: client.get(address, follow=False) for address in addresses}
    shown = [address for address, answer in answers.items() if b"Strategy " in body(answer)]
    assert len(shown) > 15
    assert [address for address, answer in answers.items() if REFERENCE.search(body(answer))] == []


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_page_leads_to_the_item_in_its_language_and_drops_what_is_not_public(client):
    south, hidden = OfficeFactory(slug="south"), OfficeFactory(live=False)
    OfficeFactory(slug="north", introduction_en=f"<p>{link(south, '#x')} and {link(hidden)}</p>")
    page = client.get("/es/regions/north/").text
    assert f'<a href="/es/regions/south/#x">Office {south.pk}</a> and Office {hidden.pk}</p>' in page


def test_links_cost_a_page_one_query_a_kind_of_item(client):
    office, others = OfficeFactory(slug="north"), PartnerFactory.create_batch(6)
    SectionFactory.create_batch(4, office=office, body_en="<p>Text.</p>")
    counts = []
    for html in ("<p>Text.</p>", link(others[0]), "".join(map(link, others))):
        office.sections.update(body_en=html)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/en/regions/north/").status_code == 200
        counts.append(len(queries))
    assert counts == [counts[0], counts[0] + 1, counts[0] + 1]


def test_markdown_has_the_whole_address(client):
    south = OfficeFactory(slug="south")
    OfficeFactory(slug="north", introduction_en=f"<p>{link(south)}</p>")
    assert f"({SITE}/en/regions/south/)" in client.get("/en/regions/north.md").text


def test_document_has_the_whole_address():
    document = DocumentFactory(strategy__slug="plan")
    republish(document.strategy, set_field("summary_en", f"<p>{link(document)}{link(document.strategy.office)}</p>"))
    html = source_of("plan", "en").html
    assert f'href="{SITE}/documents/{document.pk}/plan-en.pdf"' in html
    assert f'href="{SITE}/en/regions/{document.strategy.office.slug}/"' in html


def test_api_and_records_have_permanent_addresses_in_the_language_of_the_text(client):
    south = OfficeFactory(slug="south")
    partner = PartnerFactory(slug="forum", description_es=f"<p>{link(south, '#x')}</p>")
    permanent = f"{SITE}/es/item/regions.office/{south.pk}/#x"
    answer = client.get("/api/v1/partners/forum/?lang=en").json()
    assert hrefs_in(answer["description"]) == [permanent]
    everything = client.get("/api/v1/partners/forum/?lang=*").json()
    assert hrefs_in(everything["description"]["es"]) == [permanent]
    [record] = records_of(type(partner), [partner.pk]).values()
    assert hrefs_in(record["description"]["es"]) == [permanent]


def test_permanent_address_leads_to_where_the_item_is_now(client):
    document = DocumentFactory(strategy__slug="plan")
    for row, address in (
        (document.strategy, "/fr/strategies/plan/"),
        (document, f"/documents/{document.pk}/plan-en.pdf"),
    ):
        answer = client.get(f"/fr/item/{row._meta.label_lower}/{row.pk}/")
        assert (answer.status_code, answer.headers["Location"]) == (302, address)


def test_permanent_address_says_what_is_gone_and_what_never_was(client):
    office = OfficeFactory()
    log_everything()
    hidden = OfficeFactory(live=False)
    actions.unpublish(item=office, user=None)
    labels = ("regions.office", "regions.section", "auth.user")
    asked = [("regions.office", hidden), *((label, office) for label in labels)]
    found = [client.get(f"/en/item/{label}/{row.pk}/").status_code for label, row in asked]
    assert found == [404, 410, 404, 404]


@pytest.mark.parametrize("happens", ["slug", "withdrawal"])
def test_stored_page_is_made_anew_when_what_it_links_to_changes(reader, happens):
    south = OfficeFactory(slug="south", kind="liaison")
    partner = PartnerFactory(slug="forum", description_en=f"<p>{link(south)}</p>")
    other = PartnerFactory(slug="other")
    log_everything()
    change = {
        "slug": lambda: republish(south, set_field("slug", "south-2")),
        "withdrawal": lambda: actions.unpublish(item=south, user=None),
    }[happens]
    pages = [partner.get_absolute_url(), other.get_absolute_url()]
    assert kept(reader, pages, change) == [False, True]
    found = hrefs_in(reader.get(pages[0]).text.partition("introduction")[2].partition("</div>")[0])
    assert found == (["/en/regions/south-2/"] if happens == "slug" else [])


def test_stored_page_gets_its_link_when_the_item_becomes_public(reader):
    south = OfficeFactory(slug="south", live=False)
    partner = PartnerFactory(slug="forum", description_en=f"<p>{link(south)}</p>")
    log_everything()
    address = partner.get_absolute_url()
    assert kept(reader, [address], lambda: actions.publish(item=south, user=None)) == [False]
    assert 'href="/en/regions/south/"' in reader.get(address).text


def test_preview_says_what_is_no_link_and_leads_on_inside(client, admin_user):
    office, hidden = OfficeFactory(slug="north"), OfficeFactory(live=False)
    data = snapshot(office)
    data["fields"]["introduction_en"] = f"<p>{link(hidden)}, {link(office)}</p>"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    address = link_url(actions.share(item=office, user=admin_user))
    page = client.get(address, follow=True).text
    assert f"Office {hidden.pk} <small>(no link: not public)</small>" in page
    assert re.search(rf'<a href="/preview/[^"]+/en/regions/north/">Office {office.pk}</a>', page)


def test_link_follows_a_slug_that_changed(client):
    south = OfficeFactory(slug="south")
    PartnerFactory(slug="forum", description_en=f"<p>{link(south)}</p>")
    log_everything()
    republish(south, set_field("slug", "deep-south"))
    assert 'href="/en/regions/deep-south/"' in client.get("/en/partners/forum/").text


def test_change_of_a_link_is_named_to_readers_by_its_item(client):
    strategy = StrategyFactory(slug="plan", summary_en="<p>words</p>")
    log_everything()
    republish(strategy, set_field("summary_en", "<p>words</p><p>more</p>"))
    south = OfficeFactory(name_en="South", slug="south")
    html = f'<p><a href="{Reference(Office, south.pk)}">words</a></p>'
    republish(strategy, set_field("summary_en", html))
    page = client.get("/en/strategies/plan/versions/2/changes/").text
    assert "Link: South" in page
