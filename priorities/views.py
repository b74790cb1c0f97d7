"""Pages of strategies, pillars, objectives and frameworks, and what colours them."""

import re
from hashlib import sha256

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.generic import DetailView, View

from priorities.embedding import embed_code
from priorities.filters import ObjectiveFilterSet, StrategyFilterSet
from priorities.models import (
    Document,
    Framework,
    FrameworkGoal,
    Objective,
    Pillar,
    PillarGroup,
    Strategy,
)
from priorities.structured_data import report
from publishing.children import prefetch_children
from publishing.colours import ink_on, readable_on
from publishing.languages import LocalizedText
from publishing.validators import DOCUMENT_TYPES, extension
from publishing.views import LiveDetailView, LiveListView, file_response

STRATEGIES_ON_PILLAR_PAGE = 12
STRATEGIES_ON_FRAMEWORK_PAGE = 12
MOST_PARTNERSHIPS = 60  # on the page of a pillar
MOST_STRATEGIES = 20  # on the page of a framework

THEME_MAX_AGE = 5 * 60  # seconds until a browser asks whether a colour was changed
# The surfaces that coloured text stands on, the least contrasting of each scheme (static/css/tokens.css).
LIGHT_SURFACE, DARK_SURFACE = "#f3f1ea", "#232d38"
CSS_NAME = re.compile(r"\A[A-Za-z0-9_-]+\Z")
CSS_COLOUR = re.compile(r"\A#[0-9a-f]{6}\Z")


class StrategyListView(LiveListView):
    model = Strategy
    filterset_class = StrategyFilterSet
    shown_filters = ("office", "thematic_area", "framework")
    paginate_by = 20


class StrategyDetailView(LiveDetailView):
    model = Strategy

    def get_object(self, queryset: QuerySet | None = None) -> Strategy:
        strategy = super().get_object(queryset)
        prefetch_children(strategy, "outline", "documents")
        others = Strategy.objects.live().around(strategy)
        strategy.live_successors = [other for other in others if other.pk != strategy.predecessor_id]
        strategy.predecessor = next((other for other in others if other.pk == strategy.predecessor_id), None)
        return strategy

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        context["embed_code"] = embed_code(self.object)
        context["structured_data"] = [report(self.object, context["updates"])]
        return context


class PillarDetailView(LiveDetailView):
    """A pillar across all regions, strategy by strategy."""

    model = Pillar

    def get_context_data(self, **kwargs) -> dict:
        objectives = Objective.objects.live().filter(pillar=self.object)
        strategies = Strategy.objects.live().filter(pk__in=objectives.order_by().values("strategy")).across_regions()
        page = self.get_page(
            strategies.prefetch_related(
                Prefetch("objectives", objectives.order_by("kind", "position", "slug"), to_attr="live_objectives")
            ),
            STRATEGIES_ON_PILLAR_PAGE,
        )
        return super().get_context_data(
            page_obj=page,
            page_query=f"page={page.number}" if page.number > 1 else "",
            groups=[PillarGroup(self.object, strategy, strategy.live_objectives) for strategy in page],
            partnerships=self.object.partnerships.live().for_list()[:MOST_PARTNERSHIPS],
            **kwargs,
        )


class ObjectiveListView(LiveListView):
    model = Objective
    filterset_class = ObjectiveFilterSet
    shown_filters = ("strategy", "pillar", "kind", "thematic_area", "goal")

    def get_choice_heading(self, name: str, row) -> LocalizedText | str:
        return row.framework.label if name == "goal" else ""

    def get_context_data(self, **kwargs) -> dict:
        areas = self.filterset.form.cleaned_data["thematic_area"]
        return super().get_context_data(thematic_area=areas[0] if len(areas) == 1 else None, **kwargs)


class ObjectiveDetailView(LiveDetailView):
    model = Objective

    def get_context_data(self, **kwargs) -> dict:
        siblings = Objective.objects.live().filter(strategy=self.object.strategy_id, pillar=self.object.pillar_id)
        objectives = list(siblings.order_by("kind", "position", "slug"))
        group = PillarGroup(self.object.pillar, self.object.strategy, objectives)
        return super().get_context_data(group=group, **kwargs)


