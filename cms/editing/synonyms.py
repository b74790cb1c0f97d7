"""The admin of the words that mean the same to who searches."""

from django.contrib import admin

from cms.editing.translations import TranslatedReferenceAdmin, search_columns
from cms.search.models import Synonyms


@admin.register(Synonyms)
class SynonymsAdmin(TranslatedReferenceAdmin):
    list_display = ("slug", "shown_name", "languages")
    list_display_links = ("slug", "shown_name")
    search_fields = [*search_columns("words"), "slug"]
