"""`scripts/environment.sh` on machines that lack something: one clear line, and no traceback."""

import shutil
import subprocess

import pytest
from django.conf import settings

TOOLS = ("sh", "dirname", "cat", "cmp", "rm", "mkdir", "cp")


def interpreter(*, version: str, is_recent: bool, makes_venvs: bool) -> str:
    """Return a shell script that answers the questions which environment.sh asks of a Python."""
    return f"""#!/bin/sh
case "$*" in
    -V) echo "Python {version}" ;;
    *"version_info <"*) exit {0 if is_recent else 1} ;;
    *"version_info[:2]"*) echo "{version}" ;;
    *ensurepip*) exit {0 if makes_venvs else 1} ;;
    *) exit 1 ;;
esac
"""


@pytest.fixture
def machine(tmp_path):
    """A checkout and a path with a few tools; returns a function that runs the script there."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(settings.BASE_DIR / "scripts" / "environment.sh", tmp_path / "scripts")
    (tmp_path / "requirements.txt").write_text("")
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))

    def run(python: str | None, **environment: str) -> subprocess.CompletedProcess:
        if python:
            path = tmp_path / "bin" / "python3"
            path.write_text(python)
            path.chmod(0o755)
        return subprocess.run(  # noqa: S603 - our own script
            [tmp_path / "bin" / "sh", "scripts/environment.sh", "requirements.txt"],
            cwd=tmp_path, env={"PATH": str(tmp_path / "bin")} | environment, capture_output=True, text=True,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    ("python", "message"),
    [
        pytest.param(None, "Python 3.11 or newer is needed (found: no python3)", id="no Python"),
        pytest.param(
            interpreter(version="3.9.2", is_recent=False, makes_venvs=True),
            "Python 3.11 or newer is needed (found: Python 3.9.2)",
            id="old Python",
        ),
        pytest.param(
            interpreter(version="3.11", is_recent=True, makes_venvs=False),
            "apt install python3.11-venv",
            id="no venv module",
        ),
    ],
)
def test_missing_python_is_said_in_one_line(machine, python, message):
    result = machine(python)
    assert result.returncode == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_python_that_was_asked_for_is_the_one_named(machine):
    result = machine(None, PYTHON="/nowhere/python3")
    assert result.returncode == 1
    assert "found: no /nowhere/python3" in result.stderr
