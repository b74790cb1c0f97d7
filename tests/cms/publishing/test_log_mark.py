"""The mark outside the database: a change log that went back, because a backup was put back, is noticed."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from cms.publishing import actions, log_mark
from cms.publishing.models import Change, ChangeLogHead
from cms.publishing.tokens import change_token
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db


def publish() -> None:
    actions.publish(item=OfficeFactory(live=False), user=None)


def put_back(sequence: int) -> None:
    """Have the database know its change log to ``sequence`` only, as after a restore."""
    Change.objects.filter(sequence__gt=sequence).delete()
    ChangeLogHead.objects.update(sequence=sequence)


def status(client, token: str) -> int:
    return client.get("/api/v1/changes/", {"since": token}).status_code


@pytest.fixture
def token(client) -> str:
    """The token of the second of three changes, all of which a copy has seen."""
    for _number in range(3):
        publish()
    token = change_token(ChangeLogHead.current(), 2)
    assert status(client, token) == 200
    return token


def test_log_that_went_back_is_renewed_when_changes_are_asked_for(client, token):
    put_back(2)
    assert status(client, token) == 410


def test_log_that_went_back_is_renewed_before_the_next_change(client, token):
    put_back(2)
    for _number in range(3):
        publish()
    assert status(client, token) == 410


def test_change_is_remembered_without_a_request(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        publish()
        publish()
    token = change_token(ChangeLogHead.current(), 1)
    put_back(1)
    assert status(client, token) == 410


def test_log_that_another_machine_wrote_on_is_renewed(client, token):
    put_back(2)
    Change.objects.create(**Change.objects.values().get(sequence=2) | {"sequence": 3})
    ChangeLogHead.objects.update(sequence=3)
    assert status(client, token) == 410


def test_backup_of_a_log_before_the_last_is_renewed(client, token):
    former = ChangeLogHead.current().log
    call_command("renew_change_log", stdout=StringIO())
    client.get("/api/v1/changes/", {"since": change_token(ChangeLogHead.current())})
    ChangeLogHead.objects.update(log=former)
    assert status(client, token) == 410


def test_caches_forget_when_the_log_is_renewed(client, token, django_capture_on_commit_callbacks):
    cache.set("of-before", 1)
    put_back(2)
    with django_capture_on_commit_callbacks(execute=True):
        status(client, token)
    assert cache.get("of-before") is None


def test_log_is_renewed_once(client, token, django_capture_on_commit_callbacks):
    put_back(2)
    with django_capture_on_commit_callbacks(execute=True):
        status(client, token)
    log = ChangeLogHead.current().log
    publish()
    assert status(client, change_token(ChangeLogHead.current())) == 200
    assert ChangeLogHead.current().log == log


def test_mark_that_machines_share_is_enough(client, token, settings):
    Path(settings.CHANGE_LOG_MARK).unlink()
    put_back(2)
    assert status(client, token) == 410


def test_without_a_mark_the_log_is_taken_as_it_is(client, token, settings):
    Path(settings.CHANGE_LOG_MARK).unlink()
    cache.clear()
    assert status(client, token) == 200
    assert Path(settings.CHANGE_LOG_MARK).exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": [1, "x", 2]}', b"\xff"])
def test_spoiled_mark_is_as_good_as_none(client, token, settings, content):
    Path(settings.CHANGE_LOG_MARK).write_bytes(content)
    cache.clear()
    assert status(client, token) == 200


def test_mark_that_cannot_be_written_holds_nothing_up(client, token, settings, tmp_path):
    settings.CHANGE_LOG_MARK = tmp_path / "no folder" / "mark"
    publish()
    assert status(client, token) == 200


def test_requests_write_and_ask_nothing_for_it(client, token, settings):
    written = Path(settings.CHANGE_LOG_MARK).stat()
    with CaptureQueriesContext(connection) as queries:
        assert status(client, token) == 200
    assert Path(settings.CHANGE_LOG_MARK).stat().st_ino == written.st_ino
    assert len(queries) == 3  # the state, the head, the changes


def test_mark_never_goes_back_with_a_slower_process(token):
    head = ChangeLogHead.current()
    at = Change.objects.get(sequence=3).at
    log_mark.remember(head.log, 2, at - timedelta(seconds=1))
    assert log_mark.kept_in_file() == {head.log.hex: (3, at.isoformat())}


def test_reader_of_an_older_state_renews_nothing(token):
    log = ChangeLogHead.current().log
    state = log_mark.content_state()
    publish()
    log_mark.renew_if_it_went_back(log_mark.content_state())
    assert not log_mark.renew_if_it_went_back(state)
    assert ChangeLogHead.current().log == log


def test_setting_the_site_up_says_that_the_log_went_back(token, settings):
    put_back(2)
    output = StringIO()
    call_command("setup_site", stdout=output, administrator=False)
    assert "put back from a backup" in output.getvalue()


def test_change_that_is_rolled_back_is_not_remembered(client, token):
    from django.db import transaction

    with transaction.atomic():
        publish()
        transaction.set_rollback(True)
    assert ChangeLogHead.objects.filter(sequence=F("sequence")).get().sequence == 3
    assert status(client, token) == 200
