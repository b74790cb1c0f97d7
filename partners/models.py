"""With whom: partners, and the partnerships that tie them to offices."""

from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.db.models import Case, F, Prefetch, Q, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from cms.content.addresses import address
from cms.content.fields import RichTextField, YearField
from cms.content.languages import displayed
from cms.content.lookups import Fold
from cms.content.models import LocalizedName, Publishable, PublishableQuerySet
from cms.content.schema import Public, Schema
from cms.content.statements import Statement
from priorities.models import Pillar
from regions.models import Country, Office


class PartnerQuerySet(PublishableQuerySet):
    """Queries on partners."""

    def for_list(self):
        """Return the partners by kind and name; :func:`read_first_partnerships` gives them theirs."""
        kinds = [When(kind=kind, then=Value(number)) for number, kind in enumerate(Partner.Kind.values)]
        return self.defer(*Partner.schema.page_only).order_by(
            Case(*kinds, default=Value(len(kinds))), Fold(displayed("name")), "slug"
        )

    def for_page(self):
        """Return the partners with their member countries and partnerships."""
        partnerships = Partnership.objects.live().for_list()
        pillars = Prefetch("pillars", Pillar.objects.live(), to_attr="live_pillars")
        return self.prefetch_related(
            Prefetch("countries", Country.objects.for_list()),
            Prefetch("partnerships", partnerships.prefetch_related(pillars), to_attr="live_partnerships"),
        )


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

    schema = Schema(
        Public(None, "name", "acronym", "slug", "kind"),
        Public(_("About the partner"), "description", "website", "countries"),
        translated=("name", "acronym", "description"),
        required=("name",),
        page_only=("description",),
    )
    collection = "partners"
    search_weight = 3
    label_fields = ("acronym",)

    objects = PartnerQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ("slug",)

    def get_absolute_url(self) -> str:
        return address("partners:partner", self.slug)


class PartnershipQuerySet(PublishableQuerySet):
    """Queries on partnerships."""

    ORDER_IN_LIST = ("office__position", "office__slug", "position", "role")

    def first_of_partners(self, number: int):
        """Return the first ``number`` partnerships of each partner, with the name of the office."""
        place = Window(RowNumber(), partition_by="partner", order_by=self.ORDER_IN_LIST)
        return (
            self.live()
            .annotate(place=place)
            .filter(place__lte=number)
            .select_related("office")
            .only("partner", "role", "office__slug", "office__name", "office__short_name")
            .order_by("place")
        )

    def for_list(self):
        """Return the partnerships with the names of office and partner, in the order of the offices."""
        return (
            self.select_related("office", "partner")
            .defer(*Office.schema.page_only_of("office"), *Partner.schema.page_only_of("partner"))
            .order_by(*self.ORDER_IN_LIST)
        )

    def for_office(self):
        """Return the partnerships of one office with the names of the partners."""
        return (
            self.select_related("partner")
            .defer(*Partner.schema.page_only_of("partner"))
            .order_by("position", "partner__slug", "role")
        )


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

    schema = Schema(
        Public(None, "office", "partner", "role", "position"),
        Public(_("What they do together"), "description", "pillars", ("since", "until")),
        translated=("description",),
    )
    collection = "partnerships"
    search_weight = 20
    scope_path = "office"
    natural_key_fields = ("office", "partner", "role")
    search_title = ("partner__name", "office__name")
    has_page = False  # it is on the partner's
    live_through = ("office", "partner")

    objects = PartnershipQuerySet.as_manager()

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


PARTNERSHIPS_IN_LIST = 7
FIRST_PARTNERSHIPS = Statement(
    lambda key: Partnership.objects.filter(partner__in=[key]).first_of_partners(PARTNERSHIPS_IN_LIST)
)


def read_first_partnerships(partners: Iterable[Partner]) -> None:
    """Give each of ``partners`` its ``first_partnerships``, in one query for all."""
    found: dict[UUID, list[Partnership]] = {partner.pk: [] for partner in partners}
    for partnership in FIRST_PARTNERSHIPS.rows(*found):
        found[partnership.partner_id].append(partnership)
    for partner in partners:
        partner.first_partnerships = found[partner.pk]
