"""Partners and partnerships in the API."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cms.api.fields import ItemAddress, PageAddress
from cms.api.members import describe, reference_serializer
from cms.api.serializers import ContentSerializer
from cms.api.views import ContentViewSet
from partners.filters import PartnerFilterSet, PartnershipFilterSet
from partners.models import Partner, Partnership
from regions.models import Office


class PartnershipInShort(ContentSerializer):
    id = serializers.UUIDField(help_text=_("Permanent identifier."))
    url = ItemAddress(help_text=_("Address in this API."))
    office = reference_serializer(Office)(help_text=_("The office."))
    role = serializers.ChoiceField(choices=Partnership.Role.choices, help_text=_("The office's role."))

    class Meta:
        model = Partnership
        description = _("A partnership of the partner described, in short.")
        examples = {"role": "co-lead"}


describe(
    Partner,
    _("An organization, process or group that offices work with."),
    examples={
        "slug": "northern-forum",
        "name": "Northern Forum",
        "acronym": "FN",
        "kind": "regional-consultative-process",
        "description": "<p>Governments of the region that meet once a year.</p>",
        "website": "https://forum.example.org/",
    },
    on_its_own={"partnerships": PartnershipInShort(many=True, help_text=_("Its partnerships with offices."))},
)
describe(
    Partnership,
    _("What an office and a partner do together."),
    examples={"role": "co-lead", "description": "Prepares the yearly meeting.", "since": 2015, "until": None},
    besides={
        "web_url": PageAddress(
            reads=("partner__slug", "office__slug", "role"),
            help_text=_("Address of the public page, in the language asked for."),
        )
    },
)


class PartnerViewSet(ContentViewSet):
    model = Partner
    filterset_class = PartnerFilterSet
    list_page = "partners:partners"
    list_summary = _("List partners")
    detail_summary = _("Get a partner")


class PartnershipViewSet(ContentViewSet):
    model = Partnership
    filterset_class = PartnershipFilterSet
    list_summary = _("List partnerships")
    detail_summary = _("Get a partnership")
