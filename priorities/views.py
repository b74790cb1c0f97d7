"""Pages of strategies, pillars, objectives and frameworks."""

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.views.generic import DetailView

from priorities.filters import ObjectiveFilterSet, StrategyFilterSet
from priorities.models import Document, Framework, Objective, Pillar, Strategy
from publishing.validators import DOCUMENT_TYPES, extension
from publishing.views import LiveDetailView, LiveListView, file_response


class StrategyListView(LiveListView):
    model = Strategy
    filterset_class = StrategyFilterSet


class StrategyDetailView(LiveDetailView):
    model = Strategy


class PillarDetailView(LiveDetailView):
    model = Pillar


class ObjectiveListView(LiveListView):
    model = Objective
    filterset_class = ObjectiveFilterSet


class ObjectiveDetailView(LiveDetailView):
    model = Objective


class FrameworkDetailView(LiveDetailView):
    model = Framework


class DocumentView(DetailView):
    """Download of a strategy's file: only of a live strategy, and only under the file's present name."""

    def get_queryset(self) -> QuerySet:
        return Document.objects.filter(Strategy.live_condition("strategy__")).select_related("strategy")

    def render_to_response(self, context, **kwargs) -> FileResponse:
        document = self.object
        if self.kwargs["filename"] != document.filename:
            raise Http404
        media_type = DOCUMENT_TYPES[extension(document.file)]
        return file_response(document.file, media_type=media_type, filename=document.filename, as_attachment=True)
