"""The partners directory and partner pages."""

from cms.pages.views import LiveDetailView, LiveListView
from partners.filters import PartnerFilterSet
from partners.models import Partner, read_first_partnerships


class PartnerListView(LiveListView):
    model = Partner
    filterset_class = PartnerFilterSet
    shown_filters = ("kind", "role", "office")

    def read_more(self, rows: list[Partner]) -> None:
        read_first_partnerships(rows)


class PartnerDetailView(LiveDetailView):
    model = Partner
