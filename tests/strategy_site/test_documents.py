"""The documents for developers name files and functions that are there."""

import ast
import re
from functools import cache

import pytest
from django.apps import apps
from django.conf import settings

from cms.content.models import Publishable
from cms.publishing.models import PartVersion, ScheduledChange

DOCS = settings.BASE_DIR / "docs"
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"^(?!var/)[\w-]+(/[\w-]+)*/([\w-]+(\.\w+)+)?$")  # what is under var/ is made when it is needed
DEFINED = re.compile(r"`(\w+)(?:\(\))?`(?:, `\w+`)* in `([\w/]+\.py)`")
CALL = re.compile(r"`(?:\w+\.)?(\w+)\(\)`")
FOLDERS = ("cms", "regions", "priorities", "partners", "renditions", "strategy_site", "tests")


@cache
def names_in(path: str) -> set[str]:
    """Return the functions, classes, methods and constants that a file defines."""
    tree = ast.parse((settings.BASE_DIR / path).read_text(encoding="utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return found | {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


@cache
def all_names() -> set[str]:
    """Return what the whole project defines."""
    paths = [path for folder in FOLDERS for path in (settings.BASE_DIR / folder).rglob("*.py")]
    return set().union(*(names_in(str(path.relative_to(settings.BASE_DIR))) for path in paths))


def missing(text: str) -> list[str]:
    """Return what ``text`` names in backquotes, as a path, as ``name`` in a file or as a call, and is not there."""
    paths = [name for name in CODE.findall(text) if PATH.match(name) and not (settings.BASE_DIR / name).exists()]
    elsewhere = [
        f"{name} in {path}"
        for name, path in DEFINED.findall(text)
        if (settings.BASE_DIR / path).exists() and name not in names_in(path)
    ]
    return [*paths, *elsewhere, *(name for name in CALL.findall(text) if name not in all_names())]


@pytest.mark.parametrize("name", ["domain.md", "developers.md"])
def test_document_names_what_is_there(name):
    assert missing((DOCS / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "`cms/publishing/actions/gone.py`",
        "`cms/gone/`",
        "`publish()` in `cms/content/models.py`",
        "`no_such_function()`",
    ],
)
def test_what_is_not_there_is_found(text):
    assert missing(text)


def test_domain_tells_the_trip_of_a_publication_in_ten_steps():
    trip = (DOCS / "domain.md").read_text(encoding="utf-8").split("## The trip of one `publish()`")[1]
    steps = re.findall(r"^\| (\d+) \| .+ \| .*`[\w/]+\.py`.* \|$", trip, re.MULTILINE)
    assert steps == [str(number) for number in range(1, 11)]


@pytest.mark.parametrize(
    "states", [Publishable.Status, PartVersion.State, ScheduledChange.State], ids=lambda each: each.__qualname__
)
def test_domain_shows_every_state(states):
    diagram = (DOCS / "domain.md").read_text(encoding="utf-8").split("```mermaid")[1]
    ends = set(
        re.findall(r"\w+", "\n".join(line.partition(" : ")[0] for line in diagram.splitlines() if "-->" in line))
    )
    assert {value.replace("-", "_") for value in states.values} - ends == set()


def test_domain_names_constraints_that_are_there():
    named = set(re.findall(r"`(publishing_\w+)`", (DOCS / "domain.md").read_text(encoding="utf-8")))
    assert named
    assert named <= {constraint.name for model in apps.get_models() for constraint in model._meta.constraints}
