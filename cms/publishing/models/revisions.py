"""Revisions: every state that an item was saved in, and where it stands on its way to the public."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable


class ItemReference(models.Model):
    """A row that speaks of a publishable item without holding it back from deletion."""

    content_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name=_("type"), related_name="+")
    object_id = models.UUIDField(_("identifier"))

    class Meta:
        abstract = True

    @property
    def model(self) -> type[Publishable]:
        """The model of the item."""
        model: Any = self.content_type.model_class()
        return model

    @property
    def item(self) -> Publishable | None:
        """The stored row of the item (not its draft), or ``None`` when it was deleted. One query a call."""
        return self.model._base_manager.filter(pk=self.object_id).first()


def refers_to(item: Publishable) -> Q:
    """Return the condition on an :class:`ItemReference` that it speaks of ``item``."""
    return Q(content_type=ContentType.objects.get_for_model(type(item)), object_id=item.pk)


class RevisionQuerySet(models.QuerySet):
    def of(self, item: Publishable) -> "RevisionQuerySet":
        """Return the revisions of ``item``, the newest first."""
        return self.filter(refers_to(item)).order_by("-number")

    def open(self) -> "RevisionQuerySet":
        """Return the drafts: revisions that may still become public. An item has at most one."""
        return self.filter(state__in=Revision.OPEN_STATES)


class Revision(ItemReference):
    """One saved state of an item. The newest is what editors see; at most one is an open draft."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("in review")
        CHANGES_REQUESTED = "changes-requested", _("changes requested")
        APPROVED = "approved", _("approved")
        SCHEDULED = "scheduled", _("scheduled")
        PUBLISHED = "published", _("published")
        SUPERSEDED = "superseded", _("replaced by a newer revision")
        DISCARDED = "discarded", _("discarded")
        SET_ASIDE = "set-aside", _("set aside: somebody else saved first")

    OPEN_STATES = (State.DRAFT, State.SUBMITTED, State.CHANGES_REQUESTED, State.APPROVED)

    number = models.PositiveIntegerField(_("number"))
    base_number = models.PositiveIntegerField(_("made from revision"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT)
    snapshot = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("saved"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("saved by"),
        related_name="+",
        null=True,
        blank=True,
    )
    comment = models.TextField(_("why"), blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("submitted by"),
        related_name="+",
        null=True,
        blank=True,
    )
    review_comment = models.TextField(_("comment on the review"), blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("reviewed by"),
        related_name="+",
        null=True,
        blank=True,
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("published by"),
        related_name="+",
        null=True,
        blank=True,
    )
    published_languages = models.JSONField(
        _("languages published"), null=True, blank=True, help_text=_("Empty: the item as a whole.")
    )
    note = models.JSONField(_("public note"), default=dict, blank=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "number"], name="publishing_revision_number_unique"
            ),
            models.UniqueConstraint(
                fields=["content_type", "object_id"],
                condition=Q(state__in=["draft", "submitted", "changes-requested", "approved"]),
                name="publishing_one_open_revision",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="publishing_published_revision_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        """Whether this is the item's draft."""
        return self.state in self.OPEN_STATES
