"""The admin of partners and partnerships."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cms.editing.filters import AutocompleteFilter
from cms.editing.publication import EditorialStateFilter
from cms.editing.translations import MissingInLanguageFilter, TranslatedContentAdmin, search_columns, shown
from partners.models import Partner, Partnership


@admin.register(Partner)
class PartnerAdmin(TranslatedContentAdmin):
    list_display = ("shown_name", "acronym", "kind", "state", "languages")
    list_filter = (EditorialStateFilter, MissingInLanguageFilter, "kind")
    search_fields = [*search_columns("name", "acronym"), "slug"]
    autocomplete_fields = ("countries",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Partnership)
class PartnershipAdmin(TranslatedContentAdmin):
    list_display = ("partner_name", "office_name", "role", "years", "state", "languages")
    list_filter = (
        EditorialStateFilter,
        MissingInLanguageFilter,
        "role",
        ("office", AutocompleteFilter),
        ("partner", AutocompleteFilter),
    )
    list_select_related = ("office", "partner")
    search_fields = search_columns("partner__name", "partner__acronym", "office__name", "description")
    autocomplete_fields = ("office", "partner", "pillars")

    partner_name = shown("partner", _("partner"))
    office_name = shown("office", _("office"))

    @admin.display(description=_("years"), ordering="since")
    def years(self, partnership):
        if not (partnership.since or partnership.until):
            return "–"
        return f"{partnership.since or ''}–{partnership.until or ''}"
