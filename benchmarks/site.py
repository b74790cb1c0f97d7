"""A site of a given scale in a temporary folder, served as `make run` serves it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORKERS = 2
START_SECONDS = 60
WARM_UP_REQUESTS = 40  # every worker has compiled its templates and filled its caches
COUNTED_REQUESTS = 4

# What a signed-in administrator sends, and the address of the change form.
SIGN_IN = """
import json
from django.contrib.auth import get_user_model
from django.test import Client
from priorities.models import Strategy

client = Client()
client.force_login(
    get_user_model().objects.create_superuser("benchmark"), backend="django.contrib.auth.backends.ModelBackend"
)
strategy = Strategy.objects.get(slug="generated-strategy-1-0")
print(json.dumps({"cookie": client.cookies["sessionid"].value, "strategy": str(strategy.pk)}))
"""


class BenchmarkError(Exception):
    """The site cannot be measured; the message says why."""


@dataclass
class Target:
    """One thing that is measured, and the most queries it may take."""

    label: str
    path: str
    queries: int
    headers: dict
    status: int = 200


@dataclass
class Site:
    """A running site: its port and what is measured on it."""

    scale: int
    port: int
    targets: list[Target]

    def latencies(self, target: Target, *, connections: int, seconds: float) -> list[float]:
        """Return the latency of every request in seconds, sorted."""
        arguments = {
            "port": self.port, "path": target.path, "headers": target.headers,
            "connections": connections, "seconds": seconds, "status": target.status,
        }  # fmt: skip
        return sorted(json.loads(run([sys.executable, "-m", "benchmarks.load", json.dumps(arguments)])))

    def count_queries(self, target: Target) -> int:
        """Return the most queries that a request takes once every worker is warm."""
        for _ in range(WARM_UP_REQUESTS):
            self.ask(target)
        return max(int(self.ask(target, {"X-Count-Queries": "1"})["X-Queries"]) for _ in range(COUNTED_REQUESTS))

    def ask(self, target: Target, headers: dict | None = None):
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"http://127.0.0.1:{self.port}{target.path}", headers=target.headers | (headers or {})
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - our own server
                response.read()
                return response.headers
        except urllib.error.HTTPError as error:
            if error.code == target.status:
                return error.headers
            raise BenchmarkError(f"{target.label} ({target.path}) answered {error.code}.") from None


def run(command: list[str], **environment: str) -> str:
    """Run a command and return what it prints; raise :class:`BenchmarkError` with its last line when it fails."""
    result = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)  # noqa: S603 - our own arguments
    if result.returncode != 0:
        last = (result.stderr.strip() or result.stdout.strip() or "no message").splitlines()[-1]
        raise BenchmarkError(f"{' '.join(command[1:3])} failed: {last}")
    return result.stdout


LIST = "/api/v1/objectives/?limit=50"
EXPANDED = f"{LIST}&expand=strategy.office"
PAGE = "/api/v1/objectives/?limit=3&lang=en"
LAST_PAGE = 1_000


def api_targets(site: Site) -> list[Target]:
    """Return what is measured of the API; the address of its page 1,000, or the last, is found by going there."""
    tag = site.ask(Target("", LIST, 0, {}))["ETag"]
    return [
        Target(STOCK_LIST, "/stock/objectives/?limit=50", 0, {}),
        Target(API_LIST, LIST, 4, {}),
        Target("API list of 50, expanded twice", EXPANDED, 8, {}),
        Target(NOT_MODIFIED, LIST, 1, {"If-None-Match": tag}, status=304),
        Target(FIRST_PAGE, PAGE, 0, {}),
        Target(DEEP_PAGE, deep_page(site.port), 0, {}),
    ]


STOCK_LIST, API_LIST, NOT_MODIFIED = "stock DRF list of 50", "API list of 50", "API list of 50: 304"
FIRST_PAGE, DEEP_PAGE = "API, page 1", "API, page 1,000"


def deep_page(port: int) -> str:
    """Return path and query of page 1,000 of a list, or of its last page."""
    address = f"http://127.0.0.1:{port}{PAGE}"
    for _ in range(LAST_PAGE - 1):
        with urllib.request.urlopen(f"{address}&fields=id", timeout=60) as response:  # noqa: S310 - our own server
            following = json.load(response)["next"]
        if not following:
            break
        address = following.replace("&fields=id", "").replace("fields=id&", "")
    return address.removeprefix(f"http://127.0.0.1:{port}")


def targets(cookie: str, strategy: str) -> list[Target]:
    signed_in = {"Cookie": f"sessionid={cookie}"}
    return [
        Target("bare Django view, 20 KB", "/bare", 0, {}),
        Target("home page", "/en/", 12, {}),
        Target("regional page", "/en/regions/generated-office-1-0/", 12, {}),
        Target("strategy page", "/en/strategies/generated-strategy-1-0/", 12, {}),
        Target("objectives, list page", "/en/objectives/", 12, {}),
        Target("strategy, admin change form", f"/admin/priorities/strategy/{strategy}/change/", 40, signed_in),
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_site(folder: Path, scale: int) -> Iterator[Site]:
    """Make a site of ``scale`` units in ``folder``, serve it, and stop it in the end."""
    environment = {
        "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "ENVIRONMENT": "development", "DEBUG": "", "DATABASE_URL": os.environ.get("BENCH_DATABASE_URL", ""),
    }  # fmt: skip
    run([sys.executable, "manage.py", "setup_site"], **environment)
    run([sys.executable, "manage.py", "generate_content", "--scale", str(scale)], **environment)
    sign_in = run([sys.executable, "manage.py", "shell", "--no-imports", "--command", SIGN_IN], **environment)
    port = free_port()
    print_command = (
        "import json; from strategy_site.server import server_command; "
        f"print(json.dumps(server_command(host='127.0.0.1', port={port}, workers={WORKERS})))"
    )
    command = json.loads(run([sys.executable, "-c", print_command], **environment))
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)  # noqa: S603 - our own arguments
        try:
            site = Site(scale, port, targets(**json.loads(sign_in.splitlines()[-1])))
            wait_until_it_answers(site, server)
            site.targets += api_targets(site)
            yield site
        finally:
            server.terminate()
            server.wait(timeout=10)


def wait_until_it_answers(site: Site, server: subprocess.Popen) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            site.ask(site.targets[0])
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise BenchmarkError("The server did not start.")
