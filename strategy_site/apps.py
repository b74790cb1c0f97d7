from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StrategySiteConfig(AppConfig):
    name = "strategy_site"

    def ready(self):
        from strategy_site import checks, replaced  # noqa: F401 - importing registers them


class StrategyAdminConfig(AdminConfig):
    default_site = "strategy_site.admin.StrategyAdminSite"
