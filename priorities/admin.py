"""The admin of pillars, frameworks, strategies and objectives."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

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
from publishing.editing import AutocompleteFilter, ChildTabularInline, EditorialStateFilter
from publishing.forms import ContentForm
from translations.admin import (
    MissingInLanguageFilter,
    TranslatedAdmin,
    TranslatedContentAdmin,
    TranslatedStackedInline,
    search_columns,
    shown,
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
    fieldsets = (
        (None, {"fields": ("name", "summary", "slug", "position")}),
        (
            _("Look"),
            {
                "fields": ("colour", "icon"),
                "description": _("The colour and the icon mark the pillar wherever it appears."),
            },
        ),
    )

    @admin.display(description=_("colour"))
    def colour_shown(self, pillar):
        return colour_sample(pillar.colour)


@admin.register(ThematicArea)
class ThematicAreaAdmin(TranslatedContentAdmin):
    list_display = ("shown_name", "position", "state", "languages")
    search_fields = [*search_columns("name", "description"), "slug"]
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "description", "slug", "position")


@admin.register(Framework)
class FrameworkAdmin(TranslatedContentAdmin):
    list_display = ("shown_name", "acronym", "position", "state", "languages")
    search_fields = [*search_columns("name", "acronym"), "slug"]
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "acronym", "slug", "position")}),
        (_("About the framework"), {"fields": ("description", "link")}),
    )

    class GoalInline(TranslatedStackedInline):
        model = FrameworkGoal
        fields = ("code", "title", "colour", "link", "position")

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
    fieldsets = (
        (None, {"fields": ("title", "slug", "office", ("period_from", "period_to"))}),
        (_("What it says"), {"fields": ("summary", "vision")}),
        (
            _("Publication"),
            {
                "fields": ("original_language", "reference_number", "uploaded_on", "predecessor"),
                "description": _("As far as it is known; what is left blank is not shown."),
            },
        ),
        (_("Global frameworks"), {"fields": ("frameworks",)}),
    )

    class AreaInline(ChildTabularInline):
        model = StrategyThematicArea
        fields = ("thematic_area", "kind", "position")
        autocomplete_fields = select_related = ("thematic_area",)

    class OutlineInline(TranslatedStackedInline):
        model = OutlineEntry
        fields = ("title", ("number", "level", "anchor"), "body", "position")

    class DocumentInline(ChildTabularInline):
        model = Document
        fields = ("language", "title", "file", "position")

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
    fieldsets = (
        (
            None,
            {
                "fields": ("strategy", "pillar", ("kind", "code"), "position"),
                "description": _("A strategy has at most one main objective a pillar."),
            },
        ),
        (_("What it says"), {"fields": ("statement", "context")}),
        (_("Thematic areas"), {"fields": ("thematic_areas",)}),
        (
            _("Address"),
            {
                "fields": ("slug",),
                "description": _("Left blank, it is made from the strategy, the pillar and the code."),
            },
        ),
    )

    class AlignmentInline(TranslatedStackedInline):
        model = Alignment
        fields = ("goal", "basis", "note", "position")
        autocomplete_fields = ("goal",)
        select_related = ("goal__framework",)

    inlines = (AlignmentInline,)

    pillar_name = shown("pillar", _("pillar"))
    strategy_name = shown("strategy", _("strategy"))

    @admin.display(description=_("kind"), ordering="kind")
    def place(self, objective):
        return f"{objective.get_kind_display()} {objective.code}".strip()
