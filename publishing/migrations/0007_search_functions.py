from django.db import migrations

# PostgreSQL's planner does not count what it costs to read a long ``tsvector`` from beside its row, and reads all of
# them where the index would do (a tenth of the time): so these functions leave it the index alone.
POSTGRESQL = [
    """
    CREATE FUNCTION publishing_search_counts(condition tsquery) RETURNS TABLE (facets_id bigint, number bigint)
    LANGUAGE sql STABLE SET enable_seqscan = off AS $$
        SELECT e.facets_id, count(*) FROM publishing_searchentry e WHERE e.tokens @@ condition GROUP BY e.facets_id
    $$
    """,
    """
    CREATE FUNCTION publishing_search_matches(condition tsquery, most integer) RETURNS TABLE (id bigint, rank real)
    LANGUAGE sql STABLE SET enable_seqscan = off AS $$
        SELECT e.id, -ts_rank(e.tokens, condition) FROM publishing_searchentry e WHERE e.tokens @@ condition LIMIT most
    $$
    """,
]
POSTGRESQL_REVERSE = [
    "DROP FUNCTION publishing_search_counts(tsquery)",
    "DROP FUNCTION publishing_search_matches(tsquery, integer)",
]


def execute(statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("publishing", "0006_one_role_everywhere")]

    operations = [migrations.RunPython(execute(POSTGRESQL), execute(POSTGRESQL_REVERSE))]
