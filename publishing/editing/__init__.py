"""The admin of content: what every content app's ``admin.py`` builds on."""

from publishing.editing.content import ChildInlineMixin, ChildTabularInline, ContentAdmin, ContentAutocompleteView
from publishing.editing.filters import AutocompleteFilter
from publishing.editing.publication import EditorialStateFilter, PublishableAdmin, site_links
from publishing.editing.reference import ReferenceAdmin

__all__ = [
    "AutocompleteFilter",
    "ChildInlineMixin",
    "ChildTabularInline",
    "ContentAdmin",
    "ContentAutocompleteView",
    "EditorialStateFilter",
    "PublishableAdmin",
    "ReferenceAdmin",
    "site_links",
]
