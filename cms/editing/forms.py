"""Forms of the admin: what staff may leave blank is filled in here, and only here.

An address (slug, anchor) that is left blank is made from the item's name in the first language that has one; a row
that is added to an ordered list goes to its end.
"""

import re
from typing import ClassVar

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.models import BaseInlineFormSet
from django.utils.functional import SimpleLazyObject
from django.utils.text import slugify

from cms.content.characters import looks_blank
from cms.content.fields import is_rich
from cms.content.languages import column, is_translated, site_languages
from cms.content.links import validate_links
from cms.editing.access import NOT_SHOWN
from cms.editing.still_right import Outdated, offer
from cms.editing.widgets import LoadedAutocompleteSelect

DASHES = re.compile("[\u2010-\u2015\u2212/]")
BETWEEN_NUMBERS = re.compile(r"(?<=\d)[.,:](?=\d)")


def unique_name(base: str, taken, max_length: int) -> str:
    """Return ``base``, or ``base-2``, ``base-3`` ... when it is among ``taken``; never longer than ``max_length``."""
    base = base[:max_length].strip("-")
    name, number = base, 1
    while name in taken:
        number += 1
        suffix = f"-{number}"
        name = f"{base[: max_length - len(suffix)]}{suffix}"
    return name


def label_within(queryset, present, label):
    """Return ``label`` for all rows but those of ``present`` (keys) that are not in ``queryset``: of them it says only
    that there is one. One query, when the first label is asked for."""
    hidden = SimpleLazyObject(lambda: hidden_among(queryset, present))
    return lambda row: NOT_SHOWN if row.pk in hidden else label(row)


def hidden_among(queryset, present) -> set:
    """Return the keys of ``present`` that are not those of rows of ``queryset``."""
    keys = set(present)
    return keys - set(queryset.order_by().filter(pk__in=keys).values_list("pk", flat=True))


def slug_of(text: str) -> str:
    """Return ``text`` as a slug. Dashes of all kinds and slashes part words, dots and commas numbers: Django leaves
    them out, and makes 20272030 of 2027–2030. ``form.js`` does the same while somebody types."""
    return slugify(BETWEEN_NUMBERS.sub("-", DASHES.sub("-", text)))


