"""What no request to this site is, refused before anything is read, stored or hashed for it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from strategy_site.errors import is_staff_form, too_large

LARGEST_FORM = 64 * 1024  # bytes of what readers send: a log-in, a choice of language


class RequestLimitsMiddleware:
    """Bounds bodies by the address they come to: large ones are for the forms of the admin, where staff upload."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
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
