"""``/healthz``: whether this process can answer, for load balancers and monitoring."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.generic import View

logger = logging.getLogger(__name__)

T = TypeVar("T")

ANSWER_SECONDS = 0.6  # for the database; whoever asks us hears within a second, the cache's answer included

asking = threading.Lock()


class HealthView(View):
    """Answer 200 when the database answers, 503 when it does not (RFC 9110, section 15.6.4); never stored.

    The second line names the version that runs.
    """

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            ask() if needs_no_network() else ask_in_time()
            state, status = "ok", 200
        except DatabaseError:
            logger.exception("The database does not answer.")
            state, status = "database unavailable", 503
        text = f"{state}\nversion {settings.VERSION}\n"
        response = HttpResponse(text, content_type="text/plain", status=status)
        response["Cache-Control"] = "no-store"
        return response


def needs_no_network() -> bool:
    return connection.vendor == "sqlite"


def ask() -> None:
    """Ask the database for anything at all; raise ``DatabaseError`` when it does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ask_in_time() -> None:
    """Ask the database; raise ``DatabaseError`` where it does not answer in time."""
    in_time(lambda: ask())


def in_time(question: Callable[[], T]) -> T:
    """Return what ``question`` does, asked in a thread that may hang for as long as the network lets it.

    There is one such thread in a process: who asks while it hangs hears the same, a ``DatabaseError``.
    """
    end = time.monotonic() + ANSWER_SECONDS
    answers: list[T | DatabaseError] = []
    if asking.acquire(timeout=ANSWER_SECONDS):
        thread = threading.Thread(target=take_answer, args=[question, answers], name="health", daemon=True)
        thread.start()
        thread.join(max(0, end - time.monotonic()))
    if not answers:
        raise DatabaseError(f"It did not answer within {ANSWER_SECONDS} s.")
    if isinstance(answers[0], DatabaseError):
        raise answers[0]
    return answers[0]


def take_answer(question: Callable, answers: list) -> None:
    try:
        answers.append(question())
    except DatabaseError as error:
        answers.append(error)
    finally:
        connection.close()
        asking.release()
