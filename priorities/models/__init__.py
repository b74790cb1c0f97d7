"""What the organization sets out to do: pillars, frameworks, strategies and their objectives."""

from priorities.models.classification import Pillar, ThematicArea
from priorities.models.documents import Document, OutlineEntry
from priorities.models.frameworks import Framework, FrameworkGoal
from priorities.models.strategies import Alignment, GoalGroup, Objective, PillarGroup, Strategy, StrategyThematicArea

__all__ = [
    "Alignment",
    "Document",
    "Framework",
    "FrameworkGoal",
    "GoalGroup",
    "Objective",
    "OutlineEntry",
    "Pillar",
    "PillarGroup",
    "Strategy",
    "StrategyThematicArea",
    "ThematicArea",
]
