"""Compression of public pages on their way out.

Static files are compressed when they are collected; pages are made by the request. They are the same for every reader
and hold no secret, so compressing them tells an attacker nothing (BREACH, breachattack.com). What may hold one, the
admin and previews, stays as it is, and so does what is compressed already.
"""

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse

MEDIA_TYPES = ("text/", "application/xml", "application/atom+xml", "image/svg+xml")


class CompressionMiddleware(GZipMiddleware):
    """Compresses what is text, is no staff's page and sets no cookie."""

    max_random_bytes = 0  # they would hide the length of a secret; without them a page has the same bytes every time

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not is_public_text(request, response):
            return response
        return super().process_response(request, response)


def is_public_text(request: HttpRequest, response: HttpResponse) -> bool:
    """Say whether a response is text that anybody may read, and not a file that is given in parts.

    ``Range`` counts the bytes of what is sent, coding included (RFC 9110, section 14.2): a file that was coded on its
    way out could not be gone on with where it was cut off.
    """
    if response.has_header("Accept-Ranges"):
        return False
    if request.path_info.startswith((reverse("admin:index"), "/preview/")) or response.cookies:
        return False
    return response.headers.get("Content-Type", "").startswith(MEDIA_TYPES)
