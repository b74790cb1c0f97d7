"""What the change log does not say of itself, and stored pages need to know (:mod:`cms.pages.stored`)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoreMark(models.Model):
    """The one row that counts how often all stored pages were to be forgotten: for what shows and is in no log."""

    KEY: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=KEY, editable=False)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark of the stored pages")
        verbose_name_plural = _("mark of the stored pages")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="pages_one_store_mark")]

    def __str__(self) -> str:
        return str(self.number)


class Touch(models.Model):
    """What an item has from an entry of the change log on: its tags (:mod:`cms.content.noting`).

    The entry touches those, and those that the item had before (:class:`cms.pages.stored.touches.Tail`).
    """

    sequence = models.PositiveBigIntegerField(_("sequence number"), primary_key=True)
    label = models.CharField(_("type"), max_length=200)
    object_id = models.UUIDField(_("identifier"))
    tags = models.JSONField(_("tags"), default=list)

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        ordering = ("sequence",)
        indexes = [models.Index(fields=["object_id", "sequence"], name="pages_touch_item")]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.label} {self.object_id}"
