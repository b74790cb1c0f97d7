"""What one process at a time may do, of all machines that share the database: migrate it, or put a backup back."""

import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files import locks
from django.db import connection

WAIT_SECONDS = 0.5


@contextmanager
def exclusively(what: str) -> Iterator[None]:
    """Wait until nobody else does ``what``, and hold others off until the block is left or the process ends."""
    with hold_database(what) if connection.vendor == "postgresql" else hold_folder(what):
        yield


@contextmanager
def hold_database(what: str) -> Iterator[None]:
    """An advisory lock (PostgreSQL, chapter 13.3.5) on a connection of its own: the block may close the other."""
    own = connection.copy()
    key = zlib.crc32(f"strategy_site.{what}".encode())
    try:
        with own.cursor() as cursor:
            while not (cursor.execute("SELECT pg_try_advisory_lock(%s)", [key]) and cursor.fetchone()[0]):
                time.sleep(WAIT_SECONDS)
            yield
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    finally:
        own.close()


@contextmanager
def hold_folder(what: str) -> Iterator[None]:
    with (Path(settings.VAR_DIR) / f"{what}.lock").open("w") as file:
        locks.lock(file, locks.LOCK_EX)
        yield
