"""The base of all views of the API: reading only, no cookie, everything unknown refused."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

from django.db.models import F, Model, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import activate, get_language, override
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from cms.api.caching import Validators, current_state
from cms.api.cursors import Order
from cms.api.facets import counted, read_facets
from cms.api.fields import lookup_field
from cms.api.filters import FilterBackend, api_filterset, repeatable_filters
from cms.api.formats import (
    RENDERERS,
    CsvRenderer,
    GeoJsonRenderer,
    JsonLinesRenderer,
    columns_of,
    geojson,
    json_lines,
    table,
)
from cms.api.headers import set_headers
from cms.api.links import alternate_links, link, link_header, usual_links
from cms.api.members import item_serializer, whole_item_serializer
from cms.api.missing import look_further
from cms.api.negotiation import accepted_language, requested_wording
from cms.api.pagination import Pages, Paging
from cms.api.plans import Answer, Plan, plan_for
from cms.api.problems import CACHE_CONTROL, InvalidParameters, parameter_error
from cms.api.records import UUID_FORM
from cms.api.selection import ItemSerializers, read_selection
from cms.api.serializers import ContentSerializer
from cms.api.sorting import read_sort, sort_keys
from cms.content.characters import looks_blank
from cms.content.languages import site_languages
from cms.content.models import ContentModel
from cms.content.registry import public_rows
from cms.pages.filters import LiveFilterSet
from cms.publishing.models import ContentState

MAX_ERRORS = 20  # that one problem lists


class ReadOnlyView(APIView):
    """Answers GET, HEAD and OPTIONS in the language asked for; knows its parameters and refuses all others.

    A request is read before anything of the content is: ``wording`` says in which languages texts are given,
    ``answer`` collects what the answer is made of, ``state`` is the state of the content that it shows.
    """

    http_method_names = ("get", "head", "options")
    parameters: ClassVar[tuple[str, ...]] = ("lang",)
    # Parameters that may be given several times, and how often.
    repeatable: ClassVar[Mapping[str, int]] = MappingProxyType({})
    # Whether the content version says that an answer is still the same.
    is_conditional: ClassVar[bool] = True
    stored_parameters: ClassVar[Any] = None  # all count: an unknown one is refused (cms.pages.stored.addresses)
    # For the description: names of problems that not every view answers with.
    problems: ClassVar[tuple[str, ...]] = ()
    # The same: what stands in the address, and parameters that no other view has.
    described_parameters: ClassVar[tuple[OpenApiParameter, ...]] = ()
    validators: Validators | None = None
    answer: Answer | None = None
    state: ContentState

    def dispatch(self, request, *args, **kwargs):
        # Problems too are in a language of the header, whatever the language cookie says; what initial() activates
        # ends with the request.
        with override(accepted_language(request.headers.get("Accept-Language", ""))):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method not in ("GET", "HEAD"):
            return
        self.state = current_state()
        wording, errors = requested_wording(request)
        if not errors and not self.in_preview and self.is_conditional:
            validators = Validators.of(request, wording, self.state)
            self.validators = validators
            validators.check(request)
        self.answer = Answer(request.build_absolute_uri("/").rstrip("/"), wording)
        errors += self.wrong_parameters(request)
        if not errors:
            errors = self.read_parameters(request)
        if errors:
            raise InvalidParameters(errors[:MAX_ERRORS])
        activate(site_languages()[0] if wording.every else wording.requested)

    @property
    def in_preview(self) -> bool:
        """Whether drafts are shown: such an answer is kept by nobody."""
        return getattr(self.request, "preview", None) is not None

    def known_parameters(self) -> tuple[str, ...]:
        """Return the names of the query parameters that this request may have."""
        return self.parameters

    def wrong_parameters(self, request: Request) -> list[dict]:
        """Return an entry of ``errors`` for every unknown, empty or wrongly repeated parameter."""
        known = self.known_parameters()
        errors = []
        for name, values in request.query_params.lists():
            if name not in known:
                detail = _("There is no such parameter here.")
                errors.append(parameter_error(name, detail, allowed=sorted(known), given=name))
            elif any(looks_blank(part) for value in values for part in value.split(",")):
                errors.append(parameter_error(name, _("It has no value. Give one, or leave the parameter out.")))
            elif len(values) > 1 and name not in self.repeatable:
                errors.append(parameter_error(name, _("Give it once.")))
            elif len(values) > self.repeatable.get(name, 1):
                detail = _("Give it at most %(most)d times; commas separate values of which any may fit.")
                errors.append(parameter_error(name, detail % {"most": self.repeatable[name]}))
            elif any("\x00" in value for value in values):
                errors.append(parameter_error(name, _("Null characters are not allowed.")))
        return errors

    def read_parameters(self, request: Request) -> list[dict]:
        """Read the view's own parameters and return an entry of ``errors`` for each that is wrong."""
        return []

    def links(self) -> list[str]:
        """Return the members of the ``Link`` header of an answer."""
        return [] if self.in_preview else usual_links()

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "private, no-store" if self.in_preview else CACHE_CONTROL
        if response.status_code not in (200, 304) or self.answer is None and self.validators is None:
            response["Content-Language"] = get_language()
            return response
        # Set by the middleware: Django's own for languages adds Accept-Language to everything.
        response.depends_on = "Accept-Encoding" if "lang" in request.GET else "Accept-Encoding, Accept-Language"
        if self.validators:
            set_headers(response, self.validators.headers())
        if response.status_code == 200:
            used = sorted(self.answer.languages_used) if self.answer else []
            response["Content-Language"] = ", ".join(used) or get_language()
            if links := self.links():
                response["Link"] = link_header(links)
            if request.headers.get("If-None-Match", "").strip() == "*" and self.validators:
                response.status_code, response.data = 304, None
        return response

    def options(self, request, *args, **kwargs) -> Response:
        return Response(status=204)


