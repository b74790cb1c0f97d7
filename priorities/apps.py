from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cms.pages.slots import fill


class PrioritiesConfig(AppConfig):
    name = "priorities"
    verbose_name = _("Strategies and priorities")

    def ready(self):
        fill("office.strategy", "priorities/includes/_office_strategy.html")
        fill("office.document", "priorities/includes/_office_document.html")
