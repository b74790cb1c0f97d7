from django.urls import path

from regions import views

app_name = "regions"
urlpatterns = [
    path("regions/", views.OfficeListView.as_view(), name="offices"),
    path("regions/<slug:slug>/", views.OfficeDetailView.as_view(), name="office"),
    path("countries/", views.CountryListView.as_view(), name="countries"),
    path("countries/<slug:code>/", views.CountryDetailView.as_view(), name="country"),
]
