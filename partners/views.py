"""The partners directory and partner pages."""

from partners.filters import PartnerFilterSet
from partners.models import Partner
from publishing.views import LiveDetailView, LiveListView


class PartnerListView(LiveListView):
    model = Partner
    filterset_class = PartnerFilterSet
    shown_filters = ("kind", "role", "office")


class PartnerDetailView(LiveDetailView):
    model = Partner
