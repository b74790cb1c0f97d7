"""Partners and partnerships in the API."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from partners.filters import PartnerFilterSet, PartnershipFilterSet
from partners.models import Partner, Partnership
from priorities.api import PillarReference
from publishing.api.fields import ItemAddress, Name, PageAddress, RichText, Text
from publishing.api.serializers import ContentSerializer, PublishedItemSerializer, ReferenceSerializer
from publishing.api.views import ContentViewSet
from regions.api import CountryReference, OfficeReference

PARTNER = {"slug": "northern-forum", "name": "Northern Forum"}


class PartnerReference(ReferenceSerializer):
    class Meta:
        model = Partner
        description = _("A partner, in short.")
        examples = PARTNER


class PartnerSerializer(PublishedItemSerializer):
    name = Name(help_text=_("Name."))
    acronym = Text(help_text=_("Acronym."))
    kind = serializers.ChoiceField(choices=Partner.Kind.choices, help_text=_("What kind of partner it is."))
    description = RichText(help_text=_("What it is, in HTML."))
    website = serializers.URLField(allow_null=True, help_text=_("Website of the partner."))
    countries = CountryReference(many=True, help_text=_("Its member countries."))

    class Meta:
        model = Partner
        description = _("An organization, process or group that offices work with.")
        examples = PARTNER | {
            "acronym": "FN",
            "kind": "regional-consultative-process",
            "description": "<p>Governments of the region that meet once a year.</p>",
            "website": "https://forum.example.org/",
        }


class PartnershipReference(ContentSerializer):
    id = serializers.UUIDField(help_text=_("Permanent identifier."))
    url = ItemAddress(help_text=_("Address in this API."))
    office = OfficeReference(help_text=_("The office."))
    role = serializers.ChoiceField(choices=Partnership.Role.choices, help_text=_("The office's role."))

    class Meta:
        model = Partnership
        description = _("A partnership of the partner described, in short.")
        examples = {"role": "co-lead"}


class PartnerDetailSerializer(PartnerSerializer):
    partnerships = PartnershipReference(many=True, help_text=_("Its partnerships with offices."))

    class Meta(PartnerSerializer.Meta):
        description = _("A partner with its partnerships.")


class PartnershipSerializer(PublishedItemSerializer):
    slug = None
    web_url = PageAddress(
        reads=("partner__slug", "office__slug", "role"),
        help_text=_("Address of the public page, in the language asked for."),
    )
    office = OfficeReference(help_text=_("The office."))
    partner = PartnerReference(help_text=_("The partner."))
    role = serializers.ChoiceField(choices=Partnership.Role.choices, help_text=_("The office's role."))
    description = Text(help_text=_("What they do together."))
    since = serializers.IntegerField(allow_null=True, help_text=_("First year; null where it is not known."))
    until = serializers.IntegerField(allow_null=True, help_text=_("Last year; null while it goes on."))
    pillars = PillarReference(many=True, help_text=_("The pillars that it serves."))
    position = serializers.IntegerField(help_text=_("Place among the partnerships of its office."))

    class Meta:
        model = Partnership
        description = _("What an office and a partner do together.")
        examples = {"role": "co-lead", "description": "Prepares the yearly meeting.", "since": 2015, "until": None}


class PartnerViewSet(ContentViewSet):
    model = Partner
    filterset_class = PartnerFilterSet
    serializer_class = PartnerSerializer
    detail_serializer_class = PartnerDetailSerializer
    list_page = "partners:partners"
    list_summary = _("List partners")
    detail_summary = _("Get a partner")


class PartnershipViewSet(ContentViewSet):
    model = Partnership
    filterset_class = PartnershipFilterSet
    serializer_class = detail_serializer_class = PartnershipSerializer
    list_summary = _("List partnerships")
    detail_summary = _("Get a partnership")