class ContentViewSet(GenericViewSet, ReadOnlyView):
    """The list and the items of one content model, live ones only.

    Subclasses state ``model`` and ``filterset_class``, for the documentation ``list_summary`` and ``detail_summary``,
    and with ``list_page`` the name of the public page that lists the same items, where there is one. What an answer
    holds follows from the schema of the model (:mod:`cms.api.members`).
    """

    model: ClassVar[type[ContentModel]]
    filterset_class: ClassVar[type[LiveFilterSet]]
    detail_serializer_class: ClassVar[type[ContentSerializer]]
    list_summary: ClassVar[str]
    detail_summary: ClassVar[str]
    list_page: ClassVar[str] = ""

    filter_backends = (FilterBackend,)
    pagination_class = Pages
    lookup_field = "key"
    lookup_value_regex = "[^/]+"
    parameters = ("lang", "fallback", "fields", "expand")
    # The fields of longitude and latitude of an item, where it has a place: its list is given as GeoJSON too.
    place: ClassVar[tuple[str, str] | None] = None
    item: ContentModel | None = None
    next_links: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.serializer_class, cls.detail_serializer_class = (
            item_serializer(cls.model),
            whole_item_serializer(cls.model),
        )
        ItemSerializers.of_model[cls.model] = cls.serializer_class

    def known_parameters(self) -> tuple[str, ...]:
        if self.action != "list":
            return self.parameters
        return (*self.parameters, *self.filters, "sort", "facets", "format", "bom", *Paging.parameters)

    @classmethod
    def formats(cls) -> Sequence[str]:
        """Return the formats in which the list is given."""
        return [name for name in RENDERERS if name != GeoJsonRenderer.format or cls.place]

    @property
    def format(self) -> str:
        """The format that a list was asked for in; JSON for what is none."""
        asked = self.request.GET.get("format", "")
        return asked if self.action == "list" and asked in self.formats() else JSONRenderer.format

    def perform_content_negotiation(self, request, force=False):  # noqa: FBT002 - the framework's signature
        if self.format == JSONRenderer.format:
            return super().perform_content_negotiation(request, force)
        renderer = RENDERERS[self.format]()
        return renderer, renderer.media_type

    @property
    def list_filterset(self) -> type[LiveFilterSet]:
        """What the list can be filtered by."""
        return api_filterset(self.filterset_class, self.serializer_class)  # type: ignore[arg-type] # every view of a collection has one

    @property
    def filters(self) -> dict:
        """The filters of the list by name."""
        return self.list_filterset.base_filters

    @property
    def repeatable(self) -> Mapping[str, int]:  # type: ignore[override] # of this request, by default of the class
        if self.action != "list":
            return {}
        return repeatable_filters(self.list_filterset)

    def read_parameters(self, request: Request) -> list[dict]:
        query, wording = request.query_params, self.answer.wording  # type: ignore[union-attr] # made in initial()
        is_list = self.action == "list"
        self.selection, errors = read_selection(
            self.get_serializer_class(),
            fields=query.get("fields", ""),
            expand=query.get("expand", ""),
            rows=int(is_list),
        )
        if not is_list:
            return errors
        errors += wrong_format(query, self.formats())
        self.facets, wrong = read_facets(self.list_filterset, query.get("facets", ""))
        errors += wrong
        names, wrong = read_sort(self.serializer_class, query.get("sort", ""))  # type: ignore[arg-type] # every view of a collection has one
        errors += wrong
        order = None if wrong else Order(tuple(sort_keys(self.serializer_class, names, wording)))  # type: ignore[arg-type] # every view of a collection has one
        self.paging = Paging(request, language=wording.requested, order=order)
        errors += self.paging.errors
        try:  # all that is wrong is said at once
            self.filtered = self.filter_queryset(self.get_queryset())
        except InvalidParameters as error:
            errors = [*error.errors, *errors]
        return errors

    @cached_property
    def plan(self) -> Plan:
        """How the answer is read from the rows."""
        rows = int(self.action == "list")
        return plan_for(self.get_serializer_class(), self.answer.wording, self.selection, rows)  # type: ignore[union-attr] # made in initial()

    def get_queryset(self) -> QuerySet:
        """Return the public items."""
        return public_rows(self.model)

    def get_serializer_class(self) -> type[ContentSerializer]:
        return self.serializer_class if self.action == "list" else self.detail_serializer_class  # type: ignore[return-value] # every view of a collection has one

    def links(self) -> list[str]:
        return [*self.next_links, *alternate_links(self.answer.base_url, self.public_pages()), *super().links()]  # type: ignore[union-attr] # made in initial()

    def public_pages(self) -> dict[str, str]:
        """Return the path of the public page that shows the same, in each language that has it."""
        pages = {}
        for code in self.item.languages() if self.item else site_languages() if self.list_page else ():
            with override(code):
                pages[code] = self.item.get_absolute_url() if self.item else reverse(self.list_page)
        return pages

    def list(self, request: Request) -> Response:
        version = None if self.in_preview else self.state.version
        page = self.paging.page(self.filtered, self.prepared, version=version)
        addresses = (("next", page.next), ("prev", page.previous))
        self.next_links = [link(address, rel) for rel, address in addresses if address]  # type: ignore[assignment, misc] # of this request, by default of the class
        items = [self.plan.represent(row, self.answer) for row in page.rows]  # type: ignore[arg-type] # made in initial()
        if self.format != JSONRenderer.format:
            return self.written(items, page.rows)
        facets = {"facets": counted(self.list_filterset, self.facets, self.filtered)} if self.facets else {}
        return Response(page.body(items) | facets)

    def prepared(self, queryset: QuerySet) -> QuerySet:
        """Return ``queryset`` so that reading its rows costs no further query, their place included."""
        queryset = self.plan.prepare(queryset)
        if self.format != GeoJsonRenderer.format:
            return queryset
        return queryset.annotate(**{f"place_{number}": F(name) for number, name in enumerate(self.place or ())})

    def written(self, items: Sequence[dict], rows: Sequence[Any]) -> Response:
        """Return the answer in a format that is not JSON."""
        if self.format == GeoJsonRenderer.format:
            return Response(geojson(items, [(row.place_0, row.place_1) for row in rows]))
        if self.format == JsonLinesRenderer.format:
            return Response(json_lines(items))
        columns = columns_of(self.serializer_class, self.selection, self.answer.wording)  # type: ignore[arg-type, union-attr] # made in initial()
        with_mark = self.request.GET.get("bom") != "false"
        named = {"Content-Disposition": f'attachment; filename="{self.model.collection}.csv"'}
        return Response(table(items, list(columns), with_mark=with_mark), headers=named)

    def retrieve(self, request: Request, key: str) -> Response:
        self.item = self.get_object()  # type: ignore[assignment] # an item of this model
        return Response(self.plan.represent(self.item, self.answer))  # type: ignore[arg-type] # made in initial()

    def get_object(self) -> Model:
        """Return the live item whose identifier, slug or code is in the address.

        Raises ``MovedError`` for one that has another name now or is written in other capitals, ``GoneError`` for one
        that was public once and ``NotFound`` for all else.
        """
        key = self.kwargs["key"]
        field = "pk" if UUID_FORM.fullmatch(key) else lookup_field(self.model)
        if field != "id":
            if item := self.plan.prepare(self.get_queryset()).filter(**{field: key}).first():
                return item
            look_further(self.model, field, key)
        raise NotFound(_("There is no public item of this name or identifier."))


def wrong_format(query: QueryDict, formats: Sequence[str]) -> list[dict]:
    """Return an entry of ``errors`` for a format that there is not, and for a byte order mark where there is none."""
    errors = []
    if (asked := query.get("format", formats[0])) not in formats:
        errors.append(parameter_error("format", _("There is no such format here."), allowed=[*formats], given=asked))
    if "bom" in query:
        if asked != CsvRenderer.format:
            errors.append(parameter_error("bom", _("Only CSV has a byte order mark: give it with “format=csv”.")))
        elif query["bom"] not in ("true", "false"):
            errors.append(parameter_error("bom", _("Give “true” or “false”."), allowed=["true", "false"]))
    if "facets" in query and asked != formats[0]:
        errors.append(parameter_error("facets", _("Only JSON has a place for facets: leave “format” out.")))
    return errors
