"""What every answer of the API has, whatever part of the site gives it."""

import json
import logging
import re
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import override

from cms.api import limits
from cms.api.deprecations import announce
from cms.api.headers import set_headers
from cms.api.negotiation import accepted_language
from cms.api.problems import CACHE_CONTROL, MEDIA_TYPE, PROBLEM_OF_STATUS, RETRY_SECONDS, problem
from cms.api.request_ids import ADMITTED, HEADER, current_request_id, identified
from cms.pages.cross_origin import ANY_ORIGIN, PREFLIGHT

logger = logging.getLogger(__name__)

MAX_ADDRESS = 8_192  # bytes of path and query; RFC 9110, section 4.1 asks for at least 8,000
ELSEWHERE = ("/.well-known/api-catalog",)  # parts of the API that a standard puts at another place
PREVIEWED = re.compile(rf"/preview/[^/]+{re.escape(settings.API_PATH)}")  # the data of a preview: counted as well
# What says something of the body that a problem takes the place of (RFC 9110, section 8).
OF_THE_BODY = ("Content-Encoding", "Content-Location", "Content-Disposition", "Accept-Ranges", "ETag", "Last-Modified")


def is_api(path: str) -> bool:
    """Say whether ``path`` belongs to the API."""
    return f"{path}/".startswith(settings.API_PATH) or path in ELSEWHERE


def as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return ``response`` with a problem as its body; headers that are of the answer and not of its body stay."""
    status = response.status_code
    name = PROBLEM_OF_STATUS.get(status, "error" if status >= 500 else "bad-request")
    language = accepted_language(request.headers.get("Accept-Language", ""))
    with override(language):
        body = problem(request, name, status=status)
    for header in OF_THE_BODY:
        response.headers.pop(header, None)
    response.content = json.dumps(body, ensure_ascii=False).encode()
    response["Content-Type"] = MEDIA_TYPE
    response["Content-Length"] = str(len(response.content))
    response["Content-Language"] = language
    response["Cache-Control"] = CACHE_CONTROL
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'  # RFC 9110, section 11.6.1
    if status == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def standing_of(request: HttpRequest) -> tuple[limits.Standing | None, HttpResponse | None]:
    """Count ``request``; return how its caller stands, and the problem with which it is refused, if it is."""
    try:
        standing = limits.enforce(request)
    except limits.RefusedCaller as error:
        response = as_problem(request, HttpResponse(status=error.status_code))
        set_headers(response, error.standing.headers() if error.standing else {})
        return None, response
    except DatabaseError:
        logger.exception("The database did not say whose key a request has.")
        return None, as_problem(request, HttpResponse(status=503))
    if standing is None or standing.allowed:
        return standing, None
    response = as_problem(request, HttpResponse(status=429))
    set_headers(response, standing.headers())
    return standing, response


def admit(environ: dict[str, Any]) -> tuple[list[tuple[str, str]], HttpResponse | None]:
    """Count a request that may be answered from the store (:mod:`cms.pages.stored`), as :class:`ApiMiddleware` would.

    Return the headers that its answer has of its own, and the answer itself where the caller is refused.
    """
    request = WSGIRequest(dict(environ))  # which writes the decoded path into what it is given
    with identified(request) as request_id:
        standing, refusal = standing_of(request)
        if refusal:
            announce(request, refusal)
            refusal[HEADER] = request_id
            set_headers(refusal, ANY_ORIGIN)
            return [], refusal
    environ |= {ADMITTED: True, "HTTP_X_REQUEST_ID": request_id}  # what is logged and refused has it
    headers = standing.headers() if standing else {}
    return [*headers.items(), (HEADER, request_id)], None


def unavailable_problem(request: HttpRequest) -> HttpResponse:
    """Return the problem that the API cannot answer at the moment (503), asking nothing and nobody."""
    with identified(request) as request_id:
        response = as_problem(request, HttpResponse(status=503))
        response[HEADER] = request_id
    set_headers(response, ANY_ORIGIN)
    return response


class ApiMiddleware:
    """Counts requests under ``settings.API_PATH``, and turns every error into a problem.

    Nearly outermost in ``MIDDLEWARE``, so that addresses outside all views, refused hosts and unexpected faults are
    answered as the API answers, never with a page of HTML. Django has recorded a fault before it comes here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if PREVIEWED.match(request.path_info):
            return self.answer(request)  # for whom has the link alone: no other origin, and nothing compressed
        if not is_api(request.path_info):
            return self.get_response(request)
        response = self.answer(request)
        announce(request, response)
        if not request.META.get(ADMITTED):  # else it is the same for all callers, and the front says the rest
            response[HEADER] = current_request_id()
        set_headers(response, ANY_ORIGIN)
        if request.method == "OPTIONS":
            set_headers(response, PREFLIGHT)
        return response

    def answer(self, request: HttpRequest) -> HttpResponse:
        standing, refusal = (None, None) if request.META.get(ADMITTED) else standing_of(request)
        if refusal:
            return refusal
        if len(request.get_full_path()) > MAX_ADDRESS:
            response = as_problem(request, HttpResponse(status=414))
        else:
            response = self.get_response(request)
            if response.status_code >= 400 and not response.get("Content-Type", "").startswith(MEDIA_TYPE):
                response = as_problem(request, response)
        if response.streaming:  # a file, of which Django's middleware says that it is in the reader's language
            del response["Content-Language"]
        if depends_on := getattr(response, "depends_on", None):
            response["Vary"] = depends_on
        set_headers(response, standing.headers() if standing else {})
        return response
