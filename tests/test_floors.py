"""The house stands: an app imports only from the floors below it, and the code names no organization."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from partners.models import Partner

# From the ground up. Each may import from those before it and from itself.
FLOORS = ["publishing", "translations", "regions", "priorities", "partners", "strategy_site"]
CODE = ("*.py", "*.html", "*.js", "*.css", "*.txt", "*.xml", "*.svg")
VENDORED = settings.BASE_DIR / "static" / "vendor"


def imported_modules(source: str) -> set[str]:
    """Return the modules that a Python source imports absolutely, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module)
    return found


def imports_above(app: str, source: str) -> set[str]:
    """Return the modules of floors above ``app`` that a source imports."""
    above = set(FLOORS[FLOORS.index(app) + 1 :])
    return {module for module in imported_modules(source) if module.split(".")[0] in above}


@pytest.mark.parametrize("app", FLOORS)
def test_app_imports_only_from_the_floors_below(app):
    wrong = {
        str(path.relative_to(settings.BASE_DIR)): modules
        for path in (settings.BASE_DIR / app).rglob("*.py")
        if (modules := imports_above(app, path.read_text()))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "source",
    ["import partners", "from priorities.models import Pillar", "def f():\n    from partners import models"],
)
def test_import_from_above_is_found(source):
    assert imports_above("regions", source)


def organization_names(text: str) -> set[str]:
    """Return what a content package names its own: organization, offices and strategies, by slug, name and acronym.

    Words that any site may use (a slug of one common word) do not count: only acronyms in capitals, names of two
    words and more, and slugs with a hyphen.
    """
    names = set()
    content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}  # noqa: S506 - both safe
    for collection in ("organization", "offices", "strategies", "partners"):
        for item in content.get(collection, []):
            names.add(item.get("slug", ""))
            for field in ("name", "acronym", "title"):
                names.update(filter(None, (item.get(field) or {}).values()))
    return {name for name in names if " " in name or "-" in name or (name.isupper() and len(name) >= 3)}


def shipped_names() -> set[str]:
    """Return all names in the content packages that come with the project."""
    packages = (settings.BASE_DIR / "fixtures").rglob("*.yaml")
    return set().union(*(organization_names(path.read_text()) for path in packages)) - set(Partner.Kind.values)


def names_in(text: str, names: set[str]) -> list[str]:
    """Return the ``names`` that stand in ``text`` as whole words."""
    there = sorted(name for name in names if name in text)  # quick; the pattern is asked only about these
    return [name for name in there if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def code_files() -> list[Path]:
    folders = [*FLOORS, "templates", "static", "scripts", "benchmarks"]
    files = [path for folder in folders for pattern in CODE for path in (settings.BASE_DIR / folder).rglob(pattern)]
    return [path for path in files if VENDORED not in path.parents]


def test_code_names_no_organization():
    names = shipped_names()
    found = {
        str(path.relative_to(settings.BASE_DIR)): hits
        for path in code_files()
        if (hits := names_in(path.read_text(), names))
    }
    assert found == {}


def test_name_is_found_as_a_whole_word_only():
    assert names_in("the OEX, and nothing else", {"OEX", "nothing-else", "the O"}) == ["OEX"]


def test_name_of_an_organization_is_known_as_one():
    package = """
        organization:
          - slug: example-office
            name: {en: Organization of Examples}
            acronym: {en: OEX}
    """
    assert organization_names(package) == {"example-office", "Organization of Examples", "OEX"}
