"""Items that are not where they are asked for: moved (308), removed (410), or never there (404).

What was public once is known from the change log, which holds no name of anything that was never public.
"""

from uuid import UUID

from cms.api.outcomes import GoneError, MovedError
from cms.content.models import ContentModel
from cms.content.registry import public_rows
from cms.publishing.redirects import Gone, address_field, current_item, was_public


def look_further(model: type[ContentModel], field: str, key: str) -> None:
    """Raise ``MovedError`` or ``GoneError`` for a ``key`` that no public item of ``model`` has in ``field``."""
    if field == "pk":
        if was_public(model, UUID(key)):
            raise GoneError
        return
    try:
        item = current_item(model, key)
    except Gone:
        raise GoneError from None
    if item is None:  # capitals are typed as they come, as in addresses of pages
        item = public_rows(model).filter(**{f"{field}__iexact": key}).first()
    if item is not None:
        raise MovedError(str(getattr(item, address_field(model))))  # type: ignore[arg-type] # an item that moved is addressed by a field
