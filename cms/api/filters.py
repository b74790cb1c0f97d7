"""The FilterSets of the public pages as query parameters of the API."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.fields import ModelMultipleChoiceField
from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from cms.api.choices import NOT, IdentifierFilter, ItemChoiceField, MissingFilter, divided
from cms.api.fields import lookup_field
from cms.api.problems import InvalidParameters, parameter_error
from cms.api.ranges import DayFilter, MomentFilter, NumberFilter, RangeFilter
from cms.content.languages import translated_fields
from cms.content.models import ContentModel
from cms.content.registry import public_rows
from cms.pages.filters import MAX_VALUES, LiveFilterSet, SearchFilter, has_one_value

MAX_LISTED = 100  # right values that an error lists; a larger collection is looked up
MAX_MESSAGE = 300  # characters
MAX_ROUNDS = 5  # times that a filter which must fit each time may be given
RANGES = {
    serializers.IntegerField: NumberFilter,
    serializers.DateTimeField: MomentFilter,
    serializers.DateField: DayFilter,
}


class FilterBackend(BaseFilterBackend):
    """Filters by the view's FilterSet and by ranges; wrong values raise :class:`InvalidParameters`.

    Commas divide values of which any may fit; a filter that is given several times must fit each time. Where an item
    has one value only, as of its kind, that could never be, and repeating means what commas do. What fits a value
    after an exclamation mark is left out.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet, view) -> QuerySet:
        filterset_class = api_filterset(view.filterset_class, view.serializer_class)
        filtered = queryset
        errors: dict[str, dict] = {}
        for data, is_wanted in questions(request.query_params, filterset_class):
            filterset = filterset_class(data, queryset=filtered if is_wanted else queryset, request=request)
            filterset.shown_text = view.answer.wording.shown
            if not filterset.is_valid():
                errors |= {error["parameter"]: error for error in wrong_filters(filterset)}
            elif is_wanted:
                filtered = filterset.qs
            else:
                filtered = filtered.exclude(pk__in=filterset.qs.order_by().values("pk"))
        if errors:
            raise InvalidParameters(list(errors.values()))
        if filtered.query.distinct:
            # Rows found several times through a relation: by key, so that no long text is compared.
            return queryset.filter(pk__in=filtered.order_by().values("pk"))
        return filtered

    def get_schema_operation_parameters(self, view) -> list[dict]:
        filters = api_filterset(view.filterset_class, view.serializer_class).base_filters
        return [
            parameter_schema(name, filter_, once=has_one_value(view.model, filter_))
            for name, filter_ in filters.items()
        ]


@cache
def api_filterset(
    filterset_class: type[LiveFilterSet], serializer_class: type[serializers.Serializer]
) -> type[LiveFilterSet]:
    """Return the page's FilterSet with exact values and ranges of the numbers, days and times that items have."""
    model = filterset_class._meta.model
    ranges = {}
    for name, field in serializer_class._declared_fields.items():
        kind = next((kind for of, kind in RANGES.items() if isinstance(field, of)), None)
        if kind and (field.source or name) in {column.name for column in model._meta.concrete_fields}:
            label = capfirst(model._meta.get_field(field.source or name).verbose_name)  # lazy: kept for all languages
            for suffix, lookup in (("", "exact"), ("__gte", "gte"), ("__lte", "lte")):
                if f"{name}{suffix}" not in filterset_class.base_filters:
                    ranges[f"{name}{suffix}"] = kind(
                        field_name=field.source or name, lookup_expr=lookup, label=label, required=False
                    )
    meta = type("Meta", (), {"model": model, "fields": ()})
    more = {**named_items(filterset_class), **identifying(model), **ranges}
    return type(f"Api{filterset_class.__name__}", (filterset_class,), {**more, "Meta": meta})


def named_items(filterset_class: type[LiveFilterSet]) -> dict[str, django_filters.Filter]:
    """Return the filters by items that a page has, each taking an item by all that ever stood for it."""
    found = {}
    for name, filter_ in filterset_class.base_filters.items():
        if getattr(filter_, "field_class", None) is ModelMultipleChoiceField:
            found[name] = deepcopy(filter_)
            found[name].field_class = ItemChoiceField
    return found


def identifying(model: type[ContentModel]) -> dict[str, django_filters.Filter]:
    """Return the filters that every collection has: by identifier, by slug or code, and by what is missing."""
    found: dict[str, django_filters.Filter] = {
        "id": IdentifierFilter(field_name="id", label=gettext_lazy("Identifier"))
    }
    if (key := lookup_field(model)) != "id":
        found[key] = django_filters.ModelMultipleChoiceFilter(
            field_name=key,
            to_field_name=key,
            queryset=lambda request: public_rows(model),
            label=capfirst(model._meta.get_field(key).verbose_name),  # type: ignore[union-attr] # a column
        )
        found[key].field_class = ItemChoiceField
    if translated_fields(model):
        found["missing"] = MissingFilter(field_name="missing")
    return found


