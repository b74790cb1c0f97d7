"""The audit trail: who did what, and what it says of people and items that are gone."""

import pytest

from cms.publishing import audit
from cms.publishing.models import AuditEntry
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db


def test_entry_names_person_and_item_as_they_were_then(admin_user):
    office = OfficeFactory(name_en="North")
    (entry,) = audit.write(audit.Action.PUBLISH, admin_user, [office], number=3)
    assert (entry.user, entry.actor, entry.action) == (admin_user, "admin", "publish")
    assert (entry.content_type.model, entry.object_id, entry.object_name) == ("office", str(office.pk), "North")
    assert entry.detail == {"number": 3}
    assert str(entry).endswith("admin published North")


def test_what_the_system_does_to_no_item_is_one_entry_without_names():
    audit.write(audit.Action.EXPORT, None)
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.actor, entry.content_type, entry.object_id, entry.detail) == (None, "", None, "", {})


def test_several_items_are_an_entry_each_and_long_names_are_cut():
    offices = [OfficeFactory(name_en="x" * 200), OfficeFactory()]
    entries = audit.write(audit.Action.ADD, None, offices)
    assert [entry.object_id for entry in entries] == [str(office.pk) for office in offices]
    assert AuditEntry.objects.count() == 2


def test_logging_out_without_having_been_logged_in_is_no_entry(client, admin_user):
    client.logout()
    assert not AuditEntry.objects.exists()
    client.force_login(admin_user)
    client.logout()
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor")) == [
        ("login", "admin"), ("logout", "admin"),
    ]  # fmt: skip


@pytest.mark.parametrize(("before", "left"), [(0, {}), (998, {}), (999, {"more": "not recorded"})])
def test_failed_log_in_keeps_the_name_that_was_tried_and_no_password(before, left):
    AuditEntry.objects.bulk_create(AuditEntry(action=AuditEntry.Action.LOGIN_FAILED) for _number in range(before))
    audit.write_failed_login(None, {"username": "n" * 200, "password": "secret"})
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.detail) == ("login-failed", "n" * 150, left)
    audit.write_failed_login(None, {})
    assert AuditEntry.objects.count() == min(before + 2, 1000)
