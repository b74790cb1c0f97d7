"""Examples for the OpenAPI description, made of what the serializers state."""

import uuid
from typing import Any

from django.conf import settings
from rest_framework import serializers

from cms.api.fields import ItemAddress, ItemType, LanguageReport, Moment, PageAddress, lookup_field
from cms.api.problems import PROBLEMS, problem_url
from cms.content.languages import site_languages


def example_of_problem(name: str) -> dict:
    """Return the example of a problem in the documentation."""
    status, title, meaning = PROBLEMS[name]
    more: dict[str, Any] = {}
    if name == "expired-token":
        more = {"exports": f"{settings.SITE_URL}{settings.API_PATH}v1/exports/"}
    elif name == "invalid-parameter":
        allowed = ["main", "priority"]
        more = {"errors": [{"parameter": "kind", "detail": str(meaning), "allowed": allowed, "closest": "main"}]}
    else:
        more = {}
    return {
        "type": problem_url(name),
        "title": str(title),
        "status": status,
        "detail": str(meaning),
        "instance": "/api/v1/objectives/",
        "request_id": "5f0c7b348f0e4b7e8a530d3c9b6d4b11",
        **more,
    }


def example_of(serializer_class: type[serializers.Serializer]) -> dict:
    """Return an example of what ``serializer_class`` represents.

    Values come from ``Meta.examples`` of the serializer, of those nested in it, and from the kind of field.
    """
    meta = getattr(serializer_class, "Meta", None)
    stated = getattr(meta, "examples", {})
    fields = serializer_class._declared_fields.items()
    return {name: stated[name] if name in stated else example_of_field(meta, field) for name, field in fields}


def example_of_field(meta: Any, field: serializers.Field):
    """Return the example of a field whose serializer states none."""
    if isinstance(field, serializers.ListSerializer):
        return [example_of(type(field.child))]  # type: ignore[arg-type] # a list of serializers
    if isinstance(field, LanguageReport):
        return {"requested": site_languages()[-1], "available": site_languages(), "fallback": {}}
    if isinstance(field, serializers.Serializer):
        return example_of(type(field))
    if isinstance(field, serializers.UUIDField):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, meta.model.__name__))
    if isinstance(field, ItemType):
        return meta.model.collection
    if isinstance(field, ItemAddress):
        return f"{settings.SITE_URL}{settings.API_PATH}v1/{meta.model.collection}/{example_value(meta)}/"
    if isinstance(field, PageAddress):
        return f"{settings.SITE_URL}/{site_languages()[-1]}/{meta.model.collection}/{example_value(meta)}/"
    if isinstance(field, Moment):
        return "2026-03-02T09:30:00Z"
    if isinstance(field, serializers.ChoiceField):
        return next(iter(field.choices))
    if isinstance(field, serializers.IntegerField):
        return 1
    if isinstance(field, serializers.SlugField):
        return "example"
    return None if field.allow_null else "…"


def example_key(serializer_class: type[serializers.Serializer]) -> str:
    """Return an example of what stands for an item in its address."""
    return str(example_value(serializer_class.Meta))  # type: ignore[attr-defined] # serializers of items have a Meta


def example_value(meta: Any) -> str:
    return meta.examples.get(lookup_field(meta.model)) or str(uuid.uuid5(uuid.NAMESPACE_URL, meta.model.__name__))
