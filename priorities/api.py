"""Pillars, thematic areas, frameworks, strategies and objectives in the API."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cms.api.fields import DownloadAddress, FileSize, FileType, PageAddress, TextInItsLanguage
from cms.api.members import describe, reference_serializer
from cms.api.views import ContentViewSet
from cms.content.validators import DOCUMENT_TYPES
from priorities.filters import (
    FrameworkFilterSet,
    ObjectiveApiFilterSet,
    PillarFilterSet,
    StrategyApiFilterSet,
    ThematicAreaFilterSet,
)
from priorities.models import (
    Alignment,
    Document,
    Framework,
    FrameworkGoal,
    Objective,
    OutlineEntry,
    Pillar,
    Strategy,
    StrategyThematicArea,
    ThematicArea,
)

FRAMEWORK = {"slug": "world-goals", "name": "World Goals"}
STRATEGY = {"slug": "north-2025-2030", "title": "Strategy for the North 2025–2030"}

describe(
    Pillar,
    _("A pillar: one of the lenses through which every regional strategy is seen."),
    examples={
        "slug": "readiness",
        "name": "Readiness",
        "summary": "People who are ready for change.",
        "colour": "#1f4e79",
        "icon": "shield",
    },
)
describe(
    ThematicArea,
    _("A field of work that strategies and objectives are tagged with."),
    examples={
        "slug": "protection",
        "name": "Protection",
        "description": "Work with people in need of protection.",
    },
)
describe(
    Framework,
    _("A global framework with which objectives are aligned."),
    examples=FRAMEWORK
    | {"acronym": "WG", "description": "What the world agreed on.", "link": "https://goals.example.org/"},
)
describe(
    FrameworkGoal,
    _("A goal, objective or principle of a framework."),
    examples={
        "code": "10",
        "title": "Reduced inequalities",
        "colour": "#dd1367",
        "link": "https://goals.example.org/10/",
        "web_url": f"{settings.SITE_URL}/en/frameworks/{FRAMEWORK['slug']}/#goal-10",
    },
    besides={
        "web_url": PageAddress(
            reads=("framework__slug", "code"),
            help_text=_("Place on the public page of its framework, in the language asked for."),
        )
    },
)
describe(
    Strategy,
    _("A regional strategy."),
    examples=STRATEGY
    | {
        "name": STRATEGY["title"],
        "summary": "<p>What the region wants to reach.</p>",
        "vision": "<p>A region in which people move safely.</p>",
        "period_from": 2025,
        "period_to": 2030,
        "original_language": "en",
        "reference_number": "PUB2025/001",
        "uploaded_on": "2025-01-31",
        "predecessor": None,
        "successors": [],
    },
    on_its_own={
        "successors": reference_serializer(Strategy)(many=True, help_text=_("The strategies that follow it."))
    },
)
describe(StrategyThematicArea, _("A thematic area of a strategy."), examples={"kind": "carried-out-through"})
describe(
    OutlineEntry,
    _("An entry of a strategy's table of contents."),
    examples={"anchor": "introduction", "number": "1", "level": 1, "title": "Introduction", "body": None},
)
describe(
    Document,
    _("A strategy as a file in one language."),
    examples={
        "language": "en",
        "title": STRATEGY["title"],
        "url": f"{settings.SITE_URL}/documents/5f0c7b34-8f0e-4b7e-8a53-0d3c9b6d4b11/strategy-en.pdf",
        "size": 1048576,
        "media_type": "application/pdf",
    },
    besides={
        "title": TextInItsLanguage(help_text=_("Title, in the language of the file.")),
        "url": DownloadAddress(
            reads=("strategy__slug", "language", "file"), help_text=_("Address at which readers download the file.")
        ),
        "size": FileSize(help_text=_("Size in bytes; null while the file is missing.")),
        "media_type": FileType(DOCUMENT_TYPES, help_text=_("Media type of the file.")),
    },
)
describe(
    Objective,
    _("An objective: what a strategy wants to reach under one pillar."),
    examples={
        "slug": f"{STRATEGY['slug']}-readiness-a",
        "kind": "priority",
        "code": "a",
        "statement": "Prepare communities for change.",
        "context": "Seasons are less and less as they were.",
    },
)
describe(
    Alignment,
    _("That an objective serves a goal of a framework."),
    examples={"basis": "assigned", "note": None},
)


class PillarViewSet(ContentViewSet):
    model = Pillar
    filterset_class = PillarFilterSet
    list_summary = _("List pillars")
    detail_summary = _("Get a pillar")


class ThematicAreaViewSet(ContentViewSet):
    model = ThematicArea
    filterset_class = ThematicAreaFilterSet
    list_summary = _("List thematic areas")
    detail_summary = _("Get a thematic area")


class FrameworkViewSet(ContentViewSet):
    model = Framework
    filterset_class = FrameworkFilterSet
    list_summary = _("List frameworks")
    detail_summary = _("Get a framework")


class StrategyViewSet(ContentViewSet):
    model = Strategy
    filterset_class = StrategyApiFilterSet
    list_page = "priorities:strategies"
    list_summary = _("List strategies")
    detail_summary = _("Get a strategy")


class ObjectiveViewSet(ContentViewSet):
    model = Objective
    filterset_class = ObjectiveApiFilterSet
    list_page = "priorities:objectives"
    list_summary = _("List objectives")
    detail_summary = _("Get an objective")
