"""The home page and what belongs to no app."""

from django.db.models import Count, Prefetch, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override
from django.views.generic import RedirectView, TemplateView, View

from partners.models import Partner, Partnership
from priorities.models import Framework, FrameworkGoal, Objective, Strategy, ThematicArea
from publishing.views import PublicPageMixin
from regions.models import Office

MOST_OFFICES = 12  # on the home page; the list of regions has them all
MOST_STRATEGIES = 6
COUNTED = {
    "offices": Office,
    "strategies": Strategy,
    "objectives": Objective,
    "partners": Partner,
    "partnerships": Partnership,
}


class LanguageRedirectView(View):
    """``/`` leads to the home page in the reader's language (RFC 9110, section 12.5.4 Accept-Language)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        with override(get_language_from_request(request)):
            response = HttpResponseRedirect(reverse("home"))
        patch_vary_headers(response, ["Accept-Language"])
        return response


class FaviconView(RedirectView):
    """``/favicon.ico``, which browsers and tools ask for unbidden, leads to the icon among the static files."""

    def get_redirect_url(self, *args, **kwargs) -> str:
        return static("img/favicon.ico")


class HomeView(PublicPageMixin, TemplateView):
    """Who publishes, in which regions, under which pillars, and how much of it there is."""

    template_name = "home.html"

    def get_context_data(self, **kwargs) -> dict:
        goals = FrameworkGoal.objects.only("framework", "code", "colour", "title")
        return super().get_context_data(
            figures=count_live_items(),
            offices=Office.objects.live().for_list().top()[:MOST_OFFICES],
            strategies=Strategy.objects.live().for_list()[:MOST_STRATEGIES],
            frameworks=Framework.objects.live().prefetch_related(Prefetch("goals", goals)),
            thematic_areas=ThematicArea.objects.live(),
            **kwargs,
        )


class AccessibilityView(PublicPageMixin, TemplateView):
    """The accessibility statement, after the W3C's model (https://www.w3.org/WAI/planning/statements/)."""

    template_name = "accessibility.html"

    def get_context_data(self, **kwargs) -> dict:
        contacts = Office.objects.live().for_list().top().exclude(email="")[:MOST_OFFICES]
        return super().get_context_data(contacts=contacts, **kwargs)


def count_live_items() -> dict[str, int]:
    """Return how many live items there are of each kind in ``COUNTED``, with one query."""
    counts = [
        model.objects.live()
        .order_by()
        .annotate(counted=Value(name))
        .values("counted")
        .annotate(number=Count("pk"))
        .values_list("counted", "number")
        for name, model in COUNTED.items()
    ]
    return dict(counts[0].union(*counts[1:], all=True))
