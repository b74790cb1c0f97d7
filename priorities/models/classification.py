"""How what a strategy does is classified: by pillar and by thematic area."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.content.addresses import address
from cms.content.fields import ColourField
from cms.content.models import LocalizedName, Publishable, PublishableQuerySet
from cms.content.schema import Public, Schema


class Pillar(LocalizedName, Publishable):
    """One of the few lenses through which every regional strategy is seen."""

    class Icon(models.TextChoices):
        SHIELD = "shield", _("shield")
        ROUTE = "route", _("route")
        COMPASS = "compass", _("compass")
        PEOPLE = "people", _("people")
        GLOBE = "globe", _("globe")
        SCALES = "scales", _("scales")
        LEAF = "leaf", _("leaf")
        HEART = "heart", _("heart")
        DATA = "data", _("data")
        HANDSHAKE = "handshake", _("handshake")

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    colour = ColourField(_("colour"), blank=True)
    icon = models.CharField(_("icon"), max_length=20, choices=Icon, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    schema = Schema(
        Public(None, "name", "summary", "slug", "position"),
        Public(
            _("Look"),
            *("colour", "icon"),
            description=_("The colour and the icon mark the pillar wherever it appears."),
        ),
        translated=("name", "summary"),
        required=("name",),
    )
    collection = "pillars"
    search_weight = 0

    class Meta(Publishable.Meta):
        verbose_name = _("pillar")
        verbose_name_plural = _("pillars")
        ordering = ("position", "slug")

    def get_absolute_url(self) -> str:
        return address("priorities:pillar", self.slug)


class ThematicAreaQuerySet(PublishableQuerySet):
    """Queries on thematic areas."""

    def for_choices(self):
        """Return the areas by their names, with what one that is chosen shows of itself."""
        return self.only("slug", "name", "description")


class ThematicArea(LocalizedName, Publishable):
    """A field of work that strategies and objectives are tagged with."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    schema = Schema(
        Public(None, "name", "description", "slug", "position"),
        translated=("name", "description"),
        required=("name",),
    )
    collection = "thematic_areas"
    search_weight = 2
    has_page = False  # a filter of the objectives is

    objects = ThematicAreaQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("thematic area")
        verbose_name_plural = _("thematic areas")
        ordering = ("position", "slug")

    def get_absolute_url(self) -> str:
        return f"{address('priorities:objectives')}?thematic_area={self.slug}"
