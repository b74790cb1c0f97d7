"""The SQL of the index on each database: FTS5 on SQLite, a ``tsvector`` with a GIN index on PostgreSQL.

A condition is a tree of :class:`Every` and :class:`Either` over :class:`Token`. Both databases answer the same
conditions from the same tokens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Union

from django.db import DatabaseError, connection

# Of a condition that very many entries meet, as many are ranked as are ever listed, twice: by title, and by the rest.
RANKED = 1_000

COUNTS = """
    SELECT g.model, g.scope, g.topics, c.number
    FROM ({numbers}) c JOIN search_searchfacets g ON g.id = c.facets_id
"""
SQLITE_COUNTS = """
    SELECT n.facets_id, count(*) AS number
    FROM search_searchindex f CROSS JOIN search_searchcount n ON n.id = f.rowid
    WHERE f.tokens MATCH %s
    GROUP BY n.facets_id
"""
# Functions of migrations 0002 and 0003, which keep the planner to the index.
POSTGRESQL_COUNTS = "SELECT facets_id, number FROM search_search_counts(%s::tsquery)"

SQLITE_MATCHES = """
    SELECT f.rowid AS id, bm25(search_searchindex) + {penalty} AS rank
    FROM search_searchindex f WHERE f.tokens MATCH %s LIMIT {limit}
"""
POSTGRESQL_MATCHES = "SELECT id, {penalty} + rank AS rank FROM search_search_matches(%s::tsquery, {limit})"
# What is found by its name is ranked by its weight alone, which costs less than to look at its words.
SQLITE_TITLES = """
    SELECT n.id, n.weight + {penalty} AS rank
    FROM (SELECT rowid FROM search_searchindex WHERE tokens MATCH %s LIMIT {limit}) f
    CROSS JOIN search_searchcount n ON n.id = f.rowid
"""
POSTGRESQL_TITLES = "SELECT id, weight + {penalty} AS rank FROM search_search_titles(%s::tsquery, {limit})"
NAMED = "SELECT id, rank FROM ({found}) named"  # so that a union of some can be made
SQLITE_HAS = "EXISTS (SELECT 1 FROM search_searchindex f WHERE f.rowid = e.id AND f.tokens MATCH %s)"
POSTGRESQL_HAS = "e.tokens @@ %s::tsquery"
# The rest is not looked up when the titles alone fill the page: those go first.
PAGE = """
    WITH in_title AS (SELECT id, min(rank) AS rank FROM ({exact} UNION ALL {title} UNION ALL {related}) t GROUP BY id),
    ranked AS (
        SELECT id, rank FROM in_title
        UNION ALL
        SELECT id, rank FROM ({all}) found WHERE (SELECT count(*) FROM in_title) < %s
    )
    SELECT {columns} FROM (
        SELECT id, min(rank) AS rank FROM ranked GROUP BY id ORDER BY min(rank), id LIMIT %s OFFSET %s
    ) r
    JOIN search_searchentry e ON e.id = r.id JOIN search_searchfacets g ON g.id = e.facets_id
    ORDER BY r.rank, r.id
"""
# Added to the rank (less is better) of what is not found by its title; no rank differs from another by as much.
NOT_IN_TITLE = 1_000
# Added to the weight of what is found by a form of the words or by a name in another language, and of what is found by
# the name of what it belongs to.
NOT_EXACT, NOT_ITS_OWN = 6, 12


@dataclass(frozen=True)
class Token:
    """A token that an entry may have, or with ``prefix`` the beginning of one."""

    text: str
    prefix: bool = False


@dataclass(frozen=True)
class Every:
    """All of the parts."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Either:
    """Any of the parts."""

    parts: tuple["Condition", ...]


Condition = Union[Token, Every, Either]  # noqa: UP007 - of itself


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def expression(condition: Condition) -> str:
    """Return a condition in the query language of the database (https://sqlite.org/fts5.html, section 3; PostgreSQL,
    chapter 12.3.2). Tokens are quoted: nothing in them is an operator."""
    return POSTGRESQL.written(condition) if is_postgresql() else FTS5.written(condition)


@dataclass(frozen=True)
class Notation:
    """How a database writes tokens, and what joins conditions."""

    token: Callable[[Token], str]
    every: str
    either: str

    def written(self, condition: Condition) -> str:
        """Return a condition as it is written."""
        if isinstance(condition, Token):
            return self.token(condition)
        parts = [self.written(part) for part in condition.parts]
        if len(parts) == 1:
            return parts[0]
        return f"({(self.every if isinstance(condition, Every) else self.either).join(parts)})"


