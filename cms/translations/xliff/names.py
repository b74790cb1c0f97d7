"""What the identifiers in a file say: of which item and text it is, and what stood there when the file was made.

They are all that comes back for certain: every program keeps the identifiers of a file.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps

from cms.content.models import Publishable
from cms.content.substance import key_of

NONE = "-"  # in the place of a key, where there was no text
UNIT = re.compile(
    r"(?P<place>[\w:-]{1,250})\.(?P<key>[0-9a-f]{16}|-)\.(?P<number>\d{1,9})\.(?P<target>[0-9a-f]{16}|-)"
)
ITEM = re.compile(r"(?P<label>[a-z_]+\.[a-z_]+):(?P<key>[0-9a-f-]{36})")


@dataclass(frozen=True)
class UnitName:
    """A text: its place in its item, the key of its source and the number of the revision that this stood in, and the
    key of the translation that was there."""

    place: str
    source_key: str
    number: int
    target_key: str

    def __str__(self) -> str:
        return f"{self.place}.{self.source_key or NONE}.{self.number}.{self.target_key or NONE}"

    @classmethod
    def read(cls, text: str) -> "UnitName | None":
        """Return what an identifier says; ``None`` where it is none of ours."""
        if not (match := UNIT.fullmatch(text)):
            return None
        keys = ("" if match[name] == NONE else match[name] for name in ("key", "target"))
        source_key, target_key = keys
        return cls(match["place"], source_key, int(match["number"]), target_key)


def key_or_none(text: str) -> str:
    """Return the key of a text, or ``""`` where there is none."""
    return key_of(text) if text else ""


def item_name(item: Publishable) -> str:
    """Return the identifier of an item."""
    return f"{item._meta.label_lower}:{item.pk}"


def read_item(text: str) -> tuple[type[Publishable], UUID] | None:
    """Return model and key of the item that an identifier names; ``None`` where it is none of ours."""
    if not (match := ITEM.fullmatch(text)):
        return None
    try:
        model, key = apps.get_model(match["label"]), UUID(match["key"])
    except (LookupError, ValueError):
        return None
    return (model, key) if issubclass(model, Publishable) else None
