"""The base of all filters. One FilterSet a model serves the public page and the API."""

import django_filters
from django import forms
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cms.content.languages import displayed, is_translated

MAX_SEARCH_LENGTH = 200  # characters; longer than any text that somebody looks for by name
MAX_VALUES = 50  # of one filter in one request


class SearchFilter(django_filters.CharFilter):
    """Finds a term, whatever its accents and capitals, in the texts that are shown, fallback included.

    ``fields`` names translated or plain text fields and may go through foreign keys.
    """

    def __init__(self, fields, **kwargs):
        self.fields = fields
        kwargs.setdefault("label", _("Search"))
        kwargs.setdefault("max_length", MAX_SEARCH_LENGTH)
        super().__init__(**kwargs)

    def filter(self, qs, value):
        for number, term in enumerate(value.split() if value else []):
            match = Q()
            for field in self.fields:
                alias = f"shown_{field}"
                if number == 0:
                    qs = qs.alias(**{alias: self.shown(field)})
                match |= Q(**{f"{alias}__folded_contains": term})
            qs = qs.filter(match)
        return qs

    def shown(self, field):
        model = self.model
        *path, name = field.split("__")
        for step in path:
            model = model._meta.get_field(step).related_model
        return getattr(self.parent, "shown_text", displayed)(field) if is_translated(model, name) else F(field)


class FilterForm(forms.Form):
    """The form behind a FilterSet: refuses more values of one parameter than anybody means."""

    def clean(self):
        for name, field in self.fields.items():
            if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
                if len(self.data.getlist(self.add_prefix(name))) > MAX_VALUES:
                    message = _("Give at most %(most)d values.")
                    self.add_error(name, forms.ValidationError(message, "many", {"most": MAX_VALUES}))
        return super().clean()


class LiveFilterSet(django_filters.FilterSet):
    """A FilterSet whose choices are only what the public may see.

    Several values of one filter mean any of them, written as repeated parameters or with commas:
    ``?kind=main&kind=priority`` is ``?kind=main,priority``. Empty values mean that nothing is chosen. Words to search
    for must all be found, wherever they stand.
    """

    def __init__(self, data=None, *args, **kwargs):
        super().__init__(self.with_single_values(data), *args, **kwargs)

    def with_single_values(self, data: QueryDict | None) -> QueryDict | None:
        """Return ``data`` with the values of filters by choice one by one, without empty ones."""
        if data is None:
            return None
        separated = data.copy()
        for name, filter_ in self.base_filters.items():
            if name in data and isinstance(filter_, SearchFilter):
                separated[name] = " ".join(data.getlist(name))
            if name not in data or not isinstance(filter_, django_filters.MultipleChoiceFilter):
                continue
            values = ",".join(data.getlist(name)).split(",")
            separated.setlist(name, list(filter(None, values))[: MAX_VALUES + 1])
        return separated

    def get_form_class(self):
        fields = {name: filter_.field for name, filter_ in self.filters.items()}
        return type(f"{type(self).__name__}Form", (FilterForm,), fields)


def has_one_value(model: type[Model], filter_: django_filters.Filter) -> bool:
    """Say whether a row of ``model`` has one value of what ``filter_`` is about, so that no two can fit it both."""
    try:
        path = get_fields_from_path(model, filter_.field_name)
    except FieldDoesNotExist:  # it looks at other rows: a search, the role of a partner in its partnerships
        return False
    return not any(field.many_to_many or field.one_to_many for field in path)


def live(model, **kwargs):
    """Return a callable for ``queryset=`` of a model filter: the live rows, read when the filter is used."""
    return lambda request: model.objects.live().filter(**kwargs)
