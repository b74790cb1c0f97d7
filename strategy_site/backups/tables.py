"""The rows of every table as lines of text, and back: the same on every database, and of no model in particular.

What a table is like comes from the migrations that are applied, not from the code of today: an archive can be put back
by a later version, which then migrates it. Values pass by the fields' rules of today for the same reason: what was
stored is what is kept.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

BATCH = 500  # rows in memory
# Fields whose values JSON has no notation for; the text of the others is their value.
PARSED = {"DateTimeField", "DateField", "TimeField", "DurationField", "DecimalField", "UUIDField"}
MODULUS = 1 << 256

Migrations = list[tuple[str, str]]


def applied_migrations() -> Migrations:
    """Return the migrations that the database has and the code knows, in order."""
    loader = MigrationLoader(connection)
    return sorted(node for node in loader.applied_migrations if node in loader.graph.nodes)


def tables_at(migrations: Migrations) -> dict[str, type[models.Model]]:
    """Return the models, by label, as ``migrations`` leave their tables; without what is derived from the others.

    An app says of itself that all of its tables are made anew from content (``is_derived``).
    """
    state = MigrationLoader(connection).project_state([tuple(node) for node in migrations])
    found = state.apps.get_models(include_auto_created=True)
    return {model._meta.label_lower: model for model in found if is_kept(model)}


def is_kept(model: type[models.Model]) -> bool:
    derived = getattr(apps.get_app_config(model._meta.app_label), "is_derived", False)
    return model._meta.managed and not model._meta.proxy and not derived


def columns_of(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.local_concrete_fields]


def lines_of(model: type[models.Model], columns: list[str]) -> Iterator[bytes]:
    """Yield each row of a table as a JSON list of the values of ``columns``."""
    rows = models.QuerySet(model).order_by("pk").values_list(*columns)
    for row in rows.iterator(chunk_size=BATCH):
        # JSON objects have no order, and PostgreSQL keeps none.
        yield json.dumps([plain(value) for value in row], sort_keys=True, separators=(",", ":")).encode() + b"\n"


def plain(value: Any) -> Any:
    """Return what JSON holds of the value of a column, whole: times to the microsecond, in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if value is None or isinstance(value, str | int | float | bool | dict | list) else str(value)


class Tally:
    """How many lines there were, and a digest of them that does not depend on their order: databases sort by their
    own rules."""

    def __init__(self) -> None:
        self.rows = self.sum = 0

    def add(self, line: bytes) -> None:
        self.rows += 1
        self.sum = (self.sum + int.from_bytes(sha256(line).digest())) % MODULUS

    @property
    def digest(self) -> str:
        return f"{self.sum:064x}"


def tally_of(lines: Iterable[bytes]) -> Tally:
    tally = Tally()
    for line in lines:
        tally.add(line)
    return tally


def insert(model: type[models.Model], columns: list[str], lines: Iterable[bytes]) -> None:
    """Write rows as they are, past what models and fields do to them. Raises ``DatabaseError``."""
    fields = [model._meta.get_field(name) for name in columns]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 - our own names
    source = iter(lines)
    with connection.cursor() as cursor:
        while batch := list(islice(source, BATCH)):
            cursor.executemany(statement, [values_of(fields, json.loads(line)) for line in batch])


def values_of(fields: list[models.Field], row: list) -> list:
    return [stored(field, value) for field, value in zip(fields, row, strict=True)]


def stored(field: models.Field, value: Any) -> Any:
    """Return what the database takes for a value of a line. ``prepared`` passes by what fields do to new values."""
    if value is None:
        return None
    while field.remote_field:
        field = field.target_field
    if field.get_internal_type() in PARSED:
        value = field.to_python(value)
    return field.get_db_prep_value(value, connection, prepared=True)


def empty(found: Iterable[type[models.Model]]) -> None:
    """Delete the rows of tables, in one statement each; whoever calls has the constraints checked at the commit."""
    with connection.cursor() as cursor:
        for model in found:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - our own name


def set_counters(found: Iterable[type[models.Model]]) -> None:
    """Have the database number new rows after those that were written with their numbers."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(found)):
            cursor.execute(statement)
