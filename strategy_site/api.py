"""Every collection of the public API under one router, its description and its documentation page."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import include, path
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, get_language_info, override
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from cms.api import docs
from cms.api.changes import ChangesView
from cms.api.docs import request_path
from cms.api.exports import ExportFileView, ExportsView, RecordFileView
from cms.api.gaps import GapsView
from cms.api.links import licence_url, link
from cms.api.members import describe
from cms.api.negotiation import accepted_language
from cms.api.openapi import example_of_problem, openapi
from cms.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from cms.api.problems import CACHE_CONTROL, PROBLEMS
from cms.api.views import ContentViewSet, ReadOnlyView
from cms.content.languages import lookup, site_languages
from cms.pages.filters import LiveFilterSet, SearchFilter
from cms.pages.structured_data import absolute, json_ld, publisher_id
from cms.search.models import Synonyms
from partners.api import PartnershipViewSet, PartnerViewSet
from priorities.api import (
    FrameworkViewSet,
    ObjectiveViewSet,
    PillarViewSet,
    StrategyViewSet,
    ThematicAreaViewSet,
)
from regions.api import CountryViewSet, OfficeViewSet, OrganizationViewSet
from regions.models import Organization

describe(
    Synonyms,
    _("Words that mean the same to who searches, one a line."),
    examples={"slug": "remittances", "words": "remittances\nmoney transfers"},
)


class SynonymsFilterSet(LiveFilterSet):
    search = SearchFilter(["words"])

    class Meta:
        model = Synonyms
        fields = ("search",)


class SynonymsViewSet(ContentViewSet):
    model = Synonyms
    filterset_class = SynonymsFilterSet
    list_summary = _("List synonyms")
    detail_summary = _("Get synonyms")


router = SimpleRouter()
router.register("organization", OrganizationViewSet, basename="organization")
router.register("offices", OfficeViewSet, basename="offices")
router.register("countries", CountryViewSet, basename="countries")
router.register("pillars", PillarViewSet, basename="pillars")
router.register("thematic_areas", ThematicAreaViewSet, basename="thematic_areas")
router.register("frameworks", FrameworkViewSet, basename="frameworks")
router.register("strategies", StrategyViewSet, basename="strategies")
router.register("objectives", ObjectiveViewSet, basename="objectives")
router.register("partners", PartnerViewSet, basename="partners")
router.register("partnerships", PartnershipViewSet, basename="partnerships")
router.register("synonyms", SynonymsViewSet, basename="synonyms")


class RootSerializer(serializers.Serializer):
    languages = serializers.ListField(
        child=serializers.CharField(), help_text=_("The languages of the site; the first is the default.")
    )
    collections = serializers.DictField(
        child=serializers.URLField(), help_text=_("The address of each collection, by its name.")
    )
    changes = serializers.URLField(help_text=_("Address of what changed since a token."))
    gaps = serializers.URLField(help_text=_("Address of the texts that are missing or outdated in a language."))
    exports = serializers.URLField(help_text=_("Address of the complete exports."))
    openapi = serializers.URLField(help_text=_("Address of the OpenAPI description."))
    documentation = serializers.URLField(help_text=_("Address of the documentation page."))

    class Meta:
        description = _("What the API has, and where.")
        examples = {
            "languages": site_languages(),
            "collections": {"offices": f"{settings.SITE_URL}{settings.API_PATH}v1/offices/"},
            "changes": f"{settings.SITE_URL}{settings.API_PATH}v1/changes/",
            "gaps": f"{settings.SITE_URL}{settings.API_PATH}v1/gaps/",
            "exports": f"{settings.SITE_URL}{settings.API_PATH}v1/exports/",
            "openapi": f"{settings.SITE_URL}{settings.API_PATH}v1/openapi.json",
            "documentation": f"{settings.SITE_URL}{settings.API_PATH}v1/docs/",
        }


class RootView(ReadOnlyView):
    """Where everything starts."""

    detail_summary = _("List the collections")

    def get_serializer_class(self):
        return RootSerializer

    def links(self) -> list[str]:
        return [link(f"{settings.SITE_URL}{reverse('api-catalog')}", "api-catalog"), *super().links()]

    def get(self, request) -> Response:
        return Response(
            {
                "languages": site_languages(),
                "collections": {
                    prefix: reverse(f"api:{basename}-list", request=request)
                    for prefix, viewset, basename in router.registry
                },
                "changes": reverse("api:changes", request=request),
                "gaps": reverse("api:gaps", request=request),
                "exports": reverse("api:exports", request=request),
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
                "default_limit": DEFAULT_LIMIT,
                "max_limit": MAX_LIMIT,
                "licence_url": settings.CONTENT_LICENCE_URL,
                "quota": settings.API_ANONYMOUS_QUOTA,
                "developers_url": reverse("developers"),
                "dataset": json_ld(dataset(document["info"])),
            }
            response = render(request, "api/docs.html", context)
        response["Content-Language"] = language
        response["Cache-Control"] = CACHE_CONTROL
        return response


class ProblemView(View):
    """The page behind the type of a problem, and the list of them, in the language of the reader."""

    def get(self, request: HttpRequest, name: str = "") -> HttpResponse:
        if name and name not in PROBLEMS:
            raise Http404
        language = lookup(request.GET.get("lang", "")) or accepted_language(request.headers.get("Accept-Language", ""))
        with override(language):
            context = {
                "problems": {name: PROBLEMS[name]} if name else PROBLEMS,
                "name": name,
                "example": json.dumps(example_of_problem(name), ensure_ascii=False, indent=2) if name else "",
                "language": get_language_info(language),
                "languages": [get_language_info(code) for code in site_languages()],
            }
            response = render(request, "api/problems.html", context)
        response["Content-Language"] = language
        response["Cache-Control"] = CACHE_CONTROL
        patch_vary_headers(response, ["Accept-Language"])
        return response


class HyphenView(View):
    """Leads from a collection that is written with hyphens, as pages are, to the one of the API, named as ``type``."""

    def get(self, request: HttpRequest, collection: str, rest: str = "") -> HttpResponse:
        name = collection.replace("-", "_")
        if name == collection or name not in {prefix for prefix, _viewset, _basename in router.registry}:
            raise Http404
        address = request.get_full_path().replace(f"/{collection}/", f"/{name}/", 1)
        response = HttpResponse(status=308, headers={"Location": address, "Cache-Control": CACHE_CONTROL})
        del response["Content-Type"]
        return response


class CatalogView(View):
    """``/.well-known/api-catalog``: where the API and its descriptions are (RFC 9727), as a linkset (RFC 9264)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        site = settings.SITE_URL
        openapi_url, docs_url = f"{site}{reverse('api:openapi')}", f"{site}{reverse('api:docs')}"
        entry = {
            "anchor": f"{site}{reverse('api:root')}",
            "service-desc": [
                {"href": openapi_url, "type": "application/json", "hreflang": site_languages()},
            ],
            "service-doc": [{"href": docs_url, "type": "text/html", "hreflang": site_languages()}],
            "status": [{"href": f"{site}{reverse('health')}", "type": "text/plain"}],
            "license": [{"href": licence_url()}],
        }
        catalog = f"{site}{request.path}"
        linkset = [{"anchor": catalog, "item": [{"href": entry["anchor"]}]}, entry]
        response = HttpResponse(
            json.dumps({"linkset": linkset}),
            content_type='application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
        )
        response["Link"] = link(catalog, "api-catalog")
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
    """Leads from a form of the documentation page to the answer: its empty fields are left out of the address.

    Whoever follows the form's bare address, as crawlers do, is led back to the page.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        values = request.GET.dict()
        if not values:
            return HttpResponseRedirect(reverse("api:docs"))
        path = request_path(openapi(site_languages()[0]), values.get("operation", ""), values)
        if path is None:
            raise Http404
        return HttpResponseRedirect(path)


app_name = "api"
urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("openapi.json", OpenApiView.as_view(), name="openapi"),
    path("changes/", ChangesView.as_view(), name="changes"),
    path("gaps/", GapsView.as_view(), name="gaps"),
    path("exports/", ExportsView.as_view(), name="exports"),
    path("exports/<str:token>/<str:name>", ExportFileView.as_view(), name="export-file"),
    path("files/<str:type>/<uuid:key>/<str:field>", RecordFileView.as_view(), name="file"),
    path("docs/", DocumentationView.as_view(), name="docs"),
    path("docs/try/", TryView.as_view(), name="try"),
    path("problems/", ProblemView.as_view(), name="problems"),
    path("problems/<slug:name>/", ProblemView.as_view(), name="problem"),
    path("", include(router.urls)),
    path("<slug:collection>/", HyphenView.as_view(), name="hyphen"),
    path("<slug:collection>/<str:rest>/", HyphenView.as_view(), name="hyphen"),
]
