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
