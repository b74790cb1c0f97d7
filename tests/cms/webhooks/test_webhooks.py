"""Webhooks: signed as the standard says, tried again for three days, lost by no crash."""

import json
import re
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from cms.publishing import actions
from cms.publishing.models import ChangeLogHead
from cms.publishing.tokens import change_token
from cms.webhooks import queue
from cms.webhooks.background import deliveries
from cms.webhooks.messages import new_secret, signature
from cms.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.cms.webhooks.receiver import receiving
from tests.factories import OfficeFactory

State = WebhookDelivery.State


@pytest.fixture
def receiver(settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def endpoint(db, receiver):
    return WebhookEndpoint.objects.create(name="Partner", url=receiver.url, secret=new_secret())


def publish_something():
    return actions.publish(item=OfficeFactory(live=False), user=None)


def deliver_in(pause: timedelta) -> dict[str, int]:
    """Deliver what will be due after ``pause``."""
    return queue.deliver_due(timezone.now() + pause)


def is_accepted(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Say whether the library that the standard gives to receivers takes a message for ours."""
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def test_signature_is_that_of_the_standards_example():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the standard's example
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_change_is_delivered_with_its_token(endpoint, receiver):
    publish_something()

    queue.deliver_due()

    [(headers, body)] = receiver.received
    message = json.loads(body)
    assert message["type"] == "content.changed"
    assert message["data"]["token"] == change_token(ChangeLogHead.current())
    delivery = endpoint.deliveries.get()
    assert (headers["webhook-id"], delivery.state) == (delivery.message_id, State.DELIVERED)


def test_delivery_is_signed_with_the_endpoints_secret(endpoint, receiver):
    publish_something()

    queue.deliver_due()

    [(headers, body)] = receiver.received
    assert is_accepted(endpoint.secret, headers, body)
    assert not is_accepted(new_secret(), headers, body)
    assert not is_accepted(endpoint.secret, headers, body + b" ")


@pytest.mark.parametrize(
    ("hours", "is_valid"), [pytest.param(1, True, id="still-valid"), pytest.param(-1, False, id="over")]
)
def test_former_secret_signs_for_a_while(endpoint, receiver, hours, is_valid):
    endpoint.former_secret = new_secret()
    endpoint.former_secret_until = timezone.now() + timedelta(hours=hours)
    endpoint.save()
    publish_something()

    queue.deliver_due()

    [(headers, body)] = receiver.received
    assert is_accepted(endpoint.secret, headers, body)
    assert is_accepted(endpoint.former_secret, headers, body) is is_valid


def test_nothing_new_sends_nothing(endpoint, receiver):
    publish_something()
    queue.deliver_due()

    queue.deliver_due()

    assert len(receiver.received) == 1


def test_several_changes_make_one_delivery(endpoint, receiver):
    for _number in range(3):
        publish_something()

    queue.deliver_due()

    assert len(receiver.received) == 1


def test_rolled_back_change_is_not_announced(endpoint, receiver):
    with transaction.atomic():
        publish_something()
        transaction.set_rollback(True)

    queue.deliver_due()

    assert receiver.received == []


def test_inactive_endpoint_gets_nothing(endpoint, receiver):
    WebhookEndpoint.objects.update(is_active=False)
    publish_something()

    queue.deliver_due()

    assert receiver.received == []


def test_failed_delivery_is_tried_again_with_the_same_message(endpoint, receiver):
    receiver.answers = [500, 204]
    publish_something()
    queue.deliver_due()

    deliver_in(timedelta(seconds=6))

    (first, first_body), (second, second_body) = receiver.received
    assert (first["webhook-id"], first_body) == (second["webhook-id"], second_body)
    assert endpoint.deliveries.get().state == State.DELIVERED


def test_pauses_grow_and_end_after_three_days(endpoint, receiver, monkeypatch):
    monkeypatch.setattr(queue, "SPREAD", 0)
    receiver.answers = [503]
    publish_something()
    queue.announce()
    pauses = []
    while (delivery := endpoint.deliveries.get()).state == State.WAITING:
        started = timezone.now()
        queue.attempt(queue.claim(delivery.next_attempt_at + timedelta(seconds=1)))
        pauses.append(endpoint.deliveries.get().next_attempt_at - started)

    assert delivery.state == State.FAILED
    assert pauses[:-1] == sorted(pauses[:-1])
    assert timedelta(days=3) <= sum(pauses[:-1], timedelta()) <= timedelta(days=3, hours=6)


def test_retry_after_is_respected(endpoint, receiver):
    receiver.answers, receiver.headers = [429], {"Retry-After": "3600"}
    publish_something()

    queue.deliver_due()

    assert endpoint.deliveries.get().next_attempt_at > timezone.now() + timedelta(minutes=59)


def test_gone_disables_the_endpoint(endpoint, receiver):
    receiver.answers = [410]
    publish_something()

    queue.deliver_due()

    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.gone_at is not None) == (False, True)
    assert endpoint.deliveries.get().state == State.FAILED


def test_redirect_is_a_failure_and_not_followed(endpoint, receiver):
    receiver.answers, receiver.headers = [307], {"Location": receiver.url}
    publish_something()

    queue.deliver_due()

    assert len(receiver.received) == 1
    assert endpoint.deliveries.get().attempts[0]["status"] == 307


def test_newer_change_replaces_a_waiting_delivery_and_keeps_its_pause(endpoint, receiver):
    receiver.answers = [500]
    publish_something()
    queue.deliver_due()
    WebhookDelivery.objects.update(next_attempt_at=timezone.now() + timedelta(hours=5), failures=4)
    publish_something()

    queue.deliver_due()

    newer, older = endpoint.deliveries.order_by("-created_at")
    assert (older.state, newer.failures, len(receiver.received)) == (State.SUPERSEDED, 4, 1)


def test_delivery_of_a_process_that_died_is_taken_over(endpoint, receiver):
    publish_something()
    queue.announce()
    queue.claim(timezone.now())  # and then that process is gone

    at_once = queue.deliver_due()
    later = deliver_in(queue.LEASE + timedelta(seconds=1))

    assert (at_once["delivered"], later["delivered"]) == (0, 1)


def test_unreachable_endpoint_is_told_in_words(endpoint, settings):
    WebhookEndpoint.objects.update(url="http://127.0.0.1:1/")
    publish_something()

    queue.deliver_due()

    assert "No connection to 127.0.0.1" in endpoint.deliveries.get().attempts[0]["problem"]


def test_command_delivers(endpoint, receiver, capsys):
    publish_something()

    call_command("deliver_webhooks")

    assert capsys.readouterr().out == "1 delivered, 0 failed.\n"


def is_anybody_waiting_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock')"
        )
        return cursor.fetchone()[0]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one process write at a time")
@pytest.mark.django_db(transaction=True)
def test_delivery_that_was_claimed_while_one_waited_for_it_is_not_claimed_again(endpoint):
    publish_something()
    queue.announce()
    claimed = []

    def claim():
        try:
            claimed.append(queue.claim(timezone.now()))
        finally:
            connection.close()

    thread = threading.Thread(target=claim)
    with transaction.atomic():
        assert queue.claim(timezone.now())
        thread.start()
        while thread.is_alive() and not is_anybody_waiting_for_a_row():
            time.sleep(0.01)
    thread.join()

    assert claimed == [None]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads lock each other out of a database in memory")
@pytest.mark.django_db(transaction=True)
def test_two_threads_send_each_delivery_once(receiver):
    for number in range(6):
        WebhookEndpoint.objects.create(name=str(number), url=receiver.url, secret=new_secret())
    publish_something()

    def deliver():
        try:
            queue.deliver_due()
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(receiver.received) == 6


@pytest.mark.django_db(transaction=True)
def test_change_is_delivered_beside_the_requests(receiver, settings, client):
    settings.BACKGROUND_TASKS = True
    WebhookEndpoint.objects.create(name="Partner", url=receiver.url, secret=new_secret())
    client.get("/healthz")  # this process answers requests

    publish_something()

    assert deliveries.running.acquire(timeout=10)  # the thread has ended
    deliveries.running.release()
    assert len(receiver.received) == 1


def test_check_of_the_partners_document_takes_what_is_signed_and_nothing_else():
    document = (settings.BASE_DIR / "docs" / "partners.md").read_text(encoding="utf-8")
    code = next(
        block for block in re.findall(r"```python\n(.*?)```", document, re.DOTALL) if "def is_genuine" in block
    )
    names = {}
    exec(code, names)  # noqa: S102 - our own document
    secret, body, now = new_secret(), b'{"type": "content.changed"}', int(time.time())

    def is_genuine(timestamp=now, content=body, key=secret):
        signatures = f"v1,other {signature(key, 'msg_1', timestamp, body)}"
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(timestamp), "webhook-signature": signatures}
        return names["is_genuine"](secret, headers, content)

    assert is_genuine()
    assert not is_genuine(content=b"{}")
    assert not is_genuine(key=new_secret())
    assert not is_genuine(timestamp=now - 301)
