"""Regional pages and country pages."""

from django.views.generic import DetailView, ListView

from publishing.views import LiveDetailView, LiveListView
from regions.filters import OfficeFilterSet
from regions.models import Country, Office


class OfficeListView(LiveListView):
    model = Office
    filterset_class = OfficeFilterSet


class OfficeDetailView(LiveDetailView):
    model = Office


class CountryListView(ListView):
    model = Country


class CountryDetailView(DetailView):
    model = Country
    slug_field = slug_url_kwarg = "code"
