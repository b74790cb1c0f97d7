"""Pages of strategies, pillars, objectives and frameworks."""

from collections import Counter
from itertools import groupby

from django.core.exceptions import BadRequest
from django.core.paginator import InvalidPage, Page
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import DetailView, TemplateView, View

from cms.content.children import prefetch_children
from cms.content.languages import LocalizedText, active_language
from cms.content.noting import noted, pointing, row, table
from cms.content.statements import Statement
from cms.content.validators import DOCUMENT_TYPES, extension
from cms.pages.cross_origin import AnyOriginMixin
from cms.pages.spreadsheets import csv_response
from cms.pages.views import ContentPaginator, LiveDetailView, LiveListView, PublicPageMixin, file_response
from cms.publishing.history import versions_of
from priorities.alignments import read_alignments
from priorities.embedding import embed_code
from priorities.filters import ObjectiveFilterSet, StrategyFilterSet
from priorities.matrices import Matrix, alignment_table, region_matrix, strategy_matrices
from priorities.models import (
    Alignment,
    Document,
    Framework,
    FrameworkGoal,
    Objective,
    Pillar,
    PillarGroup,
    Strategy,
)
from priorities.reading import lead_to_chapters
from priorities.structured_data import report

STRATEGIES_ON_PILLAR_PAGE = 12
STRATEGIES_ON_FRAMEWORK_PAGE = 12
STRATEGIES_IN_MATRIX = 12
OBJECTIVES_ON_GOAL_PAGE = 50
MOST_PARTNERSHIPS = 60  # on the page of a pillar
MOST_STRATEGIES = 20  # on the page of a framework


class StrategyListView(LiveListView):
    model = Strategy
    filterset_class = StrategyFilterSet
    shown_filters = ("office", "thematic_area", "framework")
    paginate_by = 20


STRATEGY = Statement(lambda slug: Strategy.objects.live().select_related("office").filter(slug=slug), str)
FRAMEWORKS = Statement(lambda strategy: Framework.objects.live().filter(strategies=strategy))


class StrategyDetailView(LiveDetailView):
    """A strategy. Its versions, with their dates and notes, stand in the place of its updates."""

    model = Strategy

    def get_updates(self) -> list:
        return []

    def get_statement(self) -> Statement:
        return STRATEGY

    def get_object(self, queryset: QuerySet | None = None) -> Strategy:
        strategy = super().get_object(queryset)
        strategy.read_parts()
        read_alignments(strategy.live_objectives)
        strategy.live_frameworks = FRAMEWORKS.rows(strategy.pk)
        prefetch_children(strategy, "outline", "documents", shortened=["body"])
        lead_to_chapters(strategy)
        others = Strategy.objects.live().around(strategy)
        strategy.live_successors = [other for other in others if other.pk != strategy.predecessor_id]
        strategy.predecessor = next((other for other in others if other.pk == strategy.predecessor_id), None)
        return strategy

    def get_context_data(self, **kwargs) -> dict:
        with noted([row(Strategy, self.object.pk)]):  # a version begins with an entry of the log
            versions = versions_of(self.object)
        return super().get_context_data(
            versions=versions,
            embed_code=embed_code(self.object),
            structured_data=[report(self.object, modified=versions[-1].published_at if versions else None)],
            **kwargs,
        )


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

    def read_more(self, rows: list[Objective]) -> None:
        read_alignments(rows)

    def get_choice_heading(self, name: str, row) -> LocalizedText | str:
        return row.framework.label if name == "goal" else ""

    def get_context_data(self, **kwargs) -> dict:
        areas = self.filterset.form.cleaned_data["thematic_area"] if self.is_filtered else []
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


class GoalDetailView(PublicPageMixin, DetailView):
    """A goal of a live framework, and all objectives that serve it, in all regions."""

    model = FrameworkGoal
    template_name = "priorities/goal_detail.html"
    context_object_name = "goal"

    def get_object(self, queryset: QuerySet | None = None) -> FrameworkGoal:
        goals = FrameworkGoal.objects.live().select_related("framework").filter(framework__slug=self.kwargs["slug"])
        self.goals = list(goals)
        for number, goal in enumerate(self.goals):
            if goal.code == self.kwargs["code"]:
                self.before = self.goals[number - 1] if number else None
                self.after = self.goals[number + 1] if number + 1 < len(self.goals) else None
                return goal
        raise Http404

    def get_page_languages(self) -> list[str]:
        return self.object.languages()

    def get_context_data(self, **kwargs) -> dict:
        objectives = Objective.objects.live().filter(alignments__goal=self.object)
        try:
            page = ContentPaginator(objectives.for_list(), OBJECTIVES_ON_GOAL_PAGE).page(
                self.request.GET.get("page", 1)
            )
        except InvalidPage:
            raise Http404 from None
        read_alignments(page)
        groups = groupby(page, key=lambda objective: objective.strategy)
        return super().get_context_data(
            framework=self.object.framework,
            page_obj=page,
            page_query=f"page={page.number}" if page.number > 1 else "",
            groups=[(strategy, list(members)) for strategy, members in groups],
            before=self.before,
            after=self.after,
            **kwargs,
        )


