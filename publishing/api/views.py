"""The base of all views of the API: reading only, no cookie, everything unknown refused."""

import re
from typing import ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import activate, get_language, override
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from publishing.api.fields import lookup_field
from publishing.api.filters import FilterBackend, multiple_filters
from publishing.api.negotiation import accepted_language, requested_language
from publishing.api.pagination import Pagination
from publishing.api.plans import Answer, plan_for, public_rows
from publishing.api.problems import CACHE_CONTROL, InvalidParameters, parameter_error
from publishing.api.serializers import ContentSerializer
from publishing.filters import LiveFilterSet

UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)  # RFC 9562, section 4
MAX_ERRORS = 20  # that one problem lists


class ReadOnlyView(APIView):
    """Answers GET, HEAD and OPTIONS in the language asked for; knows its parameters and refuses all others."""

    http_method_names = ("get", "head", "options")
    parameters: ClassVar[tuple[str, ...]] = ("lang",)
    # Parameters that take several values, as the FilterSet says.
    repeatable: ClassVar[tuple[str, ...]] = ()

    def dispatch(self, request, *args, **kwargs):
        # Problems too are in a language of the header, whatever the language cookie says; what initial() activates
        # ends with the request.
        with override(accepted_language(request.headers.get("Accept-Language", ""))):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method not in ("GET", "HEAD"):
            return
        self.check_parameters(request)
        language = requested_language(request)
        activate(language)
        self.answer = Answer(request.build_absolute_uri("/").rstrip("/"), language)

    def known_parameters(self) -> tuple[str, ...]:
        """Return the names of the query parameters that this request may have."""
        return self.parameters

    def check_parameters(self, request: Request) -> None:
        """Raise :class:`InvalidParameters` that names every unknown, empty or wrongly repeated parameter."""
        known = self.known_parameters()
        errors = []
        for name, values in request.query_params.lists():
            if name not in known:
                errors.append(parameter_error(name, _("There is no such parameter here."), allowed=sorted(known)))
            elif not all(values if name not in self.repeatable else ",".join(values).split(",")):
                errors.append(parameter_error(name, _("It has no value. Give one, or leave the parameter out.")))
            elif len(values) > 1 and name not in self.repeatable:
                errors.append(parameter_error(name, _("Give it once.")))
            elif any("\x00" in value for value in values):
                errors.append(parameter_error(name, _("Null characters are not allowed.")))
        if errors:
            raise InvalidParameters(errors[:MAX_ERRORS])

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        answer = getattr(self, "answer", None)
        used = sorted(answer.languages_used) if answer and response.status_code == 200 else []
        response["Content-Language"] = ", ".join(used) or get_language()
        response["Cache-Control"] = CACHE_CONTROL
        return response

    def options(self, request, *args, **kwargs) -> Response:
        return Response(status=204)


class ContentViewSet(GenericViewSet, ReadOnlyView):
    """The list and the items of one content model, live ones only.

    Subclasses state ``model``, ``filterset_class``, ``serializer_class`` of the list and
    ``detail_serializer_class``, and for the documentation ``list_summary`` and ``detail_summary``.
    """

    model: ClassVar[type[Model]]
    filterset_class: ClassVar[type[LiveFilterSet]]
    detail_serializer_class: ClassVar[type[ContentSerializer]]
    list_summary: ClassVar[str]
    detail_summary: ClassVar[str]

    filter_backends = (FilterBackend,)
    pagination_class = Pagination
    lookup_field = "key"
    lookup_value_regex = "[^/]+"

    def known_parameters(self) -> tuple[str, ...]:
        if self.action != "list":
            return self.parameters
        return (*self.parameters, *self.filterset_class.base_filters, *self.pagination_class.parameters)

    @property
    def repeatable(self) -> tuple[str, ...]:
        return multiple_filters(self.filterset_class) if self.action == "list" else ()

    def get_queryset(self) -> QuerySet:
        """Return the public items in their usual order, made total by the key."""
        return public_rows(self.model).order_by(*self.model._meta.ordering, "pk")

    def get_serializer_class(self) -> type[ContentSerializer]:
        return self.serializer_class if self.action == "list" else self.detail_serializer_class

    def get_serializer_context(self) -> dict:
        return {**super().get_serializer_context(), "answer": getattr(self, "answer", None)}

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        try:
            return super().filter_queryset(queryset)
        except InvalidParameters as error:  # all that is wrong is said at once
            raise InvalidParameters([*error.errors, *self.paginator.wrong_numbers(self.request)]) from None

    def prepared(self, queryset: QuerySet) -> QuerySet:
        """Return ``queryset`` with all that the serializer reads."""
        return plan_for(self.get_serializer_class(), self.answer.language).prepare(queryset)

    def list(self, request: Request) -> Response:
        queryset = self.prepared(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(queryset), many=True).data)

    def retrieve(self, request: Request, key: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    def get_object(self) -> Model:
        """Return the live item whose identifier, slug or code is in the address, or raise ``NotFound``."""
        key = self.kwargs["key"]
        field = "pk" if UUID_FORM.fullmatch(key) else lookup_field(self.model)
        item = None
        if field != "id" and "\x00" not in key:
            item = self.prepared(self.get_queryset()).filter(**{field: key}).first()
        if item is None:
            raise NotFound(_("There is no public item of this name or identifier."))
        return item
