"""The pages of a strategy's versions: permanent addresses to cite, what changed, and citations as files."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.views.generic import DetailView

from cms.pages.views import PublicPageMixin
from cms.publishing.history import version_of
from priorities.citations import Citation, bibtex, citation_of, ris
from priorities.models import Strategy
from priorities.versions import difference, strategy_in
from regions.models import Organization

CITATION_FORMATS = {
    "bib": (bibtex, "application/x-bibtex; charset=utf-8"),
    "ris": (ris, "application/x-research-info-systems; charset=utf-8"),
}


class VersionMixin(PublicPageMixin, DetailView):
    """Base of what is shown of one version: of a live strategy, by the number of the version.

    Search engines keep the strategy's own page in its place.
    """

    model = Strategy
    context_object_name = "strategy"

    def get_queryset(self) -> QuerySet:
        return Strategy.objects.live().select_related("office")

    def get_object(self, queryset: QuerySet | None = None) -> Strategy:
        strategy = super().get_object(queryset)
        self.versions, self.version = version_of(strategy, self.kwargs["number"])
        if self.version is None:
            raise Http404
        return strategy

    def get_page_languages(self) -> list[str]:
        return self.object.languages()

    def get_context_data(self, **kwargs) -> dict:
        number = self.version.number
        return super().get_context_data(
            version=self.version,
            versions=self.versions,
            previous_version=self.versions[number - 2] if number > 1 else None,
            next_version=self.versions[number] if number < len(self.versions) else None,
            **kwargs,
        )

    def render_to_response(self, context, **kwargs) -> HttpResponse:
        return super().render_to_response(context, headers={"X-Robots-Tag": "noindex"}, **kwargs)


class VersionView(VersionMixin):
    """A strategy as it was published at one time."""

    template_name = "priorities/strategy_version.html"

    def get_object(self, queryset: QuerySet | None = None) -> Strategy:
        self.live = super().get_object(queryset)
        return strategy_in(self.version, self.live)

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(live=self.live, **kwargs)


class VersionChangesView(VersionMixin):
    """What the version after this one changed; the newest has none yet."""

    template_name = "priorities/strategy_changes.html"

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        if context["next_version"] is None:
            raise Http404
        found = difference(self.object, self.version, context["next_version"])
        return {**context, "difference": found}


class CitationView(VersionMixin):
    """The citation of a version as a file for reference managers."""

    def get_citation(self) -> Citation:
        strategy = strategy_in(self.version, self.object)
        return citation_of(strategy, self.version, Organization.objects.live().first())

    def render_to_response(self, context, **kwargs) -> HttpResponse:
        extension = self.kwargs["extension"]
        if extension not in CITATION_FORMATS:
            raise Http404
        write, media_type = CITATION_FORMATS[extension]
        response = HttpResponse(write(self.get_citation()), content_type=media_type)
        name = f"{self.object.slug}-{self.version.number}.{extension}"
        response.headers["Content-Disposition"] = content_disposition_header(True, name)  # noqa: FBT003 - Django's own
        response.headers["X-Robots-Tag"] = "noindex"
        return response
