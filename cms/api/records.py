"""Public content as flat records: what exports hold and what a copy of the content is made of.

A record holds what belongs to one item and nothing of another, so that a copy stays right when only the items named in
the change log are read again: other items are named by their identifiers, texts are given in every language they
exist in, children stand inside their item. An item's record says by ``type`` which collection it is of, so that
records may be mixed; children, which only stand inside their item, do not. Works for every content model by its
fields alone.

The shape, all values JSON::

    {"type": "offices", "id": "<uuid>", "slug": "a", "name": {"en": "A", "es": "B"}, "parent": "<uuid>",
     "countries": ["<uuid>"], "sections": [{"id": "<uuid>", "heading": {"en": "..."}}],
     "translations": [{"place": "name", "language": "es", "status": "outdated", ...}]}

``translations`` tells of texts that are not current, or that a machine made; all others are current and a person
wrote them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import override

from cms.api.changed import last_change
from cms.content.fields import RichTextField
from cms.content.languages import column, site_languages
from cms.content.links import permanent
from cms.content.models import Child, ContentModel, Publishable
from cms.content.snapshots import child_relations, children_name, plain_relations
from cms.publishing.redirects import address_field
from cms.translations.counts import counted_models
from cms.translations.marks import marked_texts
from cms.translations.texts import ItemTexts, Text

Record = dict[str, Any]
KEY_SIGN = "key-of-the-item"  # in the place of which the key of each item is put
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)  # RFC 9562, section 4
KEYS = 5_000  # identifiers read at once: a database may sort all of them for it
BATCH = 50  # items read at once: a strategy may hold a whole document in every language


@dataclass(frozen=True)
class RecordField:
    """One member of a record: its name, the fields that it is read from, and what kind of value it has."""

    name: str
    kind: str  # "text", "texts", "number", "boolean", "date", "time", "file", "reference"
    field: models.Field
    columns: tuple[tuple[str, str], ...] = ()  # "texts": pairs of a language and its column

    @property
    def is_rich(self) -> bool:
        return isinstance(self.field, RichTextField)


@dataclass(frozen=True)
class Computed:
    """A member of the record of an item that is no column: an address, one a language where there are such, or a time.

    ``addresses`` has them by language, with :data:`KEY_SIGN` in the place of the item's key; ``""`` is all languages.
    """

    addresses: dict[str, str]

    @property
    def is_time(self) -> bool:
        return not self.addresses

    @property
    def languages(self) -> list[str]:
        return [code for code in self.addresses if code]

    def value(self, key: str) -> Any:
        """Return the address or addresses of the item that ``key`` stands for."""
        found = {code: address.replace(KEY_SIGN, key) for code, address in self.addresses.items()}
        return found.get("") or found


def kind_of(field: models.Field) -> str:
    """Return the kind of the values of ``field``."""
    if field.is_relation:
        return "reference"
    if isinstance(field, models.FileField):
        return "file"
    if isinstance(field, models.DateTimeField):
        return "time"
    if isinstance(field, models.DateField):
        return "date"
    if isinstance(field, models.BooleanField):
        return "boolean"
    if isinstance(field, models.IntegerField | models.FloatField):
        return "number"
    return "text"


def target_condition(field: models.Field, prefix: str = "") -> Q:
    """Return the condition under which what ``field`` points to is public; ``prefix`` leads to its model."""
    path = f"{prefix}{field.name}__"
    target: Any = field.related_model
    while issubclass(target, Child):
        path, target = f"{path}{target.parent_field}__", target.parent_model
    return target.live_condition(path) if issubclass(target, Publishable) else Q()


class RecordSchema:
    """What a record of one model holds, and how it is read in a fixed number of queries for many items."""

    def __init__(self, model: type[ContentModel]):
        self.model = model
        self.is_child = issubclass(model, Child)

    @cached_property
    def fields(self) -> list[RecordField]:
        """The members that are read from the row itself, beside its ``id``.

        Not ``last_published_at``: to publish again what the public sees already moves it, and is no change in the log.
        """
        schema = self.model.schema
        shown = {*schema.public, *(["first_published_at"] if issubclass(self.model, Publishable) else [])}
        found = []
        for field in self.model._meta.concrete_fields:
            if field.name in schema.translated and field.name in shown:
                columns = tuple((code, column(field.name, code)) for code in site_languages())
                found.append(RecordField(field.name, "texts", field, columns))
            elif field.name in shown:
                found.append(RecordField(field.name, kind_of(field), field))
        return found

    @cached_property
    def relations(self) -> dict[str, models.ManyToManyField]:
        """The lists of identifiers of other items, by name."""
        if self.is_child:
            return {}
        return {field.name: field for field in plain_relations(self.model) if field.name in self.model.schema.public}

    @cached_property
    def children(self) -> dict[str, "RecordSchema"]:
        """The lists of rows that are part of the item, by name."""
        if self.is_child:
            return {}
        kinds = [child for child in child_relations(self.model).values() if child.schema.public]
        return {children_name(self.model, child): schema_of(child) for child in kinds}

    @cached_property
    def key(self) -> str:
        """The column by which an item is addressed."""
        return address_field(self.model) or "id"

    @property
    def computed(self) -> dict[str, Computed]:
        """The members that are no columns: when the public last saw the item change, and its addresses.

        Only addresses that are made of the item's own columns: another one could change without the item.
        """
        if self.is_child:
            return {}
        listed = settings.SITE_URL + reverse(f"api:{self.model.collection}-list")
        found = {"changed_at": Computed({}), "url": Computed({"": f"{listed}{KEY_SIGN}/"})}
        pages = self.pages()
        return found | ({"web_url": Computed(pages)} if pages else {})

    def pages(self) -> dict[str, str]:
        """Return the address of an item's page by language, with :data:`KEY_SIGN` in the place of its key."""
        if self.key == "id" and self.model.natural_key_fields:
            return {}
        item, found = self.model(**{self.key: KEY_SIGN} if self.key != "id" else {}), {}
        for code in site_languages():
            with override(code):
                found[code] = settings.SITE_URL + item.get_absolute_url()
        return found

    def public(self) -> QuerySet:
        """Return the public rows, in the order of their keys."""
        rows = self.model.objects.live() if issubclass(self.model, Publishable) else self.model.objects.all()
        return rows.order_by("pk")

    def records(self, keys: Iterable[UUID]) -> list[Record]:
        """Return the records of those of the items ``keys`` that are public, in the order of their keys."""
        rows = list(self.rows(self.public().filter(pk__in=list(keys))))
        computed = self.computed
        found = {row["id"]: self.record(row, computed) for row in rows}
        for name, field in self.relations.items():
            self.add_relation(found, name, field)
        for name, child in self.children.items():
            child.add_to(found, name)
        if self.has_translations:
            self.add_translations(found)
        return list(found.values())

    def rows(self, queryset: QuerySet) -> Iterator[dict]:
        """Yield the columns of the rows of ``queryset``; references to what is not public are empty."""
        names, hidden = ["id"], {}
        for member in self.fields:
            names += [each for code, each in member.columns] or [member.field.attname]
            if member.kind == "reference" and (condition := target_condition(member.field)):
                hidden[f"{member.name}_is_public"] = models.ExpressionWrapper(condition, models.BooleanField())
        if not self.is_child:
            hidden["record_changed_at"] = last_change(self.model)  # type: ignore[assignment] # an expression too
        # A plain queryset: modeltranslation would put the reader's language in the place of a field.
        plain: models.QuerySet = models.QuerySet(self.model, query=queryset.query.chain())
        for row in plain.annotate(**hidden).values(*names, *hidden):
            for flag in hidden:
                if flag.endswith("_is_public") and not row.pop(flag):
                    row[self.model._meta.get_field(flag.removesuffix("_is_public")).attname] = None  # type: ignore[union-attr] # a column
            yield row

    def record(self, row: dict, computed: dict[str, Computed]) -> Record:
        """Return the record of one row without relations and children."""
        record: Record = {} if self.is_child else {"type": self.model.collection}
        record["id"] = str(row["id"])
        for member in self.fields:
            record[member.name] = self.value(member, row)
        for name, kind in computed.items():
            record[name] = moment(row["record_changed_at"]) if kind.is_time else kind.value(str(row[self.key]))
        return record

    def value(self, member: RecordField, row: dict) -> Any:
        if member.kind == "texts":
            texts = {code: row[name] for code, name in member.columns if row[name]}
            return {code: permanent(text, code) for code, text in texts.items()} if member.is_rich else texts
        value = row[member.field.attname]
        if value in (None, ""):
            return "" if member.kind == "text" and not member.field.null else None
        if member.kind == "time":
            return moment(value)
        if member.kind == "file":
            return settings.SITE_URL + reverse("api:file", args=[self.model._meta.model_name, row["id"], member.name])
        return value if member.kind in ("number", "boolean") else str(value)

    def add_relation(self, records: dict[UUID, Record], name: str, field: models.ManyToManyField) -> None:
        """Put the identifiers of public items under ``name`` into ``records``."""
        for record in records.values():
            record[name] = []
        source, target = field.m2m_field_name(), field.m2m_reverse_field_name()
        through: Any = field.remote_field.through
        links = through._base_manager.filter(
            target_condition(through._meta.get_field(target)), **{f"{source}__in": list(records)}
        )
        for key, other in links.order_by().values_list(f"{source}_id", f"{target}_id"):
            records[key][name].append(str(other))
        for record in records.values():
            record[name].sort()

    @cached_property
    def has_translations(self) -> bool:
        """Whether the texts of an item have a state of translation: those of reference data have no history."""
        return issubclass(self.model, Publishable) and self.model in counted_models()

    def add_translations(self, records: dict[UUID, Record]) -> None:
        """Put what is to be told of texts into ``records``; of rows that are left out, nothing."""
        marked = marked_texts(self.model, list(records))
        for key, record in records.items():
            shown = {row["id"] for name in self.children for row in record[name]}
            texts = [each for each in marked.get(key, ()) if not each[0].row or each[0].row in shown]
            record["translations"] = [translation(text, of_item) for text, of_item in texts]

    def add_to(self, records: dict[UUID, Record], name: str) -> None:
        """Put the rows of this child model under ``name`` into ``records``; one that points to what is not public is
        left out, as on the pages."""
        for record in records.values():
            record[name] = []
        parent = self.model.parent_field
        rows = self.model._base_manager.filter(**{f"{parent}__in": list(records)})
        for member in self.fields:
            if member.kind == "reference" and not member.field.null:
                rows = rows.filter(target_condition(member.field))
        owners = dict(rows.values_list("pk", f"{parent}_id"))
        for row in self.rows(rows.order_by("position", "pk")):
            records[owners[row["id"]]][name].append(self.record(row, {}))


