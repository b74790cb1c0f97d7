"""The site's own front: what stands before Django, and what it says while the database is away."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import reverse

from cms.api.middleware import admit
from cms.api.negotiation import accepted_language
from cms.pages.stored.addresses import Addresses, Environ
from cms.pages.stored.front import Front
from strategy_site.errors import unavailable
from strategy_site.metrics import count_stored
from strategy_site.probes import PROBES


def front(application: Callable[..., Any]) -> Front:
    """Return Django's WSGI callable behind the store of pages."""
    return Front(
        application,
        addresses=Addresses(accepted_language, by_host=(settings.API_PATH,)),
        gates={settings.API_PATH: admit},
        unavailable=said_unavailable,
        counted=count_stored,
        private=(reverse("admin:index"), "/preview/"),
        unmoved=(settings.HEALTH_PATH, settings.STATIC_URL, *PROBES),
    )


def said_unavailable(environ: Environ) -> HttpResponse:
    """Return the 503 of a request, without Django's middleware, which may ask the database."""
    return unavailable(WSGIRequest(dict(environ)))