class ContentForm(forms.ModelForm):
    """The form of a content item: a blank slug is filled in, related items that are at hand are not read again."""

    address_field = "slug"
    outdated: ClassVar[Outdated | None] = None  # texts of the item that the form is opened on

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.outdated and not self.instance._state.adding:
            offer(self, self.outdated)
        if self.address_field in self.fields:
            self.fields[self.address_field].required = False
        self.share_loaded_items()
        self.keep_present_choices()

    def share_loaded_items(self):
        loaded = self.instance._state.fields_cache
        for name, field in self.fields.items():
            widget = field.widget.widget if isinstance(field.widget, RelatedFieldWidgetWrapper) else field.widget
            if isinstance(widget, LoadedAutocompleteSelect) and loaded.get(name) is not None:
                widget.loaded = {str(loaded[name].pk): loaded[name]}

    def keep_present_choices(self):
        """Let a field keep the item that is chosen now, even where the person could not choose it anew."""
        for name, field in self.fields.items():
            if type(field) is forms.ModelChoiceField:
                present = getattr(self.instance, self._meta.model._meta.get_field(name).attname)
                if present is not None and field.queryset.query.where:
                    everything = field.queryset.model._default_manager
                    allowed = Q(pk__in=field.queryset.order_by().values("pk")) | Q(pk=present)
                    field.label_from_instance = label_within(field.queryset, [present], field.label_from_instance)
                    field.queryset = everything.filter(allowed)
            elif isinstance(field, forms.ModelMultipleChoiceField) and not self.instance._state.adding:
                if field.queryset.query.where:
                    present = getattr(self.instance, name).order_by().values_list("pk", flat=True)
                    allowed = Q(pk__in=field.queryset.order_by().values("pk")) | Q(pk__in=present)
                    field.label_from_instance = label_within(field.queryset, present, field.label_from_instance)
                    field.queryset = field.queryset.model._default_manager.filter(allowed)

    def clean(self):
        super().clean()
        self.check_links()
        name = self.address_field
        if name in self.fields and name not in self.errors and not self.cleaned_data.get(name):
            self.cleaned_data[name] = getattr(self.instance, name) or self.new_address()
        return self.cleaned_data

    def check_links(self) -> None:
        """Refuse wrong links in the rich texts that were changed: who writes one language need not mend another's."""
        rich = {column.name for column in self._meta.model._meta.concrete_fields if is_rich(column)}
        for name in rich.intersection(self.changed_data, self.cleaned_data):
            try:
                validate_links(self.cleaned_data[name] or "")
            except ValidationError as error:
                self.add_error(name, error)

    def new_address(self) -> str:
        """Return a free slug for a new item, or ``""`` when it has no name to make one from."""
        base = self.address_base()
        if not base:
            return ""
        taken = self._meta.model.objects.filter(**{f"{self.address_field}__startswith": base[:20]})
        return unique_name(
            base,
            set(taken.values_list(self.address_field, flat=True)),
            self._meta.model._meta.get_field(self.address_field).max_length,
        )

    def address_base(self) -> str:
        """Return what the address is made from: the name in the first language that has one.

        A name without a Latin letter gives the kind of item instead, which can be changed before it is published.
        """
        name = self.first_text(getattr(self._meta.model, "name_field", ""))
        return (slug_of(name) or self._meta.model._meta.model_name) if name else ""

    def first_text(self, field_name: str) -> str:
        """Return the submitted text of ``field_name`` in the first of the site's languages that has one."""
        if not is_translated(self._meta.model, field_name):
            return self.cleaned_data.get(field_name) or ""
        found = (self.cleaned_data.get(column(field_name, code)) for code in site_languages())
        return next((text for text in found if text and not looks_blank(text)), "")


class ChildForm(ContentForm):
    """The form of one row of an inline."""

    address_field = "anchor"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "position" in self.fields:
            self.fields["position"].required = False
            if self.instance._state.adding:
                self.initial["position"] = None

    def has_changed(self):
        """Say whether there is anything to save; a new row with nothing but a place in the order is still blank."""
        changed = set(self.changed_data)
        return bool(changed - {"position"} if self.instance._state.adding else changed)

    def clean_position(self):
        position = self.cleaned_data["position"]
        return self.instance.position if position is None and not self.instance._state.adding else position

    def new_address(self) -> str:
        """Leave it to the formset, which knows the addresses of the other rows."""
        return ""


class ChildFormSet(BaseInlineFormSet):
    """The rows of an inline: new ones get the next position and, where they have one, a free anchor."""

    def clean(self):
        filled = [
            form
            for index, form in enumerate(self.forms)
            if hasattr(form, "cleaned_data")
            and not self._should_delete_form(form)
            and (index < self.initial_form_count() or form.has_changed())
        ]
        self.fill_positions(filled)
        if self.form.address_field in self.form.base_fields:
            self.fill_addresses(filled)
        super().clean()

    def fill_positions(self, forms):
        known = [form.cleaned_data.get("position") for form in forms]
        last = max((position for position in known if position is not None), default=-1)
        for form in forms:
            if form.cleaned_data.get("position") is None and "position" not in form.errors:
                last += 1
                form.cleaned_data["position"] = form.instance.position = last

    def fill_addresses(self, forms):
        name = self.form.address_field
        taken = {getattr(form.instance, name) for form in forms}
        for form in forms:
            if getattr(form.instance, name) or name in form.errors:
                continue
            base = form.address_base()
            if base:
                address = unique_name(base, taken, self.model._meta.get_field(name).max_length)
                taken.add(address)
                form.cleaned_data[name] = address
                setattr(form.instance, name, address)
