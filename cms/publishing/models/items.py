"""Rows that speak of an item of any kind."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
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
        model: Any = ContentType.objects.get_for_id(self.content_type_id).model_class()  # kept by Django
        return model

    @property
    def item(self) -> Publishable | None:
        """The stored row of the item (not its draft), or ``None`` when it was deleted. One query a call."""
        return self.model._base_manager.filter(pk=self.object_id).first()

    @property
    def key(self) -> tuple[int, Any]:
        """What tells the item from all others: the keys of its type and of its row."""
        return self.content_type_id, self.object_id


def refers_to(item: Publishable) -> Q:
    """Return the condition on an :class:`ItemReference` that it speaks of ``item``."""
    return Q(**reference(item))


def reference(item: Publishable) -> dict[str, Any]:
    """Return the columns of an :class:`ItemReference` that speaks of ``item``."""
    return {"content_type": ContentType.objects.get_for_model(type(item)), "object_id": item.pk}


def refers_to_any(items: Iterable[Publishable]) -> Q:
    """Return the condition on an :class:`ItemReference` that it speaks of one of ``items``."""
    keys: dict[type[Publishable], list[UUID]] = {}
    for item in items:
        keys.setdefault(type(item), []).append(item.pk)
    return refers_to_keys(keys)


def refers_to_keys(keys: Mapping[type[Publishable], list[UUID]]) -> Q:
    """Return the condition on an :class:`ItemReference` that it speaks of an item that ``keys`` has, by model."""
    condition = Q(pk__in=[])
    for model, found in keys.items():
        condition |= Q(content_type=ContentType.objects.get_for_model(model), object_id__in=found)
    return condition
