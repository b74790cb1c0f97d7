"""The admin of pillars, frameworks, strategies and objectives."""

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from cms.editing.confirmation import is_confirmed
from cms.editing.content import ChildTabularInline
from cms.editing.filters import AutocompleteFilter
from cms.editing.forms import ContentForm
from cms.editing.publication import EditorialStateFilter
from cms.editing.translations import (
    MissingInLanguageFilter,
    TranslatedAdmin,
    TranslatedContentAdmin,
    TranslatedStackedInline,
    search_columns,
    shown,
)
from cms.publishing.exceptions import PublishingError
from cms.publishing.permissions import Action, may
from priorities.models import (
    Alignment,
    Document,
    Framework,
    FrameworkGoal,
    Objective,
    OutlineEntry,
    Pillar,
    Strategy,
    StrategyThematicArea,
    ThematicArea,
)
from priorities.next_period import start_next_period

WHAT_IS_COPIED = _(
    "A new strategy with texts, outline, frameworks, thematic areas, objectives and their alignments as they are "
    "drafted now, and this one as its predecessor. All of it is a draft. Documents, reference number and date of "
    "upload are left out; the partnerships are those of the office and stay as they are."
)


def colour_sample(colour: str) -> str:
    """Return the HTML of a small square in ``colour`` with the value beside it."""
    if not colour:
        return "–"
    return format_html(
        '<svg class="colour-sample" viewBox="0 0 1 1" aria-hidden="true">'
        '<rect width="1" height="1" fill="{}"/></svg> {}',
        colour,
        colour,
    )


@admin.register(Pillar)
class PillarAdmin(TranslatedContentAdmin):
    list_display = ("shown_name", "colour_shown", "position", "state", "languages")
    search_fields = [*search_columns("name", "summary"), "slug"]
    prepopulated_fields = {"slug": ("name",)}

    @admin.display(description=_("colour"))
    def colour_shown(self, pillar):
        return colour_sample(pillar.colour)


@admin.register(ThematicArea)
class ThematicAreaAdmin(TranslatedContentAdmin):
    list_display = ("shown_name", "position", "state", "languages")
    search_fields = [*search_columns("name", "description"), "slug"]
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Framework)
class FrameworkAdmin(TranslatedContentAdmin):
    list_display = ("shown_name", "acronym", "position", "state", "languages")
    search_fields = [*search_columns("name", "acronym"), "slug"]
    prepopulated_fields = {"slug": ("name",)}

    class GoalInline(TranslatedStackedInline):
        model = FrameworkGoal

    inlines = (GoalInline,)


@admin.register(FrameworkGoal)
class FrameworkGoalAdmin(TranslatedAdmin):
    """Goals are edited with their framework; this offers them to autocomplete fields, framework and all."""

    search_fields = [
        *search_columns("title", "framework__acronym", "framework__name"),
        "code",
        "framework__slug",
    ]
    list_select_related = ("framework",)
    ordering = ("framework__position", "framework__slug", "position")

    def autocomplete_label(self, goal) -> str:
        return f"{goal.framework.label} {goal}"

    def has_module_permission(self, request):
        return False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Strategy)
class StrategyAdmin(TranslatedContentAdmin):
    list_display = ("shown_name", "office_name", "period", "state", "languages")
    list_filter = (EditorialStateFilter, MissingInLanguageFilter, ("office", AutocompleteFilter))
    list_select_related = ("office", "predecessor")
    search_fields = [*search_columns("title", "office__name"), "slug", "reference_number__folded_contains"]
    autocomplete_fields = ("office", "predecessor", "frameworks")
    prepopulated_fields = {"slug": ("title",)}

    class AreaInline(ChildTabularInline):
        model = StrategyThematicArea
        autocomplete_fields = select_related = ("thematic_area",)

    class OutlineInline(TranslatedStackedInline):
        model = OutlineEntry

    class DocumentInline(ChildTabularInline):
        model = Document

    inlines = (AreaInline, DocumentInline, OutlineInline)

    def get_urls(self):
        view = self.admin_site.admin_view(self.next_period_view)
        return [
            path("<path:object_id>/next-period/", view, name="priorities_strategy_next_period"),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj and may(request.user, Action.CREATE, obj):
            link = (self.page_url(obj, "next_period"), _("Start the next period from this strategy"))
            context["item_links"] = [link]
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def next_period_view(self, request, object_id):
        """Ask once, then make the draft of the next strategy and open it."""
        strategy = self.item_or_404(request, object_id, Action.CREATE)
        if not is_confirmed(request):
            return self.ask(
                request,
                [strategy],
                [],
                title=_("Start the next period"),
                button=_("Yes, start it"),
                moves=True,
                explanation=WHAT_IS_COPIED,
                back=self.page_url(strategy, "change"),
            )
        try:
            made = start_next_period(strategy=strategy, user=request.user)
        except PublishingError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return HttpResponseRedirect(self.page_url(strategy, "change"))
        self.message_user(request, _("This is the draft of the next period."), messages.SUCCESS)
        return HttpResponseRedirect(self.page_url(made, "change"))

    office_name = shown("office", _("office"))

    @admin.display(description=_("period"), ordering="period_to")
    def period(self, strategy):
        if not (strategy.period_from or strategy.period_to):
            return "–"
        return f"{strategy.period_from or ''}–{strategy.period_to or ''}"


class ObjectiveForm(ContentForm):
    """An objective's address is made from its strategy, its pillar and its code."""

    def address_base(self) -> str:
        strategy, pillar = self.cleaned_data.get("strategy"), self.cleaned_data.get("pillar")
        if not (strategy and pillar):
            return ""
        is_main = self.cleaned_data.get("kind") == Objective.Kind.MAIN
        code = "main" if is_main else slugify(self.cleaned_data.get("code") or "")
        return "-".join(filter(None, (strategy.slug, pillar.slug, code)))


@admin.register(Objective)
class ObjectiveAdmin(TranslatedContentAdmin):
    form = ObjectiveForm
    list_display = ("shown_name", "place", "pillar_name", "strategy_name", "state", "languages")
    list_filter = (
        EditorialStateFilter,
        MissingInLanguageFilter,
        "kind",
        ("strategy", AutocompleteFilter),
        ("pillar", AutocompleteFilter),
    )
    list_select_related = ("strategy__office", "pillar")
    search_fields = [*search_columns("statement", "context"), "slug"]
    autocomplete_fields = ("strategy", "pillar", "thematic_areas")

    class AlignmentInline(TranslatedStackedInline):
        model = Alignment
        autocomplete_fields = ("goal",)
        select_related = ("goal__framework",)

    inlines = (AlignmentInline,)

    pillar_name = shown("pillar", _("pillar"))
    strategy_name = shown("strategy", _("strategy"))

    @admin.display(description=_("kind"), ordering="kind")
    def place(self, objective):
        return f"{objective.get_kind_display()} {objective.code}".strip()
