"""Reference data has no drafts: what is saved there is public at once, and logged."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cms.publishing import actions
from cms.publishing.models import AuditEntry, Change
from regions.models import Country
from tests.admin_forms import form_data
from tests.factories import CountryFactory, OfficeFactory

pytestmark = pytest.mark.django_db


def url(page: str, *countries) -> str:
    return reverse(f"admin:regions_country_{page}", args=[country.pk for country in countries])


def logged() -> list[tuple]:
    return list(Change.objects.values_list("operation", "object_id", "languages"))


def audited() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.exclude(action="login").order_by("pk").values_list("action", "object_name"))


def test_added_country_is_logged(admin_client):
    admin_client.post(url("add"), form_data(admin_client, url("add"), code="AR", name_en="Argentina"))
    country = Country.objects.get()
    assert logged() == [("upsert", country.pk, [])]
    assert audited() == [("add", "Argentina")]


def test_changed_country_is_logged(admin_client):
    country = CountryFactory(code="AR", name_en="Old")
    page = url("change", country)
    admin_client.post(page, form_data(admin_client, page, name_en="Argentina"))
    assert logged() == [("upsert", country.pk, [])]
    assert audited() == [("change", "Argentina")]


def test_country_saved_without_a_change_is_not_logged(admin_client):
    page = url("change", CountryFactory())
    assert admin_client.post(page, form_data(admin_client, page)).status_code == 302
    assert logged() == []


@pytest.mark.parametrize("in_bulk", [False, True], ids=["one", "selected"])
def test_deleted_country_is_logged(admin_client, in_bulk):
    country = CountryFactory(name_en="Argentina")
    if in_bulk:
        data = {"action": "delete_selected", "_selected_action": [str(country.pk)], "post": "yes"}
        admin_client.post(url("changelist"), data)
    else:
        admin_client.post(url("delete", country), {"post": "yes"})
    assert not Country.objects.exists()
    assert logged() == [("delete", country.pk, [])]
    assert audited() == [("delete", "Argentina")]


def test_country_that_is_needed_stays_and_nothing_is_logged(admin_client):
    country = CountryFactory()
    OfficeFactory(seat_country=country)
    admin_client.post(url("delete", country), {"post": "yes"})
    assert Country.objects.exists()
    assert logged() == []


@pytest.mark.parametrize(("role", "status"), [("publisher", 302), ("editor", 403), ("translator", 403)])
def test_country_is_saved_by_publishers_of_the_whole_organization(client, log_in, role, status):
    log_in(role, languages=["es"] if role == "translator" else [])
    page = url("change", CountryFactory(code="AR", name_en="Old"))
    assert client.post(page, {"code": "AR", "name_en": "New"}).status_code == status
    assert Country.objects.get().name_en == ("New" if status == 302 else "Old")


def test_country_is_not_saved_by_the_publisher_of_one_office(client, log_in):
    log_in("publisher", OfficeFactory())
    page = url("change", CountryFactory(code="AR", name_en="Old"))
    assert client.post(page, {"code": "AR", "name_en": "New"}).status_code == 403


def test_action_asks_for_permission_itself(member):
    country = CountryFactory(name_en="Old")
    country.name_en = "New"
    user = member("editor")
    with pytest.raises(PermissionDenied):
        actions.save_reference(item=country, user=user)
    with pytest.raises(PermissionDenied):
        actions.delete_reference(item=country, user=user)
    assert Country.objects.get().name_en == "Old"
