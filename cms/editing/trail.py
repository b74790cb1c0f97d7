"""What administrators read: the audit trail, and what is scheduled."""

from collections.abc import Iterator

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from cms.editing.people import AdministratorMixin
from cms.pages.spreadsheets import csv_lines
from cms.publishing import audit
from cms.publishing.models import AuditEntry, ScheduledChange
from cms.publishing.permissions import Action, grants_of


class ReadOnlyMixin(AdministratorMixin):
    """For administrators to read; nobody writes here by hand."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Who did what, with export as CSV (RFC 4180)."""

    list_display = ("at", "actor", "action", "content_type", "object_name")
    list_filter = ("action", ("content_type", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("content_type", "user")
    search_fields = ("actor__folded_contains", "object_name__folded_contains", "object_id")
    date_hierarchy = "at"
    change_list_template = "admin/publishing/audit_list.html"

    def get_urls(self):
        return [
            path("export.csv", self.admin_site.admin_view(self.export_view), name="publishing_auditentry_export"),
            *super().get_urls(),
        ]

    def export_view(self, request):
        """The whole trail, the oldest entry first, streamed."""
        if not self.may_administer(request):
            raise PermissionDenied
        audit.write(audit.Action.EXPORT, request.user, what="audit trail")
        response = StreamingHttpResponse(csv_lines(audit_rows()), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
        return response


def audit_rows() -> Iterator[list[str]]:
    """Yield the audit trail as rows of a table."""
    yield ["time", "who", "action", "type", "identifier", "item", "detail"]
    for entry in AuditEntry.objects.order_by("pk").select_related("content_type").iterator(chunk_size=1_000):
        yield [
            entry.at.isoformat(),
            entry.actor,
            entry.action,
            entry.content_type.model if entry.content_type else "",
            entry.object_id,
            entry.object_name,
            str(entry.detail or ""),
        ]


@admin.register(ScheduledChange)
class ScheduledChangeAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """What is scheduled, what was done and what failed; it is cancelled on the item's review page."""

    list_display = ("due_at", "operation", "target", "state", "created_by", "error")
    list_filter = ("state", "operation")
    list_select_related = ("content_type", "release", "created_by")

    def has_module_permission(self, request):
        return grants_of(request.user).anywhere(Action.PUBLISH)

    def has_view_permission(self, request, obj=None):
        scopes = grants_of(request.user).scopes(Action.PUBLISH)
        return scopes is None

    @admin.display(description=_("item"))
    def target(self, change):
        return str(change.release or change.item or "–")
