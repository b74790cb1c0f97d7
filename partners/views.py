"""The partners directory and partner pages."""

from cms.pages.views import LiveDetailView, LiveListView
from partners.filters import PartnerFilterSet
from partners.models import Partner


class PartnerListView(LiveListView):
    model = Partner
    filterset_class = PartnerFilterSet
    shown_filters = ("kind", "role", "office")


class PartnerDetailView(LiveDetailView):
    model = Partner
