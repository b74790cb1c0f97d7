"""The serializer fields of translated texts, addresses and files; plain values use the framework's own."""

from datetime import UTC

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cms.api.changed import last_change
from cms.api.plans import Answer, PlannedField, Reader
from cms.content.languages import column, site_languages, translated_fields
from cms.content.links import permanent
from cms.content.models import ContentModel

TYPE_DESCRIPTION = _("The collection of the item, such as “objectives”.")


class Text(PlannedField, serializers.CharField):
    """A translated text in the language asked for or its fallback, which the item's ``languages`` then names.

    With ``lang=*`` it is an object of its texts by language. Null where there is none.
    """

    def __init__(self, **kwargs):
        super().__init__(**{"allow_null": True, **kwargs})

    def columns(self, model, name, wording):
        return [column(self.field_of(model, name), code) for code in wording.chain]

    def field_of(self, model: type[models.Model], name: str) -> str:
        """Return the name of the translated field that is shown."""
        return self.source or name

    def shown(self, text: str, code: str) -> str:
        """Return a text in the language ``code`` as it is given out."""
        return text

    def reader(self, model, name, wording) -> Reader:
        columns = list(zip(wording.chain, self.columns(model, name, wording), strict=True))

        def read(item, answer):
            for code, attribute in columns:
                if text := getattr(item, attribute):
                    answer.note(name, code)
                    return self.shown(text, code)
            return None

        def read_all(item, answer):
            found = {code: self.shown(text, code) for code, attribute in columns if (text := getattr(item, attribute))}
            answer.languages_used.update(found)
            return found

        return read_all if wording.every else read


class RichText(Text):
    """A translated text as HTML of a small vocabulary, sanitised when it was stored.

    Links to items are their permanent addresses in the language of the text.
    """

    def shown(self, text, code):
        return permanent(text, code)


class Address(Text):
    """A translated address of a page elsewhere."""


class Name(Text):
    """The text by which a row is called: its model's ``name_field``."""

    def field_of(self, model, name):
        return model.name_field


class TextInItsLanguage(PlannedField, serializers.CharField):
    """A text that is in one language only, the one that the row's field ``language`` names."""

    def columns(self, model, name, wording):
        return [name, "language"]

    def reader(self, model, name, wording) -> Reader:
        def read(item, answer):
            answer.languages_used.add(item.language)
            return getattr(item, name)

        return read


class Moment(serializers.DateTimeField):
    """A point in time, ISO 8601 in UTC whatever the site's time zone: ``2026-11-22T09:30:00Z``."""

    def __init__(self, **kwargs):
        super().__init__(**{"default_timezone": UTC, **kwargs})


class ChangeTime(PlannedField, Moment):
    """When the public last saw an item change, from the change log; null for what was never public."""

    def __init__(self, **kwargs):
        super().__init__(**{"allow_null": True, **kwargs})

    def annotations(self, model):
        return {"changed_at": lambda path: last_change(model, path)}

    def reader(self, model, name, wording) -> Reader:
        def read(item, answer):
            return None if item.changed_at is None else self.to_representation(item.changed_at)

        return read


class ItemType(PlannedField, serializers.CharField):
    """The collection of an item, as ``/changes`` and exports name it: the same for all items of a model."""

    def __init__(self, **kwargs):
        super().__init__(**{"help_text": TYPE_DESCRIPTION, **kwargs})

    def reader(self, model, name, wording) -> Reader:
        collection = model.collection
        return lambda item, answer: collection


class ItemAddress(PlannedField, serializers.URLField):
    """The address of an item in this API, by its slug or code, or by its identifier where it has neither."""

    def columns(self, model, name, wording):
        return [lookup_field(model)]

    def reader(self, model, name, wording) -> Reader:
        key = lookup_field(model)

        def read(item, answer):
            return f"{collection_url(model, answer)}{getattr(item, key)}/"

        return read


class PageAddress(PlannedField, serializers.URLField):
    """The address of an item's public page in the language asked for.

    ``reads`` names what the model's ``get_absolute_url()`` reads, where it is not the field that items are
    addressed by.
    """

    def __init__(self, *, reads: tuple[str, ...] = (), **kwargs):
        self.reads = reads
        super().__init__(**kwargs)

    def columns(self, model, name, wording):
        return list(self.reads) or [lookup_field(model)]

    def reader(self, model, name, wording) -> Reader:
        def read(item, answer):
            return answer.base_url + item.get_absolute_url()

        return read


