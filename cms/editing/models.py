"""Who has which form open."""

from datetime import timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.publishing.models.items import ItemReference, refers_to


class EditingSession(ItemReference):
    """That somebody has an item open in the admin, so that others are told before they write."""

    MINUTES = 15  # after which a form that was not heard of counts as left

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
        """Write that ``user`` has ``item`` open now."""
        cls.objects.update_or_create(
            user=user,
            content_type=ContentType.objects.get_for_model(type(item)),
            object_id=item.pk,
            defaults={"seen_at": timezone.now()},
        )

    @classmethod
    def forget(cls, item: Publishable, user) -> None:
        """Write that ``user`` has closed ``item``."""
        cls.objects.filter(refers_to(item), user=user).delete()

    @classmethod
    def of_others(cls, item: Publishable, user) -> list["EditingSession"]:
        """Return who else had ``item`` open in the last minutes, the latest first."""
        since = timezone.now() - timedelta(minutes=cls.MINUTES)
        sessions = cls.objects.filter(refers_to(item), seen_at__gte=since).exclude(user=user)
        return list(sessions.select_related("user").order_by("-seen_at"))


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
