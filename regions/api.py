"""Offices and countries in the API."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from publishing.api.fields import Name, RichText, Text
from publishing.api.serializers import (
    ChildSerializer,
    ItemSerializer,
    PublishedItemSerializer,
    ReferenceSerializer,
)
from publishing.api.views import ContentViewSet
from regions.filters import CountryFilterSet, OfficeFilterSet
from regions.models import Country, Office, Quotation, Section

OFFICE = {"slug": "north", "name": "Regional Office for the North", "kind": "regional"}
COUNTRY = {"code": "NO", "name": "Norway"}


class OfficeReference(ReferenceSerializer):
    class Meta:
        model = Office
        description = _("An office, in short.")
        examples = OFFICE


class CountryReference(ReferenceSerializer):
    slug = None
    code = serializers.CharField(help_text=_("ISO 3166-1 alpha-2 code."))

    class Meta:
        model = Country
        description = _("A country or area, in short.")
        examples = COUNTRY


class CountrySerializer(ItemSerializer):
    slug = None
    code = serializers.CharField(help_text=_("ISO 3166-1 alpha-2 code."))
    name = Name(help_text=_("United Nations short name."))
    offices = OfficeReference(many=True, help_text=_("The offices that cover the country."))

    class Meta:
        model = Country
        description = _("A country or area.")
        examples = COUNTRY


class OfficeSerializer(PublishedItemSerializer):
    kind = serializers.ChoiceField(choices=Office.Kind.choices, help_text=_("What kind of office it is."))
    name = Name(help_text=_("Full name."))
    short_name = Text(help_text=_("The region alone, for lists and menus."))
    parent = OfficeReference(allow_null=True, help_text=_("The office above it; null where there is none."))
    seat_city = Text(help_text=_("City of its seat."))
    seat_country = CountryReference(allow_null=True, help_text=_("Country of its seat."))
    seat_latitude = serializers.FloatField(allow_null=True, help_text=_("Latitude of its seat, in degrees (WGS 84)."))
    seat_longitude = serializers.FloatField(
        allow_null=True, help_text=_("Longitude of its seat, in degrees (WGS 84).")
    )
    countries = CountryReference(many=True, help_text=_("The countries it covers."))
    introduction = RichText(help_text=_("What the office does, in HTML."))
    director_name = serializers.CharField(allow_null=True, help_text=_("Name of the director."))
    director_role = Text(help_text=_("Title of the director."))
    email = serializers.EmailField(allow_null=True, help_text=_("E-mail address."))
    phone = serializers.CharField(allow_null=True, help_text=_("Telephone number."))
    address = Text(help_text=_("Postal address, in lines."))
    website = serializers.URLField(allow_null=True, help_text=_("Website of the office."))
    position = serializers.IntegerField(help_text=_("Place in the order of offices."))

    class Meta:
        model = Office
        description = _("An office of the organization.")
        examples = OFFICE | {
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
        }


class SectionSerializer(ChildSerializer):
    anchor = serializers.SlugField(help_text=_("Stable name of the section on the office's page: “#anchor”."))
    heading = Text(help_text=_("Heading."))
    body = RichText(help_text=_("Text, in HTML."))

    class Meta:
        model = Section
        description = _("A headed passage of an office's page.")
        examples = {"anchor": "history", "heading": "History", "body": "<p>Since 1990 …</p>"}


class QuotationSerializer(ChildSerializer):
    text = Text(help_text=_("The words that were said."))
    attributed_to = serializers.CharField(help_text=_("Who said them."))
    role = Text(help_text=_("What that person is."))

    class Meta:
        model = Quotation
        description = _("The words of a named person.")
        examples = {"text": "We go on together.", "attributed_to": "A. Person", "role": "Regional Director"}


class OfficeDetailSerializer(OfficeSerializer):
    suboffices = OfficeReference(many=True, help_text=_("The offices directly below it."))
    sections = SectionSerializer(many=True, help_text=_("Passages of its page, in their order."))
    quotations = QuotationSerializer(many=True, help_text=_("Words of named persons, in their order."))

    class Meta(OfficeSerializer.Meta):
        description = _("An office with the passages and quotations of its page.")


class OfficeViewSet(ContentViewSet):
    model = Office
    filterset_class = OfficeFilterSet
    serializer_class = OfficeSerializer
    detail_serializer_class = OfficeDetailSerializer
    list_page = "regions:offices"
    list_summary = _("List offices")
    detail_summary = _("Get an office")


class CountryViewSet(ContentViewSet):
    model = Country
    filterset_class = CountryFilterSet
    serializer_class = CountrySerializer
    detail_serializer_class = CountrySerializer
    list_page = "regions:countries"
    list_summary = _("List countries")
    detail_summary = _("Get a country")
