"""Every collection of the public API under one router, its description and its documentation page."""

from django.urls import include, path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from partners.api import PartnershipViewSet, PartnerViewSet
from priorities.api import (
    FrameworkViewSet,
    ObjectiveViewSet,
    PillarViewSet,
    StrategyViewSet,
    ThematicAreaViewSet,
)
from publishing.api.schema import openapi
from publishing.api.views import ReadOnlyView
from publishing.languages import site_languages
from regions.api import CountryViewSet, OfficeViewSet

router = SimpleRouter()
router.register("offices", OfficeViewSet, basename="offices")
router.register("countries", CountryViewSet, basename="countries")
router.register("pillars", PillarViewSet, basename="pillars")
router.register("thematic-areas", ThematicAreaViewSet, basename="thematic_areas")
router.register("frameworks", FrameworkViewSet, basename="frameworks")
router.register("strategies", StrategyViewSet, basename="strategies")
router.register("objectives", ObjectiveViewSet, basename="objectives")
router.register("partners", PartnerViewSet, basename="partners")
router.register("partnerships", PartnershipViewSet, basename="partnerships")


class RootSerializer(serializers.Serializer):
    languages = serializers.ListField(
        child=serializers.CharField(), help_text=_("The languages of the site; the first is the default.")
    )
    collections = serializers.DictField(
        child=serializers.URLField(), help_text=_("The address of each collection, by its name.")
    )
    openapi = serializers.URLField(help_text=_("Address of the OpenAPI description."))
    documentation = serializers.URLField(help_text=_("Address of the documentation page."))

    class Meta:
        description = _("What the API has, and where.")


class RootView(ReadOnlyView):
    """Where everything starts."""

    detail_summary = _("List the collections")

    def get_serializer_class(self):
        return RootSerializer

    def get(self, request) -> Response:
        return Response(
            {
                "languages": site_languages(),
                "collections": {
                    prefix: reverse(f"api:{basename}-list", request=request)
                    for prefix, viewset, basename in router.registry
                },
                "openapi": reverse("api:openapi", request=request),
                "documentation": reverse("api:docs", request=request),
            }
        )


@extend_schema(exclude=True)
class OpenApiView(ReadOnlyView):
    """The OpenAPI description, its texts in the language asked for."""

    def get(self, request) -> Response:
        return Response(openapi(get_language()))


app_name = "api"
urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("openapi.json", OpenApiView.as_view(), name="openapi"),
    path("docs/", OpenApiView.as_view(), name="docs"),
    path("", include(router.urls)),
]