class LanguageReport(PlannedField, serializers.Serializer):
    """In which languages an item is given: what was asked for, what there is, what stands in for it."""

    requested = serializers.CharField(
        help_text=_("The language asked for: the one of all texts not named below; * for all languages.")
    )
    available = serializers.ListField(
        child=serializers.CharField(),
        help_text=_("The languages in which this item can be read, at least its name, in the order of the site."),
    )
    fallback = serializers.DictField(
        child=serializers.CharField(),
        help_text=_(
            "Each text that is given in another language than the one asked for, by its path in the item "
            "(“summary”, “sections/0/heading”), and that language."
        ),
    )

    class Meta:
        description = _("In which languages an item is given.")
        examples = {"requested": "fr", "available": ["en", "fr"], "fallback": {"summary": "en"}}

    def columns(self, model, name, wording):
        return [column(field, code) for field in self.telling_fields(model) for code in site_languages()]

    def telling_fields(self, model: type[ContentModel]) -> list[str]:
        """Return the texts that make an item available in a language: those it cannot do without, else all."""
        return [*model.schema.required] or translated_fields(model)

    def reader(self, model, name, wording) -> Reader:
        fields = self.telling_fields(model)
        columns = [(code, [column(field, code) for field in fields]) for code in site_languages()]

        def read(item, answer):
            answer.fallbacks = {}  # filled by the texts that are read after this
            return {
                "requested": answer.wording.requested,
                "available": [code for code, names in columns if all(getattr(item, name) for name in names)],
                "fallback": answer.fallbacks,
            }

        return read


@extend_schema_field({"type": "string", "format": "uri"})
class DownloadAddress(PageAddress):
    """The address of a file."""


class FileAddress(PlannedField, serializers.URLField):
    """The address at which programs get an uploaded file, or null where there is none."""

    def __init__(self, **kwargs):
        super().__init__(**{"allow_null": True, **kwargs})

    def columns(self, model, name, wording):
        return [name]

    def reader(self, model, name, wording) -> Reader:
        kind = model._meta.model_name

        def read(item, answer):
            return answer.base_url + reverse("api:file", args=[kind, item.pk, name]) if getattr(item, name) else None

        return read


class FileSize(PlannedField, serializers.IntegerField):
    """The bytes of a file, or null when the storage does not have it."""

    def __init__(self, **kwargs):
        super().__init__(**{"allow_null": True, "source": "file", **kwargs})

    def columns(self, model, name, wording):
        return [self.source]

    def reader(self, model, name, wording) -> Reader:
        source = self.source

        def read(item, answer):
            try:
                return getattr(item, source).size
            except (OSError, ValueError):
                return None

        return read


class FileType(PlannedField, serializers.CharField):
    """The media type (RFC 6838) under which a file is served, from its extension."""

    def __init__(self, types: dict[str, str], **kwargs):
        self.types = types
        super().__init__(**{"source": "file", **kwargs})

    def columns(self, model, name, wording):
        return [self.source]

    def reader(self, model, name, wording) -> Reader:
        source = self.source

        def read(item, answer):
            extension = getattr(item, source).name.rpartition(".")[2].lower()
            return self.types.get(f".{extension}", "application/octet-stream")

        return read


def lookup_field(model: type[ContentModel]) -> str:
    """Return the field by which a model's items are addressed: ``"slug"``, ``"code"`` or ``"id"``."""
    return model.natural_key_fields[0] if len(model.natural_key_fields) == 1 else "id"


def collection_url(model: type[ContentModel], answer: Answer) -> str:
    """Return the absolute address of a model's collection."""
    if model not in answer.collection_urls:
        answer.collection_urls[model] = f"{answer.base_url}{reverse(f'api:{model.collection}-list')}"
    return answer.collection_urls[model]


class ItemRecord(serializers.DictField):
    """The record of an item as :mod:`cms.api.records` makes it; each collection has a form of its own."""
