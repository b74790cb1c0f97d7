"""Counters of requests, shared by all processes through the database."""

from contextlib import contextmanager

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

LOCK_MILLISECONDS = 200  # on SQLite a long write of an editor must not hold up readers
PRUNE_EVERY = 64  # new counters, on average


class RequestCounter(models.Model):
    """How many requests were made under one name in one window of time; worthless after it ``ends``."""

    name = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveBigIntegerField()
    ends = models.PositiveBigIntegerField(db_index=True)  # seconds since 1970

    class Meta:
        verbose_name = _("counter of requests")
        verbose_name_plural = _("counters of requests")

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"

    @classmethod
    def add(cls, name: str, amount: int, *, ends: int, now: int) -> int:
        """Add ``amount`` to the counter ``name`` and return what it is then: one statement, so atomic.

        Raises ``OperationalError`` when the database is held by somebody else for too long.
        """
        table = connection.ops.quote_name(cls._meta.db_table)
        with connection.cursor() as cursor, no_long_wait():
            cursor.execute(
                f"INSERT INTO {table} AS known (name, count, ends) VALUES (%s, %s, %s) "  # noqa: S608 - our own table
                "ON CONFLICT (name) DO UPDATE SET count = known.count + excluded.count RETURNING count",
                [name, amount, ends],
            )
            [total] = cursor.fetchone()
            # Names are as good as random, so one in so many of the new ones clears away what is over.
            if total == amount and int(name[:4], 16) % PRUNE_EVERY == 0:
                cls.objects.filter(ends__lt=now).delete()
        return total


@contextmanager
def no_long_wait():
    """Wait only briefly for a lock of SQLite."""
    if connection.vendor != "sqlite":
        yield
        return
    [usual] = connection.connection.execute("PRAGMA busy_timeout").fetchone()
    connection.connection.execute(f"PRAGMA busy_timeout = {LOCK_MILLISECONDS}")
    try:
        yield
    finally:
        connection.connection.execute(f"PRAGMA busy_timeout = {usual}")
