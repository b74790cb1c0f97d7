"""Texts out as XLIFF from lists, items and releases, and the page that takes translations in."""

import io
import zipfile

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from cms.publishing import actions
from cms.publishing.models import AuditEntry, PartVersion, Release, RoleAssignment
from cms.translations.xliff.writing import documents
from regions.models import Office
from tests.cms.translations.test_xliff import translated
from tests.drafts import drafted
from tests.factories import OfficeFactory, StrategyFactory

pytestmark = pytest.mark.django_db

LIST = "admin:regions_office_changelist"
IMPORT = "admin:xliff_import"


@pytest.fixture
def office():
    return OfficeFactory(name_en="Regional office")


@pytest.fixture
def translator(client, office):
    user = User.objects.create(username="translator", is_staff=True)
    RoleAssignment.objects.create(user=user, role="translator", languages=["es"], scope=office)
    client.force_login(user)
    return user


def export(client, *items, **chosen):
    data = {"action": "export_xliff_selected", "_selected_action": [str(item.pk) for item in items], **chosen}
    model = type(items[0])._meta
    return client.post(reverse(f"admin:{model.app_label}_{model.model_name}_changelist"), data)


def send(client, content: bytes):
    return client.post(reverse(IMPORT), {"file": io.BytesIO(content)})


def confirm(client, response):
    shown = response.context
    return client.post(reverse(IMPORT), {"content": shown["content"], "fingerprint": shown["plan"].fingerprint})


def test_list_asks_into_which_language_and_answers_with_a_file(client, translator, office):
    page = export(client, office)
    assert page.context["form"].initial["language"] == "es"
    response = export(client, office, language="es", version="2.1")
    assert response.headers["Content-Disposition"] == 'attachment; filename="en-es.xlf"'
    assert b"Regional office" in response.content
    assert b"http://testserver/preview/" in response.content
    entry = AuditEntry.objects.get(action="export")
    assert (entry.object_id, entry.detail) == (str(office.pk), {"what": "xliff", "language": "es"})


def test_items_that_a_person_may_not_see_are_in_no_file(client, translator, office):
    other = OfficeFactory(name_en="Hidden office")
    response = export(client, office, other, language="es", version="1.2")
    assert b"Regional office" in response.content
    assert b"Hidden office" not in response.content


def test_texts_of_several_languages_come_as_an_archive(admin_client):
    one = StrategyFactory(original_language="es", title_es="Estrategia", title_en="")
    other = StrategyFactory(title_en="Strategy")
    response = export(admin_client, one, other, language="fr", version="2.1")
    assert zipfile.ZipFile(io.BytesIO(response.content)).namelist() == ["es-fr.xlf", "en-fr.xlf"]


def test_nothing_to_translate_is_said(admin_client, office):
    response = export(admin_client, office, language="en", version="2.1")
    assert "text/html" in response.headers["Content-Type"]
    assert list(response.context["messages"])


def test_texts_of_a_release(client, admin_client, office, admin_user):
    data = drafted(office)
    data["fields"]["name_en"] = "New office"
    actions.save_draft(item=office, data=data, user=admin_user, opened_on=None)
    release = Release.objects.create(title="R", created_by=admin_user)
    actions.add_to_release(release=release, items=[office], user=admin_user)
    address = reverse("admin:publishing_release_xliff", args=[release.pk])
    assert admin_client.get(address).status_code == 200
    assert b"New office" in admin_client.post(address, {"language": "es", "version": "2.1"}).content


def test_release_is_no_translators_business(client, translator, office):
    release = Release.objects.create(title="R")
    assert client.get(reverse("admin:publishing_release_xliff", args=[release.pk])).status_code in (302, 403, 404)


def content_of(office, *words) -> bytes:
    return translated(documents([office], "es", version="2.1")["en"], *words)


def test_file_is_shown_first_and_saved_when_confirmed(client, translator, office):
    response = send(client, content_of(office, "Regional office", "Oficina regional"))
    assert "Oficina regional" in response.text
    assert not PartVersion.objects.exists()
    assert confirm(client, response).status_code == 302
    version = PartVersion.objects.open().get()
    assert (version.part, version.author, version.content["fields"]) == (
        "es", translator, {"name_es": "Oficina regional"},
    )  # fmt: skip


def test_what_changed_since_it_was_shown_is_shown_again(client, translator, office):
    response = send(client, content_of(office))
    data = drafted(office)
    data["fields"]["name_es"] = "Oficina"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    again = confirm(client, response)
    assert again.status_code == 200
    assert again.context["plan"].problems
    assert drafted(office)["fields"]["name_es"] == "Oficina"


@pytest.mark.parametrize("content", [b"no", b"<!DOCTYPE a><a/>", b"<a/>"], ids=["text", "dtd", "other"])
def test_file_that_is_none_is_refused_in_words(client, translator, content):
    assert send(client, content).context["faults"]


def test_file_that_is_too_large_is_refused_unread(client, translator, monkeypatch):
    monkeypatch.setattr("cms.editing.xliff.MOST_BYTES", 10)
    assert send(client, b"x" * 11).context["form"].errors


@pytest.mark.parametrize("field", ["", "!", "AAAA"])
def test_damaged_form_is_refused(client, translator, field):
    assert client.post(reverse(IMPORT), {"content": field}).context["faults"]


def test_page_warns_of_what_a_translation_lacks(client, translator):
    office = Office.objects.get()
    Office.objects.update(name_en="Regional office 2030")
    response = send(client, content_of(office, "Regional office 2030", "Oficina"))
    assert [finding.kind for finding in response.context["shown"][0]["findings"]] == ["number"]


def test_staff_without_a_role_import_nothing(client):
    client.force_login(User.objects.create(username="nobody", is_staff=True))
    assert client.get(reverse(IMPORT)).status_code == 403
