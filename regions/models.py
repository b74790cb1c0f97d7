"""Who works where: the organization, countries, and offices with their sections and quotations."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cms.content.addresses import address
from cms.content.coordinates import validate_latitude, validate_longitude
from cms.content.fields import PictureField, RichTextField
from cms.content.languages import displayed
from cms.content.lookups import Fold
from cms.content.models import (
    Child,
    ContentModel,
    ContentQuerySet,
    LocalizedName,
    Publishable,
    PublishableQuerySet,
    related_count,
)
from cms.content.schema import Machine, Public, Schema
from cms.content.validators import validate_image


class Organization(LocalizedName, Publishable):
    """The publisher of the site: at most one row. Its name heads every page."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    tagline = models.CharField(
        _("tagline"), max_length=300, blank=True, help_text=_("One sentence at the top of the home page.")
    )
    about = RichTextField(_("about"), blank=True)
    website = models.URLField(_("website"), blank=True)
    map_disclaimer = models.TextField(
        _("boundary disclaimer"),
        blank=True,
        help_text=_("Stands under every map: what its boundaries and names imply."),
    )
    only_one = models.BooleanField(default=True, unique=True, editable=False)

    schema = Schema(
        Public(None, "name", "acronym", "website"),
        Public(_("Home page"), "tagline", "about"),
        Public(_("Maps"), "map_disclaimer"),
        Machine("only_one"),
        translated=("name", "acronym", "tagline", "about", "map_disclaimer"),
        required=("name",),
    )
    collection = "organization"
    natural_key_fields = ()
    has_page = False  # the home page is the site's
    label_fields = ("acronym",)
    search_weight = 0

    class Meta(Publishable.Meta):
        verbose_name = _("organization")
        verbose_name_plural = _("organization")
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(condition=Q(only_one=True), name="regions_organization_only_one"),
        ]

    def get_absolute_url(self) -> str:
        return address("home")


class CountryQuerySet(ContentQuerySet):
    """Countries are reference data: all of them are public."""

    def for_list(self):
        """Return the countries in the alphabetical order of the reader's language."""
        return self.order_by(Fold(displayed("name")), "code")

    def for_choices(self):
        """Return the countries as on their list."""
        return self.for_list()

    def of_offices(self, keys: list):
        """Return the countries of the offices ``keys``, once for each that covers it: ``office_key`` says which."""
        return self.annotate(office_key=F("offices")).filter(office_key__in=keys)

    def with_office_count(self):
        """Return the countries with ``office_count``: how many live offices cover each."""
        covered = Office.countries.through.objects.filter(Office.live_condition("office__"))
        return self.annotate(office_count=related_count(covered, "country"))


class Country(LocalizedName, ContentModel):
    """A country or area by its ISO 3166-1 alpha-2 code, under its United Nations short name."""

    code = models.CharField(
        _("code"),
        max_length=2,
        unique=True,
        help_text=_("Two capital letters: ISO 3166-1 alpha-2."),
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", _("Enter two capital letters, as in AR."))],
    )
    name = models.CharField(_("name"), max_length=200, blank=True)

    schema = Schema(Public(None, "code", "name"), translated=("name",), required=("name",), searched=("code",))
    collection = "countries"
    natural_key_fields = ("code",)
    search_weight = 2

    objects = CountryQuerySet.as_manager()

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ("code",)

    def get_absolute_url(self) -> str:
        return address("regions:country", self.code)


class OfficeQuerySet(PublishableQuerySet):
    """Queries on offices."""

    def for_list(self):
        """Return the offices with their seat and ``country_count``, without the texts of their pages."""
        return (
            self.select_related("seat_country")
            .annotate(country_count=related_count(Office.countries.through.objects.all(), "office"))
            .defer(*Office.schema.page_only)
            .order_by("position", "slug")
        )

    def for_choices(self):
        """Return the offices by their names."""
        return self.only("slug", "name", "short_name")

    def with_family(self, slug: str):
        """Return the office of this slug with its parent and the offices under it, to be read in one query."""
        parent = Office.objects.filter(slug=slug).values("parent")
        return self.filter(Q(slug=slug) | Q(parent__slug=slug) | Q(pk__in=parent))

    def top(self):
        """Return the offices that stand under no live office."""
        return self.exclude(parent__in=Office.objects.live().values("pk"))


