"""Values of filters: an item by all that ever stood for it, what is not to fit, and what is missing in a language."""

from typing import Any
from uuid import UUID

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelMultipleChoiceField

from cms.api.records import UUID_FORM
from cms.content.languages import column, site_languages
from cms.content.models import Child, ContentModel
from cms.content.snapshots import child_relations
from cms.publishing.redirects import former_keys

NOT = "!"  # before a value: what does not fit it


class ItemChoiceField(ModelMultipleChoiceField):
    """Items named by slug or code in any capitals, by a slug that they had before, or by their identifier."""

    def _check_values(self, value: list[str]) -> QuerySet:
        names = list(dict.fromkeys(value))
        try:
            return super()._check_values(names)
        except ValidationError:
            return super()._check_values(present_names(self.queryset, self.to_field_name, names))


def present_names(rows: QuerySet, field: str, names: list[str]) -> list[str]:
    """Return ``names`` with those that stand for a row of ``rows`` in another way replaced by its ``field``.

    Four queries.
    """
    known = set(rows.filter(**{f"{field}__in": names}).values_list(field, flat=True))
    others = [name for name in names if name not in known]
    keys = former_keys(rows.model, others) | {name: UUID(name) for name in others if UUID_FORM.fullmatch(name)}
    by_key = dict(rows.filter(pk__in=keys.values()).values_list("pk", field))
    lowered = rows.annotate(lowered=Lower(field)).filter(lowered__in=[name.lower() for name in others])
    by_capitals = dict(lowered.values_list("lowered", field))
    present = {name: by_key.get(keys.get(name)) or by_capitals.get(name.lower(), name) for name in others}
    return [present.get(name, name) for name in names]


class IdentifierField(django_filters.fields.MultipleChoiceField):
    """Identifiers of items. One that no public item has is no mistake: it may have had one."""

    def validate(self, value: list[str]) -> None:
        for text in value:
            if not UUID_FORM.fullmatch(text):
                raise ValidationError(_("“%(value)s” is no identifier (UUID)."), "invalid", {"value": text[:80]})


class IdentifierFilter(django_filters.MultipleChoiceFilter):
    field_class = IdentifierField
    always_filter = False


class MissingFilter(django_filters.MultipleChoiceFilter):
    """Items of which a text, their own or of their children, is in some language and not in this one."""

    def __init__(self, **kwargs):
        choices = [(code, code) for code in site_languages()]
        super().__init__(choices=choices, **{"label": _("Language in which texts are missing"), **kwargs})

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        if not value:
            return qs
        found = Q()
        for code in value:
            found |= missing_in(self.model, code)
        return qs.filter(found)


def missing_in(model: type[ContentModel], language: str) -> Q:
    """Return the condition that a text of a row, or of one of its public children, is missing in ``language`` only."""
    found = lacking(model, language)
    for child in child_relations(model).values():
        if child.schema.public and (condition := lacking(child, language)):
            rows: Any = child._base_manager.filter(condition, **{child.parent_field: OuterRef("pk")})
            found |= Q(Exists(rows))
    return found


def lacking(model: type[ContentModel] | type[Child], language: str) -> Q:
    """Return the condition that a public text of a row is in some language and not in ``language``."""
    found = Q()
    for name in model.schema.translated:
        if name in model.schema.public:
            others = [column(name, code) for code in site_languages() if code != language]
            there = Q()
            for other in others:
                there |= has_text(other)
            found |= ~has_text(column(name, language)) & there
    return found


def has_text(name: str) -> Q:
    """Return the condition that the column ``name`` holds a text."""
    return Q(**{f"{name}__isnull": False}) & ~Q(**{name: ""})


def divided(value: str) -> tuple[str, str]:
    """Return the values of a filter, which commas divide, that are to fit, and those that are not to."""
    values = value.split(",")
    unwanted = [each for each in values if is_negated(each)]
    wanted = [each for each in values if not is_negated(each)]
    return ",".join(wanted), ",".join(each.removeprefix(NOT) for each in unwanted)


def is_negated(value: str) -> bool:
    return value.startswith(NOT) and value != NOT
