"""The base of all filters. One FilterSet a model serves the public page and the API."""

import django_filters
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from publishing.languages import displayed, is_translated

MAX_SEARCH_LENGTH = 200  # characters; longer than any text that somebody looks for by name


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
        return displayed(field) if is_translated(model, name) else F(field)


class LiveFilterSet(django_filters.FilterSet):
    """A FilterSet whose choices are only what the public may see."""


def live(model, **kwargs):
    """Return a callable for ``queryset=`` of a model filter: the live rows, read when the filter is used."""
    return lambda request: model.objects.live().filter(**kwargs)
