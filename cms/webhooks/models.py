"""Partners' systems that are told when content has changed, and what was sent to them.

The terms and the wire format are those of Standard Webhooks (https://www.standardwebhooks.com).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.webhooks.outgoing import validate_url


class WebhookEndpoint(models.Model):
    """An address of a partner's system that gets ``content.changed``.

    ``announced_sequence`` is the change that the newest delivery speaks of. What the change log has beyond it is
    still to be announced: the log itself is what no crash can lose.
    """

    id = models.UUIDField(_("identifier"), primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200, help_text=_("Whose system it is."))
    url = models.URLField(
        _("address"), max_length=500, validators=[validate_url], help_text=_("Where deliveries are sent.")
    )
    contact = models.EmailField(_("contact"), blank=True, help_text=_("Whom to write to when deliveries fail."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Only active endpoints get deliveries."))
    secret = models.CharField(max_length=100, editable=False)
    former_secret = models.CharField(max_length=100, blank=True, editable=False)
    former_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    announced_sequence = models.PositiveBigIntegerField(default=0, editable=False)
    gone_at = models.DateTimeField(
        _("gone"), null=True, blank=True, editable=False, help_text=_("When the address answered 410, Gone.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    def secrets_now(self) -> list[str]:
        """Return the secrets that sign a delivery now: its own, and for a while the one before."""
        former = self.former_secret_until and self.former_secret_until > timezone.now()
        return [self.secret, *([self.former_secret] if former else [])]


class WebhookDelivery(models.Model):
    """One message to one endpoint, with every attempt to deliver it. The outbox, and then the record.

    ``body`` is stored so that every attempt sends the same bytes. ``claimed_until`` is the lease of the process that
    is sending it: when that process dies, the lease runs out and another takes over. ``failures`` counts the attempts
    that failed in a row, those of deliveries that this one replaced included.
    """

    class Event(models.TextChoices):
        CONTENT_CHANGED = "content.changed", _("content changed")
        ENDPOINT_TEST = "endpoint.test", _("test")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")
        SUPERSEDED = "superseded", _("replaced by a newer one")

    id = models.UUIDField(_("identifier"), primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, verbose_name=_("endpoint"), related_name="deliveries"
    )
    event = models.CharField(_("event"), max_length=30, choices=Event)
    body = models.TextField(_("body"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    failures = models.PositiveSmallIntegerField(default=0)
    attempts = models.JSONField(_("attempts"), default=list)
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-created_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=Q(state="waiting", event="content.changed"),
                name="webhooks_one_waiting_delivery",
            )
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="waiting"), name="webhooks_delivery_due")
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.endpoint}"

    @property
    def message_id(self) -> str:
        """The ``webhook-id``: the same for every attempt, so that a receiver can drop what it has seen."""
        return f"msg_{self.pk.hex}"
