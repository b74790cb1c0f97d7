"""Answers that ask the reader to come back, and those that are made once a preview's transaction is over."""

from collections.abc import Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise

RETRY_SECONDS = 5


def come_back(message: str | Promise, seconds: int = RETRY_SECONDS) -> HttpResponse:
    """Return the answer to a request that would have to wait too long (RFC 9110, 15.6.4): 503, in words."""
    headers = {"Retry-After": str(seconds), "Cache-Control": "no-store"}
    return HttpResponse(message, status=503, content_type="text/plain; charset=utf-8", headers=headers)


class MadeLater(HttpResponse):
    """The answer of a view in a preview that takes long to make and needs the drafts no more: ``make`` gives it.

    The preview calls it when its transaction is over, so nobody waits for it who wants to write.
    """

    def __init__(self, make: Callable[[], HttpResponseBase]):
        super().__init__()
        self.make = make
