"""Queries of pages whose SQL is made once, and asked again with other values.

Django makes the SQL of a query anew each time, which takes five times as long as the database takes to answer. What a
page of one item reads differs from item to item in a key or a slug alone, so it is kept, a language at a time.
"""

import copy
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.core.signals import setting_changed
from django.db import connection, models
from django.dispatch import receiver
from django.utils.translation import get_language

from cms.content import noting

KEY: models.Field = models.UUIDField()


class Made(NamedTuple):
    """What is kept of a query: its SQL in pieces, each with the parameter that follows it, what reads its rows, and
    by which keys it finds them (:mod:`cms.content.noting`)."""

    queryset: Any
    compiler: Any
    pieces: list[tuple[str, Any]]
    converters: dict[int, Any]
    keys: noting.Keys


class Statement:
    """A query on a key or a slug: ``Statement(lambda slug: Office.objects.live().filter(slug=slug), str)``.

    ``build`` returns the queryset for it and may only compare with it: it is called once for each language, with a
    value that stands for all.
    """

    every: list["Statement"] = []  # noqa: RUF012 - of the class, to be forgotten together

    def __init__(self, build: Callable[[Any], models.QuerySet], kind: type = UUID):
        self.build = build
        self.mark: UUID | str = uuid4() if kind is UUID else uuid4().hex
        self.made: dict[str | None, Made] = {}  # by language
        self.every.append(self)

    def rows(self, *keys: UUID | str) -> list[Any]:
        """Return the rows for the key or keys, in one query; none for none.

        With several ``build`` compares by ``IN``.
        """
        return self.run(keys) if keys else []

    def all(self) -> list[Any]:
        """Return the rows of a statement that compares with no key."""
        return self.run(())

    def run(self, keys: Iterable[UUID | str]) -> list[Any]:
        language = get_language()
        if language not in self.made:
            self.made[language] = self.make()
        queryset, compiler, pieces, converters, found_by = self.made[language]
        kept_compiler: Any = copy.copy(compiler)  # threads share the one that was made
        kept_compiler.connection = connection
        answer = with_values(pieces, adapted(self.mark), [adapted(key) for key in keys])
        kept_compiler.as_sql = lambda *args, **kwargs: answer
        kept_compiler.get_converters = lambda expressions: converters
        query: Any = copy.copy(queryset.query)
        query.get_compiler = lambda *args, **kwargs: kept_compiler
        asked: Any = models.QuerySet(queryset.model, query=query)
        asked._fields = queryset._fields
        asked._iterable_class = queryset._iterable_class
        rows = noting.rows_of(asked, self.with_keys(found_by, keys) if noting.is_on() else None)
        models.prefetch_related_objects(rows, *queryset._prefetch_related_lookups)
        return rows

    def make(self) -> Made:
        queryset = self.build(self.mark)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        pieces = list(zip(sql.split("%s"), [*parameters, None], strict=True))
        return Made(queryset, compiler, pieces, converters, noting.keys_of(queryset.query))

    def with_keys(self, found_by: noting.Keys, keys: Iterable[UUID | str]) -> noting.Keys:
        """Return by which keys the rows for ``keys`` are found: those with the mark, for each of them."""
        mark, known = str(self.mark), [str(key) for key in keys] or [""]
        return found_by._replace(tags=frozenset(tag.replace(mark, key) for tag in found_by.tags for key in known))


def with_values(pieces: list[tuple[str, Any]], mark: Any, values: list[Any]) -> tuple[str, tuple]:
    """Return SQL and parameters with ``values`` in the place of each ``mark``."""
    sql, parameters = [], []
    for piece, parameter in pieces[:-1]:
        found = values if parameter == mark else [parameter]
        sql += [piece, ", ".join(["%s"] * len(found))]
        parameters += found
    return "".join([*sql, pieces[-1][0]]), tuple(parameters)


class Related(Statement):
    """The rows that point to one item by their foreign key ``field_name``, at most ``limit`` of those in ``rows``."""

    def __init__(self, field_name: str, rows: Callable[[], models.QuerySet], limit: int | None = None):
        super().__init__(lambda key: rows().filter(**{field_name: key})[:limit])
        self.field_name = field_name

    def of(self, item: models.Model) -> list[Any]:
        """Return the rows of ``item``, which they know."""
        rows = self.rows(item.pk)
        for row in rows:
            row._state.fields_cache[self.field_name] = item
        return rows


def adapted(value: UUID | str) -> Any:
    """Return a key or a slug as the database takes it."""
    return KEY.get_db_prep_value(value, connection) if isinstance(value, UUID) else value


@receiver(setting_changed)
def forget_statements(*, setting: str, **kwargs) -> None:
    """Make the SQL anew after a test gave the site other languages."""
    if setting == "LANGUAGES":
        for statement in Statement.every:
            statement.made.clear()
