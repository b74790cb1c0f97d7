"""What becomes public together, later, or is shown to a few before: releases, schedules and preview links."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.publishing.models.items import ItemReference
from cms.publishing.models.versions import PartVersion, Revision
from cms.publishing.stored_words import in_words


class Release(models.Model):
    """Drafts of many items that are previewed as one site and go live in one transaction."""

    class State(models.TextChoices):
        OPEN = "open", _("in preparation")
        SCHEDULED = "scheduled", _("scheduled")
        PUBLISHED = "published", _("published")
        UNDONE = "undone", _("undone")

    id = models.UUIDField(_("identifier"), primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN, editable=False)
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
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.title


class ReleaseItem(ItemReference):
    """An item of which parts go live with a release: those that are pinned in it."""

    release = models.ForeignKey(Release, models.CASCADE, verbose_name=_("release"), related_name="items")

    class Meta:
        verbose_name = _("item of the release")
        verbose_name_plural = _("items of the release")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["release", "content_type", "object_id"], name="publishing_release_item_unique"
            )
        ]

    def __str__(self) -> str:
        return str(self.item or self.object_id)


class ScheduledChange(models.Model):
    """A publication or withdrawal that happens by itself at a set time: of an item, or of a release."""

    class Operation(models.TextChoices):
        PUBLISH = "publish", _("publish")
        WITHDRAW = "withdraw", _("withdraw")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    operation = models.CharField(_("operation"), max_length=10, choices=Operation)
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    content_type = models.ForeignKey(
        ContentType, models.PROTECT, verbose_name=_("type"), related_name="+", null=True, blank=True
    )
    object_id = models.UUIDField(_("identifier"), null=True, blank=True)
    release = models.ForeignKey(
        Release, models.PROTECT, verbose_name=_("release"), related_name="schedules", null=True, blank=True
    )
    parts = models.JSONField(_("parts"), default=list, blank=True)
    note = models.JSONField(_("public note"), default=dict, blank=True)
    created_at = models.DateTimeField(_("scheduled"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("scheduled by"),
        related_name="+",
        null=True,
        blank=True,
    )
    by_system = models.BooleanField(default=False, editable=False)  # else of a person, who may be gone by now
    anyway = models.BooleanField(default=False, editable=False)  # although something stood in the way of the release
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("scheduled change")
        verbose_name_plural = _("scheduled changes")
        ordering = ("due_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(content_type=None, object_id=None, release__isnull=False)
                | Q(content_type__isnull=False, object_id__isnull=False, release=None),
                name="publishing_schedule_has_one_target",
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="pending"), name="publishing_pending_due")]

    def __str__(self) -> str:
        due = date_format(timezone.localtime(self.due_at), "DATETIME_FORMAT")
        return f"{self.get_operation_display()} {self.release or self.item} {due}"

    @property
    def reason(self) -> str:
        """Why it could not be done, in the active language where the site itself says so."""
        return in_words(self.error)

    @property
    def item(self) -> Publishable | None:
        """The stored row of the item; ``None`` for a release, and when it was deleted. One query a call."""
        return None if self.content_type is None else ItemReference.item.fget(self)  # type: ignore[attr-defined] # a property

    model: Any = ItemReference.model
    key: Any = ItemReference.key


class Pin(ItemReference):
    """A version of a part that waits in a release or a schedule: it goes live then, whatever is saved later.

    ``base`` is the version that was live when it was pinned: where another one is by then, the pin does not fit any
    more. A part waits in one place at most; a pin that was published or called off is deleted.
    """

    part = models.CharField(_("part"), max_length=20)
    version = models.ForeignKey(PartVersion, models.PROTECT, verbose_name=_("version"), related_name="pins")
    base = models.ForeignKey(PartVersion, models.PROTECT, related_name="+", null=True, blank=True)
    release_item = models.ForeignKey(ReleaseItem, models.CASCADE, related_name="pins", null=True, blank=True)
    schedule = models.ForeignKey(ScheduledChange, models.CASCADE, related_name="pins", null=True, blank=True)

    class Meta:
        verbose_name = _("pinned version")
        verbose_name_plural = _("pinned versions")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id", "part"], name="publishing_one_pin_a_part"),
            models.CheckConstraint(
                condition=Q(release_item=None, schedule__isnull=False) | Q(release_item__isnull=False, schedule=None),
                name="publishing_pin_has_one_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} → {self.place}"

    @property
    def place(self) -> Release | ScheduledChange:
        """The release or the scheduled change that it waits in."""
        return self.release_item.release if self.release_item else self.schedule  # type: ignore[return-value] # a constraint: one of them


class PreviewLink(models.Model):
    """A link for reviewers without an account; its address is signed, expires and can be revoked.

    It shows an item as editors saw it after a save, or a release.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="preview_links", null=True, blank=True)
    release = models.ForeignKey(Release, models.CASCADE, related_name="preview_links", null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(revision=None, release__isnull=False) | Q(revision__isnull=False, release=None),
                name="publishing_preview_has_one_target",
            )
        ]

    def __str__(self) -> str:
        return str(self.release or self.revision)

    @property
    def is_valid(self) -> bool:
        """Whether the link still opens."""
        return self.revoked_at is None and self.expires_at > timezone.now()
