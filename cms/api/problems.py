"""Every error of the API as problem details (RFC 9457), whatever part of the site it comes from."""

import logging
from difflib import get_close_matches

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from cms.api.outcomes import GoneError, MovedError, NotModifiedError
from cms.api.request_ids import current_request_id
from cms.pages.files import RangeNotSatisfiableError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MAX_ECHO = 80  # characters of a wrong value that a problem repeats
MAX_INSTANCE = 1000  # characters of the address that a problem repeats
# Kept copies are asked for anew each time (RFC 9111, section 5.2.2.4), so what is withdrawn is gone at once.
CACHE_CONTROL = "no-cache"

# Name in the problem's type -> (status, title, what it means and what to do). A page explains each.
PROBLEMS = {
    "invalid-parameter": (
        400,
        gettext_lazy("A parameter is wrong"),
        gettext_lazy("“errors” names each wrong parameter, says what is wrong and what would be right."),
    ),
    "bad-request": (
        400,
        gettext_lazy("The request cannot be understood"),
        gettext_lazy("The request breaks the rules of HTTP or a limit of this site."),
    ),
    "unknown-key": (
        401,
        gettext_lazy("The key is not valid"),
        gettext_lazy("The key is not known, has expired or was revoked. Leave it out to read without one."),
    ),
    "forbidden": (
        403,
        gettext_lazy("The request is refused"),
        gettext_lazy("The site does not answer this request."),
    ),
    "not-found": (
        404,
        gettext_lazy("There is nothing here"),
        gettext_lazy("The address is wrong, or there never was a public item of this name or identifier."),
    ),
    "method-not-allowed": (
        405,
        gettext_lazy("The API is read-only"),
        gettext_lazy("Use GET, HEAD or OPTIONS; the header “Allow” lists them."),
    ),
    "not-acceptable": (
        406,
        gettext_lazy("There is no such format"),
        gettext_lazy(
            "The API answers in JSON: send “Accept: application/json” or no such header. For a list in another format "
            "write it into the address, as “format=csv”."
        ),
    ),
    "expired-token": (
        410,
        gettext_lazy("The copy has to start over"),
        gettext_lazy(
            "The change token is of a part of the change log that is gone, or the export is not kept any more. Start "
            "from the newest export."
        ),
    ),
    "range-not-satisfiable": (
        416,
        gettext_lazy("The file has no such part"),
        gettext_lazy("The range of bytes begins past the end of the file; “Content-Range” says how long it is."),
    ),
    "gone": (
        410,
        gettext_lazy("The item is not public any more"),
        gettext_lazy("It was withdrawn or deleted. Remove it from your copy; asking again will not bring it back."),
    ),
    "content-too-large": (
        413,
        gettext_lazy("The request is too large"),
        gettext_lazy("The API is read-only: what is asked stands in the address and the headers. Send no body."),
    ),
    "uri-too-long": (
        414,
        gettext_lazy("The address is too long"),
        gettext_lazy("An address with its parameters has at most 8,192 bytes. Ask for less at once."),
    ),
    "too-many-requests": (
        429,
        gettext_lazy("Too many requests"),
        gettext_lazy("Wait as many seconds as “Retry-After” says. “RateLimit” tells on every answer what is left."),
    ),
    "error": (
        500,
        gettext_lazy("Something went wrong here"),
        gettext_lazy("The fault is the site's; it has been recorded. Try again later."),
    ),
    "unavailable": (
        503,
        gettext_lazy("The site cannot answer now"),
        gettext_lazy("It is overloaded or being worked on. Try again after as many seconds as “Retry-After” says."),
    ),
}
RETRY_SECONDS = 30  # after which a client may find the database again
PROBLEM_OF_STATUS = {status: name for name, (status, *_rest) in PROBLEMS.items() if name != "invalid-parameter"}


class ProblemError(exceptions.APIException):
    """A problem of one of the kinds of :data:`PROBLEMS`, raised by a view.

    ``extra`` are extension members (RFC 9457, section 3.2), ``headers`` go with the answer.
    """

    def __init__(self, name: str, detail: str = "", *, headers: dict[str, str] | None = None, **extra: object):
        self.name, self.headers, self.extra = name, headers or {}, extra
        self.status_code = PROBLEMS[name][0]
        super().__init__(detail)


