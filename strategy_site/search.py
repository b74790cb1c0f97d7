"""The search page, its suggestions and its description for browsers."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from cms.content.characters import without_forbidden
from cms.content.languages import LocalizedText, active_language
from cms.pages.filters import MAX_VALUES
from cms.pages.views import PublicPageMixin
from cms.search.index import index_drafts
from cms.search.queries import LONGEST_QUERY, Query, parse
from cms.search.results import Choice, Filters, Results, UnknownChoiceError, search, suggest
from regions.models import Organization

PER_PAGE = 20
SUGGESTIONS_MAX_AGE = 5 * 60  # seconds
TYPE = "type"
# The filters by their names in addresses, with what the page calls them, in the order in which it shows them.
FILTERS = {TYPE: _("Type"), "region": _("Region"), "pillar": _("Pillar")}


@dataclass(frozen=True)
class Group:
    """A filter as the page shows it."""

    name: str
    label: str
    choices: list[Choice]

    @property
    def chosen(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.is_chosen]


@dataclass(frozen=True)
class Active:
    """A filter in force, and the query string of the same page without it."""

    label: str
    value: LocalizedText | str
    query_without: str


@dataclass(frozen=True)
class TypeLink:
    """A link to the results of one type, or of all."""

    label: str
    count: int
    query: str
    is_current: bool


@dataclass
class Panel:
    """What the form of the search page shows; its names are those of ``cms.pages.filter_panel.FilterPanel``."""

    groups: list[Group]
    pairs: list[tuple[str, str]]
    active: list[Active] = field(default_factory=list)

    def __post_init__(self):
        self.active = [
            Active(
                group.label,
                choice.label,
                urlencode([pair for pair in self.pairs if pair != (group.name, choice.value)]),
            )
            for group in self.groups
            for choice in group.chosen
        ]

    @property
    def query(self) -> str:
        """The query string of the page, without the number of the page."""
        return urlencode(self.pairs)

    @property
    def in_form(self) -> list[Group]:
        """The filters that the form shows; types are links above the results."""
        return [group for group in self.groups if group.name != TYPE]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form sends unseen: the types that were chosen."""
        return [pair for pair in self.pairs if pair[0] == TYPE]

    @property
    def type_links(self) -> list[TypeLink]:
        """The links by which results are told apart by type; without those that have none."""
        types = next(group for group in self.groups if group.name == TYPE)
        others = [pair for pair in self.pairs if pair[0] != TYPE]
        total = sum(choice.count for choice in types.choices)
        return [
            TypeLink(gettext("All types"), total, urlencode(others), not types.chosen),
            *(
                TypeLink(str(choice.label), choice.count, urlencode([*others, (TYPE, choice.value)]), choice.is_chosen)
                for choice in types.choices
            ),
        ]

    @property
    def query_of_search(self) -> str:
        """The query string of the page without filters."""
        return urlencode([pair for pair in self.pairs if pair[0] == "q"])


class ResultsPaginator(Paginator):
    """Pages of results that were read already: of one page of them."""

    def __init__(self, results: Results):
        super().__init__(range(results.listed), PER_PAGE)


