"""The OpenAPI 3.1 description of the API, made of the same declarations that answer."""

import json
import uuid
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from publishing.api.fields import ItemAddress, LanguageReport, Moment, PageAddress, RichText, lookup_field
from publishing.api.problems import MEDIA_TYPE, PROBLEMS
from publishing.languages import site_languages


class ParameterErrorSerializer(serializers.Serializer):
    parameter = serializers.CharField(help_text=gettext_lazy("Name of the query parameter."))
    detail = serializers.CharField(help_text=gettext_lazy("What is wrong with it."))
    allowed = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text=gettext_lazy("What would be right, where that can be listed."),
    )

    class Meta:
        description = gettext_lazy("A query parameter that is wrong.")
        examples = {
            "parameter": "kind",
            "detail": "Select a valid choice.",
            "allowed": ["main", "priority"],
        }


class ProblemSerializer(serializers.Serializer):
    type = serializers.URLField(help_text=gettext_lazy("Identifies the kind of problem and leads to its explanation."))
    title = serializers.CharField(help_text=gettext_lazy("The kind of problem in words."))
    status = serializers.IntegerField(help_text=gettext_lazy("HTTP status."))
    detail = serializers.CharField(help_text=gettext_lazy("What is wrong with this request."))
    instance = serializers.CharField(help_text=gettext_lazy("Path that was asked for."))
    errors = ParameterErrorSerializer(
        many=True, required=False, help_text=gettext_lazy("Each query parameter that is wrong.")
    )

    class Meta:
        description = gettext_lazy("Problem details (RFC 9457).")
        examples = {
            "type": f"{settings.SITE_URL}{settings.API_PATH}v1/docs/#problem-invalid-parameter",
            "title": "A parameter is wrong",
            "status": 400,
            "detail": "kind: Select a valid choice.",
            "instance": f"{settings.API_PATH}v1/objectives/",
        }


class ContentAutoSchema(AutoSchema):
    """Operations, parameters, headers, problems and examples of the API's views."""

    def get_summary(self):
        return str(getattr(self.view, "list_summary" if self.is_list else "detail_summary", ""))

    def get_description(self):
        serializer = self.view.get_serializer_class() if hasattr(self.view, "get_serializer_class") else None
        return str(serializer.Meta.description) if serializer else ""

    def get_tags(self):
        return super().get_tags() or ["root"]

    @property
    def is_list(self) -> bool:
        return getattr(self.view, "action", "") == "list"

    @property
    def is_item(self) -> bool:
        return "{key}" in self.path

    def get_override_parameters(self):
        parameters = [
            OpenApiParameter(
                "lang",
                {"type": "string", "pattern": language_pattern(), "examples": site_languages()},
                description=_(
                    "Language of the texts, one of: %(languages)s. A regional tag finds its language (es-MX gives "
                    "es). Without it the header Accept-Language decides. A text that is missing in it is given in "
                    "another language, which “languages” then names."
                )
                % {"languages": ", ".join(site_languages())},
            ),
            OpenApiParameter(
                "Accept-Language",
                {"type": "string"},
                OpenApiParameter.HEADER,
                description=_("Languages wanted (RFC 9110); without effect beside “lang”."),
            ),
            OpenApiParameter(
                "Content-Language",
                str,
                OpenApiParameter.HEADER,
                response=True,
                required=True,
                description=_("The languages that the texts of the answer are really in."),
            ),
            OpenApiParameter(
                "Cache-Control",
                str,
                OpenApiParameter.HEADER,
                response=True,
                required=True,
                description=_("“no-cache”: a kept copy is asked for anew before it is used."),
            ),
            OpenApiParameter(
                "Vary",
                str,
                OpenApiParameter.HEADER,
                response=True,
                required=True,
                description=_("“Accept-Language”, on which the answer depends."),
            ),
        ]
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

    def get_response_serializers(self):
        responses = {200: self.view.get_serializer_class()}
        statuses = (400, 404, 406, 500) if self.is_item or self.is_list else (400, 406, 500)
        for name, (status, title, meaning) in PROBLEMS.items():
            if status in statuses and (status, MEDIA_TYPE) not in responses:
                example = OpenApiExample(str(title), value=example_of_problem(name), response_only=True)
                responses[status, MEDIA_TYPE] = OpenApiResponse(
                    ProblemSerializer, description=f"{title}. {meaning}", examples=[example]
                )
        return responses

    def _get_response_for_code(self, serializer, status_code, media_types=None, direction="response"):
        response = super()._get_response_for_code(serializer, status_code, media_types, direction)
        response["description"] = response["description"] or _("What was asked for.")
        if status_code == "200":
            example = example_of(self.view.get_serializer_class())
            if self.is_list:
                example = {"count": 1, "next": None, "previous": None, "results": [example]}
            for content in response["content"].values():
                content["example"] = example
        return response

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
            if isinstance(field, RichText):
                schema["properties"][name]["contentMediaType"] = "text/html"
        return schema


