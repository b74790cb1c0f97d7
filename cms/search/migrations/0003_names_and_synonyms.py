import uuid

from django.db import migrations, models

import cms.content.models

# As in migration 0002, with the weight of each entry beside what it is counted by.
SQLITE = [
    """
    CREATE VIRTUAL TABLE search_searchindex USING fts5(
        tokens, content='search_searchentry', content_rowid='id', tokenize="ascii tokenchars ':._-'"
    )
    """,
    """
    CREATE TABLE search_searchcount (id integer PRIMARY KEY, facets_id integer NOT NULL, weight integer NOT NULL)
    """,
    """
    CREATE TRIGGER search_searchentry_added AFTER INSERT ON search_searchentry BEGIN
        INSERT INTO search_searchcount(id, facets_id, weight) VALUES (new.id, new.facets_id, new.weight);
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
    CREATE TRIGGER search_searchentry_changed AFTER UPDATE OF tokens, facets_id, weight ON search_searchentry BEGIN
        UPDATE search_searchcount SET facets_id = new.facets_id, weight = new.weight WHERE id = new.id;
        INSERT INTO search_searchindex(search_searchindex, rowid, tokens) VALUES ('delete', old.id, old.tokens);
        INSERT INTO search_searchindex(rowid, tokens) VALUES (new.id, new.tokens);
    END
    """,
]
# Django makes the table of the entries anew on SQLite; the triggers go with it.
SQLITE_BEFORE = [
    "DROP TRIGGER IF EXISTS search_searchentry_added",
    "DROP TRIGGER IF EXISTS search_searchentry_deleted",
    "DROP TRIGGER IF EXISTS search_searchentry_changed",
    "DROP TABLE IF EXISTS search_searchindex",
    "DROP TABLE IF EXISTS search_searchcount",
]
POSTGRESQL = [
    # See migration 0002 for why it is a function.
    """
    CREATE FUNCTION search_search_titles(condition tsquery, most integer) RETURNS TABLE (id bigint, weight integer)
    LANGUAGE sql STABLE SET enable_seqscan = off AS $$
        SELECT e.id, e.weight::integer FROM search_searchentry e WHERE e.tokens @@ condition LIMIT most
    $$
    """,
]
POSTGRESQL_REVERSE = ["DROP FUNCTION search_search_titles(tsquery, integer)"]


def empty(apps, schema_editor):
    """Take out all entries: they are derived, and made anew after ``migrate`` (``cms.search.apps``)."""
    apps.get_model("search", "SearchEntry").objects.all().delete()


def execute(statements):
    def run(apps, schema_editor):
        for statement in statements.get(schema_editor.connection.vendor, []):
            schema_editor.execute(statement)

    return run


def words(*, null: bool = False) -> models.TextField:
    """Return the field, or its column of one language."""
    return models.TextField(
        blank=True,
        null=null,
        help_text="Words, acronyms and phrases that mean the same, one a line. Who looks for one finds the others.",
        max_length=2000,
        verbose_name="words",
    )


class Migration(migrations.Migration):
    dependencies = [("search", "0002_full_text_index")]

    operations = [
        migrations.RunPython(empty, empty),
        migrations.RunPython(execute({"sqlite": SQLITE_BEFORE}), execute({"postgresql": POSTGRESQL_REVERSE})),
        migrations.CreateModel(
            name="Synonyms",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="identifier",
                    ),
                ),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("words", words()),
                *((f"words_{code}", words(null=True)) for code in ("en", "es", "fr", "pt")),
            ],
            options={"verbose_name": "synonyms", "verbose_name_plural": "synonyms", "ordering": ("slug",)},
            bases=(cms.content.models.LocalizedName, models.Model),
        ),
        migrations.AddField(
            model_name="searchentry", name="item_id", field=models.UUIDField(default=None), preserve_default=False
        ),
        migrations.AddField(
            model_name="searchentry",
            name="weight",
            field=models.PositiveSmallIntegerField(default=None),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="searchentry", index=models.Index(fields=["item_id"], name="search_item")
        ),
        migrations.RunPython(
            execute({"sqlite": SQLITE, "postgresql": POSTGRESQL}), execute({"sqlite": SQLITE_BEFORE})
        ),
    ]
