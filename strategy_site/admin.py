"""The admin site of the product: its order, its front page, and what every page of it carries."""

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _

from cms.content.models import ContentModel
from cms.editing.content import ContentAutocompleteView
from cms.editing.files import UploadedFileView
from cms.editing.filters import with_right_lookups
from cms.editing.kept import KeptFormsMixin
from cms.editing.language_pages import language_urls
from cms.editing.links import LinkChoicesView
from cms.editing.own_settings import OwnSettingsView
from cms.editing.pasting import paste_view
from cms.editing.widgets import rich_text_config
from cms.editing.xliff import ImportXliffView
from strategy_site.dashboard import dashboard
from strategy_site.lockout import LogInForm

# What the admin's own scripts say.
SCRIPT_TEXTS = {
    "alsoEditing": _("%(name)s has this form open too."),
    "kept": _("What you type is kept, last at %(time)s. It is not saved yet."),
    "keptFiles": _("Chosen files are not: they come along when you save."),
    "missingIn": _("Texts missing:"),
    "onThisForm": _("On this form"),
    "noPreview": _("The preview could not be made; it is tried again with what you type next."),
    "notKept": _("The site does not answer: what you type is only on this page. It is tried again."),
    "notKeptLoggedOut": _("You are logged out: what you type is only on this page. Save it, and log in there."),
    "notKeptRefused": _("Your role does not allow this any more: what you type is only on this page."),
    "notKeptTooLarge": _("The form has become too large to be kept: what you type is only on this page."),
    "notKeptOther": _(
        "What you typed here earlier, or in another window, waits to be restored or discarded at the top of the form, "
        "opened anew. Until then, what you type is only on this page."
    ),
    "savedMeanwhile": _("Somebody saved this item meanwhile; when you save, you can merge both."),
    "allLanguages": _("Language of all fields"),
    "chooseColour": _("Choose a colour"),
    "editRow": _("Edit"),
    "emptyLanguage": _("empty"),
    "errorInLanguage": _("has errors"),
    "moveDown": _("Move down"),
    "moveUp": _("Move up"),
    "moved": _("Moved to place %(place)s of %(count)s"),
    "drag": _("Drag to another place"),
}


class StrategyAdminSite(KeptFormsMixin, admin.AdminSite):
    site_header = _("Strategy site")
    site_title = _("Strategy site")
    index_title = _("Content")
    index_template = "admin/dashboard.html"
    login_form = LogInForm

    def each_context(self, request):
        return {
            **super().each_context(request),
            "version": settings.VERSION,
            "script_data": {
                "texts": {name: str(text) for name, text in SCRIPT_TEXTS.items()},
                "richText": rich_text_config(),
            },
        }

    def get_app_list(self, request, app_label=None):
        """Return the apps in the order of the product, content first, and their models as their admin lists them."""
        apps_in_order = [config.label for config in apps.get_app_configs()]
        models_in_order = list(self._registry)
        app_list = super().get_app_list(request, app_label)
        for app in app_list:
            app["models"].sort(key=lambda entry: models_in_order.index(entry["model"]))
        return sorted(
            app_list,
            key=lambda app: (not has_content(app), is_engine(app), apps_in_order.index(app["app_label"])),
        )

    def index(self, request, extra_context=None):
        return super().index(request, {**dashboard(self, request), **(extra_context or {})})

    def get_urls(self):
        file_view = self.admin_view(UploadedFileView.as_view(admin_site=self))
        # "View on site" would tell the address of any item, of other offices' drafts too; forms have their own links.
        django_urls = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        own_settings = self.admin_view(OwnSettingsView.as_view(admin_site=self))
        return [
            path("files/<str:label>/<uuid:pk>/<str:field_name>/", file_view, name="uploaded_file"),
            path("settings/", own_settings, name="own_settings"),
            path("paste/", self.admin_view(paste_view), name="paste"),
            *language_urls(self),
            path("xliff/import/", self.admin_view(ImportXliffView.as_view(admin_site=self)), name="xliff_import"),
            path("links/", self.admin_view(LinkChoicesView.as_view()), name="link_choices"),
            *django_urls,
        ]

    def admin_view(self, view, cacheable=False):  # noqa: FBT002 - Django's signature
        return super().admin_view(with_right_lookups(view), cacheable)

    def autocomplete_view(self, request):
        return ContentAutocompleteView.as_view(admin_site=self)(request)


def is_engine(app: dict) -> bool:
    """Say whether an entry of the app list is of the engine, whose content (words for the search) comes last."""
    return has_content(app) and apps.get_app_config(app["app_label"]).name.startswith("cms.")


def has_content(app: dict) -> bool:
    """Say whether an entry of the app list holds content models."""
    return any(issubclass(entry["model"], ContentModel) for entry in app["models"])
