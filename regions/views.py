"""Regional pages and country pages.

Strategies and partnerships stand on floors above this one: they are reached through the offices and countries that
they point to, and their own QuerySets say what is read with them.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.generic import DetailView, ListView

from cms.content.children import keep_children, prefetch_children
from cms.content.languages import localized
from cms.content.lookups import fold
from cms.content.statements import Related, Statement
from cms.content.validators import IMAGE_TYPES, extension
from cms.pages.structured_data import absolute, publisher_id
from cms.pages.views import LiveDetailView, LiveListView, MovedMixin, PublicPageMixin, UpdatesMixin, file_response
from regions.filters import OfficeFilterSet
from regions.maps import map_of_all_offices, map_of_country, map_of_region
from regions.models import Country, Office

TREE_DEPTH = 4  # levels of offices below the topmost ones that the list of regions unfolds
FEW_OFFICES = 12  # as many as one sees at a glance, without filters
MOST_STRATEGIES = 6  # of one office, on its page; the list of strategies has them all
MOST_OFFICES = 60  # of one country, on its page; the list of regions has them all
COVER_MAX_AGE = 60 * 60  # seconds


class OfficeListView(LiveListView):
    """The regions: a tree of offices, or a plain list of those that a filter finds."""

    model = Office
    filterset_class = OfficeFilterSet
    shown_filters = ("kind", "country")

    def get_queryset(self) -> QuerySet:
        queryset = super().get_queryset()
        return queryset if self.panel.active else queryset.top()

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        if not self.panel.active:
            attach_suboffices(context["office_list"])
            context["map"] = self.kept("map of all offices", map_of_all_offices)
            seen = sum(1 for _ in flatten(context["office_list"]))
            context["hide_filters"] = seen <= FEW_OFFICES and not context["page_obj"].has_other_pages()
        return context


def attach_suboffices(offices: list[Office]) -> None:
    """Give each office its live ``children``, and those theirs, with one query a level."""
    level = offices
    for _ in range(TREE_DEPTH):
        by_key = {office.pk: office for office in level}
        for office in level:
            office.children = []
        level = list(Office.objects.live().for_list().filter(parent__in=by_key)) if by_key else []
        for office in level:
            by_key[office.parent_id].children.append(office)


def flatten(offices: Iterable[Office]) -> Iterator[Office]:
    """Return offices and all their ``children``, each before those under it."""
    for office in offices:
        yield office
        yield from flatten(getattr(office, "children", []))


def pointing_to_office(name: str) -> QuerySet:
    """Return the live rows of a higher floor that point to an office, as :meth:`for_office` reads them."""
    model: Any = Office._meta.get_field(name).related_model
    return model.objects.live().for_office()


FAMILY = Statement(lambda slug: Office.objects.live().select_related("seat_country").with_family(slug), str)
COUNTRIES = Statement(lambda key: Country.objects.for_list().of_offices([key]))
STRATEGIES = Related("office", lambda: pointing_to_office("strategies"), limit=MOST_STRATEGIES + 1)
PARTNERSHIPS = Related("office", lambda: pointing_to_office("partnerships"))


def read_countries(offices: list[Office]) -> None:
    """Give each of ``offices`` its ``countries``, as if they were prefetched, in one query for all."""
    found: dict[UUID, list[Country]] = {office.pk: [] for office in offices}
    for country in COUNTRIES.rows(*found):
        found[country.office_key].append(country)
    for office in offices:
        keep_children(office, {"countries": found[office.pk]})


class OfficeDetailView(LiveDetailView):
    """The regional page: the office, its strategy in full, and its partnerships."""

    model = Office

    def get_object(self, queryset: QuerySet | None = None) -> Office:
        family = FAMILY.rows(self.kwargs["slug"])
        read_countries(family)
        office = next((office for office in family if office.slug == self.kwargs["slug"]), None)
        if office is None:
            raise Http404
        self.parent = next((member for member in family if member.pk == office.parent_id), None)
        self.suboffices = [member for member in family if member.parent_id == office.pk]
        prefetch_children(office, "sections", "quotations")
        return office

    def get_structured_data(self) -> dict:
        """Return the office as an ``Organization`` of schema.org."""
        office = self.object
        return {
            "@type": "Organization",
            "@id": f"{absolute(office.get_absolute_url())}#office",
            "name": str(localized(office, "name")),
            "alternateName": str(localized(office, "short_name")),
            "url": absolute(office.get_absolute_url()),
            "parentOrganization": {"@id": publisher_id()},
            "email": office.email,
            "telephone": office.phone,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": str(localized(office, "address")),
                "addressLocality": str(localized(office, "seat_city")),
                "addressCountry": office.seat_country.code if office.seat_country else "",
            }
            if office.seat_country
            else None,
        }

    def get_context_data(self, **kwargs) -> dict:
        strategies = STRATEGIES.of(self.object)
        if strategies:
            strategies[0].read_parts()
            prefetch_children(strategies[0], "outline", "documents")
        return super().get_context_data(
            parent=self.parent,
            suboffices=self.suboffices,
            strategy=strategies[0] if strategies else None,
            other_strategies=strategies[1:MOST_STRATEGIES],
            has_more_strategies=len(strategies) > MOST_STRATEGIES,
            partnerships=PARTNERSHIPS.of(self.object),
            map=map_of_region(self.object, self.suboffices),
            structured_data=[self.get_structured_data()],
            **kwargs,
        )


class OfficeCoverView(DetailView):
    """The cover image of a live office."""

    def get_queryset(self) -> QuerySet:
        return Office.objects.live().exclude(cover_image="")

    def render_to_response(self, context, **kwargs) -> HttpResponseBase:
        image = self.object.cover_image
        media_type = IMAGE_TYPES.get(extension(image))
        if media_type is None:
            raise Http404
        filename = f"{self.object.slug}{extension(image)}"
        response = file_response(self.request, image, media_type=media_type, filename=filename, as_attachment=False)
        patch_cache_control(response, public=True, max_age=COVER_MAX_AGE)
        return response


class CountryListView(PublicPageMixin, ListView):
    """All countries by name; the list is as long as ISO 3166-1 is, so it has one page."""

    model = Country

    def get_queryset(self) -> QuerySet:
        return Country.objects.for_list().with_office_count()

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(letters=by_first_letter(self.object_list), **kwargs)


def by_first_letter(countries: Iterable[Country]) -> list[tuple[str, list[Country]]]:
    """Return countries in alphabetical order by the first letter of the name that is shown, accents aside."""
    return [
        (letter, list(found))
        for letter, found in groupby(countries, key=lambda country: (fold(country.label.value)[:1] or "–").upper())
    ]


class CountryDetailView(MovedMixin, UpdatesMixin, PublicPageMixin, DetailView):
    """A country: who covers it, who sits there, and with whom it is a member. Codes are in capitals."""

    model = Country
    slug_field = slug_url_kwarg = "code"

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        code = self.kwargs["code"]
        if code != code.upper():
            return HttpResponsePermanentRedirect(reverse("regions:country", args=[code.upper()]))
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet:
        return Country.objects.for_page()

    def get_page_languages(self) -> list[str]:
        return self.object.languages()

    def get_context_data(self, **kwargs) -> dict:
        offices = list(self.object.offices.live().for_list()[: MOST_OFFICES + 1])
        return super().get_context_data(
            offices=offices[:MOST_OFFICES],
            has_more_offices=len(offices) > MOST_OFFICES,
            seated_offices=self.object.seated_offices.live().for_list()[:MOST_OFFICES],
            partners=self.object.partners.live().for_list(),
            map=map_of_country(self.object),
            **kwargs,
        )
