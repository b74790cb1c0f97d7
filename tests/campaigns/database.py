"""A database that several processes work on: a file of its own on SQLite, a database of its own on PostgreSQL.

Tests in one process use Django's test database; what needs processes that can be killed uses this.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection


@contextmanager
def database_of_its_own(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the environment in which a process finds an empty database of its own of the kind under test."""
    environment = {**os.environ, "VAR_DIR": str(folder), "ENVIRONMENT": "development", "LOG_LEVEL": "ERROR"}
    if connection.vendor == "sqlite":
        environment["DATABASE_URL"] = f"sqlite:///{folder / 'campaign.sqlite3'}"
        yield environment
        return
    server = os.environ["DATABASE_URL"]
    name = f"campaign_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as maintenance:
        maintenance.execute(f'CREATE DATABASE "{name}"')
    path, _, query = server.partition("?")
    environment["DATABASE_URL"] = f"{path.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    try:
        yield environment
    finally:
        with psycopg.connect(server, autocommit=True) as maintenance:
            maintenance.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(environment: dict[str, str], *arguments: str) -> str:
    """Run a Python program of the project to its end and return what it printed."""
    result = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, *arguments], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout
