"""Records of the exports and of ``/changes`` in the OpenAPI description, made of the same schema that fills them."""

from django.db.models import IntegerField
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from cms.api.fields import TYPE_DESCRIPTION
from cms.api.records import Computed, RecordField, RecordSchema, schema_of
from cms.content.models import ContentModel
from cms.content.registry import content_models
from cms.content.schema import description_of
from cms.publishing.stamps import Provenance
from cms.translations.texts import Status

KINDS = {
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time"},
    "file": {"type": "string", "format": "uri"},
    "reference": {"type": "string", "format": "uuid"},
}


def any_record(registry: ComponentRegistry, texts: dict) -> dict:
    """Return the reference to the schema of a record of any collection, told apart by ``type``.

    It and those of the records are put into the document. ``texts`` is the reference to the schema of a text in its
    languages.
    """
    records = {model.collection: record_component(registry, schema_of(model), texts).ref for model in content_models()}
    component = ResolvedComponent(
        name="AnyRecord",  # "Record" is a type of TypeScript already
        type=ResolvedComponent.SCHEMA,
        object="AnyRecord",
        schema={
            "description": _("The record of an item; its “type” says of which collection."),
            "oneOf": list(records.values()),
            "discriminator": {
                "propertyName": "type",
                "mapping": {collection: record["$ref"] for collection, record in records.items()},
            },
        },
    )
    registry.register_on_missing(component)
    return component.ref


def type_schema(model: type[ContentModel]) -> dict:
    """Return the schema of the member that names the collection of an item."""
    return {"type": "string", "const": model.collection, "description": str(TYPE_DESCRIPTION)}


def record_component(registry: ComponentRegistry, schema: RecordSchema, texts: dict) -> ResolvedComponent:
    """Return the component that describes the records of one model, parts of an item included."""
    name = f"{schema.model.__name__}Record"
    component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, object=name)
    if component in registry:
        return registry[component]
    identifier = {"type": "string", "format": "uuid", "description": _("Permanent identifier.")}
    properties = {} if schema.is_child else {"type": type_schema(schema.model)}
    properties |= {"id": identifier} | {member.name: member_schema(member, texts) for member in schema.fields}
    for name, kind in schema.computed.items():
        properties[name] = computed_schema(name, kind)
    for name, field in schema.relations.items():
        items = {"type": "string", "format": "uuid"}
        properties[name] = {"type": "array", "items": items, "description": str(description_of(field))}
    for name, child in schema.children.items():
        items = record_component(registry, child, texts).ref
        label = capfirst(str(child.model._meta.verbose_name_plural))
        properties[name] = {"type": "array", "items": items, "description": label}
    if not schema.is_child and schema.has_translations:
        properties["translations"] = {
            "type": "array",
            "items": translation_component(registry).ref,
            "description": _(
                "The texts that are outdated or ahead of their source, or that a machine made. All others are "
                "current, and a person wrote them."
            ),
        }
    component.schema = {
        "type": "object",
        "description": _("Record of: %(name)s.") % {"name": schema.model._meta.verbose_name},
        "properties": properties,
        "required": list(properties),
    }
    registry.register(component)
    return component


def translation_component(registry: ComponentRegistry) -> ResolvedComponent:
    """Return the component that describes what a record tells of a translated text."""
    component = ResolvedComponent(
        name="Translation", type=ResolvedComponent.SCHEMA, object="Translation", schema=translation_schema()
    )
    registry.register_on_missing(component)
    return component


def translation_schema() -> dict:
    time = {"type": ["string", "null"], "format": "date-time"}
    properties = {
        "place": {
            "type": "string",
            "description": _(
                "Where the text stands: the name of a member, or kind, identifier and member of a row of the item."
            ),
        },
        "language": {"type": "string", "description": _("The language of the text.")},
        "status": {
            "type": "string",
            "enum": [Status.OUTDATED.value, Status.AHEAD.value, Status.CURRENT.value],
            "description": _(
                "“outdated”: its source changed in substance since; “ahead”: it was made from a source that is newer "
                "than the public one."
            ),
        },
        "source_language": {"type": "string", "description": _("The language that the item is translated from.")},
        "provenance": {
            "type": "string",
            "enum": list(Provenance.values),
            "description": _(
                "“machine”: a machine made it; “reviewed”: a machine did, and a person reviewed it; else a person."
            ),
        },
        "published_at": time | {"description": _("When the texts in this language were last published.")},
        "source_published_at": time | {"description": _("When those in the source language were.")},
    }
    return {
        "type": "object",
        "description": _("What there is to tell of a text that was translated."),
        "properties": properties,
        "required": list(properties),
    }


def computed_schema(name: str, kind: Computed) -> dict:
    """Return the schema of a member of a record that is no column."""
    address = {"type": "string", "format": "uri"}
    if kind.is_time:
        described = _("When the public last saw it change (ISO 8601, UTC).")
        return {"type": ["string", "null"], "format": "date-time", "description": described}
    if not kind.languages:
        return address | {"description": _("Address in this API.")}
    described = _("Address of the public page, by language.")
    return {"type": "object", "additionalProperties": address, "description": described}


def member_schema(member: RecordField, texts: dict) -> dict:
    """Return the schema of one member of a record."""
    described = {"description": str(description_of(member.field))}
    if member.kind == "texts":
        return {"allOf": [texts], **described}
    schema = dict(KINDS.get(member.kind, {"type": "string"}))
    if isinstance(member.field, IntegerField):
        schema["type"] = "integer"
    never_empty = member.kind == "text" or member.kind == "boolean"
    if member.field.null or member.kind == "file" or not never_empty and member.field.blank:
        schema["type"] = [schema["type"], "null"]  # type: ignore[assignment] # members of many kinds
    if member.field.choices:
        values = [value for value, _label in member.field.flatchoices if value != ""]
        schema["enum"] = [*values, *([""] if member.field.blank else []), *([None] if member.field.null else [])]  # type: ignore[assignment] # members of many kinds
    return schema | described
