"""The house stands: an app imports only from the floors below it, and the code names no organization.

Python's imports count, and what templates load, include and extend. No file and no room imports in a circle.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.template import engines

from partners.models import Partner

# From the ground up. Each may use those below it and itself; those side by side do not use each other.
FLOORS = [
    ("cms.content",),
    ("cms.publishing",),
    ("cms.translations",),
    ("cms.pages",),
    ("cms.search", "cms.api", "cms.webhooks", "cms.packages"),
    ("cms.editing",),
    ("regions",),
    ("priorities",),
    ("partners",),
    ("renditions",),
    ("strategy_site",),
]
APPS = [app for floor in FLOORS for app in floor]
# The apps of templates by the first part of their path that stands here. A folder that is called as an app is that
# app's; others are of the whole project.
TEMPLATES = {
    "admin/dashboard.html": "strategy_site",
    "admin/lockout.html": "strategy_site",
    "admin/": "cms.editing",
    "api/": "cms.api",
    "includes/": "cms.pages",
    "base.html": "cms.pages",
    "page.html": "cms.pages",
    "list_page.html": "cms.pages",
    "updates.html": "cms.pages",
    "site_updates.html": "cms.pages",
    "publishing/": "cms.publishing",
}
FOLDER = settings.BASE_DIR / "templates"
TAG = re.compile(r"""{%-?\s*(load|include|extends)\s+([^%]*?)\s*-?%}""")
CODE = ("*.py", "*.html", "*.js", "*.css", "*.txt", "*.xml", "*.svg")
VENDORED = settings.BASE_DIR / "static" / "vendor"


def floor_of(app: str) -> int:
    return next(number for number, apps in enumerate(FLOORS) if app in apps)


def app_of(module: str) -> str | None:
    """Return the app that a module belongs to, or ``None`` for what is not the project's."""
    return next((app for app in APPS if f"{module}.".startswith(f"{app}.")), None)


def is_above(user: str, used: str) -> bool:
    """Say whether the app ``used`` stands above ``user`` or beside it."""
    return used != user and floor_of(used) >= floor_of(user)


def folder_of(app: str) -> Path:
    return settings.BASE_DIR.joinpath(*app.split("."))


@cache
def modules() -> dict[str, Path]:
    """Return the project's modules by name."""
    found = {}
    for app in APPS:
        for path in folder_of(app).rglob("*.py"):
            if "migrations" not in path.parts:
                parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imported_modules(source: str) -> set[str]:
    """Return the modules that a Python source imports absolutely, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else node.module for name in names}
    return found


def imports_above(app: str, source: str) -> set[str]:
    """Return the modules above ``app``, or beside it, that a source imports."""
    return {name for name in imported_modules(source) if (used := app_of(name)) and is_above(app, used)}


@pytest.mark.parametrize("app", APPS)
def test_app_imports_only_from_the_floors_below(app):
    wrong = {
        str(path.relative_to(settings.BASE_DIR)): found
        for path in folder_of(app).rglob("*.py")
        if "migrations" not in path.parts and (found := imports_above(app, path.read_text()))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("app", "source"),
    [
        ("regions", "import partners"),
        ("regions", "from priorities.models import Pillar"),
        ("regions", "def f():\n    from partners import models"),
        ("cms.publishing", "from cms.search import index"),
        ("cms.api", "from cms.webhooks.models import WebhookEndpoint"),
    ],
)
def test_import_from_above_or_beside_is_found(app, source):
    assert imports_above(app, source)


def test_every_app_stands_on_a_floor():
    ours = {config.name for config in apps.get_app_configs() if settings.BASE_DIR in Path(config.path).parents}
    assert {name for name in ours if (settings.BASE_DIR / name.split(".")[0] / "__init__.py").exists()} == set(APPS)


def test_every_app_says_what_it_is_for():
    assert [app for app in APPS if not ast.get_docstring(ast.parse(modules()[app].read_text()))] == []


def template_app(name: str) -> str:
    """Return the app of a template by its name."""
    folder = name.partition("/")[0]
    of_folder = folder if folder in APPS else "strategy_site"
    return next((app for start, app in TEMPLATES.items() if name.startswith(start)), of_folder)


def used_by_template(source: str) -> Iterator[str]:
    """Yield the apps whose tags a template loads, and whose templates it includes or extends."""
    libraries = engines["django"].engine.libraries
    for tag, argument in TAG.findall(source):
        if tag == "load":
            used = [app_of(libraries[name]) for name in argument.split() if name in libraries]
        else:
            quoted = re.match(r"[\"']([^\"']+)[\"']", argument)
            used = [template_app(quoted[1])] if quoted and (FOLDER / quoted[1]).exists() else []
        yield from filter(None, used)


def test_template_uses_only_what_stands_below():
    wrong = {}
    for path in FOLDER.rglob("*.*"):
        name = str(path.relative_to(FOLDER))
        if found := {used for used in used_by_template(path.read_text()) if is_above(template_app(name), used)}:
            wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize("source", ['{% include "priorities/objective_list.html" %}', "{% load i18n goals %}"])
def test_use_from_above_by_a_template_is_found(source):
    assert set(used_by_template(source)) == {"priorities"}


def circles(uses: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of names that use each other in a circle (Tarjan's strongly connected components)."""
    found, order, low, stack = [], {}, {}, []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in uses.get(name, ()):
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in uses:
        if name not in order:
            visit(name)
    return found


def imports_between(room_of) -> dict[str, set[str]]:
    """Return which rooms import from which others; ``room_of`` gives the room of a module."""
    uses: dict[str, set[str]] = {}
    for name, path in modules().items():
        used = {room_of(other) for other in imported_modules(path.read_text()) if other in modules()}
        uses.setdefault(room_of(name), set()).update(used - {room_of(name)})
    return uses


def room_of(module: str) -> str:
    """Return the room of a module: a folder of its app, or the module itself where it stands right in the app."""
    app = app_of(module)
    return ".".join([app, *module.removeprefix(app).split(".")[1:2]])


def test_no_files_import_in_a_circle():
    assert circles(imports_between(lambda module: module)) == []


def test_no_rooms_import_in_a_circle():
    assert circles(imports_between(room_of)) == []


def test_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


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
    folders = ["cms", *(app for app in APPS if "." not in app), "templates", "static", "scripts", "benchmarks"]
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
