"""The frameworks that strategies are guided by, and their goals."""

from dataclasses import replace

from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.content.addresses import address
from cms.content.fields import ColourField
from cms.content.languages import LocalizedText
from cms.content.models import Child, ContentQuerySet, LocalizedName, Publishable
from cms.content.schema import Public, Schema


class Framework(LocalizedName, Publishable):
    """A global framework with which objectives are aligned, such as a set of development goals."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    description = models.TextField(_("description"), blank=True)
    link = models.URLField(_("link"), blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    schema = Schema(
        Public(None, "name", "acronym", "slug", "position"),
        Public(_("About the framework"), "description", "link"),
        translated=("name", "acronym", "description", "link"),
        required=("name",),
    )
    collection = "frameworks"
    label_fields = ("acronym",)
    search_weight = 2

    class Meta(Publishable.Meta):
        verbose_name = _("framework")
        verbose_name_plural = _("frameworks")
        ordering = ("position", "slug")

    def get_absolute_url(self) -> str:
        return address("priorities:framework", self.slug)


class FrameworkGoalQuerySet(ContentQuerySet):
    """Queries on goals."""

    def live(self):
        """Return the goals of live frameworks."""
        return self.filter(Framework.live_condition("framework__"))

    def with_framework(self):
        """Return the live goals as they stand beside an objective: without their links."""
        return self.live().select_related("framework").defer("link", "framework__description")

    def for_choices(self):
        """Return the goals by framework."""
        return (
            self.select_related("framework")
            .only("code", "title", "framework__slug", "framework__name", "framework__acronym")
            .order_by("framework__position", "framework__slug", "position")
        )


class FrameworkGoal(LocalizedName, Child):
    """A goal, objective or principle of a framework, under the framework's own code."""

    framework = models.ForeignKey(Framework, models.CASCADE, verbose_name=_("framework"), related_name="goals")
    code = models.SlugField(_("code"), max_length=20, help_text=_("As the framework counts it: 1, 10, P2."))
    title = models.CharField(_("title"), max_length=300, blank=True)
    colour = ColourField(_("colour"), blank=True)
    link = models.URLField(_("link"), blank=True)

    schema = Schema(Public(None, "code", "title", "colour", "link"), translated=("title", "link"), required=("title",))
    name_field = "title"
    natural_key_fields = ("code",)
    parent_field = "framework"
    further_pages = {"goals": "get_page_url"}
    search_url = "get_page_url"
    search_weight = 8
    search_related = ("framework",)
    search_words = _("goal, objective, target, principle")

    objects = FrameworkGoalQuerySet.as_manager()

    class Meta(Child.Meta):
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="priorities_goal_code_unique")]

    def __str__(self) -> str:
        return f"{self.code}. {super().__str__()}"

    @property
    def label(self) -> LocalizedText:
        """The title after the framework's own number."""
        title = super().label
        return replace(title, value=f"{self.code}. {title}")

    def get_absolute_url(self) -> str:
        return f"{address('priorities:framework', self.framework.slug)}#{self.anchor}"

    def get_page_url(self) -> str:
        """Return the address of the goal's own page, with all objectives that serve it."""
        return address("priorities:goal", self.framework.slug, self.code)

    @property
    def css_class(self) -> str:
        """The class that gives the goal's colour (``/theme.css``); none where it has no colour."""
        return f"goal-{self.framework.slug}-{self.code}" if self.colour else ""

    @property
    def anchor(self) -> str:
        """The stable anchor of the goal on its framework's page."""
        return f"goal-{self.code}"
