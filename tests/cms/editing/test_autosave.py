"""What is typed is kept for its author alone until it is saved, and offered again after a crash."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from cms.content.snapshots import snapshot
from cms.editing.models import EditingSession, UnsavedForm
from cms.publishing import actions
from cms.publishing.models import Revision, RoleAssignment
from cms.publishing.models.items import reference
from regions.models import Office
from tests.admin_forms import page_data
from tests.cms.publishing.test_query_counts import large_strategy
from tests.drafts import aside_of, drafted, has_draft, token_of
from tests.factories import OfficeFactory, OutlineEntryFactory, SectionFactory, StrategyFactory

pytestmark = pytest.mark.django_db


def page(item, name="change"):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{name}", args=[item.pk])


def typed(client, item, query="", **values) -> dict:
    """Return what the form of ``item`` would send with ``values`` typed into it."""
    data = page_data(client.get(page(item) + query), _autosave="1", **values)
    return {name: value for name, value in data.items() if name != "_autosave"}


def keep(client, item, data, query=""):
    body = urlencode(data, doseq=True)
    return client.post(page(item, "autosave") + query, body, "application/x-www-form-urlencoded")


def restored(client, item, query="?_restore=1"):
    return client.get(page(item) + query)


@pytest.fixture
def office():
    return OfficeFactory(slug="north", name_en="North")


def test_typed_text_is_kept_without_a_version_and_without_a_change_of_anything(admin_client, office):
    data = typed(admin_client, office, name_en="Typed")
    before = snapshot(office)
    assert keep(admin_client, office, data).status_code == 204
    assert UnsavedForm.objects.get().data["name_en"] == "Typed"
    assert not has_draft(office)
    assert not Revision.objects.exists()
    assert snapshot(office) == before


def test_later_text_takes_the_place_of_what_was_kept(admin_client, office):
    data = typed(admin_client, office)
    for name in ("First", "Second"):
        assert keep(admin_client, office, {**data, "name_en": [name]}).status_code == 204
    assert UnsavedForm.objects.get().data["name_en"] == "Second"


def test_keeping_a_large_form_reads_once_and_writes_once(admin_client):
    strategy = large_strategy()
    data = typed(admin_client, strategy, title_en="Typed")
    for _ in range(2):  # the first time a row is made, then it is written again
        with CaptureQueriesContext(connection) as queries:
            assert keep(admin_client, strategy, data).status_code == 204
        own = [
            query["sql"]
            for query in queries
            if not any(name in query["sql"] for name in ("django_session", "auth_user", "scheduledchange"))
        ]
        # What every request asks for besides: webhooks that wait.
        own = [sql for sql in own if "webhooks_" not in sql.split("WHERE")[0]]
        assert [sql.split()[0] for sql in own] == ["SELECT", "INSERT"]


def test_form_offers_what_was_typed_and_restores_it(admin_client, office):
    SectionFactory(office=office, heading_en="Kept as it is")
    data = typed(admin_client, office, name_en="Typed", name_es="Escrito")
    keep(admin_client, office, data)
    offered = admin_client.get(page(office))
    assert "You typed here until" in offered.text
    assert "Typed" not in offered.text
    form = page_data(restored(admin_client, office))
    assert (form["name_en"], form["name_es"]) == (["Typed"], ["Escrito"])
    assert admin_client.post(page(office), form).status_code == 302
    assert drafted(office)["fields"]["name_es"] == "Escrito"
    assert not UnsavedForm.objects.exists()


def test_rows_that_were_added_are_restored(admin_client):
    strategy = StrategyFactory()
    OutlineEntryFactory(strategy=strategy, title_en="First")
    data = typed(admin_client, strategy)
    data |= {"outline-TOTAL_FORMS": ["2"], "outline-1-level": ["1"], "outline-1-title_en": ["Second"]}
    keep(admin_client, strategy, data)
    form = page_data(restored(admin_client, strategy))
    assert (form["outline-0-title_en"], form["outline-1-title_en"]) == (["First"], ["Second"])


def test_restored_form_shows_no_errors_of_what_was_half_typed(admin_client, office):
    keep(admin_client, office, typed(admin_client, office, website="half a w"))
    response = restored(admin_client, office)
    assert "half a w" in response.text
    assert "errorlist" not in response.text
    assert "errornote" not in response.text


def test_restored_form_is_not_saved_by_looking_at_it(admin_client, office):
    keep(admin_client, office, typed(admin_client, office, name_en="Typed"))
    restored(admin_client, office)
    assert not has_draft(office)


def test_text_restored_after_a_newer_save_meets_it_on_the_page_of_conflicts(admin_client, office):
    keep(admin_client, office, typed(admin_client, office, name_en="Typed"))
    data = drafted(office)
    data["fields"]["name_en"] = "Saved meanwhile"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    assert "you can merge both" in admin_client.get(page(office)).text
    form = page_data(restored(admin_client, office))
    response = admin_client.post(page(office), form)
    assert "/conflict/" in response.headers["Location"]
    assert drafted(office)["fields"]["name_en"] == "Saved meanwhile"
    assert aside_of(office)
    assert not UnsavedForm.objects.exists()


def test_restored_form_shows_the_rows_that_were_there_when_it_was_opened(admin_client, office):
    section = SectionFactory(office=office, heading_en="Gone meanwhile")
    actions.save_draft(item=office, data=snapshot(office), user=None, opened_on=None)
    keep(admin_client, office, typed(admin_client, office, name_en="Typed"))
    data = drafted(office)
    data["children"]["sections"] = []
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    form = page_data(restored(admin_client, office))
    assert form["sections-0-id"] == [str(section.pk)]
    assert form["sections-0-heading_en"] == ["Gone meanwhile"]


def test_discarded_text_is_gone(admin_client, office):
    keep(admin_client, office, typed(admin_client, office, name_en="Typed"))
    data = {"_discard": "1", "_form_key": UnsavedForm.objects.get().form_key}
    response = admin_client.post(page(office, "autosave"), data)
    assert response.headers["Location"] == page(office)
    assert not UnsavedForm.objects.exists()


def test_other_window_does_not_write_over_text_that_waits(admin_client, office):
    first, second = typed(admin_client, office, name_en="First"), typed(admin_client, office, name_en="Second")
    keep(admin_client, office, first)
    assert keep(admin_client, office, second).status_code == 409
    assert UnsavedForm.objects.get().data["name_en"] == "First"
    admin_client.post(page(office), {**second, "_continue": ["1"]})
    assert UnsavedForm.objects.get().data["name_en"] == "First"  # what the first window still has


def test_form_with_errors_keeps_its_key(admin_client, office):
    data = typed(admin_client, office, website="no address")
    keep(admin_client, office, data)
    again = page_data(admin_client.post(page(office), {**data, "_continue": ["1"]}))
    assert again["_form_key"] == data["_form_key"]
    assert UnsavedForm.objects.exists()


def test_new_item_is_kept_restored_and_forgotten_once_it_is_saved(admin_client):
    add = reverse("admin:regions_office_add")
    autosave = reverse("admin:regions_office_autosave", args=["add"])
    data = page_data(admin_client.get(add), name_en="New", kind="regional")
    assert admin_client.post(autosave, data).status_code == 204
    assert "You typed here until" in admin_client.get(add).text
    form = page_data(admin_client.get(f"{add}?_restore=1"))
    assert form["name_en"] == ["New"]
    assert admin_client.post(add, form).status_code == 302
    assert Office.objects.filter(name_en="New").exists()
    assert not UnsavedForm.objects.exists()


def test_correction_of_what_is_live_is_kept_beside_the_draft(admin_client, office):
    keep(admin_client, office, typed(admin_client, office, name_en="Drafted"))
    data = typed(admin_client, office, "?correct=1", name_en="Corrected")
    assert keep(admin_client, office, data, "?correct=1").status_code == 204
    assert page_data(restored(admin_client, office))["name_en"] == ["Drafted"]
    assert page_data(restored(admin_client, office, "?correct=1&_restore=1"))["name_en"] == ["Corrected"]


def test_nobody_else_is_offered_the_text_nor_takes_it_away(admin_client, office, django_user_model):
    keep(admin_client, office, typed(admin_client, office, name_en="Typed"))
    other = Client()
    other.force_login(django_user_model.objects.create_superuser("other"))
    assert "You typed here" not in other.get(page(office)).text
    assert "Typed" not in restored(other, office).text
    key = UnsavedForm.objects.get().form_key
    other.post(page(office, "autosave"), {"_discard": "1", "_form_key": key})
    assert UnsavedForm.objects.get().data["name_en"] == "Typed"


def test_keeping_is_no_activity_of_the_session(admin_client, office):
    data = typed(admin_client, office)
    before = Session.objects.get()
    response = keep(admin_client, office, data)
    after = Session.objects.get()
    assert (after.expire_date, after.session_data) == (before.expire_date, before.session_data)
    assert not response.cookies


def test_password_and_token_are_not_kept(admin_client, office):
    data = {**typed(admin_client, office), "csrfmiddlewaretoken": "secret", "old_password": "secret"}
    keep(admin_client, office, data)
    assert "secret" not in UnsavedForm.objects.get().typed


def test_characters_that_no_database_takes_are_kept(admin_client, office):
    data = typed(admin_client, office) | {"name_en": ["a\x00b 🙂"]}
    assert keep(admin_client, office, data).status_code == 204
    assert "🙂" in UnsavedForm.objects.get().data["name_en"]


def test_text_goes_with_the_account_and_with_the_item(admin_client, admin_user, office):
    keep(admin_client, office, typed(admin_client, office, name_en="Typed"))
    admin_client.post(page(office, "delete"), {"post": "yes"})
    assert not UnsavedForm.objects.exists()
    other = OfficeFactory()
    keep(admin_client, other, typed(admin_client, other))
    admin_user.delete()
    assert not UnsavedForm.objects.exists()


def test_what_was_left_lying_goes_when_anybody_saves(admin_client, office, member):
    form = {**reference(office), "corrects": False}
    UnsavedForm.keep(member("editor"), form_key=uuid4(), typed="", **form)
    UnsavedForm.objects.update(saved_at=timezone.now() - timedelta(days=UnsavedForm.DAYS, minutes=1))
    admin_client.post(page(office), {**typed(admin_client, office), "_continue": ["1"]})
    assert not UnsavedForm.objects.exists()


def test_form_without_a_key_is_refused(admin_client, office):
    assert admin_client.post(page(office, "autosave"), {"name_en": "x"}).status_code == 400
    assert admin_client.get(page(office, "autosave")).status_code == 405


def test_form_that_grew_too_large_is_refused(admin_client, office, settings):
    data = typed(admin_client, office, name_en="x" * 5000)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4000
    assert keep(admin_client, office, data).status_code == 413


def test_text_of_a_role_that_was_taken_away_is_refused(client, office, log_in):
    user = log_in("editor", office)
    data = typed(client, office, name_en="Typed")
    RoleAssignment.objects.filter(user=user).update(role="translator", languages=[])
    assert keep(client, office, data).status_code == 403
    assert not UnsavedForm.objects.exists()


def test_person_who_was_not_heard_of_for_a_minute_has_left(admin_client, admin_user, client, office, log_in):
    admin_client.get(page(office))
    log_in("editor", office)
    assert client.post(page(office, "editing")).json()["others"] == ["admin"]
    EditingSession.objects.filter(user=admin_user).update(seen_at=timezone.now() - timedelta(seconds=61))
    assert client.post(page(office, "editing")).json()["others"] == []


def test_what_is_kept_is_what_was_sent_and_the_state_that_it_began_from(admin_client, office):
    data = typed(admin_client, office, name_en="a & b = c + d")
    keep(admin_client, office, data)
    assert UnsavedForm.objects.get().data["name_en"] == "a & b = c + d"
    assert UnsavedForm.objects.get().opened_on == token_of(office)
