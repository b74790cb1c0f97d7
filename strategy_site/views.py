"""The home page and what belongs to no app."""

from django.core.exceptions import BadRequest
from django.db.models import Count, Prefetch, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.generic import RedirectView, TemplateView, View

from cms.api.negotiation import accepted_language
from cms.content.languages import active_language
from cms.content.statements import Statement
from cms.pages.cross_origin import AnyOriginMixin
from cms.pages.spreadsheets import csv_response
from cms.pages.views import PublicPageMixin
from partners.models import Partner, Partnership
from priorities.models import Framework, FrameworkGoal, Objective, Strategy, ThematicArea
from regions.maps import map_of_all_offices
from regions.models import Office
from strategy_site.side_by_side import FEWEST, MOST, compare, comparison_table

MOST_OFFICES = 12  # on the home page; the list of regions has them all
MOST_STRATEGIES = 6
COUNTED = {
    "offices": Office,
    "strategies": Strategy,
    "objectives": Objective,
    "partners": Partner,
    "partnerships": Partnership,
}


OFFICES = Statement(lambda _: Office.objects.live().for_list().top()[:MOST_OFFICES])
STRATEGIES = Statement(lambda _: Strategy.objects.live().for_list()[:MOST_STRATEGIES])


class LanguageRedirectView(View):
    """``/`` leads to the home page in the reader's language: the best of ``Accept-Language`` by RFC 4647 lookup.

    No cookie counts, so that one stored copy for each language serves everybody.
    """

    stored_parameters = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        with override(accepted_language(request.headers.get("Accept-Language", ""))):
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
    stored_parameters = ()

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            figures=self.kept("figures", count_live_items),
            offices=OFFICES.all(),
            strategies=STRATEGIES.all(),
            frameworks=self.kept("frameworks", frameworks_with_goals),
            thematic_areas=self.kept("areas", lambda: list(ThematicArea.objects.live())),
            map=self.kept("map of all offices", map_of_all_offices),
            **kwargs,
        )


WHOLE = "whole"  # the part of a comparison that is of no pillar


class ChosenStrategiesMixin:
    """Reads the strategies that ``?s=`` names, in the order of the address."""

    @cached_property
    def choices(self) -> list[Strategy]:
        """All live strategies, to choose from."""
        return list(Strategy.objects.live().across_regions())

    @cached_property
    def slugs(self) -> list[str]:
        return [slug.strip() for slug in self.request.GET.getlist("s") if slug.strip()]

    @cached_property
    def chosen(self) -> list[Strategy]:
        """The strategies asked for, as far as they exist, each once."""
        by_slug = {strategy.slug: strategy for strategy in self.choices}
        return [by_slug[slug] for slug in dict.fromkeys(self.slugs) if slug in by_slug]

    @cached_property
    def problem(self) -> str:
        """What is wrong with what was asked for; nothing while there is only too little of it."""
        unknown = [slug for slug in self.slugs if slug not in {strategy.slug for strategy in self.choices}]
        if unknown:
            return _("There is no strategy “%(name)s”.") % {"name": unknown[0][:80]}
        if len(set(self.slugs)) < len(self.slugs):
            return _("The same strategy was chosen twice.")
        if len(self.slugs) > MOST:
            return _("At most %(number)s strategies can be compared at a time.") % {"number": MOST}
        return ""


class CompareView(ChosenStrategiesMixin, PublicPageMixin, TemplateView):
    """Two to four strategies side by side, and a form to choose them; ``?part=`` shows one pillar, or what is of
    the whole strategies. Bad choices answer 400, of strategies with the form."""

    template_name = "compare.html"
    stored_parameters = ("s", "part")

    def get_context_data(self, **kwargs) -> dict:
        is_enough = not self.problem and len(self.chosen) >= FEWEST
        comparison = compare(self.chosen) if is_enough else None
        part = self.request.GET.get("part", "") if comparison else ""
        if part and part not in (WHOLE, *(each.pillar.slug for each in comparison.pillars)):
            raise BadRequest(_("“%(value)s” is not one of the choices.") % {"value": part[:80]})
        return super().get_context_data(
            chosen_part=part,
            all_parts=not part,
            whole=WHOLE,
            choices=self.choices,
            chosen=self.chosen,
            problem=self.problem,
            comparison=comparison,
            query=(query := "&".join(f"s={strategy.slug}" for strategy in self.chosen)),
            page_query="" if self.problem else f"{query}&part={part}" if part else query,
            **kwargs,
        )

    def render_to_response(self, context, **kwargs) -> HttpResponse:
        return super().render_to_response(context, status=400 if self.problem else 200, **kwargs)


class CompareTable(AnyOriginMixin, ChosenStrategiesMixin, View):
    """The comparison as CSV in the page's language. Bad choices answer 400, too few lead to the form."""

    stored_parameters = ("s",)

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if self.problem:
            raise BadRequest(self.problem)
        if len(self.chosen) < FEWEST:
            return HttpResponseRedirect(reverse("compare", query={"s": [strategy.slug for strategy in self.chosen]}))
        return csv_response(f"comparison-{active_language()}.csv", comparison_table(compare(self.chosen)))


class AccessibilityView(PublicPageMixin, TemplateView):
    """The accessibility statement, after the W3C's model (https://www.w3.org/WAI/planning/statements/)."""

    template_name = "accessibility.html"
    stored_parameters = ()

    def get_context_data(self, **kwargs) -> dict:
        contacts = Office.objects.live().for_list().top().exclude(email="")[:MOST_OFFICES]
        return super().get_context_data(contacts=contacts, **kwargs)


def frameworks_with_goals() -> list[Framework]:
    """Return the live frameworks with the marks of their goals."""
    goals = FrameworkGoal.objects.only("framework", "code", "colour", "title")
    return list(Framework.objects.live().prefetch_related(Prefetch("goals", goals)))


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
