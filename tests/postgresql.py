"""A PostgreSQL server of our own in a temporary folder: no TCP port, no password, gone when it is left.

``with private_server() as url:`` yields a ``DATABASE_URL``. Run as root, the server runs as another user, since
PostgreSQL refuses root.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDERS = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")
START_SECONDS = 30
# Nothing here outlives the tests, so nothing waits for the disk.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


class NoServerError(Exception):
    """PostgreSQL is not installed, or does not start; the message says which."""


def find_binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``: the path's, else the newest that is installed."""
    folders = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    for pattern in FOLDERS:
        folders += sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    return next(
        (folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None
    )


def server_user() -> dict:
    """Return the arguments that make ``subprocess`` run the server as somebody else when we are root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoServerError("there is no user postgres or nobody to run it as")


@contextmanager
def private_server() -> Iterator[str]:
    """Start a server, yield its ``DATABASE_URL``, stop it and remove its data; raise :class:`NoServerError`."""
    binaries = find_binaries()
    if binaries is None:
        raise NoServerError("PostgreSQL is not installed")
    user = server_user()
    # A short path: the name of a socket has at most about 100 characters.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:  # noqa: S108 - made for us alone, mode 0700
        folder = Path(name)
        if user:
            os.chown(folder, user["user"], user["group"])
        data = folder / "data"
        create_cluster(binaries, data, user)
        with (folder / "log").open("wb") as log:
            options = [f"-c{key}={value}" for key, value in OPTIONS.items()]
            server = subprocess.Popen(  # noqa: S603 - our own arguments
                [binaries / "postgres", "-D", data, "-k", folder, *options],
                cwd=folder, stdout=log, stderr=log, start_new_session=True, **user,
            )  # fmt: skip
            try:
                wait_until_ready(server, folder)
                yield f"postgres://tests@/postgres?host={folder}"
            finally:
                stop(server)


def create_cluster(binaries: Path, data: Path, user: dict) -> None:
    for locale in LOCALES:
        command = [
            binaries / "initdb", "-D", data, "-U", "tests", "-A", "trust",
            "--encoding=UTF8", f"--locale={locale}", "--no-sync",
        ]  # fmt: skip
        result = subprocess.run(command, cwd=data.parent, capture_output=True, text=True, **user)  # noqa: S603 - our own arguments
        if result.returncode == 0:
            return
    raise NoServerError(f"initdb failed: {result.stderr.strip().splitlines()[-1]}")


def wait_until_ready(server: subprocess.Popen, folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        # The last line of the file is the server's state once it accepts connections.
        lock = folder / "data" / "postmaster.pid"
        if lock.exists() and lock.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.05)
    raise NoServerError(f"the server did not start: {(folder / 'log').read_text().strip()[-300:]}")


def stop(server: subprocess.Popen) -> None:
    """Stop the server, fast and then by force."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(timeout=3)  # "smart" shutdown: nobody is connected any more
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
