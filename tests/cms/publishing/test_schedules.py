"""What is due is applied by whoever comes by; what cannot be applied breaks nothing and is told to people."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.actions import schedules
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Change, Pin, Release, ScheduledChange
from regions.models import Office
from tests.drafts import drafted
from tests.factories import OfficeFactory, StrategyFactory

pytestmark = pytest.mark.django_db

SECRET = "Zebra-draft-text"


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_superuser("owner", "owner@example.org")


def scheduled(item, user=None, operation="publish", **fields):
    """Schedule a draft of ``item`` with ``fields`` for a moment that has passed already."""
    data = snapshot(item)
    data["fields"] |= fields
    actions.save_draft(item=item, data=data, user=user, opened_on=None)
    due_at = timezone.now() + timedelta(hours=1)
    change = actions.schedule(target=item, operation=operation, due_at=due_at, user=user)
    past = timezone.now() - timedelta(minutes=1)
    ScheduledChange.objects.filter(pk=change.pk).update(due_at=past)
    schedules.set_next_due(schedules.ChangeLogHead.locked())
    return change


@pytest.fixture
def clash(owner):
    """An office whose scheduled draft takes a slug that another office has got meanwhile."""
    office = OfficeFactory(slug="north", name_en="North")
    scheduled(office, owner, slug="taken", name_en=SECRET)
    OfficeFactory(slug="taken")
    return office


def test_page_that_finds_something_due_shows_it(client):
    scheduled(OfficeFactory(slug="north"), name_en="Now live")
    assert "Now live" in client.get("/en/regions/north/").text


def test_page_answers_when_what_is_due_clashes(client, clash):
    response = client.get("/en/regions/north/")
    change = ScheduledChange.objects.get()
    assert response.status_code == 200
    assert SECRET not in response.text
    assert change.state == ScheduledChange.State.FAILED
    assert "slug" in change.error
    assert not Change.objects.exists()


def test_page_answers_whatever_goes_wrong(client, caplog, monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError(SECRET)

    scheduled(OfficeFactory(slug="north"), name_en=SECRET)
    monkeypatch.setattr(schedules, "perform", broken)
    assert client.get("/en/regions/north/").status_code == 200
    assert ScheduledChange.objects.get().state == ScheduledChange.State.FAILED
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text + ScheduledChange.objects.get().error


def test_failure_is_told_by_mail_in_the_language_of_the_site(
    client, clash, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.get("/es/regions/north/")
    (message,) = mailoutbox
    assert message.to == ["owner@example.org"]
    assert message.subject == "Not done as scheduled: publish “North”"
    assert "another item has" in message.body
    assert SECRET not in message.body


def test_failure_costs_no_page_when_the_mail_server_is_away(
    client, clash, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("cms.publishing.notifications.send_mail", away)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.get("/en/regions/north/").status_code == 200


def test_failure_stands_on_the_front_page_until_somebody_deals_with_it(admin_client, clash):
    actions.publish_due()
    front = reverse("admin:index")
    assert "Not done as scheduled" in admin_client.get(front).text
    actions.discard(item=clash, user=None)
    assert "Not done as scheduled" not in admin_client.get(front).text


def test_front_page_lists_publication_and_withdrawal_of_one_item(admin_client):
    office = OfficeFactory()
    soon = timezone.now() + timedelta(hours=1)
    data = snapshot(office)
    data["fields"]["name_en"] = "Draft"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    for operation, hours in (("publish", 0), ("withdraw", 1)):
        actions.schedule(target=office, operation=operation, due_at=soon + timedelta(hours=hours), user=None)
    page = admin_client.get(reverse("admin:index"))
    assert [entry["change"].operation for entry in page.context["worklist"]["scheduled"]] == ["publish", "withdraw"]


def test_item_that_is_gone_when_its_time_comes_breaks_no_page(client):
    office = OfficeFactory(slug="north")
    scheduled(office, name_en="New")
    Office.objects.filter(pk=office.pk).delete()  # by hand; the action would have cancelled the schedule
    assert client.get("/en/").status_code == 200
    assert ScheduledChange.objects.get().state == ScheduledChange.State.FAILED
    assert not Pin.objects.exists()


@pytest.mark.parametrize("operation", ["publish", "withdraw"])
def test_deletion_calls_off_what_was_scheduled(operation):
    office = OfficeFactory()
    change = scheduled(office, operation=operation, name_en="Draft")
    later = timezone.now() + timedelta(hours=1)
    ScheduledChange.objects.update(due_at=later)  # not due yet when the office is deleted
    actions.delete(item=office, user=None)
    actions.publish_due(now=later)
    change.refresh_from_db()
    assert (change.state, change.error) == (ScheduledChange.State.CANCELLED, "")
    assert change.finished_at < later


def test_draft_in_an_office_that_was_deleted_is_marked_as_failed():
    strategy = StrategyFactory()
    other = OfficeFactory()
    scheduled(strategy, office=str(other.pk))
    Office.objects.filter(pk=other.pk).delete()
    actions.publish_due()
    assert "deleted" in ScheduledChange.objects.get().error


def test_withdrawal_of_what_was_withdrawn_meanwhile_is_marked_as_failed():
    office = OfficeFactory()
    scheduled(office, operation="withdraw")
    office.refresh_from_db()
    Office.objects.filter(pk=office.pk).update(status=Publishable.Status.WITHDRAWN)
    actions.publish_due()
    assert "not live" in ScheduledChange.objects.get().error


def test_schedule_of_some_languages_leaves_the_rest_of_the_draft_open():
    office = OfficeFactory(name_en="Live", name_es="Vivo")
    data = snapshot(office)
    data["fields"] |= {"name_en": "Draft", "name_es": "Borrador"}
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    due_at = timezone.now() + timedelta(hours=1)
    actions.schedule(target=office, operation="publish", due_at=due_at, user=None, parts=["es"])
    actions.publish_due(now=due_at)
    office.refresh_from_db()
    assert (office.name_en, office.name_es) == ("Live", "Borrador")
    assert drafted(office)["fields"]["name_en"] == "Draft"


def test_page_answers_while_the_database_refuses_what_is_due(client, caplog, monkeypatch):
    def locked():
        raise DatabaseError

    OfficeFactory(slug="north")
    monkeypatch.setattr("cms.publishing.middleware.publish_due", locked)
    assert client.get("/en/regions/north/").status_code == 200
    assert "Scheduled changes could not be looked for." in caplog.text


def test_api_and_health_wait_for_nothing_that_is_due(client, monkeypatch, settings):
    called = []
    monkeypatch.setattr("cms.publishing.middleware.publish_due", lambda: called.append(True))
    client.get("/api/v1/offices/")
    client.get(settings.HEALTH_PATH)
    assert called == []


def test_release_can_only_be_scheduled_for_publication(owner):
    release, due_at = Release.objects.create(title="Spring"), timezone.now() + timedelta(hours=1)
    with pytest.raises(PublishingError) as refusal:
        actions.schedule(target=release, operation="unpublish", due_at=due_at, user=owner)
    assert refusal.value.code == "operation"


def test_schedule_that_was_called_off_is_not_called_off_again(owner):
    due_at = timezone.now() + timedelta(hours=1)
    change = actions.schedule(target=OfficeFactory(), operation="withdraw", due_at=due_at, user=owner)
    actions.cancel_schedule(change=change, user=owner)
    with pytest.raises(PublishingError) as refusal:
        actions.cancel_schedule(change=change, user=owner)
    assert refusal.value.code == "state"


def test_nothing_is_due_any_more_when_the_only_schedule_was_called_off(owner):
    due_at = timezone.now() + timedelta(hours=1)
    change = actions.schedule(target=OfficeFactory(), operation="withdraw", due_at=due_at, user=owner)
    actions.cancel_schedule(change=change, user=owner)
    assert schedules.ChangeLogHead.locked().next_due_at is None


def test_what_was_scheduled_for_earlier_is_applied_first_whenever_it_was_scheduled():
    later, earlier, now = OfficeFactory(), OfficeFactory(), timezone.now()
    for office, hours in ((later, 2), (earlier, 1)):
        data = snapshot(office)
        data["fields"]["name_en"] = "Due"
        actions.save_draft(item=office, data=data, user=None, opened_on=None)
        due_at = now + timedelta(hours=hours)
        actions.schedule(target=office, operation="publish", due_at=due_at, user=None)
    assert actions.publish_due(now=now + timedelta(hours=3)) == 2
    assert list(Change.objects.order_by("sequence").values_list("object_id", flat=True)) == [earlier.pk, later.pk]
    due = [now + timedelta(hours=hours) for hours in (1, 2)]
    assert list(Change.objects.order_by("sequence").values_list("at", flat=True)) == due
