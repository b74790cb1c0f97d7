"""The documentation page's view of the OpenAPI document: operations and data as plain lists for a template."""

import json
import re
from urllib.parse import quote, urlencode

REFERENCE = "#/components/schemas/"
EACH_LANGUAGE = "TextInEachLanguage"
NULLS = ({"type": "null"}, {"$ref": f"{REFERENCE}NullEnum"})
CHOICES = re.compile(r"\* `([^`]*)` - (.*)")  # the meanings of values, as drf-spectacular appends them


def operations(document: dict) -> list[dict]:
    """Return every operation with its path, parameters, the schema it answers with and an example."""
    found = []
    for path, methods in document["paths"].items():
        operation = methods["get"]
        answers = operation["responses"]["200"]["content"]
        content = answers.get("application/json")
        if content and "$ref" not in content["schema"]:  # a file, of which nothing more is known
            content = None
        schema = content["schema"]["$ref"].removeprefix(REFERENCE) if content else ""
        properties = document["components"]["schemas"][schema]["properties"] if schema else {}
        page = properties.get("results") if "count" in properties else None
        found.append(
            {
                "id": operation["operationId"],
                "path": path,
                "summary": operation["summary"],
                "description": operation["description"],
                "parameters": [parameter_row(parameter) for parameter in operation["parameters"]],
                "schema": page["items"]["$ref"].removeprefix(REFERENCE) if page else schema,
                "is_list": bool(page),
                "media_types": list(answers),
                "example": json.dumps(content["example"], ensure_ascii=False, indent=2) if content else "",
            }
        )
    return found


def parameter_row(parameter: dict) -> dict:
    """Return what the page says about one parameter."""
    schema = parameter["schema"]
    values = schema.get("items", schema)
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "description": parameter.get("description", ""),
        "required": parameter.get("required", False),
        "type": schema["type"],
        "values": values.get("enum", []),
        "default": schema.get("default"),
        "minimum": schema.get("minimum"),
        "maximum": schema.get("maximum"),
        "max_length": schema.get("maxLength"),
        "example": next(iter(schema.get("examples", [])), ""),
    }


def schemas(document: dict) -> list[dict]:
    """Return every kind of object that an answer may hold, with its fields."""
    components = document["components"]["schemas"]
    return [
        {
            "name": name,
            "description": schema.get("description", ""),
            "fields": [
                {
                    "name": field,
                    "description": CHOICES.split(part.get("description", ""))[0].strip(),
                    **field_type(part, components),
                }
                for field, part in schema["properties"].items()
            ],
        }
        for name, schema in components.items()
        if "properties" in schema and "count" not in schema["properties"]
    ]


def field_type(part: dict, components: dict) -> dict:
    """Return the type of a field: its name, the schema it leads to, whether it is a list, may be null, its values."""
    items = part.get("items", {})
    options = [
        *items.get("anyOf", ()),
        *(option for key in ("allOf", "oneOf", "anyOf") for option in part.get(key, ())),
    ]
    plain = next((option for option in options if "$ref" not in option and option not in NULLS), part)
    nullable = any(option in NULLS for option in options)
    types = plain["type"] if isinstance(plain.get("type"), list) else [plain.get("type")]
    references = [option["$ref"] for option in (part, items, *options) if "$ref" in option and option not in NULLS]
    targets = [reference.removeprefix(REFERENCE) for reference in references]
    in_each_language = EACH_LANGUAGE in targets
    targets = [target for target in targets if target != EACH_LANGUAGE]
    targets = [one for target in targets for one in one_of(components[target]) or [target]]
    values = [(part["const"], "")] if "const" in part else []
    if targets and "enum" in components[targets[0]]:
        meanings = dict(CHOICES.findall(part.get("description", "") + components[targets[0]].get("description", "")))
        values = [(value, meanings.get(value, "")) for value in components[targets[0]]["enum"]]
    is_list = part.get("type") == "array"
    name = next((kind for kind in types if kind and kind != "null"), "")
    return {
        "type": items.get("type", "") if is_list else name,
        "format": plain.get("format", "") or plain.get("contentMediaType", ""),
        "schemas": [] if values else targets,
        "values": values,
        "in_each_language": in_each_language,
        "is_list": is_list,
        "nullable": nullable or "null" in types,
    }


def one_of(schema: dict) -> list[str]:
    """Return the names of the schemas of which ``schema`` is one, where it is nothing but that."""
    return [option["$ref"].removeprefix(REFERENCE) for option in schema.get("oneOf", ()) if "properties" not in schema]


def request_path(document: dict, operation_id: str, values: dict[str, str]) -> str | None:
    """Return path and query of an operation with the given values, empty ones left out; ``None`` if there is none."""
    for path, methods in document["paths"].items():
        operation = methods["get"]
        if operation["operationId"] != operation_id:
            continue
        query = {}
        for parameter in operation["parameters"]:
            value = values.get(parameter["name"], "")
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
            elif parameter["in"] == "query" and value:
                query[parameter["name"]] = value
        return f"{path}?{urlencode(query)}" if query else path
    return None
