"""Columns for languages that the migrations do not know.

The migrations in the repository make a column for each of ``settings.BASE_LANGUAGES``. A language that an
installation adds by ``LANGUAGES`` needs its columns too, in that installation's database alone. So in such an
installation every migration of an app with translated fields ends, in memory, with :class:`AddLanguageColumns`. The
history that Django keeps of the models then holds those columns: ``makemigrations`` finds nothing to do, and a table
that SQLite rebuilds in a later migration keeps them with their texts. Columns for a language that is added after the
migrations were applied are made before ``manage.py migrate`` does anything else (:func:`add_columns_first`).
"""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections, models, router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.signals import pre_migrate

from cms.content.languages import column, stored_languages, translated_fields


def added_languages() -> list[str]:
    """Return the codes of the languages that the database needs columns for and the migrations do not make."""
    return [code for code in stored_languages() if code not in settings.BASE_LANGUAGES]


def language_fields(fields: dict[str, models.Field]) -> Iterator[tuple[str, models.Field]]:
    """Yield name and field of each column that a model lacks for :func:`added_languages`.

    ``fields`` are a model's fields by name. A field is translated when there is one for each of the base languages;
    what the new one is like, it has from the first of them.
    """
    first, *others = settings.BASE_LANGUAGES
    ending = column("", first)
    for name in [name for name in fields if name.endswith(ending)]:
        stem = name.removesuffix(ending)
        if stem in fields and all(column(stem, code) in fields for code in others):
            for code in added_languages():
                if column(stem, code) not in fields:
                    yield column(stem, code), fields[name].clone()


class AddLanguageColumns(Operation):
    """Adds what :func:`language_fields` finds to the models of an app and, where they are not there yet, to its
    tables. Undoing it leaves the columns: they go with their tables."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        for (label, name), model in list(state.models.items()):
            if label == app_label:
                for field_name, field in list(language_fields(model.fields)):
                    state.add_field(label, name, field_name, field, preserve_default=True)

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        add_columns(schema_editor, to_state.apps, app_label)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        """The columns stay until their table goes."""

    def describe(self) -> str:
        return f"Add the columns of {', '.join(added_languages())}"


def add_columns(schema_editor: BaseDatabaseSchemaEditor, state_apps, app_label: str) -> None:
    """Make the columns of added languages that the tables of an app lack.

    ``state_apps`` are the models as the migrations that were applied leave them. A new column holds no text; on
    both databases it is made without touching a row.
    """
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in state_apps.get_app_config(app_label).get_models():
            table = model._meta.db_table
            if table not in tables or not router.allow_migrate_model(connection.alias, model):
                continue
            there = {info.name for info in connection.introspection.get_table_description(cursor, table)}
            endings = tuple(column("", code) for code in added_languages())
            for field in model._meta.local_concrete_fields:
                if field.name.endswith(endings) and field.column not in there:
                    schema_editor.add_field(model, field)


def add_columns_first(sender: AppConfig, *, using: str, apps, **kwargs) -> None:
    """Before migrations are applied, make the columns of a language that was added since the last were.

    Receiver of ``pre_migrate``, whose ``apps`` are the models as they stand in the database.
    """
    if sender.label in apps.app_configs:
        with connections[using].schema_editor() as schema_editor:
            add_columns(schema_editor, apps, sender.label)


def apps_with_texts() -> list[AppConfig]:
    """Return the apps that have translated fields."""
    return [app for app in apps.get_app_configs() if any(translated_fields(model) for model in app.get_models())]


def prepare_migrations() -> None:
    """Let the migrations of this process make the columns of added languages; called once, at start."""
    if not added_languages():
        return
    for app in apps_with_texts():
        package_name, _explicit = MigrationLoader.migrations_module(app.label)
        package = import_module(package_name)  # type: ignore[arg-type] # the module of an app is in a package
        for module in pkgutil.iter_modules(package.__path__):
            migration = import_module(f"{package_name}.{module.name}").Migration
            migration.operations = [*migration.operations, AddLanguageColumns()]
        pre_migrate.connect(add_columns_first, sender=app, dispatch_uid=f"translations.{app.label}")
