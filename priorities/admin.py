"""The admin of pillars, frameworks, strategies and objectives."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

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
