"""Keys of the API in the admin: given, limited, revoked, and how much each is used."""

from datetime import timedelta

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cms.api.models import ApiKey, ApiUsage
from cms.editing.charts import bar_chart
from cms.editing.secrets import SecretMixin
from cms.editing.widgets import LabelledSplitDateTime

USAGE_DAYS = 30


class UsableFilter(admin.SimpleListFilter):
    """Keys that open something now, and the others."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("usable", _("in use")), ("ended", _("revoked or expired"))]

    def queryset(self, request, queryset):
        usable = ApiKey.objects.usable().values("pk")
        if self.value() == "usable":
            return queryset.filter(pk__in=usable)
        return queryset.exclude(pk__in=usable) if self.value() == "ended" else queryset


@admin.register(ApiKey)
class ApiKeyAdmin(SecretMixin, admin.ModelAdmin):
    """A key is never deleted: it is revoked, and its use can still be read."""

    fields = ("name", "contact", "quota", "expires_at", "start", "created_at", "created_by", "last_used_at")
    readonly_fields = ("start", "created_at", "created_by", "last_used_at")
    list_display = ("name", "start", "quota", "recent_requests", "last_used_at", "state", "usage_link")
    list_filter = (UsableFilter,)
    formfield_overrides = {models.DateTimeField: {"widget": LabelledSplitDateTime}}
    search_fields = ("name__folded_contains", "contact", "start")
    commands = (("revoke", "revoke"),)

    def get_urls(self):
        usage = self.admin_site.admin_view(self.usage_view)
        return [path("<path:object_id>/usage/", usage, name="api_apikey_usage"), *super().get_urls()]

    def get_queryset(self, request):
        used = ApiUsage.objects.filter(key=OuterRef("pk"), hour__gte=timezone.now() - timedelta(days=USAGE_DAYS))
        total = used.order_by().values("key").annotate(total=Sum("requests")).values("total")
        return super().get_queryset(request).annotate(recent=Coalesce(Subquery(total, output_field=IntegerField()), 0))

    def get_fields(self, request, obj=None):
        return self.fields if obj else self.fields[:4]

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or obj.revoked_at is None)

    def make_secret(self, item: ApiKey) -> str:
        return item.renew()

    def revoke(self, request, item: ApiKey) -> str:
        """End a key at once."""
        ApiKey.objects.filter(pk=item.pk, revoked_at=None).update(revoked_at=timezone.now())
        return _("The key “%(name)s” was revoked.") % {"name": item.name}

    def change_view(self, request, object_id, form_url="", extra_context=None):
        key = self.get_object(request, unquote(object_id))
        buttons = []
        if key and key.revoked_at is None:
            buttons = [{"command": "revoke", "label": _("Revoke this key"), "is_final": True}]
        pages = [{"url": self.url_of("usage", object_id), "label": _("Use of this key")}]
        return super().change_view(
            request, object_id, form_url, {"buttons": buttons, "pages": pages, **(extra_context or {})}
        )

    def usage_view(self, request, object_id):
        """How much a key was used, day by day: a chart and the same as a table."""
        key = self.get_object(request, unquote(object_id))
        if not self.may_administer(request):
            raise PermissionDenied
        if key is None:
            raise Http404
        days = daily_usage(key)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "item": key,
            "title": _("Use of this key"),
            "days": days,
            "chart": bar_chart([(day["day"], day["requests"] - day["refused"], day["refused"]) for day in days]),
            "total": sum(day["requests"] for day in days),
            "refused": sum(day["refused"] for day in days),
        }
        return TemplateResponse(request, "admin/publishing/key_usage.html", context)

    @admin.display(description=_("requests in 30 days"), ordering="recent")
    def recent_requests(self, key):
        return key.recent

    @admin.display(description=_("state"))
    def state(self, key):
        if key.revoked_at:
            return _("revoked")
        return _("in use") if key.is_usable else _("expired")

    @admin.display(description=_("use"))
    def usage_link(self, key):
        return format_html('<a href="{}">{}</a>', self.url_of("usage", key.pk), _("Use of this key"))


def daily_usage(key: ApiKey) -> list[dict]:
    """Return ``day``, ``requests`` and ``refused`` of each of the last days, the oldest first, empty ones too."""
    today = timezone.localdate()
    days = [today - timedelta(days=number) for number in range(USAGE_DAYS - 1, -1, -1)]
    rows = (
        key.usage.filter(hour__gte=timezone.now() - timedelta(days=USAGE_DAYS + 1))
        .order_by()
        .annotate(day=TruncDate("hour"))
        .values("day")
        .annotate(total=Sum("requests"), over=Sum("refused"))
    )
    found = {row["day"]: row for row in rows}
    return [
        {
            "day": day,
            "requests": found[day]["total"] if day in found else 0,
            "refused": found[day]["over"] if day in found else 0,
        }
        for day in days
    ]
