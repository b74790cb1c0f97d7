"""What can go wrong when content is saved or published, each with words for the person who tried."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class PublishingError(ValidationError):
    """An action that cannot be done to an item as it stands; nothing was changed."""


class DraftClash(PublishingError):  # noqa: N818 - named like EditConflict
    """A draft that cannot stand beside what is stored: it takes a name that another item has by now, for example."""


class EditConflict(PublishingError):
    """A save over a newer revision, or over a draft that somebody else published or discarded meanwhile.

    ``current`` is the newest revision of the item, or ``None``.
    """

    def __init__(self, current):
        super().__init__(_("Somebody else changed this item since you opened it."), code="conflict")
        self.current = current
