"""Signed keyset cursors: where in an order a page begins, so that page 1,000 costs what page 1 costs.

A cursor holds the values of the sort keys of the row that the page comes after (or, going back, before), signed, and
a digest of the query that it was made for. Rows that come or go elsewhere in the list move nothing.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.core import signing
from django.db.models import BooleanField, Func, Model, OrderBy, Q, QuerySet, Value
from django.db.models.lookups import Exact, GreaterThan, IsNull, LessThan

from cms.api.sorting import SortKey

SALT = "cms.api.cursor"
MAX_LENGTH = 4_000  # characters of a cursor; ours are far shorter


class WrongCursorError(Exception):
    """A cursor that is not ours."""


class OtherQueryError(WrongCursorError):
    """A cursor of ours that was made for another query."""


class OtherLanguageError(WrongCursorError):
    """A cursor of ours that was made for the same query in another language, which is ``args[0]``."""


@dataclass(frozen=True)
class Cursor:
    """A position: the values of the sort keys of a row, and whether the page lies before it."""

    values: tuple
    backwards: bool = False


def digest(*parts) -> str:
    """Return what tells one query from another."""
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=12).hexdigest()


def write_cursor(cursor: Cursor, query: str, language: str) -> str:
    """Return ``cursor`` as a parameter of the query whose digest is ``query``, asked in ``language``."""
    values = [value if value is None or isinstance(value, int | str) else str(value) for value in cursor.values]
    return signing.dumps([query, language, int(cursor.backwards), values], salt=SALT, compress=True)


def read_cursor(text: str, query: str, language: str) -> Cursor:
    """Return the cursor that ``text`` writes; raise :class:`WrongCursorError` or the kind of it that fits."""
    try:
        if len(text) > MAX_LENGTH:
            raise WrongCursorError
        made_for, made_in, backwards, values = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise WrongCursorError from None
    if made_for != query:
        raise OtherQueryError
    if made_in != language:
        raise OtherLanguageError(made_in)
    return Cursor(tuple(values), bool(backwards))


class Row(Func):
    """Expressions as one row value, which databases compare key by key, each read once."""

    template = "(%(expressions)s)"
    function = ""
    output_field = BooleanField()


class RowAfter(Func):
    """Whether one row value comes after another."""

    template = "(%(expressions)s)"
    arg_joiner = " > "
    arity = 2
    output_field = BooleanField()


@dataclass(frozen=True)
class Order:
    """A total order of a list, which pages are cut from."""

    keys: tuple[SortKey, ...]

    def annotated(self, queryset: QuerySet) -> QuerySet:
        """Return ``queryset`` with the value of each key as ``sort_key_<n>``."""
        return queryset.annotate(**{f"sort_key_{number}": key.expression for number, key in enumerate(self.keys)})

    def ordered(self, queryset: QuerySet, *, backwards: bool = False) -> QuerySet:
        """Return ``queryset`` in this order, rows without a value last, or all of it turned round."""
        return queryset.order_by(
            *(
                OrderBy(
                    key.expression,
                    descending=key.descending != backwards,
                    nulls_last=(not backwards or None) if key.nullable else None,
                    nulls_first=(backwards or None) if key.nullable else None,
                )
                for key in self.keys
            )
        )

    def beyond(self, queryset: QuerySet, cursor: Cursor) -> QuerySet:
        """Return the rows of ``queryset`` that come after the cursor's row, or before it going backwards."""
        if len(cursor.values) != len(self.keys):
            raise WrongCursorError
        values = [self.value(queryset, key, value) for key, value in zip(self.keys, cursor.values, strict=True)]
        directions = {key.descending for key in self.keys}
        if len(directions) == 1 and not any(key.nullable for key in self.keys):
            rows = [Row(*(key.expression for key in self.keys)), Row(*values)]
            upwards = directions.pop() == cursor.backwards
            return queryset.filter(RowAfter(*(rows if upwards else reversed(rows))))
        return queryset.filter(self.condition(values, cursor))

    def value(self, queryset: QuerySet, key: SortKey, value) -> Value | None:
        """Return a value of a cursor as the database compares it; raise :class:`WrongCursorError`."""
        if value is None:
            return None
        field = key.expression.resolve_expression(queryset.query.clone()).output_field
        try:
            return Value(field.to_python(value), output_field=field)
        except Exception:
            raise WrongCursorError from None

    def condition(self, values: list[Value | None], cursor: Cursor) -> Q:
        """Return: further by the first key, or equal by it and further by the second, and so on."""
        alternatives = []
        equal = Q()
        for key, value in zip(self.keys, values, strict=True):
            further = self.further(key, value, backwards=cursor.backwards)
            if further is not None:
                alternatives.append(equal & further)
            equal &= Q(absent(key)) if value is None else Q(Exact(key.expression, value))
        return reduce(or_, alternatives)

    def further(self, key: SortKey, value: Value | None, *, backwards: bool) -> Q | None:
        """Return the condition that a row lies further by one key, or ``None`` where nothing does."""
        if value is None:  # the last there is
            return ~Q(absent(key)) if backwards else None
        compare = LessThan if key.descending != backwards else GreaterThan
        condition = Q(compare(key.expression, value))
        if key.nullable and not backwards:
            condition |= Q(absent(key))
        return condition

    def cursor_at(self, row: Model, *, backwards: bool) -> Cursor:
        """Return the position of a row that has the values of :meth:`annotated`."""
        values = [getattr(row, f"sort_key_{number}") for number in range(len(self.keys))]
        return Cursor(tuple(values), backwards)


def absent(key: SortKey) -> IsNull:
    """Return the condition that a row has no value for ``key``."""
    return IsNull(key.expression, True)  # noqa: FBT003 - Django's signature
