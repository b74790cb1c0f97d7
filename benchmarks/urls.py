"""The site's addresses, and a view that does nothing but answer."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.stock import ObjectiveViewSet
from strategy_site.urls import urlpatterns as site_urls

BARE_BYTES = 20 * 1024
BODY = b"x" * BARE_BYTES


def bare(request: HttpRequest) -> HttpResponse:
    """Answer with 20 KB: what the server and Django cost before the site does anything."""
    return HttpResponse(BODY)


urlpatterns = [
    path("bare", bare),
    path("stock/objectives/", ObjectiveViewSet.as_view({"get": "list"})),
    *site_urls,
]
