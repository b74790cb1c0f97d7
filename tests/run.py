"""``make test``: the whole suite on SQLite, browser included, then on PostgreSQL, where it is installed.

On PostgreSQL without the browser and without what proves nothing more there; the fast tier (``-m fast``) on SQLite
alone. Arguments go to pytest. The first run that fails ends it with pytest's exit code.
"""

import os
import signal
import subprocess
import sys

from tests.chromium import find_chromium, install_chromium
from tests.postgresql import NoServerError, private_server

NO_TESTS = 5  # pytest's exit code when nothing was selected


def run_pytest(label: str, arguments: list[str], **environment: str) -> int:
    """Run pytest on all processors and return its exit code."""
    print(f"\n== {label}", flush=True)
    command = [sys.executable, "-m", "pytest", "--numprocesses=auto", *arguments]
    # Compiled once for all: workers of both runs, and the programs that tests start, load the same files.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment}
    return subprocess.run(command, env=environment).returncode  # noqa: S603 - our own arguments


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *args: sys.exit(143))  # so that the server is stopped
    chromium = find_chromium() or install_chromium()
    if chromium is None:
        print("No Chromium is installed and none could be: browser tests are skipped (CHROMIUM=/path names one).")
    os.environ["CHROMIUM"] = chromium or ""
    code = run_pytest("The suite on SQLite", arguments, DATABASE_URL="")
    if code not in (0, NO_TESTS) or "-m fast" in " ".join(arguments):  # for every save: one database
        return code
    try:
        with private_server() as url:
            selection = ["--ignore=tests/browser", "--database-only", *arguments]
            on_postgresql = run_pytest(
                "What another database may change, on PostgreSQL, without the browser", selection, DATABASE_URL=url
            )
    except NoServerError as error:
        print(f"Not run on PostgreSQL: {error}.")
        return code
    return code if on_postgresql == NO_TESTS else on_postgresql


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
