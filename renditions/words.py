"""Why a document could not be made, in words for readers and editors."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cms.content.runner import MEMORY, SECONDS, Refused

BUSY = _("Many documents are being made. Try again in a few seconds.")
INSTEAD = _("Read the page instead, or try again later.")
OTHER = _("This document cannot be made as its text is now.")
LIMITS = {"seconds": SECONDS, "size": MEMORY // 1024**3}


def reason_of(refused: Refused) -> str:
    """Return why a document was not made, in a sentence."""
    if refused.reason == "time":
        return _("This document cannot be made: it would take longer than %(seconds)s seconds.") % LIMITS
    if refused.reason == "memory":
        return _("This document cannot be made: it would take more than %(size)s GB of memory.") % LIMITS
    if refused.reason == "characters":
        return _(
            "This document cannot be made: the site has no font with these characters of its text: %(characters)s."
        ) % {"characters": " ".join(refused.detail)}
    return str(OTHER)


def for_readers(refused: Refused) -> str | Promise:
    """Return what a reader who asked for the document is told."""
    return format_lazy("{}\n{}", reason_of(refused), INSTEAD)


def advice_for(refused: Refused) -> str | Promise:
    """Return what an editor can do about it."""
    if refused.reason == "characters":
        return _("Ask who runs the site to install a font of this script, or write the text with other characters.")
    return _("Look for a very large table, or lists and quotations inside one another, and make them simpler.")
