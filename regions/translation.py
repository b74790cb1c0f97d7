from modeltranslation.translator import TranslationOptions, register

from regions.models import Country, Office, Organization, Quotation, Section


@register(Organization)
class OrganizationTranslation(TranslationOptions):
    fields = ("name", "acronym", "tagline", "about", "map_disclaimer")


@register(Country)
class CountryTranslation(TranslationOptions):
    fields = ("name",)


@register(Office)
class OfficeTranslation(TranslationOptions):
    fields = ("name", "short_name", "seat_city", "introduction", "director_role", "address", "cover_alt")


@register(Section)
class SectionTranslation(TranslationOptions):
    fields = ("heading", "body")


@register(Quotation)
class QuotationTranslation(TranslationOptions):
    fields = ("text", "role")
