"""Filters of the admin's list pages."""

from collections.abc import Callable
from functools import update_wrapper

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import BadRequest, ValidationError
from django.db import DataError, OperationalError, ProgrammingError
from django.db.models import Field
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponseRedirect, QueryDict

from cms.editing.widgets import LoadedAutocompleteSelect

# What a year of twelve digits, half a range or a regular expression that is none raise, on one database or the other.
WRONG_LOOKUPS = (ValueError, IndexError, OverflowError, DataError, OperationalError, ProgrammingError)


def with_right_lookups(view: Callable) -> Callable:
    """Return a view of an admin site that answers filters which no database can follow as Django answers wrong ones.

    Django lets an address filter a list by any column in any way, and checks some of the values; of the rows that an
    action is for it checks none.
    """

    def checked(request, *args, **kwargs):
        if not (request.resolver_match.url_name or "").endswith("_changelist"):
            return view(request, *args, **kwargs)
        check_selected(request, view.__self__.opts.pk)
        try:
            return view(request, *args, **kwargs)
        except WRONG_LOOKUPS:
            if request.method != "GET" or not request.GET or ERROR_FLAG in request.GET:
                raise
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")

    return update_wrapper(checked, view)


def check_selected(request: HttpRequest, key: Field) -> None:
    """Raise ``BadRequest`` where what was selected in a list is no primary key at all."""
    try:
        for value in request.POST.getlist(ACTION_CHECKBOX_NAME):
            key.clean(value, None)
    except ValidationError as error:
        raise BadRequest(" ".join(error.messages)) from None


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
