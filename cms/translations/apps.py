from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def count_texts(plan=None, **kwargs) -> None:
    """Count after ``migrate`` what was not counted: content that was there before, or a language that was added."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from cms.translations.counts import recount_all

    if plan is None:
        return  # a database that was emptied, not migrated
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return  # tables are still to come
    recount_all(missing_only=True)


class TranslationsConfig(AppConfig):
    name = "cms.translations"
    verbose_name = _("Translations")

    def ready(self):
        from cms.publishing.parts_changed import subscribe
        from cms.translations import readiness  # noqa: F401 - importing registers its check
        from cms.translations.columns import prepare_migrations
        from cms.translations.counts import recount

        prepare_migrations()
        subscribe(recount)
        post_migrate.connect(count_texts, sender=self, dispatch_uid="cms.translations")
