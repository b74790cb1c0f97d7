from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "cms.webhooks"
    verbose_name = _("Webhooks")

    def ready(self):
        from cms.publishing.changelog import subscribe
        from cms.webhooks.background import announce

        subscribe(announce)
