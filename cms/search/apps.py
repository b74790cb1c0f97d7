from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def index_content(plan=None, **kwargs) -> None:
    """Fill the search index after ``migrate`` where content was there before it, or a language was added."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from cms.search import index

    if plan is None:
        return  # a database that was emptied, not migrated
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return  # tables are still to come
    if index.is_behind():
        index.rebuild(changed_only=True)


class SearchConfig(AppConfig):
    name = "cms.search"
    verbose_name = _("Search")
    is_derived = True  # its tables are made anew from content, so backups leave them out

    def ready(self):
        from cms.publishing.changelog import subscribe
        from cms.search import index, synonyms

        subscribe(lambda items, _latest: index.update(items))
        subscribe(lambda items, _latest: synonyms.forget(items))
        post_migrate.connect(index_content, sender=self, dispatch_uid="cms.search")
