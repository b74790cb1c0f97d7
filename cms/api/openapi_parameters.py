"""The parameters and headers of the OpenAPI description."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from cms.api.facets import MAX_FACETS, countable
from cms.api.negotiation import FALLBACKS
from cms.api.selection import (
    LEVELS,
    MAX_PATHS,
    is_on_request,
    is_reference,
    known_fields,
    leads_to_items,
    nested,
    whole_serializer,
)
from cms.api.sorting import MAX_KEYS, sortable
from cms.content.languages import site_languages


def language_parameters() -> list[OpenApiParameter]:
    """Return what says in which language the answer is."""
    return [
        OpenApiParameter(
            "lang",
            {"type": "string", "pattern": language_pattern(), "examples": [*site_languages(), "*"]},
            description=_(
                "Language of the texts, one of: %(languages)s; or * for each text as an object of its languages. A "
                "regional tag finds its language (es-MX gives es). Without it the header Accept-Language decides."
            )
            % {"languages": ", ".join(site_languages())},
        ),
        request_header("Accept-Language", _("Languages wanted (RFC 9110); without effect beside “lang”.")),
    ]


def condition_parameter() -> OpenApiParameter:
    """Return what asks whether a copy is still right."""
    return request_header("If-None-Match", _("The ETag of an answer that you have; 304 says that it is still right."))


def part_parameters() -> list[OpenApiParameter]:
    """Return what asks for a part of a file."""
    return [
        request_header("Range", _("The part that is wanted: “bytes=1000-” is all but the first 1,000 bytes.")),
        request_header("If-Range", _("The ETag of the part that you have; of another file all is sent.")),
    ]


def request_header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "string"}, OpenApiParameter.HEADER, description=description)


def selection_parameters(serializer_class: type[serializers.Serializer], rows: int) -> list[OpenApiParameter]:
    """Return what chooses among the fields of items; ``rows`` is 1 for a list and 0 for an item."""
    names = "|".join(serializer_class._declared_fields)
    paths = expand_paths(serializer_class, rows)
    found = [
        OpenApiParameter(
            "fallback",
            {"type": "string", "enum": list(FALLBACKS), "default": FALLBACKS[0]},
            description=_(
                "What stands for a text that is missing in the language: “site”, the text in the next of the site's "
                "languages, which “languages” then names; “none”, null."
            ),
        ),
        OpenApiParameter(
            "fields",
            a_list({"type": "string", "pattern": rf"^({names})(\.[a-z_]+)*$"}, MAX_PATHS),
            style="form",
            explode=False,
            description=_(
                "Only these fields, separated by commas; those of a relation or part after a dot (office.name). The "
                "identifier and “languages” are always there."
            ),
        ),
    ]
    if paths:
        expand = OpenApiParameter(
            "expand",
            a_list({"type": "string", "enum": paths}, MAX_PATHS),
            style="form",
            explode=False,
            description=_(
                "Relations in which items are given whole instead of in short, separated by commas, at most "
                "%(levels)d one inside the other (strategy.office). Where lists would stand in lists in lists, the "
                "innermost are left out."
            )
            % {"levels": LEVELS},
        )
        found.append(expand)
    return found


def path_parameter(name: str, description: str | Promise, example: object, form: str = "") -> OpenApiParameter:
    """Return a part of an address; ``form`` is the ``format`` of JSON Schema that it has."""
    schema = {"type": "string", "minLength": 1, "examples": [example]} | ({"format": form} if form else {})
    return OpenApiParameter(name, schema, OpenApiParameter.PATH, description=description)


def sort_parameter(serializer_class: Any) -> OpenApiParameter:
    """Return what sorts a list."""
    names = [sign + name for name in sortable(serializer_class) for sign in ("", "-")]
    return OpenApiParameter(
        "sort",
        a_list({"type": "string", "enum": names}, MAX_KEYS),
        style="form",
        explode=False,
        description=_(
            "Fields to sort by, separated by commas; a minus turns the order. Texts are compared as they are shown, "
            "without accents and capitals; what has no value comes last. Without it the site's own order."
        ),
    )


def format_parameters(view: Any) -> list[OpenApiParameter]:
    """Return what says in which format a list is given, and which values are counted beside it."""
    facets = [
        OpenApiParameter(
            "facets",
            a_list({"type": "string", "enum": list(countable(view.list_filterset))}, MAX_FACETS),
            style="form",
            explode=False,
            description=_(
                "Filters, separated by commas. “facets” then says how many of the items that match have each value of "
                "them."
            ),
        )
    ]
    return [
        *(facets if countable(view.list_filterset) else []),
        OpenApiParameter(
            "format",
            {"type": "string", "enum": list(view.formats()), "default": "json"},
            description=_(
                "json; csv, a table with a column a value; jsonl, an item a line; geojson, where items have a place. "
                "All but JSON lead on by the header “Link” alone."
            ),
        ),
        OpenApiParameter(
            "bom",
            {"type": "boolean", "default": True},
            description=_("With “format=csv”: whether a byte order mark comes first, which spreadsheets need."),
        ),
    ]


def a_list(values: dict, most: int) -> dict:
    """Return the schema of a parameter of several values."""
    return {"type": "array", "items": values, "minItems": 1, "maxItems": most}


def expand_paths(
    serializer_class: type[serializers.Serializer],
    rows: int,
    *,
    whole: bool = False,
    levels: int = LEVELS,
    added: bool = False,
) -> list[str]:
    """Return every path that ``expand`` may have; ``added`` in a part that is given on request only."""
    paths = []
    for name, field in known_fields(serializer_class, whole=whole, rows=rows).items():
        inner, deeper, adds = nested(field), rows + hasattr(field, "child"), added or is_on_request(field)
        if inner is None or not (adds or leads_to_items(field)):
            continue
        if not is_reference(inner):
            paths += [name] if adds else []
            paths += [f"{name}.{path}" for path in expand_paths(inner, deeper, levels=levels, added=adds)]
        elif levels:
            inner = whole_serializer(inner)
            paths += [name, *(f"{name}.{path}" for path in expand_paths(inner, deeper, whole=True, levels=levels - 1))]
    return paths


def file_headers() -> list[OpenApiParameter]:
    """Return the headers of files beside those of all answers."""
    sent = [200, 206]
    return [
        header("ETag", _("Strong validator of these bytes, for If-None-Match."), codes=[*sent, 304]),
        header("Accept-Ranges", _("“bytes”: parts may be asked for by Range."), codes=[*sent, 304]),
        header("Content-Disposition", _("Name of the file."), codes=sent),
        header("Content-Range", _("Which bytes these are, and how many there are in all."), codes=[206, 416]),
    ]


def content_headers(*, is_conditional: bool) -> list[OpenApiParameter]:
    """Return the headers of answers of JSON beside those of all answers."""
    found = [header("Content-Language", _("The languages that the texts of the answer are really in."), codes=[200])]
    if is_conditional:
        modified = _("When the content of the site last changed, for If-Modified-Since.")
        found += [
            header("ETag", _("Strong validator of these bytes, for If-None-Match."), codes=[200, 304]),
            header("Last-Modified", modified, codes=[200, 304], required=False),
        ]
    return found


def answer_headers() -> list[OpenApiParameter]:
    """Return the headers of all answers."""
    always = True
    return [
        header("Cache-Control", _("“no-cache”: a kept copy is asked for anew before it is used."), codes=always),
        header("Vary", _("The request headers on which the answer depends."), codes=always),
        header(
            "Link",
            _("Links (RFC 8288): “next” and “prev” page, “license”, “alternate” public pages, the descriptions."),
            codes=[200],
        ),
        header("WWW-Authenticate", _("“Bearer”: how a key is sent."), codes=[401]),
        header("Location", _("The address of the item now."), codes=[308]),
        header("Retry-After", _("Seconds to wait."), codes=[429, 503]),
        header("X-Request-ID", _("Names this request in the log of the site."), codes=always),
        header("Access-Control-Allow-Origin", _("“*”: every web page may read."), codes=always),
        header(
            "RateLimit-Policy",
            _("Name, requests (q) and seconds (w) of the limit (draft-ietf-httpapi-ratelimit-headers)."),
            codes=always,
            required=False,
        ),
        header(
            "RateLimit", _("Requests left (r) and seconds until they are renewed (t)."), codes=always, required=False
        ),
        header("Deprecation", _("Since when this is to go (RFC 9745)."), codes=always, required=False),
        header("Sunset", _("When it goes (RFC 8594)."), codes=always, required=False),
    ]


def header(name: str, description: str, *, codes, required: bool = True) -> OpenApiParameter:
    """Return a header of the answers with ``codes`` (``True``: all)."""
    return OpenApiParameter(
        name, str, OpenApiParameter.HEADER, response=codes, required=required, description=description
    )


def language_pattern() -> str:
    """Return the regular expression of what ``lang`` may be: a language of the site, perhaps with more
    subtags, or ``*``."""
    anyhow = ["".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in code) for code in site_languages()]
    return rf"^(\*|({'|'.join(anyhow)})(-[A-Za-z0-9]{{1,8}})*)$"
