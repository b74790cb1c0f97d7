from django.urls import path

from priorities import views
from priorities.embedding import StrategyEmbedView
from priorities.reading import ChapterView, ReadView
from priorities.version_views import CitationView, VersionChangesView, VersionView

app_name = "priorities"
urlpatterns = [
    path("strategies/", views.StrategyListView.as_view(), name="strategies"),
    path("strategies/<slug:slug>/", views.StrategyDetailView.as_view(), name="strategy"),
    path("strategies/<slug:slug>/alignment/", views.StrategyAlignmentView.as_view(), name="strategy-alignment"),
    path(
        "strategies/<slug:slug>/alignment.csv", views.StrategyAlignmentTable.as_view(), name="strategy-alignment-csv"
    ),
    path("strategies/<slug:slug>/read/", ReadView.as_view(), name="read"),
    path("strategies/<slug:slug>/read/<slug:anchor>/", ChapterView.as_view(), name="chapter"),
    path("strategies/<slug:slug>/versions/<int:number>/", VersionView.as_view(), name="strategy-version"),
    path(
        "strategies/<slug:slug>/versions/<int:number>/changes/", VersionChangesView.as_view(), name="strategy-changes"
    ),
    path("strategies/<slug:slug>/versions/<int:number>/cite.<slug:extension>", CitationView.as_view(), name="cite"),
    path("strategies/<slug:slug>/embed/", StrategyEmbedView.as_view(), name="strategy-embed"),
    path("pillars/<slug:slug>/", views.PillarDetailView.as_view(), name="pillar"),
    path("objectives/", views.ObjectiveListView.as_view(), name="objectives"),
    path("objectives/<slug:slug>/", views.ObjectiveDetailView.as_view(), name="objective"),
    path("frameworks/<slug:slug>/", views.FrameworkDetailView.as_view(), name="framework"),
    path("frameworks/<slug:slug>/goals/<slug:code>/", views.GoalDetailView.as_view(), name="goal"),
    path("alignment/", views.AlignmentView.as_view(), name="alignment"),
    path("alignment.csv", views.AlignmentTable.as_view(), name="alignment-csv"),
]
