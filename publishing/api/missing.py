"""Items that are not where they are asked for: moved (308), removed (410), or never there (404).

Whoever keeps former names of items says so by :func:`follow`; what was public once is known from the change log,
which holds no name of anything that was never public.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import models

from publishing.api.outcomes import GoneError, MovedError
from publishing.models import Change, Publishable

# Asked in turn: from a model and a former key to the identifier of the item that had it, or ``None``.
Resolver = Callable[[type[models.Model], str], UUID | None]
RESOLVERS: list[Resolver] = []


def follow(resolver: Resolver) -> Resolver:
    """Ask ``resolver`` where items went whose name is not found; can be used as a decorator."""
    RESOLVERS.append(resolver)
    return resolver


def look_further(model: type[models.Model], public_rows: models.QuerySet, field: str, key: str) -> None:
    """Raise ``MovedError`` or ``GoneError`` for a ``key`` that no public item of ``model`` has in ``field``."""
    former = [UUID(key)] if field == "pk" else [found for resolve in RESOLVERS if (found := resolve(model, key))]
    address = model.natural_key_fields[0] if len(model.natural_key_fields) == 1 else "pk"
    if field != "pk":
        for name in public_rows.filter(pk__in=former).values_list(address, flat=True)[:1]:
            raise MovedError(str(name))
        # A withdrawn item keeps its row and its name; one that was never published has no change to show.
        if issubclass(model, Publishable):
            former += model._default_manager.filter(**{field: key}).values_list("pk", flat=True)[:1]
    changes = Change.objects.filter(object_id__in=former)
    app_label, model_name = model._meta.app_label, model._meta.model_name
    if changes.filter(content_type__app_label=app_label, content_type__model=model_name).exists():
        raise GoneError
