"""What must be unique: found before it is written, and written in an order that the database accepts."""

import copy
import hashlib
from collections.abc import Iterator
from uuid import UUID

from django.db import models
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from cms.content.models import ContentModel
from cms.packages.constraints import judge
from cms.packages.layout import RowSchema
from cms.packages.planning import RowPlan


class UniqueCheck:
    """One rule of uniqueness, over the rows of the package and those that only the database has."""

    def __init__(self, rows: RowSchema, fields, constraint: models.UniqueConstraint | None = None):
        self.rows = rows
        self.fields = list(fields)
        self.attributes = [rows.model._meta.get_field(name).attname for name in fields]  # type: ignore[union-attr] # a column
        self.condition = constraint.condition if constraint else None
        self.message = None
        if constraint and constraint.violation_error_message != constraint.default_violation_error_message:
            self.message = str(constraint.violation_error_message)
        self.nulls_are_equal = bool(constraint and constraint.nulls_distinct is False)
        self._seen: dict[bytes, str] = {}

    def value(self, row: ContentModel) -> tuple | None:
        """Return what must be unique about ``row``, or ``None`` where the rule does not apply to it."""
        value = tuple(getattr(row, name) for name in self.attributes)
        if None in value and not self.nulls_are_equal:
            return None
        if self.condition is not None and not judge(self.condition, row):
            return None
        return value

    def duplicates(self, plans: list[RowPlan], known: set[UUID]) -> Iterator[tuple[RowPlan, str]]:
        """Yield the plans of rows that have what another row has, each with a message.

        Rows in ``known`` are compared as the package has them, others as they are in the database.
        """
        asked: dict[tuple, RowPlan] = {}
        for plan in plans:
            value = self.value(plan.row)
            if value is None:
                continue
            key = hashlib.blake2b(repr(value).encode(), digest_size=16).digest()
            if first := self._seen.get(key):
                yield plan, self._message(first)
                continue
            self._seen[key] = plan.name or plan.record["about"]
            if plan.is_new or plan.changed:
                asked[value] = plan
        for value, row in self._in_database(asked, known):
            yield asked[value], self._message(str(row))

    def _in_database(self, asked: dict[tuple, RowPlan], known: set[UUID]) -> Iterator[tuple[tuple, ContentModel]]:
        if not asked:
            return
        columns = zip(*asked, strict=True)
        lookups = {f"{name}__in": set(values) for name, values in zip(self.attributes, columns, strict=True)}
        if any(None in values for values in lookups.values()):
            return  # the few constraints in which nothing equals nothing are left to the database
        for row in self.rows.model.objects.order_by().filter(**lookups).iterator():
            value = self.value(row)
            if value in asked and row.pk not in known:
                yield value, row

    def _message(self, other: str) -> str:
        if self.message:
            return self.message + " " + _("See “%(other)s”.") % {"other": other}
        meta = self.rows.model._meta
        if not any(name in self.rows.key_of_column for name in self.fields):
            return _("there can be only one, and “%(other)s” is here already.") % {"other": other}
        labels = [str(meta.get_field(name).verbose_name) for name in self.fields]  # type: ignore[union-attr] # a column
        return _("“%(other)s” has the same %(fields)s, which must be unique.") % {
            "other": other,
            "fields": get_text_list(labels, _("and")),
        }


def unique_checks(rows: RowSchema) -> list[UniqueCheck]:
    """Return the rules of uniqueness of a model, without that of its natural key.

    The natural key tells rows apart: two rows with the same one are the same row.
    """
    meta = rows.model._meta
    names = set(rows.natural_key) | ({rows.parent.name} if rows.parent else set())
    found = [
        UniqueCheck(rows, [field.name])
        for field in meta.concrete_fields
        if field.unique and not field.primary_key and {field.name} != names
    ]
    found += [UniqueCheck(rows, fields) for fields in meta.unique_together if set(fields) != names]
    found += [
        UniqueCheck(rows, each.fields, each)
        for each in meta.constraints
        if isinstance(each, models.UniqueConstraint) and each.fields and (set(each.fields) != names or each.condition)
    ]
    return found


def in_waves(plans: list[RowPlan], uniques: list[UniqueCheck]) -> Iterator[list[RowPlan]]:
    """Yield changed rows in groups such that a row comes after the one that holds what it is to have.

    The database checks uniqueness row by row: when "main" passes from one row to another, it must first be free.
    Rows that exchange values have no such order; they come last, together, and the database refuses them.
    """
    waiting = {plan.row.pk: plan for plan in plans}
    holders = {}
    for number, unique in enumerate(uniques):
        for plan in plans:
            if (value := unique.value(row_before(plan))) is not None:
                holders[number, value] = plan.row.pk
    needs = {
        plan.row.pk: {
            holder
            for number, unique in enumerate(uniques)
            if (holder := holders.get((number, unique.value(plan.row)))) not in {None, plan.row.pk}  # type: ignore[arg-type] # a row without the value is not found
        }
        for plan in plans
    }
    while waiting:
        ready = [plan for pk, plan in waiting.items() if not needs[pk] & waiting.keys()] or list(waiting.values())
        yield ready
        for plan in ready:
            del waiting[plan.row.pk]


def row_before(plan: RowPlan) -> ContentModel:
    """Return the row of a plan as the database has it."""
    row = copy.copy(plan.row)
    row.__dict__.update(plan.before)
    return row
