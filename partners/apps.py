from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cms.pages.slots import fill


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = _("Partners and partnerships")

    def ready(self):
        fill("office.partners", "partners/includes/_office_partnerships.html")
