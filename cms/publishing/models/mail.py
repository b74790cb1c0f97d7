"""How people want mail about their work, and what waits for the mail of the day."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.publishing.models.items import ItemReference


class MailSettings(models.Model):
    """How somebody wants mail about their work. Who never chose has no row, and gets it at once.

    ``digest_on`` is the day of the last mail of a day: whoever writes a new day into it sends that mail.
    """

    class Frequency(models.TextChoices):
        AT_ONCE = "at-once", _("at once")
        DAILY = "daily", _("once a day, in one mail")
        NEVER = "never", _("not at all")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"), related_name="mail_settings"
    )
    frequency = models.CharField(
        _("mail about their work"), max_length=10, choices=Frequency, default=Frequency.AT_ONCE
    )
    language = models.CharField(_("language"), max_length=20, blank=True)
    digest_on = models.DateField(null=True, editable=False)

    class Meta:
        verbose_name = _("mail settings")
        verbose_name_plural = _("mail settings")

    def __str__(self) -> str:
        return f"{self.user}: {self.get_frequency_display()}"

    @classmethod
    def of(cls, person) -> "MailSettings":
        """Return what ``person`` chose, or what holds for who never did."""
        return getattr(person, "mail_settings", None) or cls(user=person)


class Notice(ItemReference):
    """What somebody is told about parts of an item: who did what, with which comment.

    A row is one that waits for the mail of the day. ``event`` is the state that the parts were given; an empty
    ``actor`` is the site itself.
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    event = models.CharField(max_length=20)
    parts = models.JSONField(default=list)
    actor = models.CharField(max_length=310, blank=True)
    comment = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.recipient}: {self.event}"
