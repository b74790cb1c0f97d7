"""When the public last saw an item change."""

from django.db import models

from cms.publishing.models import Change


def last_change(model: type[models.Model], path: str = "") -> models.Subquery:
    """Return the expression of the time of the last change of the row of ``model`` to which ``path`` leads.

    By the names of its content type, which cost no query of their own.
    """
    names = {"content_type__app_label": model._meta.app_label, "content_type__model": model._meta.model_name}
    changes = Change.objects.filter(object_id=models.OuterRef(f"{path}pk"), **names)
    return models.Subquery(changes.order_by("-sequence").values("at")[:1])
