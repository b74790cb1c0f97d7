from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def fill_tables(plan=None, **kwargs) -> None:
    """Count and remember after ``migrate`` what was not counted or remembered: content that was there before, or a
    language that was added."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from cms.translations import memory
    from cms.translations.counts import recount_all

    if plan is None:
        return  # a database that was emptied, not migrated
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return  # tables are still to come
    recount_all(missing_only=True)
    if memory.is_behind():
        memory.rebuild()


class TranslationsConfig(AppConfig):
    name = "cms.translations"
    verbose_name = _("Translations")

    def ready(self):
        from cms.publishing import changelog, parts_changed
        from cms.translations import memory, readiness  # noqa: F401 - importing registers its check
        from cms.translations.columns import prepare_migrations
        from cms.translations.counts import recount

        prepare_migrations()
        parts_changed.subscribe(recount)
        changelog.subscribe(lambda items, _latest: memory.update(items))
        post_migrate.connect(fill_tables, sender=self, dispatch_uid="cms.translations")
