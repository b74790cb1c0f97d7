"""The OpenAPI document as last accepted, ``docs/openapi.json``. ``python -m tests.openapi`` accepts it as it is now.

In English and for an example site, so that it is the same wherever it is made.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

EXAMPLE_SITE = "https://strategy.example.org"


def accepted_path():
    from django.conf import settings

    return settings.BASE_DIR / "docs" / "openapi.json"


def described() -> dict:
    """Return the document as the code describes the API now."""
    from django.conf import settings

    from cms.api.openapi import openapi

    text = json.dumps(openapi("en"), ensure_ascii=False)
    return json.loads(text.replace(settings.SITE_URL, EXAMPLE_SITE))


def differences(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """Yield a line for each part that was added, removed or changed, with its place in the document.

    Members of lists are told apart by what they are, so that their order makes no difference.
    """
    if isinstance(before, list) and isinstance(after, list):
        before, after = by_name(before), by_name(after)
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if before != after:
            yield f"changed: {place}: {before!r} is now {after!r}"
        return
    for name in sorted(before.keys() | after.keys()):
        inner = f"{place} > {name}" if place else name
        if name not in after:
            yield f"removed: {inner}"
        elif name not in before:
            yield f"added: {inner}"
        else:
            yield from differences(before[name], after[name], inner)


def by_name(members: list) -> dict[str, Any]:
    """Return the members of a list by their name: parameters have one, all else is its own."""
    return {
        f"{member['name']} ({member.get('in', '')})"
        if isinstance(member, dict) and "name" in member
        else json.dumps(member, sort_keys=True, ensure_ascii=False): member
        for member in members
    }


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strategy_site.settings")
    django.setup()
    document = described()
    path = accepted_path()
    if path.exists():
        print(*differences(json.loads(path.read_text(encoding="utf-8")), document), sep="\n")
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
