"""SQLite's file may be replaced while workers have it open: they would go on with the one that is gone.

Before each request a connection whose file is no longer the one of that name is closed, and the next query opens the
new one. It costs one look at the folder (``stat``). Servers have no such file.
"""

import os
from contextlib import suppress
from typing import Any

from django.core.signals import request_started
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver


def identity(connection: BaseDatabaseWrapper) -> tuple[int, int] | None:
    """Return what tells the file of a database from another one of its name; ``None`` where there is none."""
    with suppress(OSError, TypeError):
        status = os.stat(connection.settings_dict["NAME"])
        return status.st_dev, status.st_ino
    return None


@receiver(connection_created, dispatch_uid="strategy_site.replaced.opened")
def remember(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        connection.file_identity = identity(connection)


@receiver(request_started, dispatch_uid="strategy_site.replaced.asked")
def close_replaced(**kwargs: Any) -> None:
    """Close the connections of this thread whose file was replaced."""
    for connection in connections.all(initialized_only=True):
        if connection.vendor == "sqlite" and connection.connection and not connection.in_atomic_block:
            if identity(connection) != connection.file_identity:
                connection.close()
