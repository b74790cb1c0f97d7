from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cms.pages.slots import fill


class RenditionsConfig(AppConfig):
    name = "renditions"
    verbose_name = _("Generated documents")

    def ready(self):
        from renditions import checks  # noqa: F401 - importing registers them

        fill("strategy.downloads", "renditions/includes/_downloads.html")
        fill("strategy.documents", "renditions/includes/_renditions.html")
        fill("editing.notices", "renditions/includes/_not_made.html")
