"""The home page and what belongs to no app."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override
from django.views.generic import TemplateView, View


class LanguageRedirectView(View):
    """``/`` leads to the home page in the reader's language (RFC 9110, section 12.5.4 Accept-Language)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        with override(get_language_from_request(request)):
            response = HttpResponseRedirect(reverse("home"))
        patch_vary_headers(response, ["Accept-Language"])
        return response


class HomeView(TemplateView):
    template_name = "home.html"
