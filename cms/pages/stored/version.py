"""At which state the content is, asked with one small statement a request, past Django's connections.

Each thread has a connection of its own, so a request that is answered from the store takes none of the pool. When the
database does not answer in time it counts as away: nobody waits for it any more, and one thread asks until it is back.
"""

import os
import select
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.utils import timezone
from django.utils.dateparse import parse_datetime

ANSWER_SECONDS = 0.8  # whoever asks hears within a second
PROBE_SECONDS = 0.5  # between two questions whether the database is back
LOOK_SECONDS = 0.1  # between two looks whether the database file was replaced
SQL = (
    "SELECT h.log, h.sequence, COALESCE((SELECT m.number FROM pages_storemark m WHERE m.id = 1), 0), h.next_due_at"
    " FROM publishing_changeloghead h WHERE h.id = 1"
)


# Parameters of a connection that are Django's own.
OF_DJANGO = ("pool", "cursor_factory", "prepare_threshold", "context", "isolation_level", "server_side_binding")


class Version(NamedTuple):
    """A state of the content: which change log, its latest entry, and how often all copies were to be forgotten."""

    log: str
    sequence: int
    mark: int


class State(NamedTuple):
    """A version, and when the next scheduled change is due (seconds since 1970; infinite where none is)."""

    version: Version
    due: float

    @classmethod
    def of(cls, row: Any) -> "State":
        """Return what a row of :data:`SQL` says, in whatever types the database gives; no row is an empty site."""
        log, sequence, mark, due = row or ("", 0, 0, None)
        return cls(Version(str(log).replace("-", ""), int(sequence), int(mark)), seconds(due))


class AwayError(Exception):
    """That the database does not answer."""


def seconds(due: str | datetime | None) -> float:
    """Return a time of the database in seconds since 1970; SQLite's are text in UTC without saying so."""
    if not due:
        return float("inf")
    moment = parse_datetime(due) if isinstance(due, str) else due
    if moment is None:
        return float("inf")
    return (moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)).timestamp()


class SQLiteConnection:
    """A connection to the database file; another one when the file was replaced, as a restore does."""

    def __init__(self):
        self.path = connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]
        self.inode, self.looked_at = os.stat(self.path).st_ino, time.monotonic()
        self.connection = sqlite3.connect(f"file:{self.path}?mode=rw", uri=True, timeout=ANSWER_SECONDS)
        self.connection.isolation_level = None
        self.cursor = self.connection.cursor()

    def ask(self) -> Any:
        if (now := time.monotonic()) - self.looked_at > LOOK_SECONDS:
            self.looked_at = now
            if os.stat(self.path).st_ino != self.inode:
                raise sqlite3.OperationalError("The database file is another one.")
        rows = self.cursor.execute(SQL).fetchall()
        return rows[0] if rows else None

    def close(self) -> None:
        self.connection.close()


class PostgreSQLConnection:
    """A connection that is asked for no longer than ``ANSWER_SECONDS``, whatever the network does."""

    def __init__(self):
        parameters = connections[DEFAULT_DB_ALIAS].get_connection_params()
        for name in OF_DJANGO:
            parameters.pop(name, None)
        self.connection = in_time(lambda: psycopg.connect(**parameters, autocommit=True))
        self.pg = self.connection.pgconn
        self.poll = select.poll()
        self.poll.register(self.pg.socket, select.POLLIN)

    def ask(self) -> Any:
        end = time.monotonic() + ANSWER_SECONDS
        self.pg.send_query(SQL.encode())
        self.pg.flush()
        result = None
        while True:
            while self.pg.is_busy():
                if not self.poll.poll(max(0, end - time.monotonic()) * 1000):
                    raise psycopg.OperationalError("The database does not answer in time.")
                self.pg.consume_input()
            if (part := self.pg.get_result()) is None:
                break
            result = part
        if result is None or result.status != psycopg.pq.ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError("The database does not answer.")
        values = [result.get_value(0, column) for column in range(result.nfields)] if result.ntuples else None
        return values and [value.decode() if value else None for value in values]

    def close(self) -> None:
        self.connection.close()


def in_time(question: Callable[[], Any]) -> Any:
    """Return what ``question`` returns, asked in a thread that may hang; raise ``AwayError`` when it does."""
    found: list = []

    def ask() -> None:
        try:
            found.append((question(), None))
        except Exception as error:
            found.append((None, error))

    thread = threading.Thread(target=ask, name="database", daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    if not found:
        raise AwayError("The database does not answer in time.")
    if found[0][1]:
        raise found[0][1]
    return found[0][0]


def is_apart() -> bool:
    """Say whether a connection beside Django's sees the same: not of a database in memory, nor in a transaction."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    return not (connection.in_atomic_block or (connection.vendor == "sqlite" and connection.is_in_memory_db()))


class Reader:
    """Reads the state of the content; the circuit breaker of the site's front.

    ``recheck`` is for how many seconds a state counts without a question; 0 asks for each request.
    """

    def __init__(self, *, recheck: float | None = None):
        self.recheck = settings.STORED_PAGES_RECHECK if recheck is None else recheck
        self.local = threading.local()
        self.known: tuple[Any, State] = (None, State.of(None))  # a row and what it says, exchanged together
        self.asked_at = float("-inf")
        self.apart: bool | None = None
        self.is_away = False
        self.lock = threading.Lock()

    def read(self) -> State:
        """Return the state of the content; raise :class:`AwayError` while the database is away."""
        if self.is_away:
            raise AwayError
        if self.recheck and time.monotonic() - self.asked_at < self.recheck:
            return self.known[1]
        try:
            row = self.ask()
        except (Error, sqlite3.Error, psycopg.Error, OSError, AwayError) as error:
            self.went_away()
            raise AwayError(str(error)) from error
        known = self.known
        if row != known[0]:
            self.known = known = (row, State.of(row))
        if self.recheck:
            self.asked_at = time.monotonic()
        return known[1]

    def ask(self) -> Any:
        if self.apart is None:
            self.apart = is_apart()
        if not self.apart:
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                return cursor.execute(SQL) and cursor.fetchone()
        connection = getattr(self.local, "connection", None)
        if connection is not None:
            try:
                return connection.ask()
            except (sqlite3.Error, psycopg.Error, OSError):
                connection.close()  # a server that was started anew, a file that was replaced: once more
                self.local.connection = None
        self.local.connection = self.connect()
        return self.local.connection.ask()

    def connect(self) -> SQLiteConnection | PostgreSQLConnection:
        return SQLiteConnection() if connections[DEFAULT_DB_ALIAS].vendor == "sqlite" else PostgreSQLConnection()

    def went_away(self) -> None:
        """Let nobody ask any more but one thread, until the database answers."""
        with self.lock:
            if not self.is_away and self.apart:
                self.is_away = True
                threading.Thread(target=self.probe, name="database is away", daemon=True).start()

    def probe(self) -> None:
        while self.is_away:
            time.sleep(PROBE_SECONDS)
            try:
                connection = self.connect()
                connection.ask()
                connection.close()
                self.is_away = False
            except Exception:  # noqa: S112 - it is still away, whatever is wrong
                continue
