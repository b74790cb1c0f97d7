"""Nobody waits for a row while holding another, but who holds the head of the change log: so nobody waits for ever.

The other person is a second connection of this thread: whatever would have to wait for it would wait for ever, and is
told so by ``lock_timeout``.
"""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.content.snapshots import snapshot
from cms.publishing import actions, overlay, readiness
from cms.publishing.actions.storing import lock
from cms.publishing.exceptions import Busy
from cms.publishing.models import PartVersion, Release
from cms.publishing.preview import preview_url
from regions.models import Office
from tests.factories import OfficeFactory, StrategyFactory

pytestmark = [
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one process write at a time"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def other(transactional_db):
    """What another person does meanwhile: SQL in a transaction of its own."""
    second = connection.copy()
    with connection.cursor() as ours, second.cursor() as theirs:
        for cursor in (ours, theirs):
            cursor.execute("SET lock_timeout = '1s'")
        second.set_autocommit(False)
        yield theirs
        second.rollback()
        ours.execute("RESET lock_timeout")
    second.close()


def take(cursor, row, *, is_free=True):
    """Lock ``row`` as whoever publishes does; ``is_free`` says whether that must be possible at once."""
    sql = f"SELECT id FROM {row._meta.db_table} WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED"  # noqa: S608 - a name of ours
    cursor.execute(sql, [row.pk])
    assert bool(cursor.fetchone()) == is_free


def in_order(offices):
    return sorted(offices, key=lambda office: office.pk)


def draft_of(office, name="Drafted"):
    data = snapshot(office)
    data["fields"]["name_en"] = name
    return (Office, office.pk, data)


@pytest.fixture
def offices(db):
    return in_order([OfficeFactory(slug="one"), OfficeFactory(slug="two")])


def test_preview_that_waits_for_a_row_holds_no_other(offices, other, monkeypatch):
    first, second = offices
    take(other, second)

    def meanwhile(_seconds):
        take(other, first)
        other.connection.rollback()

    monkeypatch.setattr(overlay.time, "sleep", meanwhile)
    with overlay.overlay(map(draft_of, offices)):
        assert set(Office.objects.values_list("name_en", flat=True)) == {"Drafted"}


def test_preview_waits_only_for_rows_that_it_writes(offices, other):
    first, second = offices
    take(other, second)
    with overlay.overlay([draft_of(first), (Office, second.pk, None)], as_live=True):
        assert Office.objects.live().count() == 2


def test_preview_holds_what_it_only_makes_live(offices, other):
    first, second = offices
    actions.unpublish(item=second, user=None)
    with overlay.overlay([draft_of(first), (Office, second.pk, None)], as_live=True):
        take(other, first, is_free=False)
        take(other, second, is_free=False)


def test_preview_does_not_wait_for_ever(offices, other, monkeypatch):
    monkeypatch.setattr(overlay, "PATIENCE", 0)
    take(other, offices[1])
    with pytest.raises(Busy), overlay.overlay(map(draft_of, offices)):
        pass
    take(other, offices[0])


def submit(offices):
    for office in offices:
        actions.submit(item=office, user=None)


@pytest.fixture
def release(offices):
    release = Release.objects.create(title="Spring")
    for model, pk, data in map(draft_of, offices):
        actions.save_draft(item=model.objects.get(pk=pk), data=data, user=None, opened_on=None)
    actions.add_to_release(release=release, items=offices, user=None)
    return release


def test_preview_of_a_release_asks_to_come_back_while_somebody_publishes(
    admin_client, release, offices, other, monkeypatch
):
    monkeypatch.setattr(overlay, "PATIENCE", 0)
    take(other, offices[1])

    response = admin_client.get(preview_url(release))

    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert "try again" in response.content.decode()


def test_page_of_a_release_says_that_somebody_publishes(admin_client, release, offices, other, monkeypatch):
    monkeypatch.setattr(overlay, "PATIENCE", 0)
    take(other, offices[1])
    address = reverse("admin:publishing_release_review", args=[release.pk])
    assert "Somebody else publishes just now" in admin_client.get(address).content.decode()
    other.connection.rollback()
    assert "Somebody else publishes just now" not in admin_client.get(address).content.decode()


def test_release_that_is_due_is_looked_at_once_its_rows_are_held(release, offices, other, monkeypatch):
    def problems_of(release):
        take(other, offices[0], is_free=False)
        return []

    due_at = timezone.now() + timedelta(hours=1)
    submit(offices)
    actions.approve_release(release=release, user=None)
    actions.schedule(target=release, operation="publish", due_at=due_at, user=None)
    monkeypatch.setattr(readiness, "problems_of", problems_of)
    actions.publish_due(now=due_at)
    release.refresh_from_db()
    assert release.state == Release.State.PUBLISHED


def test_row_that_is_held_can_be_referred_to(offices, other):
    strategy = StrategyFactory(office=offices[0])
    with transaction.atomic():
        lock(offices[1])
        other.execute("UPDATE priorities_strategy SET office_id = %s WHERE id = %s", [offices[1].pk, strategy.pk])
        other.execute("SET CONSTRAINTS ALL IMMEDIATE")


def discard_selected(client, release, offices):
    data = {"action": "discard_selected", "_selected_action": [office.pk for office in offices], "post": "yes"}
    client.post(reverse("admin:regions_office_changelist"), data)


def approve_all(client, release, offices):
    PartVersion.objects.open().update(state=PartVersion.State.SUBMITTED)
    actions.approve_release(release=release, user=None)


SEVERAL = {
    "add to a release": lambda client, release, offices: actions.add_to_release(
        release=release, items=offices, user=None
    ),
    "approve all": approve_all,
    "publish": lambda client, release, offices: actions.publish_release(release=release, user=None),
    "discard selected": discard_selected,
}


@pytest.mark.parametrize("act", SEVERAL.values(), ids=SEVERAL)
def test_who_locks_several_rows_holds_the_head_of_the_log_first(admin_client, release, offices, act):
    with CaptureQueriesContext(connection) as queries:
        act(admin_client, release, offices)
    locked = [sql for query in queries if re.search(r"FOR (NO KEY )?UPDATE", sql := query["sql"])]
    assert any('"regions_office"' in sql for sql in locked)
    assert "publishing_changeloghead" in locked[0]
