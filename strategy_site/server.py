"""How the web server is started: on a developer's machine and in the benchmarks alike."""

import shutil
import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# A thread for each connection that a worker may hold to the database, and some to wait on slow readers.
THREADS = 4
# A worker that is told to stop while it starts does not always hear it.
STOP_SECONDS = 3


def server_command(*, host: str, port: int, workers: int) -> list[str]:
    """Return the command that serves the site with granian; raise ``ImproperlyConfigured`` when it is not there."""
    beside_python = Path(sys.executable).with_name("granian")
    program = str(beside_python) if beside_python.exists() else shutil.which("granian")
    if not program:
        raise ImproperlyConfigured("The web server granian is not installed: run 'make setup'.")
    module, _, name = settings.WSGI_APPLICATION.rpartition(".")
    return [
        program,
        "--interface=wsgi",
        f"--host={host}",
        f"--port={port}",
        f"--workers={workers}",
        f"--blocking-threads={THREADS}",
        f"--workers-kill-timeout={STOP_SECONDS}",
        "--respawn-failed-workers",  # one that cannot even start waits a while before it ends (wsgi.py)
        "--log-level=warning",
        f"{module}:{name}",
    ]
