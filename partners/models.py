"""With whom: partners, and the partnerships that tie them to offices."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from priorities.models import Pillar
from publishing.fields import RichTextField, YearField
from publishing.models import LocalizedName, Publishable
from regions.models import Country, Office


class Partner(LocalizedName, Publishable):
    """An organization, process or group that an office works with."""

    class Kind(models.TextChoices):
        UN_AGENCY = "un-agency", _("United Nations agency")
        UN_COORDINATION = "un-coordination", _("United Nations coordination body")
        REGIONAL_INTEGRATION = "regional-integration", _("regional integration mechanism")
        REGIONAL_CONSULTATIVE_PROCESS = "regional-consultative-process", _("regional consultative process")
        INTERGOVERNMENTAL_FORUM = "intergovernmental-forum", _("intergovernmental forum")
        INTERNATIONAL_ORGANIZATION = "international-organization", _("international organization")
        PLATFORM = "platform", _("platform")
        PRIVATE_SECTOR = "private-sector", _("private sector")
        GOVERNMENT = "government", _("governments")
        ACADEMIA = "academia", _("academia")
        CIVIL_SOCIETY = "civil-society", _("civil society")

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=250, blank=True)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=40, choices=Kind)
    description = RichTextField(_("description"), blank=True)
    website = models.URLField(_("website"), blank=True)
    countries = models.ManyToManyField(
        Country, verbose_name=_("member countries"), related_name="partners", blank=True
    )

    collection = "partners"
    required_texts = ("name",)

    class Meta(Publishable.Meta):
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ("slug",)

    def get_absolute_url(self) -> str:
        return reverse("partners:partner", args=[self.slug])


class Partnership(Publishable):
    """What an office and a partner do together, and the office's role in it."""

    class Role(models.TextChoices):
        TECHNICAL_SECRETARIAT = "technical-secretariat", _("technical secretariat")
        COORDINATOR = "coordinator", _("coordinator and secretariat")
        CO_LEAD = "co-lead", _("co-lead")
        LEADING_MEMBER = "leading-member", _("member with a leading role")
        MEMBER = "member", _("member")
        TECHNICAL_ASSISTANCE = "technical-assistance", _("technical assistance")
        PROGRAMME_COOPERATION = "programme-cooperation", _("programme cooperation")
        SUPPORT = "support", _("joint support")
        THEMATIC_COOPERATION = "thematic-cooperation", _("thematic cooperation")
        OUTREACH = "outreach", _("outreach")
        MAJOR_PARTNER = "major-partner", _("major partner")

    office = models.ForeignKey(Office, models.PROTECT, verbose_name=_("office"), related_name="partnerships")
    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="partnerships")
    role = models.CharField(_("role"), max_length=40, choices=Role)
    description = models.TextField(_("description"), blank=True)
    since = YearField(_("since"), null=True, blank=True)
    until = YearField(_("until"), null=True, blank=True)
    pillars = models.ManyToManyField(Pillar, verbose_name=_("pillars"), related_name="partnerships", blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    collection = "partnerships"
    scope_path = "office"
    natural_key_fields = ("office", "partner", "role")
    live_through = ("office", "partner")

    class Meta(Publishable.Meta):
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        ordering = ("office__position", "position", "partner__slug", "role")
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(
                fields=["office", "partner", "role"],
                name="partners_partnership_unique",
                violation_error_message=_("This office already has a partnership of this kind with this partner."),
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="partners_partnership_years_in_order",
                violation_error_message=_("The last year is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} – {self.office} ({self.get_role_display()})"

    def get_absolute_url(self) -> str:
        return f"{self.partner.get_absolute_url()}#{self.anchor}"

    @property
    def anchor(self) -> str:
        """The stable anchor of the partnership on its partner's page."""
        return f"{self.office.slug}-{self.role}"
