from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "cms.content"
    verbose_name = _("Content")

    def ready(self):
        from cms.content import checks, lookups  # noqa: F401 - importing registers them
