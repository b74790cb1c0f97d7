"""Pillars, thematic areas, frameworks, strategies and objectives in the API."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from priorities.filters import (
    FrameworkFilterSet,
    ObjectiveFilterSet,
    PillarFilterSet,
    StrategyFilterSet,
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
from publishing.api.fields import (
    Address,
    DownloadAddress,
    FileSize,
    FileType,
    Name,
    PageAddress,
    RichText,
    Text,
    TextInItsLanguage,
)
from publishing.api.serializers import (
    ChildSerializer,
    PublishedItemSerializer,
    ReferenceSerializer,
)
from publishing.api.views import ContentViewSet
from publishing.validators import DOCUMENT_TYPES
from regions.api import OfficeReference

PILLAR = {"slug": "readiness", "name": "Readiness"}
AREA = {"slug": "protection", "name": "Protection"}
FRAMEWORK = {"slug": "world-goals", "name": "World Goals"}
STRATEGY = {"slug": "north-2025-2030", "title": "Strategy for the North 2025–2030"}


class PillarReference(ReferenceSerializer):
    class Meta:
        model = Pillar
        description = _("A pillar, in short.")
        examples = PILLAR


class ThematicAreaReference(ReferenceSerializer):
    class Meta:
        model = ThematicArea
        description = _("A thematic area, in short.")
        examples = AREA


class FrameworkReference(ReferenceSerializer):
    class Meta:
        model = Framework
        description = _("A framework, in short.")
        examples = FRAMEWORK


class StrategyReference(ReferenceSerializer):
    class Meta:
        model = Strategy
        description = _("A strategy, in short.")
        examples = STRATEGY | {"name": STRATEGY["title"]}


class PillarSerializer(PublishedItemSerializer):
    name = Name(help_text=_("Name."))
    summary = Text(help_text=_("What it is about, in one or two sentences."))
    colour = serializers.RegexField(
        r"^#[0-9a-f]{6}$", allow_null=True, help_text=_("Colour, as # and six hexadecimal digits.")
    )
    icon = serializers.ChoiceField(choices=Pillar.Icon.choices, allow_null=True, help_text=_("Name of its symbol."))
    position = serializers.IntegerField(help_text=_("Place in the order of pillars."))

    class Meta:
        model = Pillar
        description = _("A pillar: one of the lenses through which every regional strategy is seen.")
        examples = PILLAR | {"summary": "People who are ready for change.", "colour": "#1f4e79", "icon": "shield"}


class ThematicAreaSerializer(PublishedItemSerializer):
    name = Name(help_text=_("Name."))
    description = Text(help_text=_("What belongs to it."))
    position = serializers.IntegerField(help_text=_("Place in the order of thematic areas."))

    class Meta:
        model = ThematicArea
        description = _("A field of work that strategies and objectives are tagged with.")
        examples = AREA | {"description": "Work with people in need of protection."}


class FrameworkSerializer(PublishedItemSerializer):
    name = Name(help_text=_("Name."))
    acronym = Text(help_text=_("Acronym."))
    description = Text(help_text=_("What it is."))
    link = Address(help_text=_("Official page, in the language of the text where there is one."))
    position = serializers.IntegerField(help_text=_("Place in the order of frameworks."))

    class Meta:
        model = Framework
        description = _("A global framework with which objectives are aligned.")
        examples = FRAMEWORK | {
            "acronym": "WG",
            "description": "What the world agreed on.",
            "link": "https://goals.example.org/",
        }


class GoalSerializer(ChildSerializer):
    code = serializers.SlugField(help_text=_("As the framework counts it: 1, 10, P2."))
    title = Name(help_text=_("Title."))
    colour = serializers.RegexField(
        r"^#[0-9a-f]{6}$", allow_null=True, help_text=_("Official colour, as # and six hexadecimal digits.")
    )
    link = Address(help_text=_("Official page."))
    web_url = PageAddress(
        reads=("framework__slug", "code"),
        help_text=_("Place on the public page of its framework, in the language asked for."),
    )

    class Meta:
        model = FrameworkGoal
        description = _("A goal, objective or principle of a framework.")
        examples = {
            "code": "10",
            "title": "Reduced inequalities",
            "colour": "#dd1367",
            "link": "https://goals.example.org/10/",
            "web_url": f"{settings.SITE_URL}/en/frameworks/{FRAMEWORK['slug']}/#goal-10",
        }


class FrameworkDetailSerializer(FrameworkSerializer):
    goals = GoalSerializer(many=True, help_text=_("Its goals, in their order."))

    class Meta(FrameworkSerializer.Meta):
        description = _("A framework with its goals.")


class StrategyThematicAreaSerializer(ChildSerializer):
    kind = serializers.ChoiceField(
        choices=StrategyThematicArea.Kind.choices, help_text=_("What the strategy has to do with it.")
    )
    thematic_area = ThematicAreaReference(help_text=_("The thematic area."))

    class Meta:
        model = StrategyThematicArea
        description = _("A thematic area of a strategy.")
        examples = {"kind": "carried-out-through"}


class StrategySerializer(PublishedItemSerializer):
    office = OfficeReference(help_text=_("The office whose strategy it is."))
    title = Name(help_text=_("Title."))
    summary = RichText(help_text=_("Summary, in HTML."))
    vision = RichText(help_text=_("Vision, in HTML."))
    period_from = serializers.IntegerField(allow_null=True, help_text=_("First year; null while it is open."))
    period_to = serializers.IntegerField(allow_null=True, help_text=_("Last year; null while it is open."))
    original_language = serializers.CharField(
        allow_null=True, help_text=_("Language in which it was written (BCP 47).")
    )
    reference_number = serializers.CharField(allow_null=True, help_text=_("Reference number of the publication."))
    uploaded_on = serializers.DateField(
        allow_null=True, help_text=_("Day on which the publication first appeared online.")
    )
    frameworks = FrameworkReference(many=True, help_text=_("The frameworks it answers to."))
    thematic_areas = StrategyThematicAreaSerializer(
        many=True, source="area_links", help_text=_("Its thematic areas, each with what it has to do with them.")
    )
    predecessor = StrategyReference(allow_null=True, help_text=_("The strategy before it; null where there is none."))

    class Meta:
        model = Strategy
        description = _("A regional strategy.")
        examples = STRATEGY | {
            "summary": "<p>What the region wants to reach.</p>",
            "vision": "<p>A region in which people move safely.</p>",
            "period_from": 2025,
            "period_to": 2030,
            "original_language": "en",
            "reference_number": "PUB2025/001",
            "uploaded_on": "2025-01-31",
            "predecessor": None,
        }


class OutlineEntrySerializer(ChildSerializer):
    anchor = serializers.SlugField(help_text=_("Stable name of the entry on the strategy's page: “#anchor”."))
    number = serializers.CharField(allow_null=True, help_text=_("Number, as printed."))
    level = serializers.IntegerField(
        min_value=1, max_value=4, help_text=_("1 is a chapter; an entry belongs to the last one of a lower level.")
    )
    title = Name(help_text=_("Title."))
    body = RichText(help_text=_("Text of the chapter, in HTML; null where only the title is known."))

    class Meta:
        model = OutlineEntry
        description = _("An entry of a strategy's table of contents.")
        examples = {"anchor": "introduction", "number": "1", "level": 1, "title": "Introduction", "body": None}


class DocumentSerializer(ChildSerializer):
    language = serializers.CharField(help_text=_("Language of the file (BCP 47)."))
    title = TextInItsLanguage(help_text=_("Title, in the language of the file."))
    url = DownloadAddress(reads=("strategy__slug", "language", "file"), help_text=_("Address of the file."))
    size = FileSize(help_text=_("Size in bytes; null while the file is missing."))
    media_type = FileType(DOCUMENT_TYPES, help_text=_("Media type of the file."))

    class Meta:
        model = Document
        description = _("A strategy as a file in one language.")
        examples = {
            "language": "en",
            "title": STRATEGY["title"],
            "url": f"{settings.SITE_URL}/documents/5f0c7b34-8f0e-4b7e-8a53-0d3c9b6d4b11/strategy-en.pdf",
            "size": 1048576,
            "media_type": "application/pdf",
        }


class StrategyDetailSerializer(StrategySerializer):
    successors = StrategyReference(many=True, help_text=_("The strategies that follow it."))
    outline = OutlineEntrySerializer(many=True, help_text=_("Its table of contents, in its order."))
    documents = DocumentSerializer(many=True, help_text=_("Its files, in their order."))

    class Meta(StrategySerializer.Meta):
        description = _("A regional strategy with its table of contents and its files.")
        examples = StrategySerializer.Meta.examples | {"successors": []}


class AlignedGoalSerializer(GoalSerializer):
    framework = FrameworkReference(help_text=_("The framework of the goal."))

    class Meta(GoalSerializer.Meta):
        description = _("A goal, with the framework it belongs to.")


class AlignmentSerializer(ChildSerializer):
    goal = AlignedGoalSerializer(help_text=_("The goal that the objective serves."))
    basis = serializers.ChoiceField(choices=Alignment.Basis.choices, help_text=_("Who says so."))
    note = Text(help_text=_("A remark."))

    class Meta:
        model = Alignment
        description = _("That an objective serves a goal of a framework.")
        examples = {"basis": "assigned", "note": None}


class ObjectiveSerializer(PublishedItemSerializer):
    strategy = StrategyReference(help_text=_("The strategy it is part of."))
    pillar = PillarReference(help_text=_("The pillar under which it stands."))
    kind = serializers.ChoiceField(
        choices=Objective.Kind.choices, help_text=_("Main objective of its pillar in its strategy, or a priority.")
    )
    code = serializers.CharField(allow_null=True, help_text=_("As the strategy counts it: a, b, 1.2."))
    statement = Name(help_text=_("What is to be reached."))
    context = Text(help_text=_("Why, and in which circumstances."))
    thematic_areas = ThematicAreaReference(many=True, help_text=_("Its thematic areas."))
    position = serializers.IntegerField(help_text=_("Place among the objectives of its pillar and kind."))

    class Meta:
        model = Objective
        description = _("An objective: what a strategy wants to reach under one pillar.")
        examples = {
            "slug": f"{STRATEGY['slug']}-readiness-a",
            "kind": "priority",
            "code": "a",
            "statement": "Prepare communities for change.",
            "context": "Seasons are less and less as they were.",
        }


class ObjectiveDetailSerializer(ObjectiveSerializer):
    alignments = AlignmentSerializer(many=True, help_text=_("The goals of global frameworks that it serves."))

    class Meta(ObjectiveSerializer.Meta):
        description = _("An objective with the goals it is aligned with.")


class PillarViewSet(ContentViewSet):
    model = Pillar
    filterset_class = PillarFilterSet
    serializer_class = detail_serializer_class = PillarSerializer
    list_summary = _("List pillars")
    detail_summary = _("Get a pillar")


class ThematicAreaViewSet(ContentViewSet):
    model = ThematicArea
    filterset_class = ThematicAreaFilterSet
    serializer_class = detail_serializer_class = ThematicAreaSerializer
    list_summary = _("List thematic areas")
    detail_summary = _("Get a thematic area")


class FrameworkViewSet(ContentViewSet):
    model = Framework
    filterset_class = FrameworkFilterSet
    serializer_class = FrameworkSerializer
    detail_serializer_class = FrameworkDetailSerializer
    list_summary = _("List frameworks")
    detail_summary = _("Get a framework")


class StrategyViewSet(ContentViewSet):
    model = Strategy
    filterset_class = StrategyFilterSet
    serializer_class = StrategySerializer
    detail_serializer_class = StrategyDetailSerializer
    list_page = "priorities:strategies"
    list_summary = _("List strategies")
    detail_summary = _("Get a strategy")


class ObjectiveViewSet(ContentViewSet):
    model = Objective
    filterset_class = ObjectiveFilterSet
    serializer_class = ObjectiveSerializer
    detail_serializer_class = ObjectiveDetailSerializer
    list_page = "priorities:objectives"
    list_summary = _("List objectives")
    detail_summary = _("Get an objective")
