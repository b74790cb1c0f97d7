"""The OpenAPI 3.1 description of the API, made of the same declarations that answer."""

import json
from functools import lru_cache
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from cms.api.deprecations import DEPRECATIONS
from cms.api.examples import example_key, example_of, example_of_problem
from cms.api.fields import ItemRecord, ItemType, RichText, Text
from cms.api.formats import CsvRenderer, GeoJsonRenderer, JsonLinesRenderer
from cms.api.openapi_parameters import (
    answer_headers,
    condition_parameter,
    content_headers,
    file_headers,
    format_parameters,
    language_parameters,
    part_parameters,
    selection_parameters,
    sort_parameter,
)
from cms.api.openapi_records import any_record, type_schema
from cms.api.problems import MEDIA_TYPE, PROBLEMS, problem_url
from cms.api.selection import ALWAYS, is_reference, nested, whole_serializer
from cms.api.serializers import ContentSerializer, ItemSerializer
from cms.content.languages import site_languages


class ParameterErrorSerializer(serializers.Serializer):
    parameter = serializers.CharField(help_text=gettext_lazy("Name of the query parameter."))
    detail = serializers.CharField(help_text=gettext_lazy("What is wrong with it."))
    allowed = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text=gettext_lazy("What would be right, where that can be listed."),
    )
    closest = serializers.CharField(
        required=False, help_text=gettext_lazy("The one of “allowed” that is most like what was given.")
    )

    class Meta:
        description = gettext_lazy("A query parameter that is wrong.")
        examples = {
            "parameter": "kind",
            "detail": "Select a valid choice.",
            "allowed": ["main", "priority"],
            "closest": "main",
        }


class ProblemSerializer(serializers.Serializer):
    type = serializers.URLField(help_text=gettext_lazy("Identifies the kind of problem and leads to its explanation."))
    title = serializers.CharField(help_text=gettext_lazy("The kind of problem in words."))
    status = serializers.IntegerField(help_text=gettext_lazy("HTTP status."))
    detail = serializers.CharField(help_text=gettext_lazy("What is wrong with this request."))
    instance = serializers.CharField(help_text=gettext_lazy("Path that was asked for."))
    request_id = serializers.CharField(help_text=gettext_lazy("Names this request in the log of the site."))
    errors = ParameterErrorSerializer(  # type: ignore[assignment] # a field of the answer, not the serializer's errors
        many=True, required=False, help_text=gettext_lazy("Each query parameter that is wrong.")
    )
    exports = serializers.URLField(
        required=False, help_text=gettext_lazy("With “expired-token”: address of the export to start from.")
    )

    class Meta:
        description = gettext_lazy("Problem details (RFC 9457).")
        examples = {
            "type": problem_url("invalid-parameter"),
            "title": "A parameter is wrong",
            "status": 400,
            "detail": "kind: Select a valid choice.",
            "instance": f"{settings.API_PATH}v1/objectives/",
            "request_id": "5f0c7b348f0e4b7e8a530d3c9b6d4b11",
            "exports": f"{settings.SITE_URL}{settings.API_PATH}v1/exports/",
        }


MAKING = Lock()  # drf-spectacular looks up its own parts while it makes its first document, which two threads cannot

# What every operation may be answered with.
USUAL_PROBLEMS = (
    "invalid-parameter",
    "unknown-key",
    "not-acceptable",
    "uri-too-long",
    "too-many-requests",
    "error",
    "unavailable",
)
ITEM_PROBLEMS = ("not-found", "gone")