def translation(text: Text, texts: ItemTexts) -> Record:
    """Return what is told of a text that is behind its source, or that a machine made."""
    return {
        "place": text.place,
        "language": text.language,
        "status": str(text.status),
        "source_language": texts.source_language,
        "provenance": str(text.provenance),
        "published_at": moment(texts.published_at(text.language)),
        "source_published_at": moment(texts.published_at(texts.source_language)),
    }


def moment(value: datetime | None) -> str | None:
    """Return a time as records write it (RFC 3339, UTC, to the second)."""
    return None if value is None else value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@cache
def schema_of(model: type[ContentModel]) -> RecordSchema:
    """Return the schema of the records of ``model``."""
    return RecordSchema(model)


def records_of(model: type[ContentModel], keys: Iterable[UUID]) -> dict[str, Record]:
    """Return the records of those of the items ``keys`` that are public, by identifier."""
    return {record["id"]: record for record in schema_of(model).records(keys)}


def all_records(model: type[ContentModel]) -> Iterator[Record]:
    """Yield the record of every public item of ``model``, in the order of their keys, in bounded memory."""
    schema = schema_of(model)
    last = None
    while True:
        rows = schema.public().filter(pk__gt=last) if last else schema.public()
        keys = list(rows.values_list("pk", flat=True)[:KEYS])
        if not keys:
            return
        for start in range(0, len(keys), BATCH):
            yield from schema.records(keys[start : start + BATCH])
        last = keys[-1]
