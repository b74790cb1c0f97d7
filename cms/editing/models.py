"""Who has which form open, and what was typed into it and not saved yet."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.publishing.models.items import ItemReference, reference, refers_to, refers_to_any


class EditingSession(ItemReference):
    """That somebody has an item open in the admin, so that others are told before they write."""

    SECONDS = 60  # after which a form that was not heard of counts as left; it is heard of every 20 (presence.js)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("open form")
        verbose_name_plural = _("open forms")
        constraints = [
            models.UniqueConstraint(fields=["user", "content_type", "object_id"], name="editing_session_unique")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.object_id}"

    @classmethod
    def note(cls, item: Publishable, user) -> None:
        """Write that ``user`` has ``item`` open now, in one statement."""
        cls._default_manager.bulk_create(
            [cls(user=user, seen_at=timezone.now(), **reference(item))],
            update_conflicts=True,
            unique_fields=["user", "content_type", "object_id"],
            update_fields=["seen_at"],
        )

    @classmethod
    def forget(cls, item: Publishable, user) -> None:
        """Write that ``user`` has closed ``item``."""
        cls.objects.filter(refers_to(item), user=user).delete()

    @classmethod
    def of_others(cls, item: Publishable, user) -> list["EditingSession"]:
        """Return who else had ``item`` open in the last minute, the latest first."""
        since = timezone.now() - timedelta(seconds=cls.SECONDS)
        sessions = cls.objects.filter(refers_to(item), seen_at__gte=since).exclude(user=user)
        return list(sessions.select_related("user").order_by("-seen_at"))


class UnsavedForm(ItemReference):
    """What somebody typed into a form and has not saved: theirs alone, and no version of anything.

    One row for each person and form: of an item, of a correction of what is live, or of a new item of a kind. It is
    gone when the form is saved, when its author says so, with the item, with the account, and after some days.
    """

    DAYS = 30
    NEW = UUID(int=0)  # in the place of the item's key: the form of a new one

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    corrects = models.BooleanField(default=False)
    form_key = models.UUIDField()  # of the form that it was typed into: another window has another one
    typed = models.TextField()  # as the form sends it, application/x-www-form-urlencoded
    shown = models.JSONField(null=True)  # the snapshot that the preview beside the form is made from
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("form that was not saved")
        verbose_name_plural = _("forms that were not saved")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "content_type", "object_id", "corrects"], name="editing_unsaved_form_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.object_id}"

    @property
    def data(self) -> QueryDict:
        """What was typed, by field."""
        return QueryDict(self.typed)

    @property
    def opened_on(self) -> str:
        """The edit token of the state that the work began from."""
        return self.data.get("_opened_on", "")

    @classmethod
    def of(cls, user, **form: Any) -> models.QuerySet[Self]:
        """Return what ``user`` typed into ``form``: ``content_type``, ``object_id`` and ``corrects``."""
        return cls._default_manager.filter(user=user, **form)  # type: ignore[return-value] # of this class

    @classmethod
    def keep(cls, user, *, form_key: UUID, typed: str, **form: Any) -> None:
        """Store what ``user`` typed into ``form``, in one statement."""
        row = cls(user=user, form_key=form_key, typed=typed, saved_at=timezone.now(), **form)
        cls._default_manager.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["user", "content_type", "object_id", "corrects"],
            update_fields=["form_key", "typed", "saved_at"],
        )

    @classmethod
    def forget(cls, user, form_key: UUID) -> None:
        """Delete what ``user`` typed into the form ``form_key``; with it goes what anybody left lying for too long."""
        old = timezone.now() - timedelta(days=cls.DAYS)
        cls._default_manager.filter(Q(user=user, form_key=form_key) | Q(saved_at__lt=old)).delete()

    @classmethod
    def forget_items(cls, items: list[Publishable]) -> None:
        """Delete what was typed into the forms of ``items``, which are deleted."""
        cls._default_manager.filter(refers_to_any(items)).delete()


class TranslationAssignment(ItemReference):
    """That somebody is to translate an item into a language, by a day where one is set."""

    language = models.CharField(_("language"), max_length=20)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="translation_assignments"
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("assigned by"), related_name="+", null=True
    )
    assigned_at = models.DateTimeField(_("assigned"), default=timezone.now)

    class Meta:
        verbose_name = _("assignment of a translation")
        verbose_name_plural = _("assignments of translations")
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "language"], name="editing_one_assignment_a_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.object_id} ({self.language})"


class AcceptedFinding(ItemReference):
    """That something which a check asks about a translation is right as it is, and why.

    ``place`` names the text, ``finding`` what is asked about it (``Finding.key``). It holds until the check asks about
    something else.
    """

    language = models.CharField(_("language"), max_length=20)
    place = models.CharField(_("place"), max_length=200)
    finding = models.CharField(_("finding"), max_length=200)
    reason = models.CharField(_("reason"), max_length=500)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("user"), related_name="+", null=True
    )
    at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("accepted finding")
        verbose_name_plural = _("accepted findings")
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "language", "place", "finding"],
                name="editing_finding_accepted_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.finding}: {self.reason}"
