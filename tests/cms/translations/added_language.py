"""What runs in the processes of ``test_columns.py``: ``python -m tests.cms.translations.added_language <step>``.

The steps of an installation that begins with the base languages and adds another one later. Prints JSON.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strategy_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - after setup
from django.db import connection, migrations, models  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402

from cms.content.snapshots import snapshot  # noqa: E402
from cms.publishing import actions  # noqa: E402
from regions.models import Office  # noqa: E402
from tests.factories import OfficeFactory, SectionFactory  # noqa: E402


def begin() -> dict:
    """Make a live office with a section and a draft, in the base languages."""
    call_command("migrate", verbosity=0)
    office = OfficeFactory(slug="office", name_en="Office")
    SectionFactory(office=office, anchor="section")
    data = snapshot(office)
    data["fields"]["name_es"] = "Oficina"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    return {}


def add() -> dict:
    """Migrate with the new language, write in it, publish the old draft, and rebuild a table."""
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("makemigrations", check=True, verbosity=0)  # exits when it finds a difference
    office = Office.objects.get(slug="office")
    actions.publish(item=office, user=None)
    Office.objects.filter(slug="office").update(name_ar="مكتب")
    rebuild_table_of_offices()
    office = Office.objects.get(slug="office")
    return {"texts": [office.name_en, office.name_es, office.name_ar]}


def new() -> dict:
    """Make a site that has other languages from its first day."""
    call_command("migrate", verbosity=0)
    call_command("makemigrations", check=True, verbosity=0)
    OfficeFactory(slug="office", name_en=None, name_ar="مكتب", name_zh_hans="办公室")
    return {"texts": list(Office.objects.values_list("name_ar", "name_zh_hans").get())}


def rebuild_table_of_offices() -> None:
    """Do what a migration of a later version does: alter a column, for which SQLite copies the table."""
    before = MigrationLoader(connection).project_state()
    operation = migrations.AlterField("office", "slug", models.SlugField(max_length=99, unique=True))
    after = before.clone()
    operation.state_forwards("regions", after)
    with connection.schema_editor() as schema_editor:
        operation.database_forwards("regions", schema_editor, before, after)


if __name__ == "__main__":
    print(json.dumps({"begin": begin, "add": add, "new": new}[sys.argv[1]]()))
