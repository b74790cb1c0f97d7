"""Every collection of the public API under one router, its description and its documentation page."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import include, path
from django.utils.translation import get_language, get_language_info, override
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
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
from publishing.api import docs
from publishing.api.docs import request_path
from publishing.api.negotiation import accepted_language, lookup
from publishing.api.pagination import Pagination
from publishing.api.problems import CACHE_CONTROL, PROBLEMS
from publishing.api.schema import openapi
from publishing.api.views import ReadOnlyView
from publishing.languages import site_languages
from publishing.structured_data import absolute, json_ld, publisher_id
from regions.api import CountryViewSet, OfficeViewSet
from regions.models import Organization

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
        examples = {
            "languages": site_languages(),
            "collections": {"offices": f"{settings.SITE_URL}{settings.API_PATH}v1/offices/"},
            "openapi": f"{settings.SITE_URL}{settings.API_PATH}v1/openapi.json",
            "documentation": f"{settings.SITE_URL}{settings.API_PATH}v1/docs/",
        }


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


class DocumentationView(View):
    """The documentation page for people, in the language of the reader, made of the OpenAPI document."""

    def get(self, request: HttpRequest) -> HttpResponse:
        language = lookup(request.GET.get("lang", "")) or accepted_language(request.headers.get("Accept-Language", ""))
        with override(language):
            document = openapi(language)
            context = {
                "info": document["info"],
                "operations": docs.operations(document),
                "schemas": docs.schemas(document),
                "problems": PROBLEMS,
                "language": get_language_info(language),
                "languages": [get_language_info(code) for code in site_languages()],
                "base": request.build_absolute_uri(reverse("api:root")),
                "pagination": Pagination,
                "dataset": json_ld(dataset(document["info"])),
            }
            response = render(request, "api/docs.html", context)
        response["Content-Language"] = language
        response["Cache-Control"] = CACHE_CONTROL
        return response


def dataset(info: dict[str, str]) -> dict[str, Any]:
    """Return what the API gives as a ``Dataset`` of schema.org; ``info`` is that of the OpenAPI document."""
    organization = Organization.objects.live().first()
    root = absolute(reverse("api:root"))
    return {
        "@type": "Dataset",
        "name": info["title"],
        "description": info["description"],
        "url": absolute(reverse("api:docs")),
        "inLanguage": site_languages(),
        "isAccessibleForFree": True,
        "creator": {
            "@type": "Organization",
            "@id": publisher_id(),
            "name": str(organization.label) if organization else _("Regional strategies"),
            "url": settings.SITE_URL,
        },
        "distribution": [{"@type": "DataDownload", "contentUrl": root, "encodingFormat": "application/json"}],
    }


class TryView(View):
    """Leads from a form of the documentation page to the answer: its empty fields are left out of the address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        values = request.GET.dict()
        path = request_path(openapi(site_languages()[0]), values.get("operation", ""), values)
        if path is None:
            raise Http404
        return HttpResponseRedirect(path)


app_name = "api"
urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("openapi.json", OpenApiView.as_view(), name="openapi"),
    path("docs/", DocumentationView.as_view(), name="docs"),
    path("docs/try/", TryView.as_view(), name="try"),
    path("", include(router.urls)),
]
