"""The site's addresses, and a view that does nothing but answer."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from strategy_site.urls import urlpatterns as site_urls

BARE_BYTES = 20 * 1024
BODY = b"x" * BARE_BYTES


def bare(request: HttpRequest) -> HttpResponse:
    """Answer with 20 KB: what the server and Django cost before the site does anything."""
    return HttpResponse(BODY)


urlpatterns = [path("bare", bare), *site_urls]