class InvalidParameters(exceptions.APIException):
    """One or more query parameters are wrong; answered with 400.

    ``errors`` is a list of ``{"parameter": name, "detail": text}``, each with ``"allowed": [values]`` where the
    right values can be listed.
    """

    status_code = 400

    def __init__(self, errors: list[dict]):
        self.errors = errors
        super().__init__(" ".join(f"{error['parameter']}: {error['detail']}" for error in errors))

    @classmethod
    def of(cls, parameter: str, detail: str, *, allowed: list | None = None) -> "InvalidParameters":
        """Return the exception for one parameter."""
        return cls([parameter_error(parameter, detail, allowed=allowed)])


def parameter_error(parameter: str, detail: str, *, allowed: list[str] | None = None, given: str = "") -> dict:
    """Return one entry of ``errors``; an overlong parameter name is cut.

    ``allowed`` are the right values; the one most like what was ``given`` is named on its own.
    """
    error = {"parameter": shorten(parameter), "detail": detail}
    if allowed is None:
        return error
    closest = get_close_matches(given[:MAX_ECHO].lower(), allowed, n=1)
    return error | {"allowed": allowed} | ({"closest": closest[0]} if closest else {})


def shorten(text: str) -> str:
    """Return ``text`` cut to :data:`MAX_ECHO` characters, so that a problem does not repeat a flood."""
    return text if len(text) <= MAX_ECHO else f"{text[: MAX_ECHO - 1]}…"


def problem(request: HttpRequest, name: str, *, detail: str = "", status: int | None = None, **extra) -> dict:
    """Return the members of a problem (RFC 9457, section 3.1) in the active language.

    ``name`` is a key of :data:`PROBLEMS`; ``extra`` are extension members. ``type`` is the address of the page that
    explains it, ``request_id`` what to name when asking the site's operators.
    """
    usual_status, title, meaning = PROBLEMS[name]
    return {
        "type": problem_url(name),
        "title": str(title),
        "status": status or usual_status,
        "detail": detail or str(meaning),
        "instance": iri_to_uri(request.path)[:MAX_INSTANCE],
        "request_id": current_request_id(),
        **extra,
    }


def problem_url(name: str) -> str:
    """Return the type of a problem: an identifier, so the same whatever host name the request came to."""
    return f"{settings.SITE_URL}{settings.API_PATH}v1/problems/{name}/"


def exception_handler(error: Exception, context: dict) -> Response | None:
    """Answer the errors that views raise on purpose; ``None`` leaves others to Django, which records them.

    What Django answers then passes :class:`cms.api.middleware.ApiMiddleware`.
    """
    request, view = context["request"], context["view"]
    if isinstance(error, NotModifiedError):
        return Response(status=304)
    if isinstance(error, MovedError):
        address = reverse(f"api:{view.model.collection}-detail", args=[error.key])
        query = request.META.get("QUERY_STRING", "")
        return Response(status=308, headers={"Location": f"{address}?{query}" if query else address})
    headers = {}
    if isinstance(error, InvalidParameters):
        body = problem(request, "invalid-parameter", detail=error.detail, errors=error.errors)  # type: ignore[arg-type] # details of ours are texts
    elif isinstance(error, ProblemError):
        body = problem(request, error.name, detail=str(error.detail), **error.extra)  # type: ignore[arg-type] # details of ours are texts
        headers = error.headers
    elif isinstance(error, RangeNotSatisfiableError):
        body = problem(request, "range-not-satisfiable", detail=str(error))
        headers = error.headers
    elif isinstance(error, GoneError):
        body = problem(request, "gone")
    elif isinstance(error, Http404 | exceptions.NotFound):
        body = problem(request, "not-found", detail=str(getattr(error, "detail", "")))
    elif isinstance(error, PermissionDenied):
        body = problem(request, "forbidden")
    elif isinstance(error, exceptions.APIException):
        name = PROBLEM_OF_STATUS.get(error.status_code, "bad-request")
        body = problem(request, name, status=error.status_code)
    elif isinstance(error, OperationalError | InterfaceError):
        logger.exception("The database did not answer a request of the API.")
        body = problem(request, "unavailable")
        headers["Retry-After"] = str(RETRY_SECONDS)
    else:
        return None
    return Response(body, status=body["status"], content_type=MEDIA_TYPE, headers=headers)
