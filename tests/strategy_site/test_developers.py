"""The page for developers: its programs run as they stand there."""

import html
import os
import re
import shutil
import subprocess
import sys

import pytest
from django.urls import reverse

from strategy_site.developers import CLIENT, LANGUAGES, TASKS, snippets
from tests.factories import ObjectiveFactory, OfficeFactory

RUNNERS = {"sh": ["sh"], "py": [sys.executable], "js": ["node"], "R": ["Rscript"]}
EXPECTED = {"names": "Oficina de ejemplo", "pages": "Reach the last one", "changes": r"[0-9a-f]{12}-\d+"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("extension", LANGUAGES)
def test_snippets_run(live_server, tmp_path, extension):
    program = RUNNERS[extension]
    if not (shutil.which(program[0]) and (extension != "sh" or shutil.which("curl"))):
        pytest.skip(f"{program[0]} is not installed")
    objective = ObjectiveFactory(statement_en="Reach the last one", strategy__office__name_es="Oficina de ejemplo")
    assert objective.strategy.office.is_live
    shutil.copy(CLIENT, tmp_path)
    for task in TASKS:
        code = next(each.code for each in snippets(task, live_server.url) if each.extension == extension)
        path = tmp_path / f"{task}.{'mjs' if extension == 'js' else extension}"
        path.write_text(code)
        done = subprocess.run(  # noqa: S603 - our own programs
            [*program, str(path)], cwd=tmp_path, capture_output=True, text=True, timeout=120, env={**os.environ}
        )
        assert done.returncode == 0, done.stderr
        assert re.search(EXPECTED[task], done.stdout), (task, done.stdout)


@pytest.mark.django_db
def test_page_shows_the_programs_with_the_sites_address(client, settings):
    OfficeFactory()
    content = html.unescape(client.get(reverse("developers")).content.decode())
    for task in TASKS:
        for snippet in snippets(task, settings.SITE_URL):
            assert snippet.code in content


@pytest.mark.django_db
def test_client_is_downloaded_with_the_sites_address(client, settings):
    response = client.get(reverse("client"))
    assert f"{settings.SITE_URL}" in response.content.decode()
    assert response["Content-Disposition"] == 'attachment; filename="strategy_site_client.py"'
    compile(response.content, "client", "exec")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es", "fr", "pt"])
def test_every_problem_is_linked(client, language):
    from cms.api.problems import PROBLEMS

    content = client.get(f"/{language}/developers/").content.decode()
    for name in PROBLEMS:
        assert reverse("api:problem", args=[name]) in content
