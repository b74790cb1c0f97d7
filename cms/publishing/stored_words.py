"""Sentences that the site itself writes into the database, said in the language of whoever reads them.

They are stored in the English of the code, and recognised in every language of the interface: version 1.0.0 stored
them in the language of who acted.
"""

import re
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

RESTORED = gettext_noop("Restored from revision %(number)s.")
CORRECTED = gettext_noop("With the correction of what is live.")
UNDONE = gettext_noop("The release was undone.")
FROM_UNDONE = gettext_noop("From the release that was undone.")
NOT_ALLOWED = gettext_noop("Who scheduled it may not publish it any more.")
NOT_DONE = gettext_noop("The program could not do it; the server’s log says where it stopped.")
NO_ACCOUNT = gettext_noop("Who scheduled it has no account any more.")

SENTENCES = (RESTORED, CORRECTED, UNDONE, FROM_UNDONE, NOT_ALLOWED, NOT_DONE, NO_ACCOUNT)
PLACE = re.compile(r"%\\\((\w+)\\\)s")  # a placeholder, as re.escape() leaves it


@cache
def patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return what each sentence looks like in each language of the interface."""
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found += [(PLACE.sub(r"(?P<\1>.+)", re.escape(_(sentence))), sentence) for sentence in SENTENCES]
    return tuple((re.compile(pattern), sentence) for pattern, sentence in dict.fromkeys(found))


def in_words(text: str) -> str:
    """Return a stored text in the active language, where it is one of the site's own sentences; else as it is."""
    for pattern, sentence in patterns():
        if match := pattern.fullmatch(text):
            return _(sentence) % match.groupdict()
    return text