def rounds_of(data: QueryDict, filterset_class: type[LiveFilterSet]) -> list[QueryDict]:
    """Return the first values of all filters, then the second of those given twice, and so on; none without filters.

    What is given of a filter of which an item has one value stays together.
    """
    filters = {
        name: [",".join(values)] if fits_once(filterset_class, name) else values
        for name, values in data.lists()
        if name in filterset_class.base_filters
    }
    rounds = []
    for number in range(max(map(len, filters.values()), default=0)):
        found = QueryDict(mutable=True)
        for name, values in filters.items():
            if number < len(values):
                found[name] = values[number]
        rounds.append(found)
    return rounds


def questions(data: QueryDict, filterset_class: type[LiveFilterSet]) -> Iterator[tuple[QueryDict, bool]]:
    """Yield what is asked of the filters, one after the other, each with whether it is to fit or not to fit."""
    by_choice = [
        name
        for name, filter_ in filterset_class.base_filters.items()
        if isinstance(filter_, django_filters.MultipleChoiceFilter)
    ]
    for asked in rounds_of(data, filterset_class):
        for name in by_choice:
            if name in asked:
                wanted, unwanted = divided(asked[name])  # type: ignore[arg-type] # a text
                if asked[name].count(",") < MAX_VALUES:  # else the form refuses all of them
                    asked[name] = wanted
                if unwanted:
                    yield QueryDict(urlencode({name: unwanted})), False
        yield asked, True


def wrong_filters(filterset: LiveFilterSet):
    """Yield an entry of ``errors`` for each wrong filter, with the right values where they can be listed."""
    for name, messages in filterset.errors.items():
        detail = " ".join(messages)
        allowed = allowed_values(filterset.form.fields[name])
        yield parameter_error(name, detail[:MAX_MESSAGE], allowed=allowed, given=filterset.data.get(name, ""))


def allowed_values(field: forms.Field) -> list[str] | None:
    """Return the right values of a form field, or ``None`` when there are too many or any text is right."""
    if isinstance(field, forms.ModelChoiceField):
        queryset: Any = field.queryset
        rows = list(queryset[: MAX_LISTED + 1])
        return None if len(rows) > MAX_LISTED else [str(field.prepare_value(row)) for row in rows]
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return [value for value, _label in choices] or None
    return None


def parameter_schema(name: str, filter_: django_filters.Filter, *, once: bool) -> dict:
    """Return the OpenAPI parameter object of one filter; ``once``: an item has one value of what it is about."""
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
    if isinstance(filter_, RangeFilter):
        description = {
            "exact": _("%(label)s: exactly this."),
            "gte": _("%(label)s: this or later or more."),
            "lte": _("%(label)s: this or earlier or less."),
        }[filter_.lookup_expr]
        return {
            "name": name,
            "in": "query",
            "description": description % {"label": filter_.label},
            "schema": dict(filter_.field_class.schema),
        }
    values = {"type": "string", "minLength": 1}
    if choices := filter_.extra.get("choices"):
        values["enum"] = [sign + value for sign in ("", NOT) for value, label in choices]
    return {
        "name": name,
        "in": "query",
        "description": filter_description(filter_, once=once),
        "schema": {"type": "array", "items": values, "minItems": 1, "maxItems": MAX_VALUES},
        "style": "form",
        "explode": False,
    }


def filter_description(filter_: django_filters.Filter, *, once: bool) -> str:
    """Return what the values of a filter by choice are, what repeating it means, and where the values are found."""
    text = _(
        "%(label)s: one value, or several separated by commas, of which any may fit; what fits a value after an "
        "exclamation mark (!) is left out."
    )
    repeated = _("Repeating it means the same.") if once else _("Repeated, it must fit each time.")
    parts = [text % {"label": filter_.label}, repeated]
    if to_field := filter_.extra.get("to_field_name"):
        model = filter_.extra["queryset"](None).model
        parts.append(
            _("A value is the “%(field)s” of an item of “%(collection)s”, now or formerly, or its identifier.")
            % {"field": to_field, "collection": model.collection}
        )
    if help_text := filter_.extra.get("help_text"):
        parts.append(str(help_text))
    return " ".join(parts)


def fits_once(filterset_class: type[LiveFilterSet], name: str) -> bool:
    """Say whether an item has one value only of what a filter is about."""
    return has_one_value(filterset_class._meta.model, filterset_class.base_filters[name])


def repeatable_filters(filterset_class: type[LiveFilterSet]) -> dict[str, int]:
    """Return the filters that may be given several times, and how often."""
    return {
        name: MAX_VALUES if fits_once(filterset_class, name) else MAX_ROUNDS
        for name, filter_ in filterset_class.base_filters.items()
        if not isinstance(filter_, RangeFilter)
    }
