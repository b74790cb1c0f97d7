"""Deliveries beside the requests of the site: no daemon is needed, and no reader waits for a partner's server.

A thread of the web process delivers what is due: soon after a change, and when a request comes and none looked for a
while. ``manage.py deliver_webhooks`` on a clock makes retries punctual on a site with few readers.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.http import HttpRequest, HttpResponse

from publishing.webhooks.queue import deliver_due, is_anything_due

logger = logging.getLogger(__name__)

LOOK_SECONDS = 30

running = threading.Lock()
serving = threading.Event()  # set in processes that answer requests; commands leave deliveries to them


def deliver_soon() -> None:
    """Deliver what is due in a thread of this process, unless one does so already."""
    if settings.WEBHOOKS_IN_BACKGROUND and serving.is_set() and running.acquire(blocking=False):
        threading.Thread(target=work, name="webhooks", daemon=True).start()


def work() -> None:
    """Deliver until nothing is due; the thread's own connection is closed at its end."""
    try:
        close_old_connections()
        while is_anything_due():
            deliver_due()
    except DatabaseError:
        logger.exception("Webhooks could not be delivered; the next request tries again.")
    finally:
        connection.close()
        running.release()


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
            deliver_soon()
        return response
