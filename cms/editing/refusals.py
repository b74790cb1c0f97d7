"""What the admin says when it refuses something: a page of the admin, with what was kept and a way back."""

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _


def refusal(request: HttpRequest, *, kept: str = "", back: str = "") -> TemplateResponse:
    """Return the page (403) that says that ``request`` was refused.

    ``kept`` says what of it was done all the same; nothing, where it is left out. ``back`` is the address that it
    leads back to, by default the page of the admin that it came from.
    """
    if not kept and request.method == "POST":
        kept = _("Nothing was saved or changed by it.")
    context = {
        **admin.site.each_context(request),
        "title": _("Your role does not allow this"),
        "kept": kept,
        "back": back or came_from(request),
    }
    return TemplateResponse(request, "admin/publishing/refused.html", context, status=403)


def came_from(request: HttpRequest) -> str:
    """Return the address of the page of the admin that led here, or ``""``."""
    address = request.headers.get("Referer", "")
    start = request.build_absolute_uri(reverse("admin:index"))
    is_ours = address.startswith(start) and url_has_allowed_host_and_scheme(address, {request.get_host()})
    is_refused = request.method == "GET" and address == request.build_absolute_uri()
    return address if is_ours and not is_refused else ""
