"""Paging of lists: ``limit`` items a page, ``page`` from 1, in the body that clients of the framework know.

Clients follow ``next`` and ``previous`` and need not make such addresses themselves.
"""

import re
from math import ceil

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from publishing.api.problems import InvalidParameters, parameter_error

WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class Pagination(BasePagination):
    """Pages of a queryset that is totally ordered; a page past the last is 404, a wrong number 400."""

    default_limit = 50
    max_limit = 200
    parameters = ("limit", "page")

    def paginate_queryset(self, queryset: QuerySet, request: Request, view=None) -> list:
        self.request = request
        if errors := self.wrong_numbers(request):
            raise InvalidParameters(errors)
        self.limit = whole_number(request.query_params.get("limit", str(self.default_limit)))
        self.page = whole_number(request.query_params.get("page", "1"))
        self.count = queryset.order_by().count()
        if self.page > self.last_page:
            message = ngettext("There is %(count)d page.", "There are %(count)d pages.", self.last_page)
            raise NotFound(message % {"count": self.last_page})
        start = (self.page - 1) * self.limit
        return list(queryset[start : start + self.limit])

    @property
    def last_page(self) -> int:
        """The number of the last page; an empty list has one page."""
        return max(1, ceil(self.count / self.limit))

    def wrong_numbers(self, request: Request) -> list[dict]:
        """Return an entry of ``errors`` for each of ``limit`` and ``page`` that is not a number in range."""
        limit = whole_number(request.query_params.get("limit", str(self.default_limit)))
        page = whole_number(request.query_params.get("page", "1"))
        errors = []
        if limit is None or not 1 <= limit <= self.max_limit:
            detail = _("Give a whole number from 1 to %(most)d.") % {"most": self.max_limit}
            errors.append(parameter_error("limit", detail))
        if page is None or page < 1:
            errors.append(parameter_error("page", _("Give a whole number, 1 or more.")))
        return errors

    def get_paginated_response(self, data: list) -> Response:
        return Response(
            {
                "count": self.count,
                "next": self.link(self.page + 1),
                "previous": self.link(self.page - 1),
                "results": data,
            }
        )

    def link(self, page: int) -> str | None:
        """Return the address of another page of this list, or ``None`` where there is none."""
        if not 1 <= page <= self.last_page:
            return None
        return replace_query_param(self.request.build_absolute_uri(), "page", page)

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
                "results": schema | {"description": _("The items of this page, in a fixed order.")},
            },
        }

    def get_schema_operation_parameters(self, view) -> list[dict]:
        return [
            {
                "name": "limit",
                "in": "query",
                "description": _("How many items a page has at most."),
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": self.max_limit,
                    "default": self.default_limit,
                },
            },
            {
                "name": "page",
                "in": "query",
                "description": _("Number of the page, from 1. A page past the last is 404."),
                "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 1},
            },
        ]


def whole_number(text: str) -> int | None:
    """Return the number that ``text`` writes in ASCII digits, at most nine of them, else ``None``."""
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None
