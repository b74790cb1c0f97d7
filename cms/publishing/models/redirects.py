"""The names that items had in addresses before: what a link of long ago leads by."""

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class FormerSlug(models.Model):
    """That an item once had an address under ``slug``. Rows are kept for ever.

    One row a type and slug, for the item that had it last: whatever the item is called by now, one redirect leads
    to it. Written by ``cms.publishing.redirects`` in the transaction that changes the address.
    """

    content_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name=_("type"), related_name="+")
    slug = models.CharField(_("slug"), max_length=255)
    object_id = models.UUIDField(_("identifier"))
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("former slug")
        verbose_name_plural = _("former slugs")
        constraints = [models.UniqueConstraint(fields=["content_type", "slug"], name="publishing_former_slug_once")]

    def __str__(self) -> str:
        return self.slug
