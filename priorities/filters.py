"""Filters of strategies, objectives and what they refer to, for pages and API."""

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.pages.filters import LiveFilterSet, SearchFilter, live
from priorities.models import Framework, FrameworkGoal, Objective, Pillar, Strategy, ThematicArea
from regions.models import Country, Office


class GoalChoiceField(forms.ModelMultipleChoiceField):
    """Goals named by ``<framework slug>/<code>`` (``agenda-2030/10``), or by their identifier."""

    def _check_values(self, value):
        names = list(dict.fromkeys(value))
        goals = list(self.queryset.select_related("framework"))
        by_name = {self.prepare_value(goal): goal.pk for goal in goals} | {str(goal.pk): goal.pk for goal in goals}
        for name in names:
            if name not in by_name:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": name}
                )
        return self.queryset.filter(pk__in=[by_name[name] for name in names])

    def prepare_value(self, value):
        return (
            f"{value.framework.slug}/{value.code}"
            if isinstance(value, FrameworkGoal)
            else super().prepare_value(value)
        )


class GoalFilter(django_filters.ModelMultipleChoiceFilter):
    field_class = GoalChoiceField


class PillarFilterSet(LiveFilterSet):
    search = SearchFilter(["name", "summary"])

    class Meta:
        model = Pillar
        fields = ("search",)


class ThematicAreaFilterSet(LiveFilterSet):
    search = SearchFilter(["name", "description"])

    class Meta:
        model = ThematicArea
        fields = ("search",)


class FrameworkFilterSet(LiveFilterSet):
    search = SearchFilter(["name", "acronym", "description"])

    class Meta:
        model = Framework
        fields = ("search",)


class StrategyFilterSet(LiveFilterSet):
    search = SearchFilter(["title", "summary", "office__name"])
    office = django_filters.ModelMultipleChoiceFilter(
        field_name="office__slug", to_field_name="slug", queryset=live(Office), label=_("Office")
    )
    framework = django_filters.ModelMultipleChoiceFilter(
        field_name="frameworks__slug", to_field_name="slug", queryset=live(Framework), label=_("Framework")
    )
    thematic_area = django_filters.ModelMultipleChoiceFilter(
        field_name="thematic_areas__slug",
        to_field_name="slug",
        queryset=live(ThematicArea),
        label=_("Thematic area"),
    )

    class Meta:
        model = Strategy
        fields = ("search", "office", "framework", "thematic_area")


class LiveObjectiveFilter(django_filters.ModelMultipleChoiceFilter):
    """Strategies by what their objectives are about: only live objectives count."""

    def filter(self, qs, value):
        found = Objective.objects.live().filter(**{f"{self.field_name}__in": value})
        return qs.filter(pk__in=found.values("strategy")) if value else qs


class StrategyApiFilterSet(StrategyFilterSet):
    """What the API filters strategies by besides: a page would show too much at once."""

    country = django_filters.ModelMultipleChoiceFilter(
        field_name="office__countries__code",
        to_field_name="code",
        queryset=lambda request: Country.objects.all(),
        label=_("Country"),
    )
    pillar = LiveObjectiveFilter(to_field_name="slug", queryset=live(Pillar), label=_("Pillar"))


class ObjectiveFilterSet(LiveFilterSet):
    search = SearchFilter(["statement", "context"])
    strategy = django_filters.ModelMultipleChoiceFilter(
        field_name="strategy__slug", to_field_name="slug", queryset=live(Strategy), label=_("Strategy")
    )
    pillar = django_filters.ModelMultipleChoiceFilter(
        field_name="pillar__slug", to_field_name="slug", queryset=live(Pillar), label=_("Pillar")
    )
    kind = django_filters.MultipleChoiceFilter(choices=Objective.Kind.choices, label=_("Kind"))
    thematic_area = django_filters.ModelMultipleChoiceFilter(
        field_name="thematic_areas__slug",
        to_field_name="slug",
        queryset=live(ThematicArea),
        label=_("Thematic area"),
    )
    framework = django_filters.ModelMultipleChoiceFilter(
        field_name="alignments__goal__framework__slug",
        to_field_name="slug",
        queryset=live(Framework),
        label=_("Framework"),
    )
    goal = GoalFilter(
        field_name="alignments__goal",
        queryset=lambda request: FrameworkGoal.objects.filter(Framework.live_condition("framework__")).order_by(
            "framework__position", "framework__slug", "position"
        ),
        label=_("Goal"),
        help_text=_("The slug of the framework, a slash and the code of the goal; or the identifier of the goal."),
    )

    class Meta:
        model = Objective
        fields = ("search", "strategy", "pillar", "kind", "thematic_area", "framework", "goal")


class ObjectiveApiFilterSet(ObjectiveFilterSet):
    """What the API filters objectives by besides: a page would show too much at once."""

    office = django_filters.ModelMultipleChoiceFilter(
        field_name="strategy__office__slug", to_field_name="slug", queryset=live(Office), label=_("Office")
    )
    country = django_filters.ModelMultipleChoiceFilter(
        field_name="strategy__office__countries__code",
        to_field_name="code",
        queryset=lambda request: Country.objects.all(),
        label=_("Country"),
    )
