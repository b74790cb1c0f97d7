"""One factory a model. Items are live by default and in English; every default can be overridden.

``OfficeFactory(live=False)`` is an office that was never published; ``OfficeFactory(name_es="...")`` adds a text.
"""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cms.content.models import Publishable
from cms.search.models import Synonyms
from partners.models import Partner, Partnership
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
from regions.models import Country, Office, Organization, Quotation, Section
from tests.files import pdf


class PublishableFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    class Params:
        live = True

    status = factory.LazyAttribute(
        lambda item: Publishable.Status.LIVE if item.live else Publishable.Status.UNPUBLISHED
    )
    first_published_at = factory.LazyAttribute(lambda item: timezone.now() if item.live else None)
    last_published_at = factory.LazyAttribute(lambda item: timezone.now() if item.live else None)


class OrganizationFactory(PublishableFactory):
    class Meta:
        model = Organization

    name_en = "Organization of Examples"
    acronym_en = "OoE"


class CountryFactory(DjangoModelFactory):
    class Meta:
        model = Country
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: chr(65 + n // 26 % 26) + chr(65 + n % 26))
    name_en = factory.LazyAttribute(lambda country: f"Country {country.code}")


class SynonymsFactory(DjangoModelFactory):
    class Meta:
        model = Synonyms

    slug = factory.Sequence("words-{}".format)
    words_en = factory.Sequence("word{0}\nother{0}".format)


class OfficeFactory(PublishableFactory):
    class Meta:
        model = Office

    slug = factory.Sequence(lambda n: f"office-{n}")
    name_en = factory.LazyAttribute(lambda office: f"Name of {office.slug}")
    position = factory.Sequence(lambda n: n)


class SectionFactory(DjangoModelFactory):
    class Meta:
        model = Section

    office = factory.SubFactory(OfficeFactory)
    anchor = factory.Sequence(lambda n: f"section-{n}")
    heading_en = factory.LazyAttribute(lambda section: f"Heading of {section.anchor}")
    body_en = "<p>Text of the section.</p>"
    position = factory.Sequence(lambda n: n)


class QuotationFactory(DjangoModelFactory):
    class Meta:
        model = Quotation

    office = factory.SubFactory(OfficeFactory)
    text_en = "Words of a person."
    attributed_to = "A. Person"
    position = factory.Sequence(lambda n: n)


class PillarFactory(PublishableFactory):
    class Meta:
        model = Pillar

    slug = factory.Sequence(lambda n: f"pillar-{n}")
    name_en = factory.LazyAttribute(lambda pillar: f"Name of {pillar.slug}")
    colour = "#1f4e79"
    icon = Pillar.Icon.GLOBE
    position = factory.Sequence(lambda n: n)


class ThematicAreaFactory(PublishableFactory):
    class Meta:
        model = ThematicArea

    slug = factory.Sequence(lambda n: f"area-{n}")
    name_en = factory.LazyAttribute(lambda area: f"Name of {area.slug}")


class FrameworkFactory(PublishableFactory):
    class Meta:
        model = Framework

    slug = factory.Sequence(lambda n: f"framework-{n}")
    name_en = factory.LazyAttribute(lambda framework: f"Name of {framework.slug}")


class FrameworkGoalFactory(DjangoModelFactory):
    class Meta:
        model = FrameworkGoal

    framework = factory.SubFactory(FrameworkFactory)
    code = factory.Sequence(lambda n: str(n + 1))
    title_en = factory.LazyAttribute(lambda goal: f"Title of goal {goal.code}")
    colour = "#dd1367"
    position = factory.Sequence(lambda n: n)


class StrategyFactory(PublishableFactory):
    class Meta:
        model = Strategy

    slug = factory.Sequence(lambda n: f"strategy-{n}")
    office = factory.SubFactory(OfficeFactory)
    title_en = factory.LazyAttribute(lambda strategy: f"Title of {strategy.slug}")


class StrategyThematicAreaFactory(DjangoModelFactory):
    class Meta:
        model = StrategyThematicArea

    strategy = factory.SubFactory(StrategyFactory)
    thematic_area = factory.SubFactory(ThematicAreaFactory)
    position = factory.Sequence(lambda n: n)


class OutlineEntryFactory(DjangoModelFactory):
    class Meta:
        model = OutlineEntry

    strategy = factory.SubFactory(StrategyFactory)
    anchor = factory.Sequence(lambda n: f"entry-{n}")
    title_en = factory.LazyAttribute(lambda entry: f"Title of {entry.anchor}")
    position = factory.Sequence(lambda n: n)


class DocumentFactory(DjangoModelFactory):
    class Meta:
        model = Document

    strategy = factory.SubFactory(StrategyFactory)
    language = "en"
    title = "The strategy"
    file = factory.django.FileField(filename="strategy.pdf", data=pdf())


class ObjectiveFactory(PublishableFactory):
    class Meta:
        model = Objective

    slug = factory.Sequence(lambda n: f"objective-{n}")
    strategy = factory.SubFactory(StrategyFactory)
    pillar = factory.SubFactory(PillarFactory)
    statement_en = factory.LazyAttribute(lambda objective: f"Statement of {objective.slug}.")
    position = factory.Sequence(lambda n: n)


class AlignmentFactory(DjangoModelFactory):
    class Meta:
        model = Alignment

    objective = factory.SubFactory(ObjectiveFactory)
    goal = factory.SubFactory(FrameworkGoalFactory)
    position = factory.Sequence(lambda n: n)


class PartnerFactory(PublishableFactory):
    class Meta:
        model = Partner

    slug = factory.Sequence(lambda n: f"partner-{n}")
    name_en = factory.LazyAttribute(lambda partner: f"Name of {partner.slug}")
    kind = Partner.Kind.UN_AGENCY


class PartnershipFactory(PublishableFactory):
    class Meta:
        model = Partnership

    office = factory.SubFactory(OfficeFactory)
    partner = factory.SubFactory(PartnerFactory)
    role = Partnership.Role.MEMBER
    position = factory.Sequence(lambda n: n)
