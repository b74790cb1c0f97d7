"""What one process at a time may do, of all machines that share the database: migrate it, or put a backup back."""

import logging
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files import locks
from django.db import connection

WAIT_SECONDS = 0.5
PATIENCE_SECONDS = 5.0  # after which it is said

logger = logging.getLogger(__name__)


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
            wait_for(what, lambda: cursor.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()[0])
            try:
                yield
            finally:  # to close a connection of a pool does not end it, nor what it holds
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    finally:
        own.close()


def wait_for(what: str, is_free: Callable[[], bool]) -> None:
    """Ask until nobody does ``what``, for as long as that takes: a migration may take an hour. The log says so."""
    waited = 0.0
    while not is_free():
        if waited == PATIENCE_SECONDS:
            logger.warning("Waiting: another process of this site does this: %s.", what)
        time.sleep(WAIT_SECONDS)
        waited += WAIT_SECONDS


@contextmanager
def hold_folder(what: str) -> Iterator[None]:
    with (Path(settings.VAR_DIR) / f"{what}.lock").open("w") as file:
        locks.lock(file, locks.LOCK_EX)
        yield
