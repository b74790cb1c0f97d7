"""The base of all serializers: an item, a published item, and a reference to one.

A serializer declares its fields explicitly, each with a description; :mod:`cms.api.plans` reads them. It
names its model in ``Meta.model`` and what it describes in ``Meta.description``.
"""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cms.api.fields import ChangeTime, ItemAddress, ItemType, LanguageReport, Moment, Name, PageAddress


class ContentSerializer(serializers.Serializer):
    """Any row: a declaration that :mod:`cms.api.plans` reads and represents rows by."""


class ChildSerializer(ContentSerializer):
    """A row that is part of an item."""

    id = serializers.UUIDField(help_text=_("Permanent identifier."))


class TypedSerializer(ContentSerializer):
    """An item, whole or in short: its type and identifier together name it wherever it stands."""

    type = ItemType()
    id = serializers.UUIDField(help_text=_("Permanent identifier."))


class ReferenceSerializer(TypedSerializer):
    """An item that is related to the one described: enough to show it and to fetch it."""

    slug = serializers.SlugField(help_text=_("Short name in addresses."))
    name = Name(help_text=_("Name or title."))
    url = ItemAddress(help_text=_("Address in this API."))


class ItemSerializer(TypedSerializer):
    """An item of a collection."""

    slug = serializers.SlugField(help_text=_("Short name in addresses."))
    url = ItemAddress(help_text=_("Address in this API."))
    web_url = PageAddress(help_text=_("Address of the public page, in the language asked for."))
    changed_at = ChangeTime(help_text=_("When the public last saw it change (ISO 8601, UTC)."))
    languages = LanguageReport(help_text=_("The languages in which this item is given."))


class PublishedItemSerializer(ItemSerializer):
    """An item with the dates of its publication."""

    first_published_at = Moment(help_text=_("When it was first published (ISO 8601, UTC)."))
    last_published_at = Moment(help_text=_("When it was last published (ISO 8601, UTC)."))
