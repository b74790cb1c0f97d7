"""The site that the campaign looks at: the product's own server, with the example content and an added language.

It is set up once a run of the suite, whatever the number of workers; each worker then serves it on a port of its own.
"""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.browser.quality.pages import ADDED_LANGUAGE

SITE_LANGUAGES = [*settings.BASE_LANGUAGES, ADDED_LANGUAGE]
START_SECONDS = 60
# A strategy in a second version, since the content that is generated has but one of each.
SECOND_VERSION = """
from priorities.models import Strategy
from cms.publishing.actions import publish, save_draft
from cms.content.snapshots import snapshot

for item in (strategy := Strategy.objects.get(slug="generated-strategy-1-0"), strategy.objectives.first()):
    data = snapshot(item)
    for name in ("summary_en", "summary_es", "statement_en", "statement_es"):
        if name in data["fields"]:
            data["fields"][name] = "In short: " + data["fields"][name]
    save_draft(item=item, data=data, user=None, opened_on=None)
    publish(item=item, user=None, note={"en": "Said more shortly."})
"""
SETUP = (["setup_site"], ["generate_content", "--scale", "1"], ["shell", "--command", SECOND_VERSION])


def environment_of(folder: Path, port: int) -> dict[str, str]:
    """Return the environment of a development site that keeps its data in ``folder``."""
    return {
        **os.environ,
        "ENVIRONMENT": "development",
        "DEBUG": "",
        "DATABASE_URL": "",
        "VAR_DIR": str(folder),
        "LANGUAGES": ",".join(SITE_LANGUAGES),
        "SITE_URL": f"http://127.0.0.1:{port}",
    }


def set_up(folder: Path) -> None:
    """Make the site in ``folder``, unless another worker has or is about to; then wait for it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.exists():
            for arguments in SETUP:
                run_manage(folder, *arguments)
            done.touch()


def run_manage(folder: Path, *arguments: str) -> None:
    result = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR, env=environment_of(folder, 1), capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]


@contextmanager
def served(folder: Path, *, workers: int = 1) -> Iterator[str]:
    """Serve the site of ``folder`` as ``make run`` does and yield its address."""
    from strategy_site.server import server_command

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with (folder / f"server-{port}.log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603 - our own arguments
            server_command(host="127.0.0.1", port=port, workers=workers),
            cwd=settings.BASE_DIR, env=environment_of(folder, port), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            wait_until_served(server, address)
            yield address
        finally:
            server.terminate()
            server.wait()


def wait_until_served(server: subprocess.Popen, address: str) -> None:
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()  # noqa: S310 - our own server
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("The site did not start.")


def remembered(folder: Path, name: str, make) -> object:
    """Return what ``make()`` returns, made by the first worker that asks and read by the others."""
    path = folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_text(json.dumps(make()))
    return json.loads(path.read_text())
