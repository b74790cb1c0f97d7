"""The organization, offices and countries in the API."""

from django.utils.translation import gettext_lazy as _

from cms.api.fields import PageAddress
from cms.api.members import describe, reference_serializer
from cms.api.views import ContentViewSet
from regions.filters import CountryApiFilterSet, OfficeApiFilterSet, OrganizationFilterSet
from regions.models import Country, Office, Organization, Quotation, Section

describe(
    Organization,
    _("The organization that publishes this site."),
    examples={"name": "Organization of Examples", "acronym": "OEX", "website": "https://www.example.org/"},
    besides={
        "web_url": PageAddress(reads=("id",), help_text=_("Address of the home page, in the language asked for."))
    },
)
describe(
    Country,
    _("A country or area."),
    examples={"code": "NO", "name": "Norway"},
    besides={"offices": reference_serializer(Office)(many=True, help_text=_("The offices that cover the country."))},
)
describe(
    Office,
    _("An office of the organization."),
    examples={
        "slug": "north",
        "name": "Regional Office for the North",
        "kind": "regional",
        "short_name": "North",
        "parent": None,
        "seat_city": "Aville",
        "seat_latitude": 59.91,
        "seat_longitude": 10.75,
        "introduction": "<p>The office works with the governments of the region.</p>",
        "director_name": "A. Person",
        "director_role": "Regional Director",
        "email": "north@example.org",
        "phone": "+00 123 456 789",
        "address": "1 Example Street",
        "website": "https://north.example.org/",
    },
    on_its_own={"suboffices": reference_serializer(Office)(many=True, help_text=_("The offices directly below it."))},
)
describe(
    Section,
    _("A headed passage of an office's page."),
    examples={"anchor": "history", "heading": "History", "body": "<p>Since 1990 …</p>"},
)
describe(
    Quotation,
    _("The words of a named person."),
    examples={"text": "We go on together.", "attributed_to": "A. Person", "role": "Regional Director"},
)


class OrganizationViewSet(ContentViewSet):
    model = Organization
    filterset_class = OrganizationFilterSet
    list_summary = _("List the organization")
    detail_summary = _("Get the organization")


class OfficeViewSet(ContentViewSet):
    model = Office
    filterset_class = OfficeApiFilterSet
    place = ("seat_longitude", "seat_latitude")
    list_page = "regions:offices"
    list_summary = _("List offices")
    detail_summary = _("Get an office")


class CountryViewSet(ContentViewSet):
    model = Country
    filterset_class = CountryApiFilterSet
    list_page = "regions:countries"
    list_summary = _("List countries")
    detail_summary = _("Get a country")
