"""``/livez``, ``/readyz`` and ``/metrics``: what monitoring asks, answered in front of everything else.

No redirect, host name, session or due work comes between: they are asked by address, from inside, and while the rest
is away.
"""

from collections.abc import Callable
from ipaddress import ip_address
from time import monotonic

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from strategy_site import alarms, metrics
from strategy_site.findings import FAIL, OF_MACHINE, Finding, database_away, of_database, worst
from strategy_site.health import in_time, needs_no_network

READABLE = ("GET", "HEAD")


class ProbesMiddleware:
    """Answers the probes, and counts all other requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        alarms.resume()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        if probe is None:
            began = monotonic()
            response = self.get_response(request)
            metrics.count(request, response, monotonic() - began)
            return response
        response = probe(request) if request.method in READABLE else HttpResponse(status=405)
        response["Cache-Control"] = "no-store"
        response._has_been_logged = True  # type: ignore[attr-defined] # of Django's log_response(): a probe tells the answer
        return response


def live(request: HttpRequest) -> HttpResponse:
    """Say that this process answers, whatever it depends on."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Say whether this process can serve readers: 503 where it cannot, 200 with what staff should look at else.

    The form is ``application/health+json`` (draft-inadarei-api-health-check-06). To strangers the states alone are
    told, without a word of what was seen.
    """
    found = [*database_findings(), *(check() for check in OF_MACHINE)]
    status = worst(found)
    told = is_trusted(request)
    checks = {finding.name: [as_check(finding, told=told)] for finding in found}
    body = {"status": status, "version": settings.VERSION, "checks": checks}
    return JsonResponse(body, status=503 if status == FAIL else 200, content_type="application/health+json")


def database_findings() -> list[Finding]:
    try:
        return of_database() if needs_no_network() else in_time(of_database)
    except DatabaseError as error:
        return [database_away(str(error))]


def as_check(finding: Finding, *, told: bool) -> dict[str, str]:
    output = " ".join(filter(None, [finding.observed, finding.why, finding.advice]))
    return {"status": finding.status} | ({"output": output} if told else {})


def measured(request: HttpRequest) -> HttpResponse:
    """Give the figures of all processes to Prometheus, and to no stranger."""
    if not is_trusted(request):
        return HttpResponse(status=404)
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def is_trusted(request: HttpRequest) -> bool:
    """Say whether a request has the token, or comes from this machine itself and not through a proxy on it."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token, settings.METRICS_TOKEN)
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Forwarded-Proto")):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR") or "").is_loopback
    except ValueError:
        return False


PROBES = {"/livez": live, "/readyz": ready, "/metrics": measured}
