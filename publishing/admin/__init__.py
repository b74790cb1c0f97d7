"""The admin of content: what every content app's ``admin.py`` builds on."""

from publishing.admin.content import ChildInlineMixin, ChildTabularInline, ContentAdmin, ContentAutocompleteView
from publishing.admin.filters import AutocompleteFilter
from publishing.admin.publication import EditorialStateFilter, PublishableAdmin, site_links

__all__ = [
    "AutocompleteFilter",
    "ChildInlineMixin",
    "ChildTabularInline",
    "ContentAdmin",
    "ContentAutocompleteView",
    "EditorialStateFilter",
    "PublishableAdmin",
    "site_links",
]
