"""A strategy, its objectives, and the goals that they serve."""

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from cms.content.addresses import address
from cms.content.fields import LanguageField, RichTextField, YearField
from cms.content.languages import texts
from cms.content.models import Child, ContentQuerySet, LocalizedName, Publishable, PublishableQuerySet, related_count
from cms.content.schema import Public, Schema
from cms.content.statements import Related
from priorities.models.classification import Pillar, ThematicArea
from priorities.models.frameworks import Framework, FrameworkGoal
from regions.models import Office


class StrategyQuerySet(PublishableQuerySet):
    """Queries on strategies. What is related comes as lists named ``live_...``, which hold only what is live."""

    def for_list(self):
        """Return the strategies with their office, ``objective_count`` and documents, those of now first."""
        return (
            self.select_related("office")
            .defer(*Strategy.schema.page_only, *Office.schema.page_only_of("office"))
            .annotate(objective_count=related_count(Objective.objects.live(), "strategy"))
            .prefetch_related("documents")
            .order_by("office__position", "office__slug", F("period_to").desc(nulls_first=True), "slug")
        )

    def for_choices(self):
        """Return the strategies by their titles."""
        return self.only("slug", "title")

    def for_office(self):
        """Return the strategies of one office, those of now first."""
        return self.order_by(F("period_to").desc(nulls_first=True), "slug")

    def across_regions(self):
        """Return the strategies with their office's name, in the order of the offices."""
        return (
            self.select_related("office")
            .defer("summary", *Strategy.schema.page_only, *Office.schema.page_only_of("office"))
            .order_by("office__position", "office__slug", F("period_to").desc(nulls_first=True), "slug")
        )

    def parts(self) -> tuple[Prefetch, ...]:
        """Return the prefetches of what a strategy is made of: areas, and objectives by pillar."""
        return (
            Prefetch("area_links", live_area_links(), to_attr="live_area_links"),
            Prefetch("objectives", Objective.objects.by_pillar(), to_attr="live_objectives"),
        )

    def for_page(self):
        """Return the strategies with their parts and frameworks.

        The view reads outline and documents of its one strategy, and the strategies before and after it.
        """
        return self.select_related("office").prefetch_related(
            *self.parts(),
            Prefetch("live_objectives__alignments", Alignment.objects.with_goal()),
            Prefetch("frameworks", Framework.objects.live(), to_attr="live_frameworks"),
        )

    def around(self, strategy: "Strategy"):
        """Return the predecessor and the successors of ``strategy``, by name and period."""
        return self.filter(Q(pk=strategy.predecessor_id) | Q(predecessor=strategy)).only(
            "slug", "title", "period_from", "period_to", "predecessor"
        )