class ContentAutoSchema(AutoSchema):
    """Operations, parameters, headers, problems and examples of the API's views."""

    def get_summary(self):
        return str(getattr(self.view, "list_summary" if self.is_list else "detail_summary", ""))

    def get_operation_id(self):
        return getattr(self.view, "operation_id", "") or super().get_operation_id()

    def get_auth(self):
        return spectacular_settings.SECURITY

    def get_description(self):
        if self.is_file:
            return str(self.view.detail_description)
        serializer = self.view.get_serializer_class() if hasattr(self.view, "get_serializer_class") else None
        return str(serializer.Meta.description) if serializer else ""

    def get_tags(self):
        return super().get_tags() or ["root"]

    @property
    def is_list(self) -> bool:
        return getattr(self.view, "action", "") == "list"

    @property
    def is_item(self) -> bool:
        return getattr(self.view, "action", "") == "retrieve"

    @property
    def is_file(self) -> bool:
        return bool(getattr(self.view, "media_types", ()))

    def get_override_parameters(self):
        view = self.view
        parameters = [*view.described_parameters, *answer_headers()]
        if self.is_file:
            parameters += [condition_parameter(), *part_parameters(), *file_headers()]
        else:
            parameters += [*language_parameters(), *content_headers(is_conditional=view.is_conditional)]
            if view.is_conditional:
                parameters.append(condition_parameter())
        if self.is_list or self.is_item:
            parameters += selection_parameters(self.view.get_serializer_class(), rows=int(self.is_list))
        if self.is_list:
            parameters += [sort_parameter(self.view.serializer_class), *format_parameters(self.view)]
        if self.is_item:
            described = self.view.model.natural_key_fields
            parameters.append(
                OpenApiParameter(
                    "key",
                    {"type": "string", "minLength": 1, "examples": [example_key(self.view.serializer_class)]},
                    OpenApiParameter.PATH,
                    description=_("Identifier (UUID) of the item.")
                    if len(described) != 1
                    else _("Identifier (UUID) or “%(field)s” of the item.") % {"field": described[0]},
                )
            )
        return parameters

    def is_deprecated(self):
        return any(not entry.parameter and entry.applies(self.path, ()) for entry in DEPRECATIONS)

    def get_response_serializers(self):
        responses = {}
        if self.is_file:
            for status, description in ((200, _("The whole file.")), (206, _("The part that was asked for."))):
                for media_type in self.view.media_types:
                    kind = OpenApiTypes.STR if media_type.startswith("text/") else OpenApiTypes.BINARY
                    responses[status, media_type] = OpenApiResponse(kind, description=description)
        else:
            responses[200] = self.view.get_serializer_class()
        if self.is_file or self.view.is_conditional:
            responses[304] = OpenApiResponse(description=_("Your copy is still right."))
        if self.is_item:
            responses[308] = OpenApiResponse(description=_("The item has another name now; “Location” leads there."))
        for name in (*USUAL_PROBLEMS, *(ITEM_PROBLEMS if self.is_item else ()), *self.view.problems):
            status, title, meaning = PROBLEMS[name]
            example = OpenApiExample(str(title), value=example_of_problem(name), response_only=True)
            responses[status, MEDIA_TYPE] = OpenApiResponse(
                ProblemSerializer, description=f"{title}. {meaning}", examples=[example]
            )
        return responses

    def _get_response_for_code(self, serializer, status_code, media_types=None, direction="response"):
        response = super()._get_response_for_code(serializer, status_code, media_types, direction)
        response["description"] = response["description"] or _("What was asked for.")
        if status_code == "200" and not self.is_file:
            example = example_of(self.view.get_serializer_class())
            if self.is_list:
                example = {"count": 1, "next": None, "previous": None, "results": [example]}
            for content in response["content"].values():
                content["example"] = example
            if self.is_list:
                response["content"] |= {media_type: {"schema": {"type": "string"}} for media_type in self.tables()}
                self.add_map(response["content"], example)
        return response

    def tables(self) -> list[str]:
        """Return the media types of a list that are texts of lines."""
        return [CsvRenderer.media_type, JsonLinesRenderer.media_type]

    def add_map(self, content: dict, example: dict) -> None:
        """Describe the list as a map, where its items have a place."""
        if not self.view.place:  # type: ignore[attr-defined] # of collections
            return
        features = [
            {"type": "Feature", "id": item["id"], "geometry": None, "properties": item} for item in example["results"]
        ]
        content[GeoJsonRenderer.media_type] = {
            "schema": map_schema(self.resolve_serializer(self.view.serializer_class, "response").ref),  # type: ignore[attr-defined] # of collections
            "example": {"type": "FeatureCollection", "features": features},
        }

    def _map_basic_serializer(self, serializer, direction):
        schema = super()._map_basic_serializer(serializer, direction)
        meta = getattr(type(serializer), "Meta", None)
        if description := getattr(meta, "description", ""):
            schema["description"] = str(description)
        for name, example in example_of(type(serializer)).items():
            part = schema["properties"].get(name, {})
            if "type" in part and not isinstance(example, dict | list) and example is not None:
                part["examples"] = [example]
        for name, field in type(serializer)._declared_fields.items():
            if isinstance(field, ItemType):
                schema["properties"][name] = type_schema(meta.model)
            else:
                self.complete(schema["properties"], name, field, direction)
        if isinstance(serializer, ContentSerializer):  # of which the client may choose fields
            schema["required"] = [name for name in schema["properties"] if name in ALWAYS]
        return schema

    def complete(self, properties: dict, name: str, field: serializers.Field, direction: str) -> None:
        """Say of a field what else it may be: a text in all languages, an item in short or whole."""
        part = properties[name]
        if isinstance(field, ItemRecord):
            record = any_record(self.registry, self.text_in_each_language())
            properties[name] = {"anyOf": [record, {"type": "null"}], "description": part["description"]}
            return
        described = {key: part.pop(key) for key in ("description", "examples", "readOnly") if key in part}
        if isinstance(field, Text):
            text = {"type": ["string", "null"]} | (
                {"contentMediaType": "text/html"} if isinstance(field, RichText) else {}
            )
            properties[name] = {"anyOf": [text, self.text_in_each_language()], **described}
            return
        inner = nested(field)
        if inner is None or not is_reference(inner) or issubclass(inner, ItemSerializer):
            part.update(described)
            return
        # The whole item first: it must have more, so programs that try one after the other find the right one.
        whole, short = (self.resolve_serializer(of, direction).ref for of in (whole_serializer(inner), inner))  # type: ignore[arg-type] # drf-spectacular passes it through
        if isinstance(field, serializers.ListSerializer):
            properties[name] = {"type": "array", "items": {"anyOf": [whole, short]}, **described}
        else:
            none = [{"type": "null"}] if field.allow_null else []
            properties[name] = {"anyOf": [whole, short, *none], **described}

    def text_in_each_language(self) -> dict:
        """Return the reference to the schema of a text as ``lang=*`` gives it."""
        component = ResolvedComponent(
            name="TextInEachLanguage",
            type=ResolvedComponent.SCHEMA,
            object="TextInEachLanguage",
            schema={
                "type": "object",
                "description": _("A text by language, as “lang=*” gives it; without the languages that it is not in."),
                "additionalProperties": {"type": "string"},
                "propertyNames": {"enum": site_languages()},
                "examples": [{"en": "Readiness", "fr": "Préparation"}],
            },
        )
        self.registry.register_on_missing(component)
        return component.ref


def map_schema(item: dict) -> dict:
    """Return the schema of a ``FeatureCollection`` (RFC 7946) of points whose properties are an ``item``."""
    axis = {"type": "number", "minimum": -180, "maximum": 180}
    point = {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"const": "Point"},
            "coordinates": {"type": "array", "items": axis, "minItems": 2, "maxItems": 2},
        },
    }
    feature = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string", "format": "uuid"},
            "geometry": {"anyOf": [point, {"type": "null"}]},
            "properties": item,
        },
    }
    return {
        "type": "object",
        "required": ["type", "features"],
        "properties": {"type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": feature}},
    }


def openapi(language: str) -> dict:
    """Return the OpenAPI document with its descriptions in ``language``; made once a process."""
    with MAKING:
        text = rendered_openapi(language)
    return json.loads(text)


@lru_cache(maxsize=32)
def rendered_openapi(language: str) -> str:
    with override(language):
        document = SchemaGenerator().get_schema(request=None, public=True)
        return json.dumps(document, default=str)
