"""Keys of the API: who asks, how much they may ask, and how much they did."""

import hashlib
import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiKeyQuerySet(models.QuerySet):
    """Queries on keys."""

    def usable(self):
        """Return the keys that open something now: neither revoked nor past their end."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


class ApiKey(models.Model):
    """A key that was given to a partner's system. It is shown once; what is stored cannot be turned back into it.

    The key is random (256 bits), so a plain hash protects it; slow hashes are for words that people choose.
    """

    PREFIX: ClassVar[str] = "sk_"  # for scanners that look for secrets in code
    SHOWN: ClassVar[int] = 8  # characters after the prefix by which people tell keys apart

    id = models.UUIDField(_("identifier"), primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200, help_text=_("Who uses it, and for what."))
    contact = models.EmailField(_("contact"), blank=True, help_text=_("Whom to write to before it is revoked."))
    start = models.CharField(_("key begins with"), max_length=20, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    quota = models.PositiveIntegerField(
        _("requests a minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: the usual limit for keys."),
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
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
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("name", "created_at")

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    def renew(self) -> str:
        """Give this row a new random key and return it; only its hash is kept. The caller saves."""
        key = self.PREFIX + secrets.token_urlsafe(32)
        self.start, self.digest = key[: len(self.PREFIX) + self.SHOWN], self.digest_of(key)
        return key

    @staticmethod
    def digest_of(key: str) -> str:
        """Return what is stored of a key: its SHA-256 in hexadecimal digits."""
        return hashlib.sha256(key.encode()).hexdigest()

    @property
    def is_usable(self) -> bool:
        """Whether the key opens something now."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class ApiUsage(models.Model):
    """How often a key was used in one hour (UTC)."""

    key = models.ForeignKey(ApiKey, models.CASCADE, verbose_name=_("API key"), related_name="usage")
    hour = models.DateTimeField(_("hour"))
    requests = models.PositiveIntegerField(_("requests"), default=0)
    refused = models.PositiveIntegerField(
        _("refused"), default=0, help_text=_("Those of the requests that were over the limit.")
    )

    class Meta:
        verbose_name = _("use of an API key")
        verbose_name_plural = _("use of API keys")
        ordering = ("-hour",)
        constraints = [models.UniqueConstraint(fields=["key", "hour"], name="api_usage_unique")]

    def __str__(self) -> str:
        return f"{self.key} {self.hour:%Y-%m-%d %H}"

    @classmethod
    def add(cls, key: uuid.UUID, *, requests: int, refused: int) -> None:
        """Add to what was counted of ``key`` in this hour; processes that add at once lose nothing."""
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        rows = cls.objects.filter(key=key, hour=hour)
        counted = {"requests": F("requests") + requests, "refused": F("refused") + refused}
        if not rows.update(**counted) and ApiKey.objects.filter(pk=key).exists():
            cls.objects.get_or_create(key_id=key, hour=hour)
            rows.update(**counted)