class Strategy(LocalizedName, Publishable):
    """A regional strategy: the document, what it contains and what it is measured by."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    office = models.ForeignKey(Office, models.PROTECT, verbose_name=_("office"), related_name="strategies")
    title = models.CharField(_("title"), max_length=250, blank=True)
    summary = RichTextField(_("summary"), blank=True)
    vision = RichTextField(_("vision"), blank=True)
    period_from = YearField(_("first year"), null=True, blank=True)
    period_to = YearField(_("last year"), null=True, blank=True)
    original_language = LanguageField(_("original language"), blank=True)
    reference_number = models.CharField(_("reference number"), max_length=80, blank=True)
    uploaded_on = models.DateField(
        _("date of upload"), null=True, blank=True, help_text=_("When the publication first appeared online.")
    )
    frameworks = models.ManyToManyField(Framework, verbose_name=_("frameworks"), related_name="strategies", blank=True)
    thematic_areas = models.ManyToManyField(
        ThematicArea,
        verbose_name=_("thematic areas"),
        related_name="strategies",
        through="StrategyThematicArea",
    )
    predecessor = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("predecessor"),
        related_name="successors",
        null=True,
        blank=True,
    )

    schema = Schema(
        Public(None, "title", "slug", "office", ("period_from", "period_to")),
        Public(_("What it says"), "summary", "vision"),
        Public(
            _("Publication"),
            *("original_language", "reference_number", "uploaded_on", "predecessor"),
            description=_("As far as it is known; what is left blank is not shown."),
        ),
        Public(_("Global frameworks"), "frameworks"),
        translated=("title", "summary", "vision"),
        required=("title",),
        searched=("reference_number",),
        page_only=("vision",),
        source_language="original_language",
    )
    name_field = "title"
    collection = "strategies"
    search_weight = 1
    search_related = ("office__countries",)
    search_words = _("strategy, document, download, PDF, DOCX")
    further_pages = {"strategy_alignments": "get_alignment_url"}
    scope_path = "office"
    live_through = ("office",)

    objects = StrategyQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")
        # Nulls last on every database: PostgreSQL and SQLite differ.
        ordering = ("office__position", F("period_to").desc(nulls_last=True), "slug")
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(period_from=None) | Q(period_to=None) | Q(period_to__gte=F("period_from")),
                name="priorities_strategy_period_in_order",
                violation_error_message=_("The last year is before the first."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return address("priorities:strategy", self.slug)

    def get_alignment_url(self) -> str:
        """Return the address of the matrix of the objectives by the goals that they serve."""
        return address("priorities:strategy-alignment", self.slug)

    def read_parts(self) -> None:
        """Read what :meth:`StrategyQuerySet.parts` names, of this strategy."""
        self.live_area_links = AREA_LINKS.of(self)
        self.live_objectives = OBJECTIVES.of(self)

    def pillar_groups(self) -> list["PillarGroup"]:
        """Return ``live_objectives`` by pillar; needs :meth:`StrategyQuerySet.parts`."""
        groups = groupby(self.live_objectives, key=attrgetter("pillar"))
        return [PillarGroup(pillar, self, list(objectives)) for pillar, objectives in groups]

    def area_groups(self) -> list[tuple[str, list[ThematicArea]]]:
        """Return pairs of a kind of link and its areas; needs :meth:`StrategyQuerySet.parts`."""
        areas = {kind: [] for kind in StrategyThematicArea.Kind}
        for link in self.live_area_links:
            areas[link.kind].append(link.thematic_area)
        return [(kind, found) for kind, found in areas.items() if found]

    @property
    def reads_online(self) -> bool:
        """Whether the outline has texts, and not only titles."""
        return any(texts(entry, "body") for entry in self.outline.all())

    def outline_tree(self) -> list[models.Model]:
        """Return the chapters of the outline (``OutlineEntry``), each with the entries under it in ``children``.

        An entry belongs to the last one before it that is of a lower level, even where a level was left out.
        """
        chapters, path = [], []
        for entry in self.outline.all():
            entry.children = []
            while path and path[-1].level >= entry.level:
                path.pop()
            (path[-1].children if path else chapters).append(entry)
            path.append(entry)
        return chapters

    def clean(self):
        super().clean()
        if self.comes_back("predecessor"):
            raise ValidationError({"predecessor": _("A strategy cannot be its own predecessor.")})


@dataclass
class PillarGroup:
    """What a strategy sets out to do under one pillar, in the order in which it is read."""

    pillar: Pillar
    strategy: Strategy
    objectives: list["Objective"]

    @property
    def main(self) -> "Objective | None":
        """The main objective, where the strategy names one."""
        return next((objective for objective in self.objectives if objective.kind == Objective.Kind.MAIN), None)

    @property
    def priorities(self) -> list["Objective"]:
        """The objectives under the main one."""
        return [objective for objective in self.objectives if objective.kind != Objective.Kind.MAIN]


class StrategyThematicArea(Child):
    """A thematic area of a strategy, and what the strategy has to do with it."""

    class Kind(models.TextChoices):
        CARRIED_OUT_THROUGH = "carried-out-through", _("carried out through")
        TECHNICAL_COOPERATION = "technical-cooperation", _("technical cooperation in")

    strategy = models.ForeignKey(Strategy, models.CASCADE, verbose_name=_("strategy"), related_name="area_links")
    thematic_area = models.ForeignKey(
        ThematicArea, models.PROTECT, verbose_name=_("thematic area"), related_name="strategy_links"
    )
    kind = models.CharField(_("kind"), max_length=30, choices=Kind, default=Kind.CARRIED_OUT_THROUGH)

    schema = Schema(Public(None, "thematic_area", "kind"))
    natural_key_fields = ("thematic_area", "kind")
    parent_field = "strategy"

    class Meta(Child.Meta):
        verbose_name = _("thematic area of the strategy")
        verbose_name_plural = _("thematic areas of the strategy")
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "thematic_area", "kind"], name="priorities_strategy_area_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.thematic_area}"


class ObjectiveQuerySet(PublishableQuerySet):
    """Queries on objectives."""

    def with_strategy_and_pillar(self):
        """Return the objectives with the names of their strategy, office and pillar."""
        return self.select_related("strategy__office", "pillar").only(
            *("slug", "kind", "code", "statement", "position", "strategy", "pillar"),
            *("strategy__slug", "strategy__title", "strategy__office"),
            *("strategy__office__slug", "strategy__office__name", "strategy__office__short_name"),
            *("pillar__slug", "pillar__name", "pillar__colour", "pillar__icon"),
        )

    def by_pillar(self):
        """Return the live objectives with their pillar, in the order of the pillars."""
        ordering = ("pillar__position", "pillar__slug", "kind", "position", "slug")
        return self.live().select_related("pillar").order_by(*ordering)

    def with_alignments(self, framework: Framework):
        """Return the objectives with their alignments to the goals of one framework."""
        return self.prefetch_related(Prefetch("alignments", Alignment.objects.filter(goal__framework=framework)))

    def for_list(self):
        """Return the objectives with strategy, office and pillar; ``priorities.alignments`` gives them their goals."""
        return self.with_strategy_and_pillar().order_by(*Objective._meta.ordering)

    def for_page(self):
        """Return the objectives with strategy, office, pillar, thematic areas and alignments."""
        return self.select_related("strategy__office", "pillar").prefetch_related(
            Prefetch("thematic_areas", ThematicArea.objects.live(), to_attr="live_thematic_areas"),
            Prefetch("alignments", Alignment.objects.with_goal()),
        )


class Objective(LocalizedName, Publishable):
    """What a strategy wants to reach under one pillar: the main objective or a priority."""

    class Kind(models.TextChoices):
        MAIN = "main", _("main objective")
        PRIORITY = "priority", _("priority")

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    strategy = models.ForeignKey(Strategy, models.PROTECT, verbose_name=_("strategy"), related_name="objectives")
    pillar = models.ForeignKey(Pillar, models.PROTECT, verbose_name=_("pillar"), related_name="objectives")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PRIORITY)
    code = models.CharField(_("code"), max_length=20, blank=True, help_text=_("As the strategy counts it: a, b, 1.2."))
    statement = models.TextField(_("statement"), blank=True)
    context = models.TextField(_("context"), blank=True)
    thematic_areas = models.ManyToManyField(
        ThematicArea, verbose_name=_("thematic areas"), related_name="objectives", blank=True
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    schema = Schema(
        Public(
            None,
            *("strategy", "pillar", ("kind", "code"), "position"),
            description=_("A strategy has at most one main objective a pillar."),
        ),
        Public(_("What it says"), "statement", "context"),
        Public(_("Thematic areas"), "thematic_areas"),
        Public(
            _("Address"),
            "slug",
            description=_("Left blank, it is made from the strategy, the pillar and the code."),
        ),
        translated=("statement", "context"),
        required=("statement",),
        page_only=("context",),
    )
    name_field = "statement"
    collection = "objectives"
    search_weight = 10
    search_related = ("pillar", "strategy__office", "thematic_areas")
    scope_path = "strategy__office"
    live_through = ("strategy", "pillar")
    live_alignments: list["Alignment"]  # where they were read

    objects = ObjectiveQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        # "main" sorts before "priority"
        ordering = (
            "strategy__office__position",
            "strategy__slug",
            "pillar__position",
            "kind",
            "position",
            "slug",
        )
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(
                fields=["strategy", "pillar"],
                condition=Q(kind="main"),
                name="priorities_objective_one_main",
                violation_error_message=_("This strategy already has a main objective for this pillar."),
            ),
            models.UniqueConstraint(
                fields=["strategy", "pillar", "code"],
                condition=~Q(code=""),
                name="priorities_objective_code_unique",
                violation_error_message=_("This strategy already has an objective with this code for this pillar."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return address("priorities:objective", self.slug)

    def goal_groups(self, basis: str = "") -> list["GoalGroup"]:
        """Return the alignments, all or those of one ``basis``, by framework, in the order of frameworks and goals.

        Needs :meth:`AlignmentQuerySet.with_goal`, which leaves out goals that are not live; without it none are shown.
        """
        shown = [alignment for alignment in self.alignments_read() if basis in ("", alignment.basis)]
        shown.sort(key=Alignment.place)
        groups = groupby(shown, key=lambda alignment: alignment.goal.framework)
        return [GoalGroup(framework, list(alignments)) for framework, alignments in groups]

    def alignments_read(self) -> list["Alignment"]:
        """Return the alignments with live goals that were read with the objective; none where none were."""
        if hasattr(self, "live_alignments"):
            return self.live_alignments
        is_prefetched = "alignments" in getattr(self, "_prefetched_objects_cache", {})
        return (
            [alignment for alignment in self.alignments.all() if hasattr(alignment, "goal")] if is_prefetched else []
        )

    def goal_groups_by_basis(self) -> list[tuple[str, list["GoalGroup"]]]:
        """Return pairs of a basis and :meth:`goal_groups` of it: what the source states first, and never as one."""
        groups = [(basis, self.goal_groups(basis)) for basis in Alignment.Basis]
        return [(basis, found) for basis, found in groups if found]


class AlignmentQuerySet(ContentQuerySet):
    """Queries on alignments."""

    def with_goal(self):
        """Return the alignments with their goal and its framework; one whose goal is not live has no ``goal``."""
        return self.prefetch_related(Prefetch("goal", FrameworkGoal.objects.with_framework()))

    def live(self):
        """Return the alignments of live objectives with goals of live frameworks."""
        return self.filter(Objective.live_condition("objective__"), Framework.live_condition("goal__framework__"))

    def by_objective(self):
        """Return the alignments with their objective and its pillar, in the order of pillars and objectives."""
        return (
            self.select_related("objective__pillar")
            .defer("objective__context", "objective__pillar__summary")
            .order_by(
                "objective__strategy",
                "objective__pillar__position",
                "objective__pillar__slug",
                "objective__kind",
                "objective__position",
                "objective__slug",
            )
        )

    def for_table(self):
        """Return the alignments with all that a table of them says, in the order of objectives and goals."""
        # Prefetched, not joined: thousands of rows share a few strategies, pillars and goals.
        return (
            self.with_goal()
            .prefetch_related(Prefetch("objective", Objective.objects.with_strategy_and_pillar()))
            .order_by(
                *(f"objective__{name}" for name in Objective._meta.ordering),
                *("goal__framework__position", "goal__framework__slug", "goal__position"),
            )
        )


@dataclass
class GoalGroup:
    """The alignments of an objective with the goals of one framework."""

    framework: Framework
    alignments: list["Alignment"]


class Alignment(Child):
    """That an objective serves a goal of a framework, and who says so."""

    class Basis(models.TextChoices):
        STATED = "stated", _("stated in the source")
        ASSIGNED = "assigned", _("assigned by editors")

    objective = models.ForeignKey(Objective, models.CASCADE, verbose_name=_("objective"), related_name="alignments")
    goal = models.ForeignKey(FrameworkGoal, models.PROTECT, verbose_name=_("goal"), related_name="alignments")
    note = models.CharField(_("note"), max_length=300, blank=True)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis, default=Basis.ASSIGNED)

    schema = Schema(Public(None, "goal", "basis", "note"), translated=("note",))
    natural_key_fields = ("goal",)
    parent_field = "objective"

    objects = AlignmentQuerySet.as_manager()

    class Meta(Child.Meta):
        verbose_name = _("alignment")
        verbose_name_plural = _("alignments")
        constraints = [models.UniqueConstraint(fields=["objective", "goal"], name="priorities_alignment_unique")]

    def __str__(self) -> str:
        return f"{self.goal.framework.label} {self.goal}"

    def place(self) -> tuple[int, str, int]:
        """Return what alignments are sorted by, by framework and goal."""
        framework = self.goal.framework
        return framework.position, framework.slug, self.goal.position


def live_area_links() -> models.QuerySet:
    """Return the links of strategies to live thematic areas, with these."""
    links = StrategyThematicArea.objects.filter(ThematicArea.live_condition("thematic_area__"))
    return links.select_related("thematic_area")


# What pages read of one strategy; the QuerySets above say what is in it.
AREA_LINKS = Related("strategy", live_area_links)
OBJECTIVES = Related("strategy", lambda: Objective.objects.by_pillar())