class FrameworkDetailView(LiveDetailView):
    """A framework: its goals, and for each the objectives that serve it, some strategies at a time."""

    model = Framework

    def get_context_data(self, **kwargs) -> dict:
        aligned = Objective.objects.live().filter(strategy=OuterRef("pk"), alignments__goal__framework=self.object)
        page = self.get_page(
            Strategy.objects.live().filter(Exists(aligned)).across_regions(), STRATEGIES_ON_FRAMEWORK_PAGE
        )
        goals = list(FrameworkGoal.objects.filter(framework=self.object))
        for goal in goals:
            goal.framework = self.object
            goal.alignments_shown = []
        by_key = {goal.pk: goal for goal in goals}
        objectives = Objective.objects.live().filter(strategy__in=list(page)).with_strategy_and_pillar()
        for objective in objectives.with_alignments(self.object):
            for alignment in objective.alignments.all():
                alignment.objective = objective
                by_key[alignment.goal_id].alignments_shown.append(alignment)
        return super().get_context_data(
            page_obj=page,
            page_query=f"page={page.number}" if page.number > 1 else "",
            goals=goals,
            strategies=self.object.strategies.live().for_list()[:MOST_STRATEGIES],
            **kwargs,
        )


class DocumentView(DetailView):
    """Download of a strategy's file: only of a live strategy, and only under the file's present name."""

    def get_queryset(self) -> QuerySet:
        return Document.objects.filter(Strategy.live_condition("strategy__")).select_related("strategy")

    def render_to_response(self, context, **kwargs) -> FileResponse:
        document = self.object
        media_type = DOCUMENT_TYPES.get(extension(document.file))
        if media_type is None or self.kwargs["filename"] != document.filename:
            raise Http404
        return file_response(document.file, media_type=media_type, filename=document.filename, as_attachment=True)


class ThemeView(View):
    """The colours of live pillars and goals as a style sheet, since a strict policy forbids ``style`` attributes.

    For each colour: ``--accent`` to fill with, ``--on-accent`` to write on it, and ``--accent-text``, the same hue
    dark or light enough to be read on the page in either colour scheme.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        css = theme_css(colour_classes())
        etag = quote_etag(sha256(css.encode()).hexdigest()[:32])
        response = HttpResponse(css, content_type="text/css; charset=utf-8", headers={"ETag": etag})
        patch_cache_control(response, public=True, max_age=THEME_MAX_AGE)
        return get_conditional_response(request, etag=etag, response=response)


def colour_classes() -> dict[str, list[str]]:
    """Return the CSS classes of live pillars and goals by their colour."""
    pillars = Pillar.objects.live().values_list("slug", "colour")
    goals = FrameworkGoal.objects.live().exclude(colour="").select_related("framework")
    names = [(colour, "pillar-" + slug) for slug, colour in pillars]
    names += [(goal.colour, goal.css_class) for goal in goals.only("code", "colour", "framework__slug")]
    classes = {}
    for colour, name in names:
        if CSS_NAME.match(name) and CSS_COLOUR.match((colour or "").lower()):
            classes.setdefault(colour.lower(), []).append(name)
    return classes


def theme_css(classes: dict[str, list[str]]) -> str:
    """Return the style sheet for CSS classes by colour."""
    light, dark = [], []
    for colour, names in classes.items():
        selector = ",".join(f".{name}" for name in names)
        light.append(
            f"{selector}{{--accent:{colour};--on-accent:{ink_on(colour)};"
            f"--accent-text:{readable_on(LIGHT_SURFACE, colour)}}}"
        )
        dark.append(f"{selector}{{--accent-text:{readable_on(DARK_SURFACE, colour)}}}")
    return "\n".join([*light, "@media screen and (prefers-color-scheme:dark){", *dark, "}", ""])
