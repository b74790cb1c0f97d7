from django.urls import path

from priorities import views

app_name = "priorities"
urlpatterns = [
    path("strategies/", views.StrategyListView.as_view(), name="strategies"),
    path("strategies/<slug:slug>/", views.StrategyDetailView.as_view(), name="strategy"),
    path("strategies/<slug:slug>/alignment/", views.StrategyAlignmentView.as_view(), name="strategy-alignment"),
    path(
        "strategies/<slug:slug>/alignment.csv", views.StrategyAlignmentTable.as_view(), name="strategy-alignment-csv"
    ),
    path("pillars/<slug:slug>/", views.PillarDetailView.as_view(), name="pillar"),
    path("objectives/", views.ObjectiveListView.as_view(), name="objectives"),
    path("objectives/<slug:slug>/", views.ObjectiveDetailView.as_view(), name="objective"),
    path("frameworks/<slug:slug>/", views.FrameworkDetailView.as_view(), name="framework"),
    path("frameworks/<slug:slug>/goals/<slug:code>/", views.GoalDetailView.as_view(), name="goal"),
    path("alignment/", views.AlignmentView.as_view(), name="alignment"),
    path("alignment.csv", views.AlignmentTable.as_view(), name="alignment-csv"),
]
