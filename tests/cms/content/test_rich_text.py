"""The limits of a rich text, on every way in; and the heads of its tables, wherever it is shown."""

import re

import pytest
from django.urls import reverse

from cms.content.fields import MOST_CHARACTERS
from cms.content.pasting.cleaning import pasted
from cms.content.snapshots import snapshot
from cms.pages.templatetags.localized import scrolling_tables
from cms.publishing import actions
from cms.publishing.models import Revision
from regions.models import Office
from tests.admin_forms import page_data
from tests.cms.content.test_characters import package_of
from tests.cms.packages.package_tools import import_errors, run_import
from tests.drafts import drafted
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

BEYOND = (
    '<table><tbody><tr><td colspan="1000" rowspan="1000"><p>x</p></td><td><p>w</p></td></tr></tbody></table>'
    '<ol start="99999"><li><p>y</p></li></ol>' + "<blockquote>" * 20 + "<p>z</p>" + "</blockquote>" * 20
)
DEEPEST = 12


@pytest.fixture
def office():
    return OfficeFactory(slug="a", introduction_en="<p>Before</p>")


def send(client, office, query: str, text: str):
    address = reverse("admin:regions_office_change", args=[office.pk]) + query
    return client.post(address, page_data(client.get(address), introduction_en=text))


def by_form(client, office, _folder) -> str:
    send(client, office, "", BEYOND)
    return drafted(office)["fields"]["introduction_en"]


def by_correction(client, office, _folder) -> str:
    send(client, office, "?correct=1", BEYOND)
    return Office.objects.get().introduction_en


def by_package(_client, _office, folder) -> str:
    run_import(package_of(folder, {"slug": "a", "name": {"en": "A"}, "introduction": {"en": BEYOND}}))
    return Office.objects.get().introduction_en


def by_restored_draft(_client, office, _folder) -> str:
    """A draft that was stored before there were limits, or by a program that goes round the form."""
    data = snapshot(office)
    data["fields"]["introduction_en"] = BEYOND
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    actions.discard(item=office, user=None)
    number = Revision.objects.of(office).filter(versions__part="en").latest("number").number
    actions.restore(item=office, number=number, user=None)
    actions.publish(item=office, user=None)
    return Office.objects.get().introduction_en


def by_paste(_client, _office, _folder) -> str:
    return pasted(BEYOND)[0]


@pytest.mark.parametrize("way_in", [by_form, by_correction, by_package, by_restored_draft, by_paste])
def test_limits_hold_on_every_way_in(admin_client, office, tmp_path, way_in):
    text = way_in(admin_client, office, tmp_path)
    assert 'colspan="50" rowspan="50"' in text
    assert '<ol start="9999">' in text
    assert 0 < text.count("<blockquote>") <= DEEPEST
    assert re.sub(r"<[^>]*>|\s", "", text) == "xwyz"


def too_long() -> str:
    return f"<p>{'a' * MOST_CHARACTERS}</p>"


@pytest.mark.parametrize("query", ["", "?correct=1"], ids=["draft", "correction"])
def test_text_that_is_too_long_is_refused_by_the_form_and_kept_in_it(admin_client, office, query):
    response = send(admin_client, office, query, too_long())
    assert "This text has 200,007 characters" in response.text
    assert too_long()[:1000] in response.text.replace("&lt;", "<").replace("&gt;", ">")
    assert drafted(office)["fields"]["introduction_en"] == "<p>Before</p>"


def test_text_that_is_too_long_is_refused_in_a_package(tmp_path):
    package = package_of(tmp_path, {"slug": "a", "name": {"en": "A"}, "introduction": {"en": too_long()}})
    assert "introduction.en: This text has 200,007 characters" in "\n".join(import_errors(package))


# --- Heads of tables -----------------------------------------------------------------------------------------------

TABLE = (
    "<table><tbody><tr><th><p>Country</p></th><th><p>Year</p></th></tr>"
    '<tr><th rowspan="2"><p>Peru</p></th><td><p>2026</p></td></tr><tr><td><p>2027</p></td></tr></tbody></table>'
)


def test_head_of_a_table_says_whether_it_is_of_its_row_or_of_its_column():
    shown = scrolling_tables(TABLE)
    assert shown.count('<th scope="col"><p>') == 2
    assert '<th scope="row" rowspan="2"><p>Peru' in shown


def test_text_is_stored_without_scopes(admin_client, office):
    send(admin_client, office, "", scrolling_tables(TABLE))
    assert drafted(office)["fields"]["introduction_en"] == TABLE
