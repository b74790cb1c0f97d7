"""What operators are told of errors: why a database failed, once, and never what somebody wrote."""

import logging
import sys
import threading
import time

import pytest
from django.core import mail
from django.db import Error, IntegrityError, OperationalError, connection

from cms.api.request_ids import identified
from cms.content.runner import Busy
from renditions import store
from strategy_site import alarms
from strategy_site.error_reports import QuietFormatter
from tests.factories import StrategyFactory


def logged(error: Exception) -> str:
    """Return what the log says of ``error``."""
    try:
        raise error
    except type(error):
        return QuietFormatter().formatException(sys.exc_info())


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("database is locked", "database is locked"),
        ("couldn't get a connection after 2.00 sec", "couldn't get a connection after 2.00 sec"),
        ("UNIQUE constraint failed: regions_office.slug", "UNIQUE constraint failed: regions_office.slug"),
        (
            'connection failed: connection to server at "10.0.0.1", port 5432 failed: Connection refused\n'
            "\tIs the server running on that host?",
            'connection failed: connection to server at "…", port 5432 failed: Connection refused',
        ),
        ('near "a draft": syntax error', 'near "…": syntax error'),
        ('invalid input syntax for type integer: "a "quoted"\ndraft"', 'invalid input syntax for type integer: "…"'),
        ('duplicate key value violates "x"\nDETAIL:  Key (a)=(draft).', 'duplicate key value violates "…"'),
        ("JSON path error near '$.draft'", "JSON path error near '…'"),
    ],
)
def test_log_says_why_the_database_failed_and_quotes_nothing(message, reason):
    text = logged(OperationalError(message))
    assert text.endswith(f"django.db.utils.OperationalError: {reason}")
    assert "draft" not in text.splitlines()[-1]


def test_log_says_why_when_another_error_was_raised_of_it():
    error = RuntimeError("draft")
    error.__cause__ = OperationalError("database is locked")
    text = logged(error)
    assert text.endswith("builtins.RuntimeError of django.db.utils.OperationalError: database is locked")


def test_failing_row_is_not_quoted():
    text = logged(IntegrityError("DETAIL: Failing row contains (draft)."))
    assert text.endswith("django.db.utils.IntegrityError")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "reasons"),
    [
        ("SELECT * FROM no_such_thing", ("no such table: no_such_thing", 'relation "…" does not exist')),
        (
            "INSERT INTO api_requestcounter DEFAULT VALUES",
            ("NOT NULL constraint failed: api_requestcounter.name", 'null value in column "…" violates'),
        ),
    ],
)
def test_log_says_why_a_query_failed(sql, reasons):
    with pytest.raises(Error) as caught, connection.cursor() as cursor:
        cursor.execute(sql)
    assert any(reason in logged(caught.value).splitlines()[-1] for reason in reasons)


@pytest.fixture
def handler(settings, tmp_path, monkeypatch):
    """The handler of alarms, as the root's, for two people; it gathers for a moment only."""
    settings.ADMINS = [("", "one@example.org"), ("", "two@example.org")]
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(alarms, "GATHER_SECONDS", 0.05)
    handler = alarms.AlarmHandler(logging.ERROR)
    monkeypatch.setattr(logging.getLogger("alarming"), "propagate", False)  # not to the root's handler
    logging.getLogger("alarming").addHandler(handler)
    yield handler
    logging.getLogger("alarming").removeHandler(handler)
    handler.close()
    end(handler)


def end(handler) -> None:
    """End the thread of ``handler``, which would write into the folder of the test that comes next."""
    if thread := handler.thread:
        handler.thread = None
        thread.join(10)
        assert not thread.is_alive()


def alarm(number: int = 0) -> None:
    """Log an error as a failed page does."""
    try:
        raise OperationalError(f'near "draft {number}": syntax error')
    except OperationalError:
        logging.getLogger("alarming").exception("%s: %s", "Internal Server Error", f"/{number}")


def wait_for_mail(handler) -> None:
    """Wait until the thread of ``handler`` has mailed; it stays, to say when it is over."""
    end = time.monotonic() + 10
    while handler.thread and not mail.outbox and time.monotonic() < end:
        time.sleep(0.01)


