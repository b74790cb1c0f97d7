from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "cms.api"
    verbose_name = _("API")

    def ready(self):
        from cms.api import keys  # noqa: F401 - importing registers its receivers
        from cms.api.bulk import discard_exports, replace_export
        from cms.publishing import changelog, log_mark

        log_mark.subscribe(discard_exports)
        changelog.subscribe(replace_export)
