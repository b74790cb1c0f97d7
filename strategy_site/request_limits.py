"""What no request to this site is, refused before anything is read, stored or hashed for it."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from cms.api.middleware import is_api
from strategy_site.errors import is_staff_form, too_large

LARGEST_FORM = 64 * 1024  # bytes of what readers send: a log-in, a choice of language

NULL = "\x00"


class RequestLimitsMiddleware:
    """Lets no null character in, and no body that is large for the address it comes to.

    Nothing of the site is named by a null character, and PostgreSQL takes none even to compare: in a path there is
    nothing, in a parameter or cookie U+FFFD stands in its place, which is no right value either. Forms say it beside
    the field, the API names the parameter.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NULL in request.path_info:
            raise Http404
        if not is_api(request.path_info):
            query = request.META.get("QUERY_STRING", "")
            request.META["QUERY_STRING"] = query.replace("%00", "%EF%BF%BD").replace(NULL, "%EF%BF%BD")
            request.COOKIES = {name: value.replace(NULL, "\ufffd") for name, value in request.COOKIES.items()}
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        most = largest_body(request)
        return too_large(request, most) if most is not None and body_length(request) > most else None


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
