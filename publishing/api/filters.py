"""The FilterSets of the public pages as query parameters of the API."""

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from publishing.api.problems import InvalidParameters, parameter_error
from publishing.filters import MAX_VALUES, LiveFilterSet, SearchFilter

MAX_LISTED = 100  # right values that an error lists; a larger collection is looked up
MAX_MESSAGE = 300  # characters


class FilterBackend(BaseFilterBackend):
    """Filters by the view's ``filterset_class``; wrong values raise :class:`InvalidParameters`."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view) -> QuerySet:
        filterset = view.filterset_class(request.query_params, queryset=queryset, request=request)
        if not filterset.is_valid():
            raise InvalidParameters(list(wrong_filters(filterset)))
        filtered = filterset.qs
        if filtered.query.distinct:
            # Rows found several times through a relation: by key, so that no long text is compared.
            return queryset.filter(pk__in=filtered.order_by().values("pk"))
        return filtered

    def get_schema_operation_parameters(self, view) -> list[dict]:
        filters = view.filterset_class.base_filters
        return [parameter_schema(name, filters[name]) for name in view.filterset_class._meta.fields]


def wrong_filters(filterset: LiveFilterSet):
    """Yield an entry of ``errors`` for each wrong filter, with the right values where they can be listed."""
    for name, messages in filterset.errors.items():
        detail = " ".join(messages)
        allowed = allowed_values(filterset.form.fields[name])
        yield parameter_error(name, detail[:MAX_MESSAGE], allowed=allowed)


def allowed_values(field: forms.Field) -> list[str] | None:
    """Return the right values of a form field, or ``None`` when there are too many or any text is right."""
    if isinstance(field, forms.ModelChoiceField):
        rows = list(field.queryset[: MAX_LISTED + 1])
        return None if len(rows) > MAX_LISTED else [str(field.prepare_value(row)) for row in rows]
    if isinstance(field, forms.ChoiceField):
        return [value for value, label in field.choices]
    return None


def parameter_schema(name: str, filter_: django_filters.Filter) -> dict:
    """Return the OpenAPI parameter object of one filter."""
    if isinstance(filter_, SearchFilter):
        return {
            "name": name,
            "in": "query",
            "description": _(
                "Words that all stand in the texts shown, whatever their accents and capitals; a text that falls "
                "back to another language is searched in that language."
            ),
            "schema": {"type": "string", "minLength": 1, "maxLength": filter_.extra["max_length"]},
        }
    values = {"type": "string", "minLength": 1}
    if choices := filter_.extra.get("choices"):
        values["enum"] = [value for value, label in choices]
    return {
        "name": name,
        "in": "query",
        "description": filter_description(filter_),
        "schema": {"type": "array", "items": values, "minItems": 1, "maxItems": MAX_VALUES},
        "style": "form",
        "explode": False,
    }


def filter_description(filter_: django_filters.Filter) -> str:
    """Return what the values of a filter by choice are and where they are found."""
    text = _("%(label)s: one value, or several separated by commas, of which any may fit.")
    parts = [text % {"label": filter_.label}]
    if to_field := filter_.extra.get("to_field_name"):
        model = filter_.extra["queryset"](None).model
        collection = model.collection.replace("_", "-")
        parts.append(
            _("A value is the “%(field)s” of an item of “%(collection)s”.")
            % {"field": to_field, "collection": collection}
        )
    if help_text := filter_.extra.get("help_text"):
        parts.append(str(help_text))
    return " ".join(parts)


def multiple_filters(filterset_class: type[LiveFilterSet]) -> tuple[str, ...]:
    """Return the names of the filters that take several values."""
    return tuple(
        name
        for name, filter_ in filterset_class.base_filters.items()
        if isinstance(filter_, django_filters.MultipleChoiceFilter)
    )