class StrategyAlignmentView(PublicPageMixin, DetailView):
    """The objectives of a strategy by the goals that they serve, framework by framework."""

    model = Strategy
    template_name = "priorities/strategy_alignment.html"

    def get_queryset(self) -> QuerySet:
        return Strategy.objects.live().across_regions()

    def get_page_languages(self) -> list[str]:
        return self.object.languages()

    def get_context_data(self, **kwargs) -> dict:
        objectives = Objective.objects.live().filter(strategy=self.object)
        served = Alignment.objects.filter(objective__in=objectives).values("goal__framework")
        goals = FrameworkGoal.objects.live().filter(framework__in=served).select_related("framework")
        rows = objectives.select_related("pillar").prefetch_related("alignments")
        rows = list(rows.order_by("pillar__position", "pillar__slug", "kind", "position", "slug"))
        # The goals, and which of them the objectives of this strategy serve.
        with noted([table(Framework), table(FrameworkGoal), pointing(Objective, "strategy", self.object.pk)]):
            goals = list(goals.order_by("framework__position", "framework__slug", "position"))
        return super().get_context_data(matrices=strategy_matrices(rows, goals), **kwargs)


class StrategyAlignmentTable(AnyOriginMixin, DetailView):
    """What :class:`StrategyAlignmentView` shows, as CSV in the page's language."""

    model = Strategy

    def get_queryset(self) -> QuerySet:
        return Strategy.objects.live()

    def render_to_response(self, context, **kwargs) -> HttpResponse:
        alignments = Alignment.objects.live().filter(objective__strategy=self.object).for_table()
        filename = f"{self.object.slug}-alignment-{active_language()}.csv"
        return csv_response(filename, alignment_table(alignments))


class ChosenFrameworkMixin:
    """Reads the framework that ``?framework=`` names; one that is not live answers 400."""

    @cached_property
    def frameworks(self) -> list[Framework]:
        return list(Framework.objects.live().defer("description"))

    @cached_property
    def framework(self) -> Framework | None:
        """The framework asked for; ``None`` where none was."""
        slug = self.request.GET.get("framework", "").strip()
        if not slug:
            return None
        found = next((framework for framework in self.frameworks if framework.slug == slug), None)
        if found is None:
            raise BadRequest(_("There is no framework “%(name)s”.") % {"name": slug[:80]})
        return found


class AlignmentView(ChosenFrameworkMixin, PublicPageMixin, TemplateView):
    """The objectives of all regions by the goals of one framework, some strategies at a time."""

    template_name = "priorities/alignment.html"

    def get_context_data(self, **kwargs) -> dict:
        framework = self.framework or (self.frameworks[0] if self.frameworks else None)
        query = f"framework={framework.slug}" if self.framework else ""
        matrix, page = self.read(framework) if framework else (None, None)
        number = f"page={page.number}" if page and page.number > 1 else ""
        return super().get_context_data(
            framework=framework,
            frameworks=self.frameworks,
            matrix=matrix,
            page_obj=page,
            paging={"query": query},
            page_query="&".join(filter(None, [query, number])),
            **kwargs,
        )

    def read(self, framework: Framework) -> tuple[Matrix, Page]:
        """Return the matrix of a framework, and the page of strategies that it shows."""
        goals = list(FrameworkGoal.objects.filter(framework=framework))
        for goal in goals:
            goal.framework = framework
        alignments = Alignment.objects.live().filter(goal__framework=framework)
        pairs = list(alignments.order_by().values_list("objective__strategy", "goal").annotate(number=Count("pk")))
        counts = Counter()
        for _strategy, goal, number in pairs:
            counts[goal] += number
        strategies = Strategy.objects.live().across_regions()
        strategies = strategies.filter(pk__in=alignments.order_by().values("objective__strategy"))
        paginator = ContentPaginator(strategies, STRATEGIES_IN_MATRIX)
        paginator.count = len({strategy for strategy, _goal, _number in pairs})  # known: saves a query
        try:
            page = paginator.page(self.request.GET.get("page", 1))
        except InvalidPage:
            raise Http404 from None
        shown = list(page)
        on_page = alignments.filter(objective__strategy__in=[strategy.pk for strategy in shown]).by_objective()
        return region_matrix(framework, goals, shown, on_page, counts), page


class AlignmentTable(AnyOriginMixin, ChosenFrameworkMixin, View):
    """All alignments of all regions as CSV in the page's language; ``?framework=`` limits them to one framework."""

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        alignments = Alignment.objects.live().for_table()
        name = "alignment"
        if self.framework:
            alignments = alignments.filter(goal__framework=self.framework)
            name = f"alignment-{self.framework.slug}"
        return csv_response(f"{name}-{active_language()}.csv", alignment_table(alignments.iterator(chunk_size=1_000)))


class DocumentView(DetailView):
    """Download of a strategy's file: only of a live strategy, and only under the file's present name."""

    model = Document

    def get_queryset(self) -> QuerySet:
        return Document.objects.filter(Strategy.live_condition("strategy__")).select_related("strategy")

    def render_to_response(self, context, **kwargs) -> HttpResponseBase:
        document = self.object
        media_type = DOCUMENT_TYPES.get(extension(document.file))
        if media_type is None or self.kwargs["filename"] != document.filename:
            raise Http404
        return file_response(
            self.request, document.file, media_type=media_type, filename=document.filename, as_attachment=True
        )
