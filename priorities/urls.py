from django.urls import path

from priorities import views
from priorities.embedding import StrategyEmbedView

app_name = "priorities"
urlpatterns = [
    path("strategies/", views.StrategyListView.as_view(), name="strategies"),
    path("strategies/<slug:slug>/", views.StrategyDetailView.as_view(), name="strategy"),
    path("strategies/<slug:slug>/embed/", StrategyEmbedView.as_view(), name="strategy-embed"),
    path("pillars/<slug:slug>/", views.PillarDetailView.as_view(), name="pillar"),
    path("objectives/", views.ObjectiveListView.as_view(), name="objectives"),
    path("objectives/<slug:slug>/", views.ObjectiveDetailView.as_view(), name="objective"),
    path("frameworks/<slug:slug>/", views.FrameworkDetailView.as_view(), name="framework"),
]
