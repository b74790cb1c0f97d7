"""The web server: one worker that ends does not end the site."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from django.conf import settings

from strategy_site.server import server_command

PATIENCE = 60  # seconds, on a machine that does other things too


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(port: int, errors=subprocess.DEVNULL, **environment: str):
    """Run the web server as `make run` does, on a database that holds nothing."""
    blank = dict.fromkeys(("ENVIRONMENT", "DEBUG", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "LANGUAGES"), "")
    command = server_command(host="127.0.0.1", port=port, workers=2)
    server = subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=settings.BASE_DIR, env=os.environ | blank | environment, stderr=errors
    )
    try:
        yield server
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:  # noqa: S310
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def workers_of(server: subprocess.Popen) -> set[int]:
    """Return the processes that answer; Python may keep one more, which looks after what they share."""
    command = ["ps", "-A", "-o", "ppid=,pid=,command="]
    found = subprocess.run(command, capture_output=True, text=True).stdout  # noqa: S603 - our own arguments
    mine = [line.split() for line in found.splitlines() if line.split()[0] == str(server.pid)]
    return {int(pid) for _parent, pid, *command in mine if "resource_tracker" not in " ".join(command)}


def wait_for(condition) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_killed_worker_is_replaced_and_the_site_answers(tmp_path):
    port = free_port()
    with serving(port, VAR_DIR=str(tmp_path)) as server:
        assert wait_for(lambda: answers(port))
        before = workers_of(server)
        os.kill(min(before), signal.SIGKILL)
        assert wait_for(lambda: len(workers_of(server) - {min(before)}) == 2)
        assert wait_for(lambda: answers(port))
        assert server.poll() is None


def test_workers_that_cannot_start_are_not_started_at_once_again(tmp_path):
    errors = tmp_path / "errors"
    with (
        errors.open("w") as file,
        serving(free_port(), file, VAR_DIR=str(tmp_path), ENVIRONMENT="nowhere") as server,
    ):
        assert wait_for(lambda: errors.read_text().count("ImproperlyConfigured: ENVIRONMENT is 'nowhere'") == 2)
        time.sleep(5)
        assert server.poll() is None
    assert errors.read_text().count("ImproperlyConfigured: ENVIRONMENT is 'nowhere'") == 2


def test_the_manual_starts_the_server_as_we_do():
    manual = (settings.BASE_DIR / "docs" / "operators.md").read_text()
    unit = re.search(r"^ExecStart=(.*?[^\\])$", manual, re.MULTILINE | re.DOTALL).group(1)
    ours = {word.partition("=")[0] for word in server_command(host="", port=0, workers=2)[1:]}
    assert {word.partition("=")[0] for word in unit.replace("\\", "").split()[1:]} == ours
