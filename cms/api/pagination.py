"""Paging of lists: ``limit`` items from a signed cursor on, in the body that clients of the framework know.

Clients follow ``next`` and ``previous`` and need not make such addresses themselves.
"""

import re
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import F, Func, IntegerField, QuerySet, Subquery
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from cms.api.cursors import (
    MAX_LENGTH,
    Cursor,
    Order,
    OtherLanguageError,
    OtherQueryError,
    WrongCursorError,
    digest,
    read_cursor,
    write_cursor,
)
from cms.api.problems import parameter_error

WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
DEFAULT_LIMIT = 50
MAX_LIMIT = 200
COUNT_SECONDS = 60 * 60  # that a count is kept; it belongs to one content version
# Parameters that change what a page shows, but not which rows follow each other; the language counts as it is found.
FREE = ("cursor", "limit", "fields", "expand", "lang", "facets", "format", "bom")


@dataclass(frozen=True)
class Page:
    """One page of a list and the addresses of the pages around it."""

    rows: list
    count: int
    next: str | None
    previous: str | None

    def body(self, results: list) -> dict:
        """Return the body of the answer."""
        return {"count": self.count, "next": self.next, "previous": self.previous, "results": results}


class Pages(BasePagination):
    """Pages in the OpenAPI description; :class:`Paging` cuts them."""

    def get_paginated_response_schema(self, schema: dict) -> dict:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {
                    "type": "integer",
                    "minimum": 0,
                    "description": _("How many items match, on all pages."),
                    "examples": [1],
                },
                "next": address
                | {
                    "description": _("Address of the next page; null on the last. Follow it as it is."),
                    "examples": [None],
                },
                "previous": address
                | {
                    "description": _("Address of the page before; null on the first. Follow it as it is."),
                    "examples": [None],
                },
                "facets": {
                    "type": "object",
                    "description": _("With “facets”: by filter, its values with how many items have each."),
                    "additionalProperties": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["value", "name", "count"],
                            "properties": {
                                "value": {"type": "string", "description": _("The value, as the filter takes it.")},
                                "name": {"type": "string", "description": _("What it is called.")},
                                "count": {"type": "integer", "description": _("How many items have it.")},
                            },
                        },
                    },
                },
                "results": schema | {"description": _("The items of this page, in a fixed order.")},
            },
        }

    def get_schema_operation_parameters(self, view) -> list[dict]:
        return [
            {
                "name": "limit",
                "in": "query",
                "description": _("How many items a page has at most."),
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            },
            {
                "name": "cursor",
                "in": "query",
                "description": _(
                    "Where the page begins, signed: taken from “next” or “previous” of an answer to the same "
                    "question. Cursors hold while the content changes."
                ),
                "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
            },
        ]


class Paging:
    """What a request asks of the pages of a list; ``language`` and ``order`` are what the list depends on besides."""

    parameters = ("limit", "cursor")

    def __init__(self, request: Request, *, language: str, order: Order | None):
        self.request = request
        self.language = language
        self.order: Order = order  # type: ignore[assignment] # without one, pages are not asked for
        self.errors: list[dict] = []
        self.limit = self.read_limit(request.query_params.get("limit", str(DEFAULT_LIMIT)))
        asked = sorted((name, values) for name, values in request.query_params.lists() if name not in FREE)
        self.query = digest(request.path, asked)
        self.cursor: Cursor | None = None
        if (text := request.query_params.get("cursor")) and order:
            try:
                self.cursor = read_cursor(text, self.query, language)
            except WrongCursorError as error:
                self.errors.append(parameter_error("cursor", what_is_wrong(error)))

    def read_limit(self, text: str) -> int:
        limit = whole_number(text)
        if limit is None or not 1 <= limit <= MAX_LIMIT:
            detail = _("Give a whole number from 1 to %(most)d.") % {"most": MAX_LIMIT}
            self.errors.append(parameter_error("limit", detail))
            return DEFAULT_LIMIT
        return limit

    def page(self, filtered: QuerySet, prepare, *, version: int | None) -> Page:
        """Return the page of the rows in ``filtered``; ``prepare`` adds to a queryset what is read of a row.

        ``version`` is the content version under which the count may be kept, or ``None``. The rows are found by
        their keys alone, so that the database sorts no long text.
        """
        backwards = bool(self.cursor and self.cursor.backwards)
        keyed = self.order.beyond(filtered, self.cursor) if self.cursor else filtered
        keys = self.order.ordered(keyed, backwards=backwards).values("pk")[: self.limit + 1]
        queryset = self.order.annotated(prepare(filtered.model._default_manager.filter(pk__in=keys)))
        queryset = self.order.ordered(queryset, backwards=backwards)
        count_key = f"api-count-{version}-{self.language}-{self.query}"
        count = None if version is None else cache.get(count_key)
        rows = list(queryset if count is not None else queryset.annotate(list_count=self.counted(filtered)))
        if count is None:
            if rows:
                count = rows[0].list_count
            else:
                count = filtered.order_by().count() if self.cursor else 0
            if version is not None:
                cache.set(count_key, count, COUNT_SECONDS)
        more = len(rows) > self.limit
        rows = rows[: self.limit]
        if backwards:
            rows.reverse()
        return Page(
            rows,
            count,
            self.link(rows, last=True) if more or backwards else None,
            self.link(rows, last=False) if self.cursor and (more or not backwards) else None,
        )

    def counted(self, filtered: QuerySet) -> Subquery:
        """Return the number of rows as an expression, so that it costs no query of its own."""
        number = Func(F("pk"), function="COUNT", output_field=IntegerField())
        return Subquery(filtered.order_by().annotate(list_count=number).values("list_count"))

    def link(self, rows: list, *, last: bool) -> str:
        """Return the address of the page after the last of ``rows`` or before the first, in the same language.

        Where a page has no rows, because they are gone by now, the list begins anew.
        """
        address = replace_query_param(self.request.build_absolute_uri(), "lang", self.language)
        if not rows:
            return remove_query_param(address, "cursor")
        cursor = self.order.cursor_at(rows[-1 if last else 0], backwards=not last)
        return replace_query_param(address, "cursor", write_cursor(cursor, self.query, self.language))


def what_is_wrong(error: WrongCursorError) -> str:
    """Return what to do about a cursor that does not lead to a page of this list."""
    if isinstance(error, OtherLanguageError):
        language = error.args[0]
        return _("This cursor is of the list in “%(language)s”: ask with “lang=%(language)s”, or begin anew.") % {
            "language": language
        }
    if isinstance(error, OtherQueryError):
        return _("This cursor is of a list with other filters or another order: ask as you did there, or begin anew.")
    return _("It is no cursor of this list. Take “next” or “previous” of an answer as it is, or begin anew.")


def whole_number(text: str) -> int | None:
    """Return the number that ``text`` writes in ASCII digits, at most nine of them, else ``None``."""
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None
