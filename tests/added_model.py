"""What the example of ``docs/adding-a-model.md`` has, tried in the copy that ``test_adding_a_model.py`` makes.

Not collected by itself: in the project there are no events.
"""

import csv
import io
import json

import pytest
from django.apps import apps
from django.urls import reverse
from lxml import html

from cms.api.openapi import openapi
from cms.content.snapshots import snapshot
from cms.pages.comparison import PublicNames, readable_comparison
from cms.publishing import actions
from cms.publishing.models import ChangeLogHead, PartVersion, Revision
from cms.publishing.preview import link_url, preview_url
from cms.publishing.tokens import change_token
from cms.search.models import SearchEntry
from tests.admin_forms import form_data
from tests.cms.packages.package_tools import run_export, run_import
from tests.factories import EventFactory, OfficeFactory
from tests.models import page

pytestmark = pytest.mark.django_db

Event = apps.get_model("events", "Event")

TITLE, TITLE_ES, DESCRIPTION = "Open house at the harbour", "Puertas abiertas", "<p>Everybody is welcome.</p>"
SECRET = "zinnober"
TEXTS = {"title_en": TITLE, "title_es": TITLE_ES, "description_en": DESCRIPTION, "staff_note": SECRET}


@pytest.fixture
def event():
    """A live event, published by the actions, so that change log and search know it."""
    event = EventFactory(
        live=False,
        slug="open-house",
        office__live=False,
        office__slug="north",
        office__opening_hours_en="9 to 5",
        **TEXTS,
    )
    actions.publish(item=event.office, user=None)
    actions.publish(item=event, user=None)
    return event


def admin_page(event, name: str, *args) -> str:
    return reverse(f"admin:events_event_{name}", args=[event.pk, *args])


def export_file(client, name: str) -> str:
    files = client.get("/api/v1/exports/").json()["files"]
    address = next(file["url"] for file in files if file["name"] == name)
    return client.get(address).getvalue().decode()


# --- The admin: from the form to the public ---------------------------------------------


def test_form_shows_every_field_that_staff_write(admin_client):
    names = set(admin_client.get(reverse("admin:events_event_add")).context["adminform"].form.fields)
    texts = {f"{name}_{code}" for name in ("title", "description") for code in ("en", "es", "fr", "pt")}
    assert names == texts | {"slug", "office", "day", "staff_note"}


def test_event_is_written_reviewed_and_published_in_the_admin(admin_client, client):
    office, add = OfficeFactory(), reverse("admin:events_event_add")
    values = {**TEXTS, "slug": "open-house", "office": str(office.pk), "day": "2030-05-01", "_submit_for_review": "1"}
    assert admin_client.post(add, form_data(admin_client, add, **values)).status_code == 302
    event = Event.objects.get()
    assert client.get(event.get_absolute_url()).status_code == 404
    assert SECRET in admin_client.get(admin_page(event, "change")).text
    for decision in ("approve", "publish"):
        admin_client.post(admin_page(event, "review"), {"decision": decision})
    assert TITLE in client.get(event.get_absolute_url()).text
    assert set(PartVersion.objects.of(event).values_list("state", flat=True)) == {"live"}


def test_draft_beside_the_live_event_is_seen_by_staff_alone(admin_client, client, event):
    url = admin_page(event, "change")
    data = form_data(admin_client, url, title_en="A draft", staff_note="Other keys", _continue="1")
    assert admin_client.post(url, data).status_code == 302
    assert "A draft" in admin_client.get(url).text
    assert "A draft" in admin_client.get(preview_url(event)).text
    assert "A draft" not in client.get(event.get_absolute_url()).text
    assert "Other keys" in admin_client.get(admin_page(event, "review")).text  # what the draft changes
    actions.publish(item=event, user=None)
    assert "A draft" in client.get(event.get_absolute_url()).text


def test_list_of_the_admin_finds_the_event(admin_client, event):
    found = admin_client.get(reverse("admin:events_event_changelist"), {"q": "puertas"})
    assert list(found.context["cl"].result_list) == [event]


# --- Where the public finds it ----------------------------------------------------------

PLACES = {
    "page": "/en/events/open-house/",
    "page in another language": "/es/events/open-house/",
    "page as Markdown": "/en/events/open-house.md",
    "list": "/en/events/",
    "filtered list": "/en/events/?office=north&search=harbour",
    "search": "/en/search/?q=everybody",
    "sitemap": "/sitemap-events-1.xml",
    "feed": "/en/updates.atom",
    "updates": "/en/updates/",
    "API list": "/api/v1/events/",
    "API item": "/api/v1/events/open-house/",
    "API in every language": "/api/v1/events/open-house/?lang=*",
}
SHOWN = {"page in another language": TITLE_ES, "sitemap": "/en/events/open-house/"}  # instead of the title


@pytest.mark.parametrize("place", PLACES)
def test_place_holds_the_event_and_not_the_note(client, event, place):
    answer = client.get(PLACES[place])
    assert answer.status_code == 200
    text = getattr(answer, "text", "") or answer.getvalue().decode()
    assert SHOWN.get(place, TITLE) in text
    assert SECRET not in text
    assert "staff_note" not in text


def test_menu_leads_to_the_list(client):
    assert html.fromstring(client.get("/en/").content).xpath("//nav//a[@href='/en/events/']")


