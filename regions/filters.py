"""Filters of the organization, offices and countries, for pages and API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from cms.pages.filters import LiveFilterSet, SearchFilter, live
from regions.models import Country, Office, Organization


class OfficeFilterSet(LiveFilterSet):
    search = SearchFilter(["name", "short_name", "seat_city"])
    kind = django_filters.MultipleChoiceFilter(choices=Office.Kind.choices, label=_("Kind"))
    country = django_filters.ModelMultipleChoiceFilter(
        field_name="countries__code",
        to_field_name="code",
        queryset=lambda request: Country.objects.all(),
        label=_("Country"),
    )

    class Meta:
        model = Office
        fields = ("search", "kind", "country")


class OrganizationFilterSet(LiveFilterSet):
    search = SearchFilter(["name", "acronym"])

    class Meta:
        model = Organization
        fields = ("search",)


class CountryFilterSet(LiveFilterSet):
    search = SearchFilter(["name", "code"])

    class Meta:
        model = Country
        fields = ("search",)


class OfficeApiFilterSet(OfficeFilterSet):
    """What the API filters offices by besides."""

    parent = django_filters.ModelMultipleChoiceFilter(
        field_name="parent__slug", to_field_name="slug", queryset=live(Office), label=_("Office above")
    )


class CountryApiFilterSet(CountryFilterSet):
    """What the API filters countries by besides."""

    office = django_filters.ModelMultipleChoiceFilter(
        field_name="offices__slug", to_field_name="slug", queryset=live(Office), label=_("Office")
    )
