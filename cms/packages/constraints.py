"""Conditions of constraints judged on a row in memory, because asking the database costs a query a row.

The usual lookups on the row's own columns are understood, with SQL's three values: true, false and unknown (None).
For anything else :func:`judge` lets Django ask the database.
"""

import operator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Q


class NotUnderstood(Exception):
    """A condition says more than can be judged here."""


COMPARISONS = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def judge(condition: Q, row: models.Model) -> bool | None:
    """Return what ``condition`` says of ``row``: true, false, or ``None`` where SQL says unknown."""
    try:
        return judge_q(condition, row)
    except NotUnderstood:
        return Q(condition).check(row._get_field_expression_map(meta=row._meta))  # type: ignore[attr-defined] # what Django's own constraints call


def judge_q(condition: Q, row: models.Model) -> bool | None:
    results = [judge_q(part, row) if isinstance(part, Q) else judge_lookup(part, row) for part in condition.children]
    if condition.connector == Q.AND:
        result = False if False in results else None if None in results else True
    elif condition.connector == Q.OR:
        result = True if True in results else None if None in results else False
    else:
        raise NotUnderstood
    return (None if result is None else not result) if condition.negated else result


def judge_lookup(part: Any, row: models.Model) -> bool | None:
    if not isinstance(part, tuple):
        raise NotUnderstood
    path, expected = part
    name, _separator, lookup = path.partition("__")
    actual = value_of(row, name)
    if isinstance(expected, F):
        expected = value_of(row, expected.name)  # type: ignore[attr-defined] # Django's F has a name
    elif hasattr(expected, "resolve_expression"):
        raise NotUnderstood
    lookup = lookup or "exact"
    if lookup == "isnull" or (lookup == "exact" and part[1] is None):
        return (actual is None) == (lookup == "exact" or expected)
    if lookup == "in" and isinstance(expected, list | tuple | set | frozenset):
        return None if actual is None else actual in expected
    if lookup == "range" and isinstance(expected, list | tuple) and None not in expected:
        return None if actual is None else expected[0] <= actual <= expected[1]
    if lookup not in COMPARISONS or isinstance(expected, models.Model):
        raise NotUnderstood
    return None if actual is None or expected is None else COMPARISONS[lookup](actual, expected)


def value_of(row: models.Model, name: str) -> Any:
    """Return the value of a row's own column; a foreign key is the id of what it points to."""
    try:
        field = row._meta.pk if name == "pk" else row._meta.get_field(name)
    except FieldDoesNotExist:
        raise NotUnderstood from None
    return getattr(row, field.attname)  # type: ignore[union-attr] # a column
