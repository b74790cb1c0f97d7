"""Releases, roles, audit trail and kept forms in the admin."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import AuditEntry, Release, Revision, RoleAssignment
from cms.publishing.readiness import problems_of
from regions.models import Office
from tests.admin_forms import page_data
from tests.drafts import drafted
from tests.factories import ObjectiveFactory, OfficeFactory, StrategyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def release():
    release = Release.objects.create(title="Spring")
    office = OfficeFactory(name_en="Old name")
    data = snapshot(office)
    data["fields"]["name_en"] = "Spring name"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    actions.add_to_release(release=release, items=[office], user=None)
    return release


def page(release):
    return reverse("admin:publishing_release_review", args=[release.pk])


def test_items_are_added_to_a_new_release_from_their_list(admin_client):
    office = OfficeFactory()
    selection = {"action": "add_to_release_selected", "_selected_action": [str(office.pk)]}
    url = reverse("admin:regions_office_changelist")
    assert b"Title of the new release" in admin_client.post(url, selection).content
    admin_client.post(url, {**selection, "release_title": "Summer"})
    assert Release.objects.get(title="Summer").items.get().object_id == office.pk


def test_release_page_lists_what_stands_in_its_way(admin_client, release):
    text = admin_client.get(page(release)).content.decode()
    assert "not approved" in text


def test_release_is_published_only_when_nothing_stands_in_its_way_or_anyway(admin_client, release):
    admin_client.post(page(release), {"decision": "publish"})
    assert Office.objects.get().name_en == "Old name"
    admin_client.post(page(release), {"decision": "publish", "anyway": "on"})
    assert Office.objects.get().name_en == "Spring name"
    release.refresh_from_db()
    assert release.state == Release.State.PUBLISHED


@pytest.mark.parametrize("is_undone", [False, True], ids=["published", "undone"])
def test_page_of_what_was_published_says_which_parts_of_each_item_went_live(admin_client, release, is_undone):
    actions.publish_release(release=release, user=None)
    if is_undone:
        actions.undo_release(release=release, user=None)
    [entry] = html.fromstring(admin_client.get(page(release)).text).xpath("//ul[@class='release-items']/li")[:1]
    words = " ".join(entry.text_content().split())
    assert words.startswith("Old name" if is_undone else "Spring name")
    assert f"Version 2 English {'was live' if is_undone else 'live'}" in words


def test_problems_name_links_to_what_is_not_live():
    objective = ObjectiveFactory(live=False, strategy=StrategyFactory(live=False, title_en="Hidden plan"))
    release = Release.objects.create(title="Half")
    actions.add_to_release(release=release, items=[objective], user=None)
    assert any("Hidden plan" in problem.text for problem in problems_of(release))
    actions.add_to_release(release=release, items=[objective.strategy], user=None)
    assert not any("Hidden plan" in problem.text for problem in problems_of(release))


def test_release_with_an_item_of_another_office_is_closed(client, log_in, release):
    log_in("publisher", OfficeFactory())
    assert client.get(page(release)).status_code == 403
    assert client.post(page(release), {"decision": "publish", "anyway": "on"}).status_code == 403


def test_release_is_nothing_for_editors(client, log_in, release):
    log_in("editor")
    assert client.get(page(release)).status_code in {403, 404}


@pytest.mark.parametrize("decision", ["publish", "schedule", "cancel", "remove", "revoke"])
def test_release_that_is_out_stays_as_it_is(admin_client, release, decision):
    actions.publish_release(release=release, user=None)
    count = Revision.objects.count()
    data = {"decision": decision, "anyway": "on", "due_at_0": "2099-01-01", "due_at_1": "00:00"}
    assert admin_client.post(page(release), data).status_code == 200
    assert Revision.objects.count() == count


# --- Roles and the audit trail ---------------------------------------------------


def test_roles_are_given_on_the_form_of_a_person(admin_client, member):
    person = member(None)
    url = reverse("admin:auth_user_change", args=[person.pk])
    data = page_data(admin_client.get(url))
    data.update(
        {
            "role_assignments-TOTAL_FORMS": ["1"],
            "role_assignments-0-role": ["translator"],
            "role_assignments-0-user": [str(person.pk)],
            "role_assignments-0-languages": ["es"],
        }
    )
    assert admin_client.post(url, data).status_code == 302
    assert RoleAssignment.objects.get(user=person).languages == ["es"]


def test_translator_without_a_language_is_refused(admin_client, member):
    person = member(None)
    response = admin_client.post(
        reverse("admin:publishing_roleassignment_add"), {"user": str(person.pk), "role": "translator"}
    )
    assert "languages that this person translates" in response.content.decode()


@pytest.mark.parametrize("role", ["translator", "editor", "publisher"])
def test_audit_trail_and_roles_are_for_administrators(client, log_in, role):
    log_in(role, languages=["es"] if role == "translator" else ())
    for name in ("auditentry_changelist", "auditentry_export", "roleassignment_changelist"):
        assert client.get(reverse(f"admin:publishing_{name}")).status_code == 403


def test_what_is_scheduled_is_listed_by_item_and_release(admin_client, release):
    office = OfficeFactory(name_en="North")
    due_at = timezone.now() + timedelta(days=1)
    actions.schedule(target=office, operation="withdraw", due_at=due_at, user=None)
    actions.schedule(target=release, operation="publish", due_at=due_at, user=None, anyway=True)
    text = admin_client.get(reverse("admin:publishing_scheduledchange_changelist")).text
    assert f'field-target">{office}<' in text
    assert f'field-target">{release}<' in text


def test_audit_trail_is_exported_with_formulas_defused(admin_client):
    AuditEntry.objects.create(action="publish", actor="eve", object_name="=HYPERLINK(1)")
    response = admin_client.get(reverse("admin:publishing_auditentry_export"))
    rows = list(csv.reader(b"".join(response.streaming_content).decode().splitlines()))
    assert any(row[1] == "eve" and row[5] == "'=HYPERLINK(1)" for row in rows)


def test_logins_are_in_the_audit_trail_without_passwords(client, django_user_model):
    django_user_model.objects.create_superuser("ada", password="right and long")
    url = reverse("admin:login")
    client.post(url, {"username": "ada", "password": "wrong-secret"})
    client.post(url, {"username": "ada", "password": "right and long"})
    client.post(reverse("admin:logout"))
    entries = AuditEntry.objects.order_by("pk")
    assert list(entries.values_list("action", "actor")) == [
        ("login-failed", "ada"),
        ("login", "ada"),
        ("logout", "ada"),
    ]
    assert not AuditEntry.objects.filter(detail__icontains="secret").exists()


# --- A session that ended ----------------------------------------------------------


def test_form_sent_without_a_session_is_kept_through_the_login(client, django_user_model):
    django_user_model.objects.create_superuser("ada", password="right and long")
    office = OfficeFactory(name_en="Live")
    url = reverse("admin:regions_office_change", args=[office.pk])
    client.force_login(django_user_model.objects.get())
    data = page_data(client.get(url), name_en="Typed before the session ended")
    client.logout()

    response = client.post(url, data)
    assert response.status_code == 401
    login = dict(html.fromstring(response.content.decode()).forms[-1].form_values())
    login.update(username="ada", password="right and long")
    response = client.post(reverse("admin:resume"), login)
    forms = [form for form in html.fromstring(response.content.decode()).forms if form.get("action") == url]
    kept = {}
    for name, value in forms[0].form_values():
        kept.setdefault(name, []).append(value)
    client.post(url, kept)
    assert drafted(Office.objects.get())["fields"]["name_en"] == "Typed before the session ended"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"_target": "https://evil.example/", "_kept": "[]"},
        {"_target": "//evil.example/admin/", "_kept": "[]"},
        {"_target": "/en/", "_kept": "[]"},
        {"_target": "/admin/", "_kept": "{"},
        {"_target": "/admin/", "_kept": '[["a"]]'},
    ],
    ids=["nothing", "foreign", "foreign without scheme", "outside", "no JSON", "no pairs"],
)
def test_resume_with_anything_else_is_404(client, data):
    assert client.post(reverse("admin:resume"), data).status_code == 404