def language_pattern() -> str:
    """Return the regular expression of what ``lang`` may be: a language of the site, perhaps with more subtags."""
    anyhow = ["".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in code) for code in site_languages()]
    return f"^({'|'.join(anyhow)})(-[A-Za-z0-9]{{1,8}})*$"


def example_of_problem(name: str) -> dict:
    """Return the example of a problem in the documentation."""
    status, title, meaning = PROBLEMS[name]
    return {
        "type": f"{settings.SITE_URL}/api/v1/docs/#problem-{name}",
        "title": str(title),
        "status": status,
        "detail": str(meaning),
        "instance": "/api/v1/objectives/",
    }


def example_of(serializer_class: type[serializers.Serializer]) -> dict:
    """Return an example of what ``serializer_class`` represents.

    Values come from ``Meta.examples`` of the serializer, of those nested in it, and from the kind of field.
    """
    meta = getattr(serializer_class, "Meta", None)
    stated = getattr(meta, "examples", {})
    fields = serializer_class._declared_fields.items()
    return {name: stated[name] if name in stated else example_of_field(meta, field) for name, field in fields}


def example_of_field(meta: type, field: serializers.Field):
    """Return the example of a field whose serializer states none."""
    if isinstance(field, serializers.ListSerializer):
        return [example_of(type(field.child))]
    if isinstance(field, LanguageReport):
        return {"requested": site_languages()[-1], "available": site_languages(), "fallback": {}}
    if isinstance(field, serializers.Serializer):
        return example_of(type(field))
    if isinstance(field, serializers.UUIDField):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, meta.model.__name__))
    if isinstance(field, ItemAddress):
        return f"{settings.SITE_URL}{settings.API_PATH}v1/{path_of(meta.model)}/{example_value(meta)}/"
    if isinstance(field, PageAddress):
        return f"{settings.SITE_URL}/{site_languages()[-1]}/{path_of(meta.model)}/{example_value(meta)}/"
    if isinstance(field, Moment):
        return "2026-03-02T09:30:00Z"
    if isinstance(field, serializers.ChoiceField):
        return next(iter(field.choices))
    if isinstance(field, serializers.IntegerField):
        return 1
    return None if field.allow_null else "…"


def example_key(serializer_class: type[serializers.Serializer]) -> str:
    """Return an example of what stands for an item in its address."""
    return str(example_value(serializer_class.Meta))


def example_value(meta: type) -> str:
    return meta.examples.get(lookup_field(meta.model)) or str(uuid.uuid5(uuid.NAMESPACE_URL, meta.model.__name__))


def path_of(model) -> str:
    """Return the part of an address that names the collection: ``thematic-areas``."""
    return model.collection.replace("_", "-")


def openapi(language: str) -> dict:
    """Return the OpenAPI document with its descriptions in ``language``; made once a process."""
    return json.loads(rendered_openapi(language))


@lru_cache(maxsize=32)
def rendered_openapi(language: str) -> str:
    with override(language):
        document = SchemaGenerator().get_schema(request=None, public=True)
        return json.dumps(document, default=str)
