from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "cms.pages"
    verbose_name = _("Pages")

    def ready(self):
        from cms.content.links import REACHED
        from cms.pages.reached import is_reached
        from cms.pages.stored.touches import forget_all, touch
        from cms.publishing.changelog import UNLOGGED, subscribe

        subscribe(touch)
        UNLOGGED.append(forget_all)
        REACHED.append(is_reached)
