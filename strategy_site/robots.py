"""``/robots.txt``: what crawlers leave alone, and where the sitemap is (RFC 9309)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.generic import View

MAX_AGE = 60 * 60  # seconds


class RobotsView(View):
    """Keeps crawlers out of what is no content. Pages that must not be indexed say so themselves (``noindex``):
    a crawler has to read a page to see that, so those are not listed here."""

    stored_parameters = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        closed = [reverse("admin:index"), "/preview/", "/i18n/", reverse("api:try")]
        lines = [
            "User-agent: *",
            *(f"Disallow: {path}" for path in closed),
            "",
            f"Sitemap: {settings.SITE_URL}{reverse('sitemaps')}",
            "",
        ]
        response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
        patch_cache_control(response, public=True, max_age=MAX_AGE)
        return response
