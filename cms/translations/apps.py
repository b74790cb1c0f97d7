from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TranslationsConfig(AppConfig):
    name = "cms.translations"
    verbose_name = _("Translations")

    def ready(self):
        from cms.translations import readiness  # noqa: F401 - importing registers its check
        from cms.translations.columns import prepare_migrations

        prepare_migrations()
