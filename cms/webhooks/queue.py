"""What is due to whom, and the record of what was sent.

Nothing is written in the transaction of a change: an endpoint that has not announced the head of the change log has
something due, whatever process died when. A delivery is claimed for a short time by the process that sends it, so
none is sent twice at once and none is lost with its process; receivers drop repetitions by ``webhook-id``.
"""

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cms.content.outgoing import ANSWER_SECONDS, CONNECT_SECONDS, Undeliverable
from cms.publishing.models import ChangeLogHead, content_version
from cms.webhooks.messages import headers, message
from cms.webhooks.models import WebhookDelivery, WebhookEndpoint
from cms.webhooks.outgoing import post

Event = WebhookDelivery.Event
State = WebhookDelivery.State

LEASE = timedelta(seconds=2 * (CONNECT_SECONDS + ANSWER_SECONDS))
# Pauses after each failed attempt; in all 75 hours (Standard Webhooks, "Retries and backoff").
PAUSES = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
]
LONGEST_PAUSE = PAUSES[-1]
SPREAD = 0.1  # pauses are up to this share longer, so that deliveries that failed together do not return together
GONE = 410
KEPT_ATTEMPTS = 20


def deliver_due(now: datetime | None = None) -> dict[str, int]:
    """Announce what changed, send everything that is due, and return how many attempts ended how."""
    announce()
    outcomes = {"delivered": 0, "failed": 0}
    while delivery := claim(now or timezone.now()):
        outcomes["delivered" if attempt(delivery) else "failed"] += 1
    return outcomes


def is_anything_due() -> bool:
    """Say whether :func:`deliver_due` would send something."""
    active = WebhookEndpoint.objects.filter(is_active=True)
    return active.filter(announced_sequence__lt=content_version()).exists() or due(timezone.now()).exists()


def announce() -> None:
    """Queue ``content.changed`` for every active endpoint that has not heard of the latest change."""
    behind = WebhookEndpoint.objects.filter(is_active=True, announced_sequence__lt=content_version())
    for key in behind.values_list("pk", flat=True):
        with transaction.atomic():
            endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=key, is_active=True).first()
            head = ChangeLogHead.objects.get(pk=ChangeLogHead.KEY)
            if endpoint and endpoint.announced_sequence < head.sequence:
                announce_to(endpoint, head)


def announce_to(endpoint: WebhookEndpoint, head: ChangeLogHead, *, at_once: bool = False) -> WebhookDelivery:
    """Queue the latest token for a locked ``endpoint`` and return the delivery.

    It replaces a delivery that still waits, and takes over its pauses unless ``at_once``: an endpoint that does not
    answer is not asked more often because much is changing.
    """
    now = timezone.now()
    waiting = endpoint.deliveries.select_for_update().filter(state=State.WAITING, event=Event.CONTENT_CHANGED).first()
    delivery = WebhookDelivery(
        endpoint=endpoint, event=Event.CONTENT_CHANGED, body=message(Event.CONTENT_CHANGED, head, now)
    )
    if waiting:
        if not at_once:
            delivery.next_attempt_at, delivery.failures = waiting.next_attempt_at, waiting.failures
        waiting.state, waiting.finished_at = State.SUPERSEDED, now
        waiting.save(update_fields=["state", "finished_at"])
    delivery.save()
    endpoint.announced_sequence = head.sequence
    endpoint.save(update_fields=["announced_sequence"])
    return delivery


@transaction.atomic
def send_again(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Queue the latest token for ``endpoint`` to be sent now, whatever was sent or failed before."""
    locked = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    return announce_to(locked, ChangeLogHead.current(), at_once=True)


def queue_test(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Queue a test message for ``endpoint`` and return it."""
    head = ChangeLogHead.current()
    return WebhookDelivery.objects.create(
        endpoint=endpoint, event=Event.ENDPOINT_TEST, body=message(Event.ENDPOINT_TEST, head, timezone.now())
    )


def due(now: datetime) -> QuerySet:
    """Return the deliveries that are to be sent at ``now`` and that no process is sending."""
    return free(now).filter(endpoint__is_active=True)


def free(now: datetime) -> QuerySet:
    """Return the deliveries that wait at ``now`` and that no process is sending, by columns of their own alone."""
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return WebhookDelivery.objects.filter(is_free, state=State.WAITING, next_attempt_at__lte=now)


def claim(now: datetime) -> WebhookDelivery | None:
    """Return one delivery that is due, held for this process, or ``None`` when there is none."""
    for key in due(now).order_by("next_attempt_at").values_list("pk", flat=True)[:20]:
        # An update that waits for another one asks its conditions again of the row as it is then, but not those that
        # stand in a subquery, as a condition on the endpoint would (PostgreSQL, chapter 13.2.1).
        if free(now).filter(pk=key).update(claimed_until=now + LEASE):
            return WebhookDelivery.objects.select_related("endpoint").get(pk=key)
    return None


def attempt(delivery: WebhookDelivery) -> bool:
    """Send a claimed ``delivery`` once, write down what came of it, and return whether it was delivered."""
    now = timezone.now()
    status, retry_after, problem = None, None, ""
    try:
        answer = post(delivery.endpoint.url, delivery.body.encode(), headers(delivery, now))
        status, retry_after = answer.status, answer.retry_after
    except Undeliverable as error:
        problem = str(error)
    record(delivery, at=now, status=status, retry_after=retry_after, problem=problem)
    return status is not None and 200 <= status < 300


@transaction.atomic
def record(
    delivery: WebhookDelivery, *, at: datetime, status: int | None, retry_after: int | None, problem: str
) -> None:
    """Write down what came of an attempt at the time ``at``, and when the next one is due."""
    stored = WebhookDelivery.objects.select_for_update().filter(pk=delivery.pk).first()
    if stored is None:  # the endpoint was deleted meanwhile
        return
    entry = {"at": at.isoformat(timespec="seconds"), "status": status, "problem": problem}
    stored.attempts = [*stored.attempts, entry][-KEPT_ATTEMPTS:]
    stored.claimed_until = None
    if stored.state == State.WAITING:  # it may have been replaced while it was sent
        settle(stored, status, retry_after)
    stored.save()
    if status == GONE:
        WebhookEndpoint.objects.filter(pk=stored.endpoint_id).update(is_active=False, gone_at=at)


def settle(delivery: WebhookDelivery, status: int | None, retry_after: int | None) -> None:
    """Set the state of ``delivery`` after an attempt that ended with ``status``, and the time of the next."""
    now = timezone.now()
    if status is not None and 200 <= status < 300:
        delivery.state, delivery.finished_at = State.DELIVERED, now
        return
    delivery.failures += 1
    if status == GONE or delivery.failures > len(PAUSES):
        delivery.state, delivery.finished_at = State.FAILED, now
        return
    pause = PAUSES[delivery.failures - 1] * (1 + random.random() * SPREAD)  # noqa: S311 - not a secret
    if retry_after is not None:
        pause = max(pause, min(timedelta(seconds=retry_after), LONGEST_PAUSE))
    delivery.next_attempt_at = now + pause
