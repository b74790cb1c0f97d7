"""The admin site of the product."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class StrategyAdminSite(admin.AdminSite):
    site_header = _("Strategy site")
    site_title = _("Strategy site")
    index_title = _("Content")
