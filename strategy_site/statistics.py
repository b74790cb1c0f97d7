"""What the database knows of its own tables, by which it chooses how to answer a query."""

from django.db import connection

# Rows of each index that SQLite looks at: enough to choose well, and quick at any size.
SQLITE_ANALYSIS_LIMIT = 1_000


def refresh_statistics() -> None:
    """Let the database count its rows anew (``ANALYZE``), as is due after many have changed.

    SQLite never does so by itself. Without it, it takes the index on the status of items, nearly all of which are
    live, for a choosy one, and reads a whole table for a page that shows one strategy.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit={SQLITE_ANALYSIS_LIMIT}")
        cursor.execute("ANALYZE")
