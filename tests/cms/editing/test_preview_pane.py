"""The preview beside the form: what is typed and kept, as the public page, for who types it alone."""

from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from cms.content.snapshots import snapshot
from cms.editing.models import UnsavedForm
from cms.publishing import actions
from cms.publishing.models import Revision
from cms.publishing.preview import link_url, preview_url
from tests.cms.editing.test_autosave import keep, page, typed
from tests.cms.publishing.test_query_counts import large_strategy
from tests.drafts import has_draft
from tests.factories import OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return OfficeFactory(slug="north", name_en="North", name_es="Norte")


def pane(client, item, data, language="en"):
    return client.post(page(item, "pane"), {"_form_key": data["_form_key"], "language": language})


def typed_and_kept(client, item, **values):
    data = typed(client, item, **values)
    keep(client, item, data)
    return data


def heading(response) -> str:
    return html.fromstring(response.text).xpath("string(//h1)").strip()


def test_pane_shows_what_is_typed_in_the_language_that_is_edited(admin_client, office):
    data = typed_and_kept(admin_client, office, name_en="Typed", name_es="Escrito")
    url = pane(admin_client, office, data, "es").json()["url"]
    assert "/es/" in url
    assert heading(admin_client.get(url)) == "Escrito"
    assert heading(admin_client.get(pane(admin_client, office, data).json()["url"])) == "Typed"


def test_pane_leaves_everything_as_it_is(admin_client, office):
    before = snapshot(office)
    data = typed_and_kept(admin_client, office, name_en="Typed")
    admin_client.get(pane(admin_client, office, data).json()["url"])
    office.refresh_from_db()
    assert snapshot(office) == before
    assert not has_draft(office)
    assert not Revision.objects.exists()


def test_pane_shows_rows_that_were_just_added(admin_client, office):
    SectionFactory(office=office, heading_en="First")
    data = typed(admin_client, office)
    data |= {"sections-TOTAL_FORMS": ["2"], "sections-1-heading_en": ["Second"], "sections-1-body_en": ["<p>Text</p>"]}
    keep(admin_client, office, data)
    assert "Second" in admin_client.get(pane(admin_client, office, data).json()["url"]).text


def test_pane_without_typed_text_shows_the_draft(admin_client, office):
    data = snapshot(office)
    data["fields"]["name_en"] = "Drafted"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    response = pane(admin_client, office, typed(admin_client, office))
    assert heading(admin_client.get(response.json()["url"])) == "Drafted"


def test_pane_says_what_stands_in_its_way(admin_client, office):
    data = typed_and_kept(admin_client, office, website="no address")
    answer = pane(admin_client, office, data).json()
    assert "url" not in answer
    assert "Enter a valid URL" in answer["problem"]


def test_nobody_else_sees_what_is_typed(admin_client, client, office, django_user_model):
    data = typed_and_kept(admin_client, office, name_en="Typed")
    url = pane(admin_client, office, data).json()["url"]
    other = Client()
    other.force_login(django_user_model.objects.create_superuser("other"))
    assert other.get(url).status_code == 404
    assert client.get(url).status_code == 403
    assert "typed" not in pane(other, office, data).json()["url"]
    assert heading(other.get(pane(other, office, data).json()["url"])) == "North"


def test_preview_of_what_was_saved_meanwhile_is_gone(admin_client, office):
    data = typed_and_kept(admin_client, office, name_en="Typed")
    url = pane(admin_client, office, data).json()["url"]
    UnsavedForm.objects.all().delete()
    assert admin_client.get(url).status_code == 404


def test_previews_of_staff_are_framed_by_this_site_alone_and_links_by_none(admin_client, admin_user, office):
    typed_url = pane(admin_client, office, typed_and_kept(admin_client, office, name_en="T")).json()["url"]
    link = link_url(actions.share(item=office, user=admin_user))
    for url, ancestors, frames in [
        (typed_url, "'self'", "SAMEORIGIN"),
        (preview_url(office), "'self'", "SAMEORIGIN"),
        (link, "'none'", "DENY"),
    ]:
        response = admin_client.get(url)
        assert f"frame-ancestors {ancestors}" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Frame-Options"] == frames
    form = admin_client.get(page(office)).headers["Content-Security-Policy"]
    assert "frame-src 'self'" in form
    assert "frame-ancestors 'none'" in form
    assert "frame-src" not in admin_client.get(reverse("admin:index")).headers["Content-Security-Policy"]


def test_preview_in_a_window_of_its_own_leads_back_to_the_form(admin_client, admin_user, office):
    url = pane(admin_client, office, typed_and_kept(admin_client, office, name_en="T")).json()["url"]
    for address in (url, preview_url(office)):
        links = html.fromstring(admin_client.get(address).text).xpath("//*[@class='preview-banner']//a/@href")
        assert links == [page(office)]
    assert "Back to editing" not in admin_client.get(url, headers={"Sec-Fetch-Dest": "iframe"}).text
    assert "Back to editing" not in admin_client.get(link_url(actions.share(item=office, user=admin_user))).text


def test_preview_opens_in_the_language_asked_for_else_in_the_persons_own(admin_client, office):
    def opened(address, **headers):
        return urlsplit(admin_client.get(address, headers=headers).headers["Location"]).path.split("/")[3]

    assert opened(page(office, "preview")) == "en"
    assert opened(page(office, "preview"), accept_language="fr") == "fr"
    assert opened(page(office, "preview") + "?language=pt", accept_language="fr") == "pt"
    data = {**typed(admin_client, office, name_en="T"), "_preview": ["1"], "language": ["es"]}
    assert "/es/" in admin_client.get(admin_client.post(page(office), data).headers["Location"]).request["PATH_INFO"]


def test_making_the_preview_of_a_large_form_takes_no_more_queries_than_saving_it(admin_client):
    strategy = large_strategy()
    data = typed_and_kept(admin_client, strategy, title_en="Typed")
    with CaptureQueriesContext(connection) as queries:
        assert "url" in pane(admin_client, strategy, data).json()
    assert len(queries) <= 110
