"""Deliveries beside the requests of the site, soon after a change and when nobody looked for a while.

``manage.py deliver_webhooks`` on a clock makes retries punctual on a site with few readers.
"""

import time
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from cms.content.background import BackgroundTask, serving
from cms.webhooks.queue import deliver_due, is_anything_due

LOOK_SECONDS = 30


def deliver_until_done() -> None:
    while is_anything_due():
        deliver_due()


deliveries = BackgroundTask("webhooks", deliver_until_done)


def announce(items: object, latest: int) -> None:
    """Have endpoints told once the change is committed. Subscribes to the change log."""
    transaction.on_commit(deliveries.start)


class WebhookMiddleware:
    """Has what is due delivered after a response was made; looks at most every half minute in each process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.looked_at = time.monotonic()
        serving.set()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if time.monotonic() - self.looked_at > LOOK_SECONDS:
            self.looked_at = time.monotonic()
            deliveries.start()
        return response