class SearchView(PublicPageMixin, TemplateView):
    """What the site has about something: ``?q=``, limited by ``type``, ``region`` and ``pillar``.

    A filter that names what does not exist answers 400, a page out of range 404; nothing that is looked for is an
    error.
    """

    is_indexed = False  # results are no page to be found
    template_name = "search.html"
    stored_parameters = ("q", *FILTERS, "page")

    @cached_property
    def sought(self) -> Query:
        return parse(self.request.GET.get("q", ""), active_language())

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        """The values of each filter: several are repeated parameters or parted by commas."""
        found = {}
        for name in FILTERS:
            values = ",".join(self.request.GET.getlist(name)).split(",")
            found[name] = list(dict.fromkeys(value.strip() for value in values if value.strip()))
            if len(found[name]) > MAX_VALUES:
                raise BadRequest(gettext("Give at most %(most)d values.") % {"most": MAX_VALUES})
        return found

    def get_results(self, number: int) -> Results:
        filters = Filters(*(tuple(self.chosen[name]) for name in FILTERS))
        try:
            return search(self.sought, filters, start=(number - 1) * PER_PAGE, stop=number * PER_PAGE)
        except UnknownChoiceError as error:
            raise BadRequest(gettext("“%(value)s” is not one of the choices.") % {"value": str(error)[:80]}) from None

    def get_number(self) -> int:
        """Return the number of the page that is asked for; 404 for what is no number of a page."""
        try:
            return ResultsPaginator.validate_number(
                Paginator(range(PER_PAGE * 10_000), PER_PAGE), self.request.GET.get("page", 1)
            )
        except InvalidPage:
            raise Http404 from None

    def get_context_data(self, **kwargs) -> dict:
        index_drafts(self.request)
        number = self.get_number()
        results = self.get_results(number)
        try:
            page = ResultsPaginator(results).page(number)
        except InvalidPage:
            raise Http404 from None
        offered = (results.types, results.scopes, results.topics)
        groups = [
            Group(name, str(label), [titled(choice) for choice in choices])
            for (name, label), choices in zip(FILTERS.items(), offered, strict=True)
        ]
        pairs = [("q", self.sought.text)] if self.sought.text else []
        panel = Panel(groups, [*pairs, *((name, value) for name in FILTERS for value in self.chosen[name])])
        return super().get_context_data(
            sought=self.sought,
            results=results,
            panel=panel,
            page_obj=page,
            most_characters=LONGEST_QUERY,
            correction_query=urlencode({"q": results.correction}),
            page_query="&".join(filter(None, [panel.query, f"page={number}" * (number > 1)])),
            **kwargs,
        )

    def render_to_response(self, context, **response_kwargs) -> HttpResponse:
        response = super().render_to_response(context, **response_kwargs)
        response.headers["X-Robots-Tag"] = "noindex"  # pages of results are not for other search engines
        return response


def titled(choice: Choice) -> Choice:
    """Return a choice whose label, where it is the name of a kind, begins with a capital."""
    if isinstance(choice.label, LocalizedText):
        return choice
    return Choice(choice.value, capfirst(choice.label), choice.count, choice.is_chosen)


class SuggestionsView(View):
    """Items that ``?q=`` may become, as JSON; the same for everybody, so that it can be kept."""

    stored_parameters = ("q",)

    def get(self, request: HttpRequest) -> JsonResponse:
        index_drafts(request)
        query = parse(request.GET.get("q", ""), active_language(), completing=True)
        response = JsonResponse(
            {
                "suggestions": [
                    {
                        "title": suggestion.title.value,
                        "lang": suggestion.title.language,
                        "dir": suggestion.title.direction,
                        "kind": capfirst(suggestion.kind),
                        "url": suggestion.url,
                    }
                    for suggestion in suggest(query)
                ]
            },
            json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
        )
        patch_cache_control(response, public=True, max_age=SUGGESTIONS_MAX_AGE)
        response.headers["X-Robots-Tag"] = "noindex"
        return response


def site_name() -> str:
    """Return what the site is called where room is short."""
    organization = Organization.objects.live().first()
    return organization.label.value if organization else gettext("Regional strategies")


class OpenSearchView(View):
    """How a browser asks this site (OpenSearch 1.1, draft 6), so that it can be searched from the address bar."""

    stored_parameters = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        name = without_forbidden(site_name())
        context = {
            "name": name,
            "description": gettext("Search the site of %(name)s") % {"name": name},
            "address": settings.SITE_URL,
        }
        return render(
            request,
            "opensearch.xml",
            context,
            content_type="application/opensearchdescription+xml; charset=utf-8",
        )
