"""Which characters a text may hold, and when it says nothing: the two rules that every way in and out shares."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# What XML 1.0 cannot hold, not even escaped (https://www.w3.org/TR/xml/#charsets): one of them in a name makes a feed
# or a Word file unreadable. Neither does a database keep a lone surrogate, nor PostgreSQL U+0000.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# White space, controls, Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt) and the empty Braille cell.
INVISIBLE = (
    "\\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# The elements of rich text (``cms/content/fields.py``) show nothing by themselves; any other "<name>" is a text.
TAG = r"</?(?:a|blockquote|br|em|h[1-6]|li|ol|p|strong|su[bp]|table|tbody|td|th|thead|tr|ul)\b[^<>]*>"
BLANK = re.compile(f"(?:[{INVISIBLE}]|&nbsp;|{TAG})*", re.IGNORECASE)
AROUND = 20  # characters of a text that a message shows on each side of the one that it is about


def looks_blank(text: str | None) -> bool:
    """Say whether a reader sees nothing of ``text``, plain or rich: spaces, zero-width signs, empty paragraphs."""
    return not text or BLANK.fullmatch(text) is not None


def without_forbidden(text: str) -> str:
    """Return ``text`` without what XML 1.0 cannot hold: for what was stored before it was refused."""
    return FORBIDDEN.sub("", text)


def validate_characters(text: str) -> None:
    """Raise ``ValidationError`` naming the first character of ``text`` that XML 1.0 cannot hold, and where it is."""
    if match := FORBIDDEN.search(text):
        place = match.start()
        around = text[max(place - AROUND, 0) : place + AROUND]
        raise ValidationError(
            _(
                "The character %(code)s is not allowed; it is number %(place)s of this text, “▯” in “%(around)s”. "
                "Delete it, and type again what should be there."
            ),
            code="character",
            params={"code": f"U+{ord(match[0]):04X}", "place": place + 1, "around": FORBIDDEN.sub("▯", around)},
        )
