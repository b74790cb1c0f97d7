"""Forms that arrive when the session has ended: what was typed is kept, and saved after logging in again."""

import json
from functools import update_wrapper
from typing import TYPE_CHECKING

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

LEFT_OUT = {"csrfmiddlewaretoken"}


if TYPE_CHECKING:
    _Site = AdminSite  # what it is mixed into
else:
    _Site = object


class KeptFormsMixin(_Site):
    """For an admin site: a form sent without a session is answered with a log-in that carries it along."""

    login_form = AdminAuthenticationForm

    def get_urls(self):
        return [path("resume/", never_cache(self.resume_view), name="resume"), *super().get_urls()]

    def admin_view(self, view, cacheable=False):  # noqa: FBT002 - Django's signature
        inner = super().admin_view(view, cacheable)

        def keeping(request, *args, **kwargs):
            if request.method == "POST" and not request.user.is_authenticated:
                return self.keep(request)
            return inner(request, *args, **kwargs)

        return update_wrapper(keeping, inner)

    def keep(self, request: HttpRequest) -> HttpResponse:
        """Answer a form that could not be taken with a page that carries it along, and sends it again when asked."""
        response = self.kept_page(request, kept_data(request), request.get_full_path())
        add_never_cache_headers(response)
        return response

    def resume_view(self, request: HttpRequest) -> HttpResponse:
        """Log in with a kept form in hand, then offer to send it."""
        if request.method != "POST":
            raise Http404
        target = request.POST.get("_target", "")
        if not url_has_allowed_host_and_scheme(target, None) or not target.startswith(reverse(f"{self.name}:index")):
            raise Http404
        data = read_kept(request.POST.get("_kept", ""))
        if not request.user.is_authenticated:
            form = self.login_form(request, data=request.POST)
            if not form.is_valid():
                return self.kept_page(request, data, target, form)
            login(request, form.get_user())
        return self.kept_page(request, data, target)

    def kept_page(self, request, data: list[list[str]], target: str, form=None) -> TemplateResponse:
        """Return the page that carries ``data`` on its way to ``target``: a log-in, or a button to send it."""
        signed_in = request.user.is_authenticated
        context = {
            **self.each_context(request),
            "title": _("Your text is kept") if signed_in else _("Log in to save your text"),
            "form": None if signed_in else form or self.login_form(request),
            "kept": json.dumps(data),
            "pairs": data,
            "target": target,
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/publishing/kept.html", context, status=200 if signed_in else 401)


def kept_data(request: HttpRequest) -> list[list[str]]:
    """Return what a form sent as pairs of name and value, in order; files cannot be kept, passwords must not."""
    return [
        [name, value]
        for name, values in request.POST.lists()
        if name not in LEFT_OUT and "password" not in name
        for value in values
    ]


def read_kept(text: str) -> list[list[str]]:
    """Return the pairs that :func:`kept_data` made; raises ``Http404`` for anything else."""
    try:
        data = json.loads(text)
    except ValueError:
        raise Http404 from None
    is_pairs = isinstance(data, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair) for pair in data
    )
    if not is_pairs:
        raise Http404
    return data
