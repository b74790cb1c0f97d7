"""Headers and problems that all operations have, once in the OpenAPI description: ten times smaller, and readable."""

import re


def share_repeated_parts(result: dict, generator, request, public) -> dict:
    """Move headers and answers of errors into ``components`` and refer to them; a hook of drf-spectacular."""
    components = result.setdefault("components", {})
    for methods in result["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if headers := response.get("headers"):
                    shared = {name: share(components, "headers", name, part) for name, part in headers.items()}
                    response["headers"] = shared
                if not status.startswith("2"):
                    operation["responses"][status] = share(components, "responses", f"Answer{status}", response)
    return result


def share(components: dict, section: str, name: str, part: dict) -> dict:
    """Return a reference to ``part``, which is put under ``name``, or under one like it where that is another."""
    known = components.setdefault(section, {})
    name = re.sub(r"[^A-Za-z0-9]", "", name)
    while known.setdefault(name, part) != part:
        name += "B"
    return {"$ref": f"#/components/{section}/{name}"}
