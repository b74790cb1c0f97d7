from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EditingConfig(AppConfig):
    name = "cms.editing"
    verbose_name = _("Editing")

    def ready(self):
        from cms.editing.previewing import KIND, typed_preview
        from cms.publishing.preview import add_kind

        add_kind(KIND, typed_preview)
