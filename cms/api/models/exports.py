"""Complete copies of the public content, made for partners at one point of the change log."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContentExport(models.Model):
    """One export: the files of all collections as they were at ``sequence``. A row stands only for whole files."""

    token = models.CharField(_("change token"), max_length=40, unique=True)
    sequence = models.PositiveBigIntegerField(_("sequence number"))
    made_at = models.DateTimeField(_("made"))
    files = models.JSONField(_("files"), default=list)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.token
