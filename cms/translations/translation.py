"""The translated fields of every content model, as its schema names them; modeltranslation finds this module."""

from django.apps import apps
from modeltranslation.translator import TranslationOptions, translator

from cms.content.models import ContentModel

for model in apps.get_models():
    if issubclass(model, ContentModel) and model.schema.translated:
        translator.register(model, type("Options", (TranslationOptions,), {"fields": model.schema.translated}))