class Office(LocalizedName, Publishable):
    """An office of the organization; its public page is the regional page."""

    class Kind(models.TextChoices):
        HEADQUARTERS = "headquarters", _("headquarters")
        REGIONAL = "regional", _("regional office")
        SUBREGIONAL = "subregional", _("subregional office")
        COUNTRY = "country", _("country office")
        LIAISON = "liaison", _("liaison office")

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.REGIONAL)
    name = models.CharField(_("name"), max_length=200, blank=True)
    short_name = models.CharField(
        _("short name"), max_length=120, blank=True, help_text=_("The region alone, for lists and menus.")
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("parent office"),
        related_name="suboffices",
        null=True,
        blank=True,
    )
    seat_city = models.CharField(_("seat: city"), max_length=120, blank=True)
    seat_country = models.ForeignKey(
        Country,
        models.PROTECT,
        verbose_name=_("seat: country"),
        related_name="seated_offices",
        null=True,
        blank=True,
    )
    seat_latitude = models.FloatField(
        _("seat: latitude"),
        null=True,
        blank=True,
        validators=[validate_latitude],
        help_text=_("In degrees, south negative: -34.6. With the longitude it puts the office on the map."),
    )
    seat_longitude = models.FloatField(
        _("seat: longitude"),
        null=True,
        blank=True,
        validators=[validate_longitude],
        help_text=_("In degrees, west negative: -58.4."),
    )
    countries = models.ManyToManyField(
        Country, verbose_name=_("countries covered"), related_name="offices", blank=True
    )
    introduction = RichTextField(_("introduction"), blank=True)
    director_name = models.CharField(_("director: name"), max_length=120, blank=True)
    director_role = models.CharField(_("director: role"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    address = models.TextField(_("address"), blank=True)
    website = models.URLField(_("website"), blank=True)
    cover_image = PictureField(
        _("cover image"),
        upload_to="offices/covers",
        validators=[validate_image],
        blank=True,
        help_text=_("JPEG, PNG or WebP, at least 1,600 pixels wide."),
    )
    cover_alt = models.CharField(
        _("cover image: alternative text"),
        max_length=300,
        blank=True,
        help_text=_("What the picture shows, for those who cannot see it."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    schema = Schema(
        Public(None, "name", "short_name", "slug", "kind", "parent", "position"),
        Public(_("Introduction"), "introduction"),
        Public(_("Where it works"), "seat_city", "seat_country", "seat_latitude", "seat_longitude", "countries"),
        Public(_("Director and contacts"), "director_name", "director_role", "email", "phone", "address", "website"),
        Public(
            _("Cover image"),
            *("cover_image", "cover_alt"),
            description=_("Stands at the top of the office's page. A picture needs a text in its stead."),
        ),
        translated=("name", "short_name", "seat_city", "introduction", "director_role", "address", "cover_alt"),
        required=("name",),
        searched=("director_name",),
        page_only=("introduction", "address"),
    )
    collection = "offices"
    scope_path = ""
    label_fields = ("short_name",)
    search_weight = 0
    search_related = ("countries", "seat_country")

    objects = OfficeQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ("position", "slug")
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(seat_latitude=None, seat_longitude=None)
                | Q(
                    seat_latitude__isnull=False,  # CHECK lets NULL through
                    seat_longitude__isnull=False,
                    seat_latitude__range=(-90, 90),
                    seat_longitude__range=(-180, 180),
                ),
                name="regions_office_seat_coordinates",
                violation_error_message=_("Give the latitude and the longitude of the seat, or neither."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return address("regions:office", self.slug)

    def clean(self):
        super().clean()
        if self.comes_back("parent"):
            raise ValidationError({"parent": _("An office cannot be above itself.")})


class Section(LocalizedName, Child):
    """A headed passage of an office's page, with a stable anchor."""

    office = models.ForeignKey(Office, models.CASCADE, verbose_name=_("office"), related_name="sections")
    anchor = models.SlugField(
        _("anchor"), max_length=80, help_text=_("The stable address of this section on its page: #anchor.")
    )
    heading = models.CharField(_("heading"), max_length=200, blank=True)
    body = RichTextField(_("text"), blank=True)

    schema = Schema(Public(None, "heading", "anchor", "body"), translated=("heading", "body"), required=("heading",))
    name_field = "heading"
    natural_key_fields = ("anchor",)
    parent_field = "office"

    class Meta(Child.Meta):
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [models.UniqueConstraint(fields=["office", "anchor"], name="regions_section_anchor_unique")]


class Quotation(LocalizedName, Child):
    """The words of a named person on an office's page."""

    office = models.ForeignKey(Office, models.CASCADE, verbose_name=_("office"), related_name="quotations")
    text = models.TextField(_("quotation"), blank=True)
    attributed_to = models.CharField(_("attributed to"), max_length=120)
    role = models.CharField(_("role"), max_length=120, blank=True)

    schema = Schema(
        Public(None, "text", "attributed_to", "role"),
        translated=("text", "role"),
        required=("text",),
        searched=("attributed_to",),
    )
    name_field = "text"
    natural_key_fields = ()
    parent_field = "office"

    class Meta(Child.Meta):
        verbose_name = _("quotation")
        verbose_name_plural = _("quotations")
