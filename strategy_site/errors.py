"""Pages for what went wrong, in the language of the address. The page for an error of our own asks the database
nothing and is plain text in the worst case."""

import logging

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.utils.translation import get_language, get_language_from_path, override
from django.utils.translation import gettext as _

from cms.api.middleware import is_api, unavailable_problem
from cms.api.negotiation import accepted_language
from cms.api.problems import RETRY_SECONDS
from cms.api.request_ids import current_request_id
from cms.content.languages import lookup
from cms.editing.refusals import refusal
from cms.publishing.redirects import Gone

logger = logging.getLogger(__name__)
OPEN_TO_ALL = ("admin:login", "admin:logout")  # pages of the admin for people who are not logged in


def is_staff_form(request: HttpRequest) -> bool:
    """Say whether a request is for the admin behind its log-in, where what was typed is worth keeping."""
    return request.path.startswith(reverse("admin:index")) and request.path not in map(reverse, OPEN_TO_ALL)


def language_of(request: HttpRequest) -> str:
    """Return the language that an address begins with; without one, the active or else the default language."""
    return get_language_from_path(request.path_info) or get_language() or settings.LANGUAGE_CODE


def error_page(request: HttpRequest, template: str, status: int, **context) -> HttpResponse:
    """Return the rendered page ``template`` in the language of the address."""
    language = language_of(request)
    with override(language):
        response = render(request, template, context, status=status)
    response.headers["Content-Language"] = language
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what is wrong with a request (400); only what our own views say about it is repeated."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    reason = str(exception) if isinstance(exception, BadRequest) else ""
    return error_page(request, "400.html", 400, reason=reason)


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    """Say that a form has more than the ``most`` bytes that are taken at its address (413)."""
    has_ended = is_staff_form(request) and not request.user.is_authenticated
    return error_page(request, "413.html", 413, most=most, has_ended=has_ended)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the reader may not see a page (403): in the admin, to those who work there, by one of its own pages."""
    if is_staff_form(request) and hasattr(request, "user") and admin.site.has_permission(request):
        return refusal(request).render()
    return error_page(request, "403.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was not accepted because its token was missing or old (403).

    A form of the admin that our own page sent, as its ``Origin`` says (RFC 6454), only grew old: somebody logged in
    again in another window. What was typed is kept, and sent when the person asks for it.
    """
    inside = is_staff_form(request) and request.path != reverse("admin:resume")  # which carries a form already
    if inside and request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}":
        return admin.site.keep(request).render()
    return error_page(request, "403_csrf.html", 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page (404), or not any more (410), and where to look instead."""
    if isinstance(exception, Gone):
        return error_page(request, "410.html", 410)
    if address := address_in_language(request):
        return HttpResponsePermanentRedirect(address, preserve_request=True)
    return error_page(request, "404.html", 404)


def address_in_language(request: HttpRequest) -> str | None:
    """Return the address that is meant by one whose language is written otherwise than the site writes it
    (``/pt-BR/``, ``/zh-CN/``) or is a form of one of the site's (``/es-MX/``); ``None`` for any other.

    Capitals do not count in language tags (RFC 5646, section 2.1.1).
    """
    tag, slash, rest = request.path_info[1:].partition("/")
    language = lookup(tag)
    if language is None or tag == language:
        return None
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    return f"{get_script_prefix()}{language}{slash}{escape_uri_path(rest)}{iri_to_uri(query)}"


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that the site cannot answer at the moment (503, RFC 9110, section 15.6.4), asking nothing and nobody.

    Below the API as a problem, elsewhere as a page in the language of the address or, where it has none, the reader's.
    """
    if is_api(request.path_info):
        return unavailable_problem(request)
    accepted = accepted_language(request.headers.get("Accept-Language", ""))
    language = get_language_from_path(request.path_info) or accepted
    headers = {"Content-Language": language, "Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
    with override(language):
        try:
            return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
        except Exception:
            logger.exception("The page for outages could not be rendered.")
            text = _("The site cannot answer at the moment")
            return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8", headers=headers)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours (500), from a template that needs no database and no request."""
    language = language_of(request)
    with override(language):
        try:
            text = render_to_string("500.html", {"request_id": current_request_id()})
            return HttpResponse(text, status=500, headers={"Content-Language": language})
        except Exception:
            logger.exception("The page for errors could not be rendered.")
            text = _("Something went wrong on our side. Please try again in a few minutes.")
            return HttpResponse(text, status=500, content_type="text/plain; charset=utf-8")
