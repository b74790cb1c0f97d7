from modeltranslation.translator import TranslationOptions, register

from priorities.models import (
    Alignment,
    Framework,
    FrameworkGoal,
    Objective,
    OutlineEntry,
    Pillar,
    Strategy,
    ThematicArea,
)


@register(Pillar)
class PillarTranslation(TranslationOptions):
    fields = ("name", "summary")


@register(ThematicArea)
class ThematicAreaTranslation(TranslationOptions):
    fields = ("name", "description")


@register(Framework)
class FrameworkTranslation(TranslationOptions):
    fields = ("name", "acronym", "description", "link")


@register(FrameworkGoal)
class FrameworkGoalTranslation(TranslationOptions):
    fields = ("title", "link")


@register(Strategy)
class StrategyTranslation(TranslationOptions):
    fields = ("title", "summary", "vision")


@register(OutlineEntry)
class OutlineEntryTranslation(TranslationOptions):
    fields = ("title", "body")


@register(Objective)
class ObjectiveTranslation(TranslationOptions):
    fields = ("statement", "context")


@register(Alignment)
class AlignmentTranslation(TranslationOptions):
    fields = ("note",)