def test_many_errors_are_one_mail(handler):
    for number in range(50):
        alarm(number)
    wait_for_mail(handler)
    [message] = mail.outbox
    assert message.recipients() == ["one@example.org", "two@example.org"]
    assert message.subject == "[strategy site] 50 errors: Internal Server Error: /0"
    assert "50 times" in message.body
    assert 'django.db.utils.OperationalError: near "…": syntax error' in message.body
    assert "draft" not in message.body.replace("draft {number}", "")
    assert message.body.count("Traceback") == 1


def test_next_mail_waits_and_holds_what_all_processes_met_meanwhile(handler, monkeypatch):
    alarm()
    wait_for_mail(handler)
    kind = alarms.Kind("Elsewhere", "", 2, 0, 0)
    alarms.put({"other": kind})  # as another process does
    alarm()
    handler.flush()
    assert len(mail.outbox) == 1
    monkeypatch.setattr(alarms, "PAUSE_SECONDS", 0)
    handler.flush()
    assert len(mail.outbox) == 2
    assert mail.outbox[1].subject == "[strategy site] 3 errors: Elsewhere"
    assert "Internal Server Error: /0\nOnce, at " in mail.outbox[1].body


def test_outage_is_one_alarm_and_one_over(handler, monkeypatch):
    alarm()
    wait_for_mail(handler)
    for number in range(5):
        alarm(number)
    handler.flush()
    assert len(mail.outbox) == 1
    monkeypatch.setattr(alarms, "OVER_SECONDS", 0)
    handler.flush()
    assert [message.subject.partition(":")[0] for message in mail.outbox] == [
        "[strategy site] 1 error",
        "[strategy site] Over",
    ]
    assert "5 times" in mail.outbox[1].body  # what came after the first mail
    handler.flush()
    assert len(mail.outbox) == 2


def test_over_is_said_by_the_next_process_where_the_first_ended(handler, monkeypatch):
    alarms.put({"other": alarms.Kind("Elsewhere", "", 1, 0, 0)})
    alarms.tell()
    monkeypatch.setattr(alarms, "OVER_SECONDS", 0)
    mail.outbox.clear()
    handler.start()
    wait_for_mail(handler)
    assert "Over" in mail.outbox[0].subject


def test_alarm_names_the_request(handler, rf):
    with identified(rf.get("/", headers={"X-Request-ID": "a-request-17"})):
        alarm()
    wait_for_mail(handler)
    assert "UTC, request a-request-17\n" in mail.outbox[0].body


def test_request_does_not_wait_for_a_mail_server_that_hangs(handler, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(alarms, "mail_admins", lambda *args: over.wait(30))
    began = time.monotonic()
    for number in range(5):
        alarm(number)
    assert time.monotonic() - began < 1
    over.set()


def test_what_could_not_be_mailed_is_told_later(handler, monkeypatch):
    def refuse(*args):
        raise ConnectionRefusedError("no mail")

    with monkeypatch.context() as patched:
        patched.setattr(alarms, "mail_admins", refuse)
        alarm()
        handler.flush()
    assert mail.outbox == []
    monkeypatch.setattr(alarms, "PAUSE_SECONDS", 0)
    alarms.tell()
    assert len(mail.outbox) == 1


def test_nothing_is_noted_where_nobody_is_told(handler, settings, tmp_path):
    settings.ADMINS = []
    alarm()
    assert handler.thread is None
    assert list(tmp_path.iterdir()) == []


def test_kinds_of_errors_are_kept_in_bounds(handler):
    kinds: dict[str, alarms.Kind] = {}
    for number in range(500):
        alarms.add(kinds, {str(number): alarms.Kind(f"Error {number}", "text", 1, number, number)})
    assert len(kinds) == alarms.MOST_KINDS + 1
    assert sum(kind.count for kind in kinds.values()) == 500


@pytest.mark.django_db
def test_busy_documents_are_no_alarm(client, handler, monkeypatch):
    strategy = StrategyFactory()

    def busy(*args):
        raise Busy

    monkeypatch.setattr(store, "made", busy)
    logging.getLogger("django.request").addHandler(handler)
    try:
        response = client.get(f"/en/strategies/{strategy.slug}/{strategy.slug}-en.docx")
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert response.status_code == 503
    assert handler.thread is None
