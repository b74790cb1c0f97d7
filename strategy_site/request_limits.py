"""What no request to this site is, refused before anything is read, stored or hashed for it."""

from collections.abc import Callable
from itertools import chain

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from publishing.api.middleware import is_api
from strategy_site.errors import is_staff_form, too_large

LARGEST_FORM = 64 * 1024  # bytes of what readers send: a log-in, a choice of language

NULL = "\x00"


class RequestLimitsMiddleware:
    """Refuses null characters, and bodies that are large for the address they come to.

    Nothing of the site is named by a null character, and PostgreSQL takes none even to compare: in a path there is
    nothing, in a parameter or cookie it is a bad request. Forms say it beside the field, the API names the parameter.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NULL in request.path_info:
            raise Http404
        if not is_api(request.path_info) and has_null(request):
            raise BadRequest(_("Null characters are not allowed."))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        most = largest_body(request)
        return too_large(request, most) if most is not None and body_length(request) > most else None


def has_null(request: HttpRequest) -> bool:
    """Say whether a parameter or a cookie, by which a session is looked up, has a null character."""
    parameters = (text for name, values in request.GET.lists() for text in (name, *values))
    return any(NULL in text for text in chain(parameters, request.COOKIES.values()))


def largest_body(request: HttpRequest) -> int | None:
    """Return how many bytes a request may bring, files included; ``None`` where Django's own limits do.

    A form of the admin is taken without a session too, since what was typed before it ended is kept.
    """
    if not is_staff_form(request):
        return LARGEST_FORM
    return None if request.user.is_authenticated else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def body_length(request: HttpRequest) -> int:
    """Return the length that a request says its body has; without one Django reads none (RFC 9112, section 6.3)."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
