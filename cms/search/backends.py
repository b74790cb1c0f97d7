"""The SQL of the index on each database: FTS5 on SQLite, a ``tsvector`` with a GIN index on PostgreSQL.

A condition is a list of clauses that all must hold; a clause is a list of alternatives, each a :class:`Token`.
Both databases answer the same conditions from the same tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
# Functions of migration 0007, which keep the planner to the index.
POSTGRESQL_COUNTS = "SELECT facets_id, number FROM search_search_counts(%s::tsquery)"

SQLITE_MATCHES = """
    SELECT f.rowid AS id, bm25(search_searchindex) + {penalty} AS rank
    FROM search_searchindex f WHERE f.tokens MATCH %s LIMIT {limit}
"""
POSTGRESQL_MATCHES = "SELECT id, {penalty} + rank AS rank FROM search_search_matches(%s::tsquery, {limit})"
# The rest is not looked up when the titles alone fill the page: those go first.
PAGE = """
    WITH in_title AS ({title}),
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


@dataclass(frozen=True)
class Token:
    """A token that an entry may have, or with ``prefix`` the beginning of one."""

    text: str
    prefix: bool = False


Condition = Sequence[Sequence[Token]]


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def expression(condition: Condition) -> str:
    """Return a condition in the query language of the database (https://sqlite.org/fts5.html, section 3; PostgreSQL,
    chapter 12.3.2). Tokens are quoted: nothing in them is an operator."""
    if is_postgresql():
        clauses = [" | ".join(map(lexeme, clause)) for clause in condition]
        return " & ".join(f"({clause})" for clause in clauses)
    clauses = [" OR ".join(map(fts5_string, clause)) for clause in condition]
    return " AND ".join(f"({clause})" for clause in clauses)


def lexeme(token: Token) -> str:
    quoted = "'" + token.text.replace("\\", "\\\\").replace("'", "''") + "'"
    return f"{quoted}:*" if token.prefix else quoted


def fts5_string(token: Token) -> str:
    quoted = '"' + token.text.replace('"', '""') + '"'
    return f"{quoted} *" if token.prefix else quoted


def count(condition: Condition) -> list[tuple[str, str, str, int]]:
    """Return how many entries meet ``condition``, by their facets: model, scope, topics, number."""
    numbers = POSTGRESQL_COUNTS if is_postgresql() else SQLITE_COUNTS
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(numbers=numbers), [expression(condition)])
        return cursor.fetchall()


def exists(condition: Condition) -> bool:
    """Say whether any entry meets ``condition``."""
    with connection.cursor() as cursor:
        cursor.execute(matches(0, 1), [expression(condition)])
        return cursor.fetchone() is not None


def matches(penalty: int, limit: int) -> str:
    """Return the SQL of at most ``limit`` entries that meet a condition, its parameter, with their rank."""
    sql = POSTGRESQL_MATCHES if is_postgresql() else SQLITE_MATCHES
    return sql.format(penalty=penalty, limit=limit)


def page(
    condition: Condition, in_title: Condition, columns: Sequence[str], start: int, stop: int, *, ranked: int = RANKED
) -> list[tuple]:
    """Return ``columns`` of the entries from ``start`` up to ``stop`` that meet ``condition``, the best first.

    Columns are those of the entry ``e`` and of its facets ``g``. Entries that meet ``in_title`` too, the same
    condition on titles, go before the others.
    """
    sql = PAGE.format(
        columns=", ".join(columns), title=matches(0, ranked), all=matches(NOT_IN_TITLE, ranked)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, [expression(in_title), expression(condition), stop, stop - start, start])
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
            "WHERE n.facets_id IS NULL OR n.facets_id <> e.facets_id"
        )
        if wrong := cursor.fetchone()[0]:
            return f"{wrong} entries are not counted by their facets"
    return ""


def repair_storage() -> None:
    """Make the database's own index anew from the entries."""
    if not is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_searchindex(search_searchindex) VALUES ('rebuild')")
            cursor.execute("DELETE FROM search_searchcount")
            cursor.execute("INSERT INTO search_searchcount SELECT id, facets_id FROM search_searchentry")
