"""``facets=``: how many of the items that a list finds have each value of a filter."""

from functools import cache
from typing import Any

import django_filters
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from cms.api.choices import IdentifierFilter, MissingFilter
from cms.api.problems import parameter_error, shorten
from cms.content.lookups import fold
from cms.content.models import ContentModel
from cms.pages.filters import LiveFilterSet

MAX_FACETS = 5  # in one request: each is counted by two queries at most
MAX_VALUES = 200  # of one facet, those with the most items

Values = list[dict[str, Any]]


@cache
def countable(filterset_class: type[LiveFilterSet]) -> dict[str, str]:
    """Return the filters whose values can be counted, each with the path from an item to its value."""
    found = {}
    model: Any = filterset_class._meta.model
    for name, filter_ in filterset_class.base_filters.items():
        is_choice = isinstance(filter_, django_filters.MultipleChoiceFilter)
        if is_choice and not isinstance(filter_, IdentifierFilter | MissingFilter):
            if path := path_of_value(model, filter_):
                found[name] = path
    return found


def path_of_value(model: type[ContentModel], filter_: django_filters.Filter) -> str:
    """Return the path to the row or column that ``filter_`` is about.

    Empty where it is about the item itself, or looks at rows that the item does not name.
    """
    try:
        fields = get_fields_from_path(model, filter_.field_name)
    except FieldDoesNotExist:
        return ""
    if not isinstance(filter_, django_filters.ModelMultipleChoiceFilter):
        return filter_.field_name
    steps = filter_.field_name.split("__")
    return "__".join(steps if fields[-1].is_relation else steps[:-1])


def read_facets(filterset_class: type[LiveFilterSet], text: str) -> tuple[list[str], list[dict]]:
    """Return the names in ``facets=``, and an entry of ``errors`` for each that is wrong."""
    given = text.split(",") if text else []
    if len(given) > MAX_FACETS:
        return [], [parameter_error("facets", _("Give at most %(most)d values.") % {"most": MAX_FACETS})]
    names, known = list(dict.fromkeys(given)), list(countable(filterset_class))  # type: ignore[arg-type] # a class is hashable
    return names, [not_countable(name, known) for name in names if name not in known]


def not_countable(name: str, known: list[str]) -> dict:
    """Return the entry of ``errors`` for a name in ``facets=`` whose values cannot be counted."""
    detail = _("Values of “%(name)s” cannot be counted.") % {"name": shorten(name)}
    return parameter_error("facets", detail, allowed=known, given=name)


def counted(filterset_class: type[LiveFilterSet], names: list[str], rows: QuerySet) -> dict[str, Values]:
    """Return by filter the values of ``rows`` with their names and numbers, the most frequent first, then by name."""
    return {
        name: sorted(values_of(filterset_class, name, rows), key=lambda each: (-each["count"], fold(each["name"])))
        for name in names
    }


def values_of(filterset_class: type[LiveFilterSet], name: str, rows: QuerySet) -> Values:
    path, filter_ = countable(filterset_class)[name], filterset_class.base_filters[name]  # type: ignore[arg-type] # a class is hashable
    found = rows.order_by().values_list(path).annotate(number=Count("pk", distinct=True)).exclude(**{path: None})
    numbers = dict(found.order_by("-number", path)[:MAX_VALUES])
    if isinstance(filter_, django_filters.ModelMultipleChoiceFilter):
        return values_of_rows(filter_, numbers)
    names = dict(filter_.extra["choices"])
    return [
        {"value": value, "name": str(names.get(value, value)), "count": number}
        for value, number in numbers.items()
        if value != ""
    ]


def values_of_rows(filter_: django_filters.ModelMultipleChoiceFilter, numbers: dict) -> Values:
    """Return the values of a filter by rows, of which only those count that the public sees."""
    queryset: Any = filter_.extra["queryset"](None)
    field: Any = filter_.field_class(queryset=queryset, to_field_name=filter_.extra.get("to_field_name"))
    found = {row.pk: row for row in related(queryset).filter(pk__in=list(numbers))}
    return [
        {"value": str(field.prepare_value(found[key])), "name": str(found[key]), "count": number}
        for key, number in numbers.items()
        if key in found
    ]


def related(queryset: QuerySet) -> QuerySet:
    """Return ``queryset`` so that rows are read with those that their names are made of."""
    parent = getattr(queryset.model, "parent_field", None)
    return queryset.select_related(parent) if parent else queryset
