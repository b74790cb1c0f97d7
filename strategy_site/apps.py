from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StrategySiteConfig(AppConfig):
    name = "strategy_site"


class StrategyAdminConfig(AdminConfig):
    default_site = "strategy_site.admin.StrategyAdminSite"
