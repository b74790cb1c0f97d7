"""Filters of the admin's list pages."""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.forms import ModelChoiceField
from django.http import QueryDict

from publishing.widgets import LoadedAutocompleteSelect


class AutocompleteFilter(admin.FieldListFilter):
    """A filter by a related item, chosen by typing: the page stays small however many items there are.

    Use it as ``list_filter = [("office", AutocompleteFilter)]``; the related model's admin needs ``search_fields``.
    """

    template = "admin/includes/autocomplete_filter.html"

    def __init__(self, field, request, params, model, model_admin, field_path):
        self.parameter = f"{field_path}__{field.target_field.name}__exact"
        super().__init__(field, request, params, model, model_admin, field_path)
        self.title = getattr(field, "verbose_name", self.title)
        self.value = (self.used_parameters.get(self.parameter) or [""])[-1]
        self.admin_site = model_admin.admin_site
        self.request = request

    def has_output(self):
        return True

    def expected_parameters(self):
        return [self.parameter]

    def queryset(self, request, queryset):
        if not self.value:
            return queryset
        try:
            return queryset.filter(**{self.parameter: self.value})
        except (ValueError, ValidationError) as error:
            raise IncorrectLookupParameters(error) from error

    def choices(self, changelist):
        self.select = self.render_select()
        others = QueryDict(changelist.get_query_string(remove=[self.parameter, "p"])[1:])
        self.other_parameters = [(name, value) for name, values in others.lists() for value in values]
        self.clear_query = changelist.get_query_string(remove=[self.parameter])
        return []

    def render_select(self) -> str:
        """Return the HTML of the select; it holds the chosen item only and asks for others by script."""
        related_admin = self.admin_site.get_model_admin(self.field.related_model)
        formfield = ModelChoiceField(
            related_admin.get_queryset(self.request),  # not the name of what the person may not see
            required=False,
            widget=LoadedAutocompleteSelect(
                self.field, self.admin_site, attrs={"class": "filter-select", "aria-label": self.title}
            ),
        )
        formfield.label_from_instance = related_admin.autocomplete_label  # type: ignore[method-assign] # Django's way to label choices
        return formfield.widget.render(self.parameter, self.value, {"id": f"filter-{self.field_path}"})
