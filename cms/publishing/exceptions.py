"""What can go wrong when content is saved or published, each with words for the person who tried."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class PublishingError(ValidationError):
    """An action that cannot be done to an item as it stands; nothing was changed."""


class DraftClash(PublishingError):  # noqa: N818 - named like EditConflict
    """A draft that cannot stand beside what is stored: it takes a name that another item has by now, for example."""


class Busy(DraftClash):
    """Rows that drafts are to be shown in are being written by somebody else."""

    def __init__(self):
        super().__init__(_("Somebody else publishes just now: try again in a moment."), code="busy")


class EditConflict(PublishingError):
    """A save of a part that somebody else changed meanwhile.

    ``current`` is the newest revision of the item, ``parts`` are the names of the parts that both changed.
    """

    def __init__(self, current, parts):
        super().__init__(_("Somebody else changed this item since you opened it."), code="conflict")
        self.current, self.parts = current, set(parts)
