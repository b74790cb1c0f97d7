"""Reading by web pages of other origins (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol).

What the site gives to programs is public and the same for everybody, so every origin may read it, without credentials;
one stored answer serves all.
"""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.generic import View

if TYPE_CHECKING:
    _View = View  # what it is mixed into
else:
    _View = object

ANY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Disposition, Content-Language, Content-Range, Deprecation, ETag, Link, Location, "
        "RateLimit, RateLimit-Policy, Retry-After, Sunset, X-Request-ID"
    ),
}
# The asterisk is for all others; it does not stand for Authorization, and browsers before 2022 do not know it.
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Authorization, Cache-Control, Content-Type, If-Modified-Since, If-None-Match, "
        "If-Range, Pragma, Range, X-Request-ID, X-Requested-With, *"
    ),
    "Access-Control-Max-Age": "86400",
}


class AnyOriginMixin(_View):
    """A view whose answers web pages of every origin may read; it answers their preflights too."""

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        for name, value in ANY_ORIGIN.items():
            response[name] = value
        return response

    def options(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        allowed = PREFLIGHT["Access-Control-Allow-Methods"]
        response = HttpResponse(status=204, headers={"Allow": allowed, **PREFLIGHT})
        del response["Content-Type"]
        return response
