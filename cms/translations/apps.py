from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def fill_memory(plan=None, **kwargs) -> None:
    """Fill the translation memory after ``migrate`` where content was there before it."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from cms.translations import memory

    if plan is None:
        return  # a database that was emptied, not migrated
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return  # tables are still to come
    if memory.is_behind():
        memory.rebuild()


class TranslationsConfig(AppConfig):
    name = "cms.translations"
    verbose_name = _("Translations")

    def ready(self):
        from cms.publishing.changelog import subscribe
        from cms.translations import memory, readiness  # noqa: F401 - importing registers its check
        from cms.translations.columns import prepare_migrations

        prepare_migrations()
        subscribe(lambda items, _latest: memory.update(items))
        post_migrate.connect(fill_memory, sender=self, dispatch_uid="cms.translations")