def test_item_of_the_api_holds_the_public_fields_and_no_other(client, event):
    item = client.get("/api/v1/events/open-house/").json()
    assert {"title", "slug", "office", "day", "description"} <= set(item)
    assert (item["title"], item["day"], item["office"]["slug"]) == (TITLE, "2030-05-01", "north")
    assert item["web_url"].endswith("/en/events/open-house/")


@pytest.mark.parametrize("query", ["staff_note=x", "sort=staff_note", "fields=staff_note", f"search={SECRET}"])
def test_note_cannot_be_asked_for(client, event, query):
    answer = client.get(f"/api/v1/events/?{query}")
    assert answer.status_code == 400 or answer.json()["results"] == []


def test_search_does_not_find_the_note(client, event):
    assert TITLE not in client.get(f"/en/search/?q={SECRET}").text
    entries = list(SearchEntry.objects.values())
    assert entries
    assert SECRET not in str(entries)


def test_record_of_the_export_holds_the_event_and_not_the_note(client, event):
    [record] = [json.loads(line) for line in export_file(client, "events.jsonl").splitlines()]
    assert record["title"] == {"en": TITLE, "es": TITLE_ES}
    assert record["office"] == str(event.office.pk)
    [row] = csv.DictReader(io.StringIO(export_file(client, "events.csv"), newline=""))
    assert row["title.en"] == TITLE
    for there in (record, row):
        assert "staff_note" not in there
        assert SECRET not in str(there)


def test_changes_hold_the_event_and_not_the_note(client, event):
    since = change_token(ChangeLogHead.current(), 0)
    changes = client.get("/api/v1/changes/", {"since": since, "include": "records"}).json()["results"]
    [record] = [change["record"] for change in changes if change["type"] == "events"]
    assert record["title"] == {"en": TITLE, "es": TITLE_ES}
    assert "staff_note" not in record
    assert SECRET not in str(changes)


def test_description_of_the_api_names_the_public_fields_and_not_the_note():
    described = json.dumps(openapi("en"))
    assert "A day on which an office invites the public." in described
    assert "staff_note" not in described


def test_public_comparison_leaves_the_note_out(event):
    before = snapshot(event)
    after = {**before, "fields": {**before["fields"], "title_en": "Another", "staff_note": "other"}}
    names = PublicNames([(Event, [before, after])])
    assert [found.name for found in readable_comparison(Event, before, after, names).fields] == ["title_en"]


def test_shared_preview_shows_the_event_without_the_note(client, admin_user, event):
    link = link_url(actions.share(item=event, user=admin_user))
    data = link.replace("/en/events/open-house/", "/api/v1/events/open-house/")
    assert data != link
    for address in (link, data):
        text = client.get(address).text
        assert TITLE in text
        assert SECRET not in text


# --- Where staff have the note ----------------------------------------------------------


def test_history_compares_the_notes(admin_client, event):
    data = snapshot(event)
    data["fields"]["staff_note"] = f"{SECRET} two"
    actions.save_draft(item=event, data=data, user=None, opened_on=None)
    numbers = sorted(Revision.objects.of(event).values_list("number", flat=True))
    page = admin_client.get(admin_page(event, "compare"), {"from": numbers[0], "to": numbers[-1]})
    assert SECRET in page.text


def test_package_carries_the_whole_event_to_another_site(event, tmp_path):
    package = run_export("offices", "events")
    assert SECRET in package
    path = tmp_path / "package.yaml"
    path.write_text(package, encoding="utf-8")
    before = snapshot(event)
    Event.objects.all().delete()
    run_import(path)
    imported = Event.objects.get()
    assert {**snapshot(imported)["fields"], "office": None} == {**before["fields"], "office": None}
    assert (imported.office.slug, imported.is_live) == ("north", True)


def test_import_that_changes_the_note_alone_is_no_change_for_partners(event, tmp_path):
    path = tmp_path / "package.yaml"
    path.write_text(run_export("events").replace(SECRET, "Other keys"), encoding="utf-8")
    before = (ChangeLogHead.current().sequence, Revision.objects.of(event).count())
    run_import(path)
    event.refresh_from_db()
    assert event.staff_note == "Other keys"
    assert (ChangeLogHead.current().sequence, Revision.objects.of(event).count()) == (before[0], before[1] + 1)


# --- The field more: opening hours of an office -----------------------------------------


def test_added_field_is_in_the_form(admin_client, event):
    form = admin_client.get(reverse("admin:regions_office_change", args=[event.office.pk])).context["adminform"].form
    assert "opening_hours_es" in form.fields


def test_added_field_is_in_the_api(client, event):
    assert client.get("/api/v1/offices/north/").json()["opening_hours"] == "9 to 5"
    assert "opening_hours" in json.dumps(openapi("en"))


def test_added_field_is_in_the_record(client, event):
    [record] = [json.loads(line) for line in export_file(client, "offices.jsonl").splitlines()]
    assert record["opening_hours"] == {"en": "9 to 5"}


def test_added_field_is_in_the_package(event):
    assert "9 to 5" in run_export("offices")


def test_added_field_is_found(client):
    office = OfficeFactory(live=False, name_en="Wanted", opening_hours_en="never on Sundays")
    actions.publish(item=office, user=None)
    assert "Wanted" in client.get("/en/search/?q=Sundays").text


def test_added_field_is_in_the_matrix_of_models():
    assert "| `opening_hours` | public | CharField | translated |" in page()
    assert "| `staff_note` | internal | TextField |  |" in page()
