"""Filters of partners and partnerships, for pages and API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from cms.pages.filters import LiveFilterSet, SearchFilter, live
from partners.models import Partner, Partnership
from priorities.models import Pillar
from regions.models import Country, Office


class LivePartnershipFilter(django_filters.filters.QuerySetRequestMixin):
    """Mixed into filters of partners that go through partnerships: only live partnerships count."""

    def filter(self, qs, value):
        return (
            qs.filter(pk__in=Partnership.objects.live().filter(**self.lookup(value)).values("partner"))
            if value
            else qs
        )

    def lookup(self, value):
        return {f"{self.field_name}__in": value}


class PartnershipRoleFilter(LivePartnershipFilter, django_filters.MultipleChoiceFilter):
    pass


class PartnershipOfficeFilter(LivePartnershipFilter, django_filters.ModelMultipleChoiceFilter):
    pass


class PartnerFilterSet(LiveFilterSet):
    search = SearchFilter(["name", "acronym", "description"])
    kind = django_filters.MultipleChoiceFilter(choices=Partner.Kind.choices, label=_("Kind"))
    role = PartnershipRoleFilter(choices=Partnership.Role.choices, label=_("Role"))
    office = PartnershipOfficeFilter(to_field_name="slug", queryset=live(Office), label=_("Office"))
    country = django_filters.ModelMultipleChoiceFilter(
        field_name="countries__code",
        to_field_name="code",
        queryset=lambda request: Country.objects.all(),
        label=_("Country"),
    )

    class Meta:
        model = Partner
        fields = ("search", "kind", "role", "office", "country")


class PartnershipFilterSet(LiveFilterSet):
    search = SearchFilter(["description", "partner__name", "partner__acronym"])
    office = django_filters.ModelMultipleChoiceFilter(
        field_name="office__slug", to_field_name="slug", queryset=live(Office), label=_("Office")
    )
    partner = django_filters.ModelMultipleChoiceFilter(
        field_name="partner__slug", to_field_name="slug", queryset=live(Partner), label=_("Partner")
    )
    role = django_filters.MultipleChoiceFilter(choices=Partnership.Role.choices, label=_("Role"))
    pillar = django_filters.ModelMultipleChoiceFilter(
        field_name="pillars__slug", to_field_name="slug", queryset=live(Pillar), label=_("Pillar")
    )

    class Meta:
        model = Partnership
        fields = ("search", "office", "partner", "role", "pillar")
