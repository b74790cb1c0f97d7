"""Request identifiers: one a request, in error pages, problems, mails and every line of the log that it causes."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from logging import Filter, LogRecord

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# What a client may choose, so that it finds its own request in our log; nothing that could forge a line of it.
CHOSEN = re.compile(r"[A-Za-z0-9_.-]{8,64}", re.ASCII)
NONE = "-"
ADMITTED = "cms.api.admitted"  # of a request (PEP 3333) that the front has counted and names already

current: ContextVar[str] = ContextVar("request_id", default=NONE)


def current_request_id() -> str:
    """Return the identifier of the request that is being answered, or ``"-"`` outside of one."""
    return current.get()


@contextmanager
def identified(request: HttpRequest) -> Iterator[str]:
    """Give ``request`` an identifier: the client's own where it is well-formed, else a random one."""
    given = request.headers.get(HEADER, "")
    token = current.set(given if CHOSEN.fullmatch(given) else uuid.uuid4().hex)
    try:
        yield current.get()
    finally:
        current.reset(token)


class RequestIdFilter(Filter):
    """Gives each record of a log the ``request_id`` of its request."""

    def filter(self, record: LogRecord) -> bool:
        record.request_id = current.get()
        return True


class RequestIdMiddleware:
    """Gives every request its identifier; the API's answers and those that tell of a fault name it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with identified(request) as request_id:
            response = self.get_response(request)
            # Never of a page, which may be stored for all readers; what the front admitted is named by it.
            if response.status_code >= 500 and not request.META.get(ADMITTED):
                response[HEADER] = request_id
        return response
