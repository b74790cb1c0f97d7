from django.db import migrations

# SQLite's index stores no text of its own: it reads the tokens from the entries, and triggers keep it in step
# (https://sqlite.org/fts5.html, section 4.4.3 External Content Tables). Tokens come folded, so the ASCII tokenizer has
# nothing to do but to part them at spaces.
SQLITE = [
    """
    CREATE VIRTUAL TABLE search_searchindex USING fts5(
        tokens, content='search_searchentry', content_rowid='id', tokenize="ascii tokenchars ':._-'"
    )
    """,
    # Counts are read from this narrow table: three times as fast as from the rows with their texts, or an index.
    "CREATE TABLE search_searchcount (id integer PRIMARY KEY, facets_id integer NOT NULL)",
    """
    CREATE TRIGGER search_searchentry_added AFTER INSERT ON search_searchentry BEGIN
        INSERT INTO search_searchcount(id, facets_id) VALUES (new.id, new.facets_id);
        INSERT INTO search_searchindex(rowid, tokens) VALUES (new.id, new.tokens);
    END
    """,
    """
    CREATE TRIGGER search_searchentry_deleted AFTER DELETE ON search_searchentry BEGIN
        DELETE FROM search_searchcount WHERE id = old.id;
        INSERT INTO search_searchindex(search_searchindex, rowid, tokens) VALUES ('delete', old.id, old.tokens);
    END
    """,
    """
    CREATE TRIGGER search_searchentry_changed AFTER UPDATE OF tokens, facets_id ON search_searchentry BEGIN
        UPDATE search_searchcount SET facets_id = new.facets_id WHERE id = new.id;
        INSERT INTO search_searchindex(search_searchindex, rowid, tokens) VALUES ('delete', old.id, old.tokens);
        INSERT INTO search_searchindex(rowid, tokens) VALUES (new.id, new.tokens);
    END
    """,
]
POSTGRESQL = [
    # Long texts are kept beside the rows, so that counting reads little.
    "ALTER TABLE search_searchentry ALTER COLUMN tokens SET STORAGE EXTERNAL",
    "ALTER TABLE search_searchentry SET (toast_tuple_target = 128)",
    "CREATE INDEX search_tokens ON search_searchentry USING gin (tokens)",
    # The planner does not count what it costs to read a long ``tsvector`` from beside its row, and reads all of them
    # where the index would do (a tenth of the time): so these functions leave it the index alone.
    """
    CREATE FUNCTION search_search_counts(condition tsquery) RETURNS TABLE (facets_id bigint, number bigint)
    LANGUAGE sql STABLE SET enable_seqscan = off AS $$
        SELECT e.facets_id, count(*) FROM search_searchentry e WHERE e.tokens @@ condition GROUP BY e.facets_id
    $$
    """,
    """
    CREATE FUNCTION search_search_matches(condition tsquery, most integer) RETURNS TABLE (id bigint, rank real)
    LANGUAGE sql STABLE SET enable_seqscan = off AS $$
        SELECT e.id, -ts_rank(e.tokens, condition) FROM search_searchentry e WHERE e.tokens @@ condition LIMIT most
    $$
    """,
]
# The triggers and the index go with the table of the entries.
SQLITE_REVERSE = ["DROP TABLE search_searchindex", "DROP TABLE search_searchcount"]
POSTGRESQL_REVERSE = [
    "DROP FUNCTION search_search_counts(tsquery)",
    "DROP FUNCTION search_search_matches(tsquery, integer)",
]


def execute(statements):
    def run(apps, schema_editor):
        for statement in statements.get(schema_editor.connection.vendor, []):
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.RunPython(
            execute({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
            execute({"sqlite": SQLITE_REVERSE, "postgresql": POSTGRESQL_REVERSE}),
        ),
    ]