def lexeme(token: Token) -> str:
    quoted = "'" + token.text.replace("\\", "\\\\").replace("'", "''") + "'"
    return f"{quoted}:*" if token.prefix else quoted


def fts5_string(token: Token) -> str:
    quoted = '"' + token.text.replace('"', '""') + '"'
    return f"{quoted} *" if token.prefix else quoted


POSTGRESQL = Notation(lexeme, " & ", " | ")
FTS5 = Notation(fts5_string, " AND ", " OR ")


def count(condition: Condition) -> list[tuple[str, str, str, int]]:
    """Return how many entries meet ``condition``, by their facets: model, scope, topics, number."""
    numbers = POSTGRESQL_COUNTS if is_postgresql() else SQLITE_COUNTS
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(numbers=numbers), [expression(condition)])
        return cursor.fetchall()


def first_met(conditions: Sequence[Condition]) -> int | None:
    """Return the number of the first of ``conditions`` that any entry meets: one query."""
    if not conditions:
        return None
    asked = ", ".join([f"EXISTS ({matches(0, 1)})"] * len(conditions))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", [expression(condition) for condition in conditions])
        met = cursor.fetchone()
    return next((number for number, is_met in enumerate(met) if is_met), None)


def exists(condition: Condition) -> bool:
    """Say whether any entry meets ``condition``."""
    return first_met([condition]) is not None


def matches(penalty: int, limit: int) -> str:
    """Return the SQL of at most ``limit`` entries that meet a condition, its parameter, with their rank."""
    sql = POSTGRESQL_MATCHES if is_postgresql() else SQLITE_MATCHES
    return sql.format(penalty=penalty, limit=limit)


def titles(penalty: int, limit: int) -> str:
    """Return the same of entries that are ranked by their weight."""
    sql = POSTGRESQL_TITLES if is_postgresql() else SQLITE_TITLES
    return NAMED.format(found=sql.format(penalty=penalty, limit=limit))


@dataclass(frozen=True)
class Wanted:
    """What is looked for: entries that meet ``condition``.

    Those that meet ``related`` too, the same condition on names, go before the others; sooner where they meet
    ``in_title``, the same on names of their own, and soonest where they meet ``exact``, the same on the words of the
    title as they are written.
    """

    condition: Condition
    related: Condition
    in_title: Condition
    exact: Condition

    def within(self, limits: Sequence[Condition]) -> "Wanted":
        """Return the same among the entries that meet all ``limits``."""
        return Wanted(*(Every((each, *limits)) for each in (self.condition, self.related, self.in_title, self.exact)))


def page(
    wanted: Wanted,
    columns: Sequence[str],
    start: int,
    stop: int,
    *,
    flags: Sequence[Condition] = (),
    ranked: int = RANKED,
) -> list[tuple]:
    """Return ``columns`` of the entries that are ``wanted``, from ``start`` up to ``stop``, the best first.

    Columns are those of the entry ``e`` and of its facets ``g``. After them comes, for each of ``flags``, whether the
    entry meets it.
    """
    has = POSTGRESQL_HAS if is_postgresql() else SQLITE_HAS
    sql = PAGE.format(
        columns=", ".join([*columns, *([has] * len(flags))]),
        exact=titles(0, ranked),
        title=titles(NOT_EXACT, ranked),
        related=titles(NOT_ITS_OWN, ranked),
        all=matches(NOT_IN_TITLE, ranked),
    )
    asked = map(expression, (wanted.exact, wanted.in_title, wanted.related, wanted.condition))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*asked, stop, *map(expression, flags), stop - start, start])
        return cursor.fetchall()


def check_storage() -> str:
    """Return what is wrong with the database's own index, or nothing. PostgreSQL keeps its own in step by itself."""
    if is_postgresql():
        return ""
    with connection.cursor() as cursor:
        try:
            cursor.execute("INSERT INTO search_searchindex(search_searchindex, rank) VALUES ('integrity-check', 1)")
        except DatabaseError as error:
            return str(error)
        cursor.execute(
            "SELECT count(*) FROM search_searchentry e LEFT JOIN search_searchcount n ON n.id = e.id "
            "WHERE n.facets_id IS NULL OR n.facets_id <> e.facets_id OR n.weight <> e.weight"
        )
        if wrong := cursor.fetchone()[0]:
            return f"{wrong} entries are not counted by their facets and weight"
    return ""


def repair_storage() -> None:
    """Make the database's own index anew from the entries."""
    if not is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_searchindex(search_searchindex) VALUES ('rebuild')")
            cursor.execute("DELETE FROM search_searchcount")
            cursor.execute("INSERT INTO search_searchcount SELECT id, facets_id, weight FROM search_searchentry")
