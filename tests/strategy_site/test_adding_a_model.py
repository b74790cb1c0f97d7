"""``docs/adding-a-model.md`` is true: the project with its example in it, in a copy, has all that the page promises.

What is tried there stands in ``tests/added_model.py``.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

GUIDE = settings.BASE_DIR / "docs" / "adding-a-model.md"
COMMAND = re.compile(r"^\.venv/bin/python (manage\.py .+)$", re.MULTILINE)
BLOCK = re.compile(
    r"(?:^\*\*`(?P<path>[^`]+)`\*\*\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
LEFT_OUT = (".git", ".venv", "node_modules", "var", ".pytest_cache", ".ruff_cache", "*.pyc.*")
MOST_LINES = 80
# What is run in the copy: all that the guide promises, and what tells a developer of something forgotten.
TESTS = (
    "tests/added_model.py",
    "tests/events",
    "tests/test_floors.py",
    "tests/cms/content/test_schema.py",
    "tests/cms/packages/test_packages_docs.py",
    "tests/cms/pages/test_sitemaps.py::test_every_address_answers_200_without_a_redirect",
    "tests/strategy_site/test_api.py::test_examples_are_as_described",
)


@dataclass(frozen=True)
class Block:
    """A whole file, or lines (``-`` and ``+``) for one that is there."""

    path: str
    kind: str
    text: str

    def lines(self, *marks: str) -> str:
        """Return the lines of a change that begin with one of ``marks``."""
        return "".join(line[1:] for line in self.text.splitlines(keepends=True) if line[0] in marks)

    def write(self, project: Path) -> None:
        """Put the block into the copy of the project."""
        path = project / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        text = self.text
        if self.kind == "diff":
            source, before = path.read_text(encoding="utf-8"), self.lines(" ", "-")
            assert source.count(before) == 1, f"{self.path} has this once: {before}"
            text = source.replace(before, self.lines(" ", "+"))
        path.write_text(text, encoding="utf-8")

    def code(self) -> list[str]:
        """Return the lines of Python that the block adds: without blank ones, comments, docstrings and imports."""
        added = (self.lines("+") if self.kind == "diff" else self.text).splitlines()
        passed_over = re.compile(
            r'\s*($|"""|#|import |from |\w+,$)'
        )  # the last is a name in an import over many lines
        return [line for line in added if not passed_over.match(line)]


def blocks(part: str) -> Iterator[Block]:
    """Yield the blocks of one part of the guide; those without a path belong to the file of the block before."""
    path = ""
    for found in BLOCK.finditer(part):
        path = found["path"] or path
        if found["kind"] != "sh":
            yield Block(path, found["kind"], found["text"])


EXAMPLE, FIELD = GUIDE.read_text(encoding="utf-8").split("\n## A field more\n")


def test_example_is_small():
    code = [line for block in blocks(EXAMPLE) if block.path.endswith(".py") for line in block.code()]
    assert len(code) <= MOST_LINES


def run(project: Path, *arguments: str) -> tuple[int, str]:
    """Run Python in the copy, on a database of its own; return its exit code and all that it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**kept, "DATABASE_URL": "", "VAR_DIR": str(project / "var")}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)  # noqa: S603 - ours
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """The project with the example, in a folder of its own."""
    folder = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(settings.BASE_DIR, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    for block in blocks(EXAMPLE):
        block.write(folder)
    return folder


def test_what_was_forgotten_is_named_by_check(project):
    changes = (
        Block(
            "regions/models.py",
            "diff",
            '     phone = models.CharField(_("telephone"), max_length=40, blank=True)\n'
            '+    opening_hours = models.CharField("opening hours", max_length=200, blank=True)\n',
        ),
        Block("strategy_site/urls.py", "diff", '-        path("", include("events.urls")),\n'),
        Block("strategy_site/api.py", "diff", '-router.register("events", EventViewSet, basename="events")\n'),
    )
    stored = {change.path: (project / change.path).read_text(encoding="utf-8") for change in changes}
    try:
        for change in changes:
            change.write(project)
        code, output = run(project, "manage.py", "check")
    finally:
        for path, text in stored.items():
            (project / path).write_text(text, encoding="utf-8")
    assert code == 1
    for sentence in (
        "Office has a field 'opening_hours' that its schema does not decide on.",
        "Put it into a group: Public, Internal (for staff alone) or Machine (filled in by the code).",
        "Event has no page at its get_absolute_url().",
        "Give it get_absolute_url() and a route, or set has_page = False.",
        "Event is a collection that the API does not have.",
        "register that with the router in strategy_site/api.py",
    ):
        assert sentence in output


def run_commands(part: str, project: Path) -> None:
    """Run the commands of ``manage.py`` that a part of the guide names; each must succeed."""
    for command in COMMAND.findall(part):
        code, output = run(project, *command.split())
        assert code == 0, output


def test_example_has_everything_that_the_guide_promises(project):
    run_commands(EXAMPLE, project)
    for block in blocks(FIELD):
        block.write(project)
    run_commands(FIELD, project)
    assert [len(list((project / app).glob("migrations/0*.py"))) for app in ("events", "regions")] == [1, 2]
    code, output = run(project, "manage.py", "migrate")
    assert code == 0, output
    assert run(project, "-m", "tests.models")[0] == 0
    code, output = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)
    assert code == 0, output
