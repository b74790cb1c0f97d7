"""The version has one source, ``pyproject.toml``, and stands where operators and staff look for it."""

import subprocess
import sys
import tomllib

import pytest
from django.conf import settings
from django.urls import reverse
from lxml import html

VERSION = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@pytest.mark.parametrize("argument", ["version", "--version"])
def test_command_prints_the_version(argument):
    command = [sys.executable, "manage.py", argument]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)  # noqa: S603 - ours
    assert (done.returncode, done.stdout) == (0, f"{VERSION}\n")


@pytest.mark.django_db
def test_health_says_the_version(client):
    assert client.get("/healthz").text == f"ok\nversion {VERSION}\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "text"), [("en", "Version"), ("es", "Versión"), ("fr", "Version"), ("pt", "Versão")]
)
def test_foot_of_the_admin_says_the_version(admin_client, language, text):
    page = admin_client.get(reverse("admin:index"), headers={"Accept-Language": language})
    [foot] = html.fromstring(page.text).xpath("//footer[@id='footer']")
    assert foot.text_content().strip() == f"{text} {VERSION}"
