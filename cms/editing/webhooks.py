"""Webhook endpoints in the admin, and every delivery to them."""

from datetime import timedelta

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import models
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from cms.editing.secrets import SecretMixin
from cms.editing.trail import ReadOnlyMixin
from cms.publishing.models import ChangeLogHead
from cms.webhooks import queue
from cms.webhooks.background import deliveries
from cms.webhooks.messages import new_secret
from cms.webhooks.models import WebhookDelivery, WebhookEndpoint

FORMER_SECRET_HOURS = 24  # a partner's time to put a new secret in place


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(SecretMixin, admin.ModelAdmin):
    """Secrets are shown when they are made; deliveries have a list of their own."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fields = ("name", "url", "contact", "is_active", "gone_at", "created_at", "created_by")
    readonly_fields = ("gone_at", "created_at", "created_by")
    list_display = ("name", "url", "is_active", "last_state", "last_at")
    list_filter = ("is_active",)
    search_fields = ("name__folded_contains", "url")
    commands = (("test", "send_test"), ("send", "send_now"), ("secret", "renew_secret"))

    def get_queryset(self, request):
        latest = WebhookDelivery.objects.filter(endpoint=OuterRef("pk")).order_by("-created_at")
        return (
            super()
            .get_queryset(request)
            .annotate(
                latest_state=Subquery(latest.values("state")[:1]), latest_at=Subquery(latest.values("created_at")[:1])
            )
        )

    def get_fields(self, request, obj=None):
        return self.fields if obj else self.fields[:4]

    def make_secret(self, item: WebhookEndpoint) -> str:
        item.secret = new_secret()
        item.announced_sequence = ChangeLogHead.current().sequence  # it hears of what comes
        return item.secret

    def save_model(self, request, obj, form, change):
        if change and obj.is_active:
            obj.gone_at = None
        super().save_model(request, obj, form, change)

    def send_test(self, request, item: WebhookEndpoint) -> str | Promise:
        """Queue a message that says nothing has changed."""
        queue.queue_test(item)
        deliveries.start()
        return _("A test is on its way; what comes of it stands among the deliveries.")

    def send_now(self, request, item: WebhookEndpoint) -> str | Promise:
        """Queue the latest token, whatever failed before."""
        queue.send_again(item)
        deliveries.start()
        return _("The latest change token is on its way; what comes of it stands among the deliveries.")

    def renew_secret(self, request, item: WebhookEndpoint):
        """Give the endpoint a new secret; the former one signs too for a day."""
        item.former_secret, item.secret = item.secret, new_secret()
        item.former_secret_until = timezone.now() + timedelta(hours=FORMER_SECRET_HOURS)
        item.save(update_fields=["secret", "former_secret", "former_secret_until"])
        return self.show_secret(request, item, item.secret)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        endpoint = self.get_object(request, unquote(object_id))
        buttons = [{"command": "secret", "label": _("New secret")}]
        if endpoint and endpoint.is_active:
            buttons = [
                {"command": "test", "label": _("Send a test")},
                {"command": "send", "label": _("Send the latest token now")},
                *buttons,
            ]
        deliveries = f"{self.deliveries_url()}?endpoint__id__exact={object_id}"
        context = {"buttons": buttons, "pages": [{"url": deliveries, "label": _("Deliveries")}]}
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def deliveries_url(self) -> str:
        return reverse(f"{self.admin_site.name}:webhooks_webhookdelivery_changelist")

    @admin.display(description=_("last delivery"))
    def last_state(self, endpoint):
        return WebhookDelivery.State(endpoint.latest_state).label if endpoint.latest_state else "–"

    @admin.display(description=_("time"), ordering="latest_at")
    def last_at(self, endpoint):
        return endpoint.latest_at


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """What was sent, what came back, and when the next attempt is."""

    fields = (
        "endpoint",
        "event",
        "state",
        "created_at",
        "finished_at",
        "next_attempt_at",
        "message_id",
        "attempts",
        "body",
    )
    list_display = ("created_at", "endpoint", "event", "state", "attempt_count", "last_answer", "next_attempt")
    list_filter = ("state", "event", ("endpoint", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("endpoint",)
    date_hierarchy = "created_at"

    @admin.display(description=_("attempts"))
    def attempt_count(self, delivery):
        return len(delivery.attempts)

    @admin.display(description=_("last answer"))
    def last_answer(self, delivery):
        last = delivery.attempts[-1] if delivery.attempts else {}
        return last.get("status") or last.get("problem") or "–"

    @admin.display(description=_("next attempt"), ordering="next_attempt_at")
    def next_attempt(self, delivery):
        return delivery.next_attempt_at if delivery.state == WebhookDelivery.State.WAITING else "–"

    @admin.display(description=_("attempts"))
    def log(self, delivery):
        lines = ((entry["at"], entry["status"] or entry["problem"]) for entry in delivery.attempts)
        return format_html_join("", "<div>{}: {}</div>", lines) or "–"
