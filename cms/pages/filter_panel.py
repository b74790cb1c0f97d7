"""The filters of a list page: choices read once, what is chosen, and the addresses that undo it.

A FilterSet checks and filters; this is how a page shows it, as a plain GET form (WHATWG HTML, section 4.10.21.3).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cms.content.languages import LocalizedText

MOST_CHOICES = 50  # of one filter that a page lists; an address may name any other


@dataclass(frozen=True)
class Choice:
    """One thing to choose: the value in the address, the text beside it and the heading it stands under."""

    value: str
    label: LocalizedText | str
    heading: LocalizedText | str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class ChoiceGroup:
    """All choices of one filter."""

    name: str
    label: str
    choices: list[Choice]
    is_cut: bool = False

    @property
    def chosen(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.is_chosen]

    @property
    def headings(self) -> list[tuple[LocalizedText | str, list[Choice]]]:
        """The choices by the heading they stand under."""
        return [(heading, list(found)) for heading, found in groupby(self.choices, key=lambda choice: choice.heading)]


@dataclass(frozen=True)
class ActiveFilter:
    """A filter in force, and the query string of the same page without it."""

    label: str
    value: LocalizedText | str
    query_without: str


@dataclass(frozen=True)
class FilterPanel:
    """What the form of a list page shows. ``query`` is the valid part of the present query string, in order."""

    search: str
    search_label: str
    groups: list[ChoiceGroup]
    active: list[ActiveFilter] = field(default_factory=list)
    query: str = ""


class LoadedChoiceField(forms.Field):
    """Stands in for the field of a model filter: the same choices, read from the database once.

    The page shows them all in any case; checking what was asked for against them saves a query for each filter.
    """

    widget = forms.SelectMultiple

    def __init__(self, model_field: forms.ModelMultipleChoiceField):
        super().__init__(required=False, label=model_field.label)
        self.model_field = model_field
        queryset: Any = model_field.queryset
        rows = list(queryset.for_choices()[: MOST_CHOICES + 1])
        self.is_cut = len(rows) > MOST_CHOICES
        self.rows = self.by_name(rows[:MOST_CHOICES])

    def by_name(self, rows: Iterable[Model]) -> dict[str, Model]:
        """Return rows by what stands for them in an address."""
        return {str(self.model_field.prepare_value(row)): row for row in rows}

    def clean(self, value):
        unknown = [name for name in value if name not in self.rows]
        if unknown and self.is_cut:
            self.rows |= self.by_name(self.model_field.clean(unknown))
        elif unknown:
            raise ValidationError(
                _("“%(value)s” is not one of the choices."), code="invalid_choice", params={"value": unknown[0][:80]}
            )
        return [self.rows[name] for name in dict.fromkeys(value)]


def without_blanks(data: QueryDict) -> QueryDict:
    """Return ``data`` without empty values: a form sends its empty search field too."""
    filled = QueryDict(mutable=True)
    for name, values in data.lists():
        if kept := [value for value in values if value.strip()]:
            filled.setlist(name, kept)
    return filled


def load_choices(form: forms.Form) -> None:
    """Replace each field of ``form`` that offers rows of a model by one that reads them once."""
    for name, form_field in form.fields.items():
        if isinstance(form_field, forms.ModelMultipleChoiceField):
            form.fields[name] = LoadedChoiceField(form_field)


def choice_groups(form: forms.Form, heading: Callable) -> list[ChoiceGroup]:
    """Return the choices of a form that was checked; ``heading(name, row)`` gives the text that a row stands under."""
    groups = []
    data: Any = form.data  # a QueryDict
    form_field: Any
    for name, form_field in form.fields.items():
        chosen = set(data.getlist(name))
        if isinstance(form_field, LoadedChoiceField):
            rows: dict[str, Any] = form_field.rows
            choices = [Choice(value, row.label, heading(name, row), value in chosen) for value, row in rows.items()]
        elif isinstance(form_field, forms.MultipleChoiceField):
            choices = [Choice(value, capfirst(label), "", value in chosen) for value, label in form_field.choices]  # type: ignore[arg-type, misc, type-var, union-attr] # choices of a form field, always pairs
        else:
            continue
        groups.append(ChoiceGroup(name, str(form_field.label), choices, getattr(form_field, "is_cut", False)))
    return groups


def build_panel(form: forms.Form, *, shown: list[str], heading: Callable) -> FilterPanel:
    """Return the panel of a form that was checked. ``shown`` names the filters that are offered, in their order;
    the others are in force when the address names them."""
    search = form.cleaned_data.get("search") or ""
    groups = {group.name: group for group in choice_groups(form, heading)}
    pairs = [("search", search, str(form.fields["search"].label), search)] if search else []
    pairs += [
        (name, choice.value, groups[name].label, choice.label)
        for name in sorted(groups, key=lambda name: shown.index(name) if name in shown else len(shown))
        for choice in groups[name].chosen
    ]
    query = [(name, value) for name, value, *_ in pairs]
    return FilterPanel(
        search=search,
        search_label=str(form.fields["search"].label),
        groups=[groups[name] for name in shown if groups[name].choices],
        active=[
            ActiveFilter(label, text, urlencode([pair for pair in query if pair != (name, value)]))
            for name, value, label, text in pairs
        ],
        query=urlencode(query),
    )
