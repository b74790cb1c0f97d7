"""The admin of the organization, countries and offices."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cms.content.languages import localized
from cms.editing.filters import AutocompleteFilter
from cms.editing.publication import EditorialStateFilter
from cms.editing.translations import (
    SHOWN_NAME,
    MissingInLanguageFilter,
    TranslatedChangeList,
    TranslatedContentAdmin,
    TranslatedReferenceAdmin,
    TranslatedStackedInline,
    render_text,
    search_columns,
    shown,
)
from regions.models import Country, Office, Organization, Quotation, Section
from regions.tree import tree_order

DEEPEST_INDENT = 6  # levels that the list of offices indents; deeper ones stay at the last


@admin.register(Organization)
class OrganizationAdmin(TranslatedContentAdmin):
    list_display = ("shown_name", "state", "languages")
    list_filter = ()
    search_fields = search_columns("name", "acronym")

    def has_add_permission(self, request):
        """There is one organization at most."""
        return super().has_add_permission(request) and not Organization.objects.exists()


@admin.register(Office)
class OfficeAdmin(TranslatedContentAdmin):
    list_display = ("tree_name", "kind", "parent_name", "state", "languages")
    list_display_links = ("tree_name",)
    list_filter = (EditorialStateFilter, "kind", MissingInLanguageFilter, ("countries", AutocompleteFilter))
    list_select_related = ("parent", "seat_country")
    search_fields = [
        *search_columns("name", "short_name", "seat_city", "parent__name", "seat_country__name"),
        "slug",
        "director_name__folded_contains",
    ]
    autocomplete_fields = ("parent", "seat_country", "countries")
    prepopulated_fields = {"slug": ("short_name",)}

    class SectionInline(TranslatedStackedInline):
        model = Section

    class QuotationInline(TranslatedStackedInline):
        model = Quotation

    inlines = (SectionInline, QuotationInline)

    class TreeChangeList(TranslatedChangeList):
        """The list in the order of the tree, as long as nobody sorts it by a column or searches it."""

        def order_page(self):
            if "o" in self.params or self.query:
                return super().order_page()
            tree = tree_order(self.queryset)
            first = (self.page_num - 1) * self.list_per_page if self.multi_page and not self.show_all else 0
            last = first + self.list_per_page if self.multi_page and not self.show_all else None
            page = tree[first:last]
            offices = self.queryset.in_bulk([pk for pk, depth in page])
            for pk, depth in page:
                offices[pk].depth = depth
            return [offices[pk] for pk, depth in page]

    def get_changelist(self, request, **kwargs):
        return self.TreeChangeList

    @admin.display(description=_("name"), ordering=SHOWN_NAME)
    def tree_name(self, office):
        depth = min(getattr(office, "depth", 0), DEEPEST_INDENT)
        name = render_text(localized(office, "name"))
        return format_html('<span class="tree tree-{}">{}</span>', depth, name) if depth else name

    parent_name = shown("parent", _("parent office"))


@admin.register(Country)
class CountryAdmin(TranslatedReferenceAdmin):
    list_display = ("code", "shown_name", "languages")
    list_display_links = ("code", "shown_name")
    search_fields = [*search_columns("name"), "code"]
