"""The page for partners' engineers: first call, languages, paging, keeping a copy, and what they can rely on."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from cms.api.pagination import MAX_LIMIT
from cms.api.problems import PROBLEMS
from cms.pages.cross_origin import AnyOriginMixin
from cms.pages.views import PublicPageMixin

FOLDER = Path(__file__).parent / "snippets"
CLIENT = Path(settings.BASE_DIR) / "clients" / "python" / "strategy_site_client.py"
EXAMPLE_SITE = "https://strategy.example.org"  # what stands in the snippets for the site's own address
STANDARD_WEBHOOKS = "https://www.standardwebhooks.com/"
# File extension -> the name that programmers know the language by.
LANGUAGES = {"sh": "curl", "py": "Python", "js": "JavaScript", "R": "R"}
TASKS = {
    "names": _("The names of all offices in Spanish"),
    "pages": _("Every objective, page by page"),
    "changes": _("A complete copy, and what changed since"),
}


@dataclass(frozen=True)
class Snippet:
    """A short program that does one task; run by the tests as it stands on the page."""

    language: str
    extension: str
    code: str


def snippets(task: str, site: str) -> list[Snippet]:
    """Return the programs for ``task`` in every language, asking ``site``."""
    return [
        Snippet(language, extension, (FOLDER / f"{task}.{extension}").read_text().replace(EXAMPLE_SITE, site).rstrip())
        for extension, language in LANGUAGES.items()
    ]


class DevelopersView(PublicPageMixin, TemplateView):
    """The developer page, in the languages of the site."""

    template_name = "developers.html"
    stored_parameters = ()

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            base=settings.SITE_URL,
            tasks={task: (title, snippets(task, settings.SITE_URL)) for task, title in TASKS.items()},
            problems=PROBLEMS,
            most=MAX_LIMIT,
            anonymous_quota=settings.API_ANONYMOUS_QUOTA,
            key_quota=settings.API_KEY_QUOTA,
            licence_url=settings.CONTENT_LICENCE_URL,
            webhooks_url=STANDARD_WEBHOOKS,
            changes_days=settings.API_CHANGES_DAYS,
            **kwargs,
        )


class ClientView(AnyOriginMixin, View):
    """The reference client in Python, to download: one file, with this site's address in its examples."""

    def get(self, request: HttpRequest) -> HttpResponse:
        code = CLIENT.read_text(encoding="utf-8").replace(EXAMPLE_SITE, settings.SITE_URL)
        response = HttpResponse(code, content_type="text/x-python; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{CLIENT.name}"'
        return response
