from django.db import migrations

STORAGE = [
    "ALTER TABLE publishing_searchentry ALTER COLUMN tokens SET STORAGE EXTERNAL",
    "ALTER TABLE publishing_searchentry SET (toast_tuple_target = 128)",
    "CREATE INDEX publishing_search_tokens ON publishing_searchentry USING gin (tokens)",
]
# The planner does not count what it costs to read a long ``tsvector`` from beside its row, and reads all of them where
# the index would do (a tenth of the time): so these functions leave it the index alone.
FUNCTIONS = [
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
DROP_FUNCTIONS = [
    "DROP FUNCTION publishing_search_counts(tsquery)",
    "DROP FUNCTION publishing_search_matches(tsquery, integer)",
]


def is_postgresql(schema_editor):
    return schema_editor.connection.vendor == "postgresql"


def execute(statements):
    def run(apps, schema_editor):
        for statement in statements if is_postgresql(schema_editor) else ():
            schema_editor.execute(statement)

    return run


def remake_with_facets_first(apps, schema_editor):
    """Make the table anew with the column by which results are counted before those of texts, which PostgreSQL would
    have to walk through in each row that it counts. The index is filled again after the migrations."""
    if is_postgresql(schema_editor):
        model = apps.get_model("publishing", "SearchEntry")
        schema_editor.delete_model(model)
        model._meta.local_fields.sort(key=lambda field: field.name not in ("id", "facets"))
        schema_editor.create_model(model)


class Migration(migrations.Migration):
    dependencies = [("publishing", "0006_one_role_everywhere")]

    operations = [
        migrations.RunPython(remake_with_facets_first, migrations.RunPython.noop),
        migrations.RunPython(execute(STORAGE), migrations.RunPython.noop),
        migrations.RunPython(execute(FUNCTIONS), execute(DROP_FUNCTIONS)),
    ]
