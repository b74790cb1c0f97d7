from modeltranslation.translator import TranslationOptions, register

from partners.models import Partner, Partnership


@register(Partner)
class PartnerTranslation(TranslationOptions):
    fields = ("name", "acronym", "description")


@register(Partnership)
class PartnershipTranslation(TranslationOptions):
    fields = ("description",)
