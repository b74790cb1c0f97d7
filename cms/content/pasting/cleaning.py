"""The one cleaner of what comes from elsewhere: for what is pasted, and for what a package brings from an old site."""

import json

from django.utils.translation import ngettext

from cms.content.fields import sanitize_html
from cms.content.pasting.contained import TooDeep, written_anew
from cms.content.runner import Refused, Runner

MOST_BYTES = 2 * 1024 * 1024  # of what is pasted
SECONDS = 1

pastes = Runner("pastes", "cms.content.pasting.contained", seconds=SECONDS)


def pasted(html: str, document_slice: str = "") -> tuple[str, list[str]]:
    """Return what a clipboard's HTML means as a rich text, and what was dropped of it, in words.

    ``document_slice`` is the other form of a clipboard of Google Docs. Raises :class:`~cms.content.runner.Refused`
    for what is too large or takes longer than a second, and :class:`~cms.content.runner.Busy`.
    """
    files = {"html": html.encode(errors="replace"), "slice": document_slice.encode(errors="replace")}
    if sum(map(len, files.values())) > MOST_BYTES:
        raise Refused("size")
    found = json.loads(pastes.run("cms.content.pasting.contained:cleaned", {}, files))
    return sanitize_html(found["html"]), in_words(found["dropped"])


def tidied(html: str) -> tuple[str, list[str]]:
    """Return what the HTML of a package means as a rich text, and what was dropped of it, in words.

    What is a rich text of this site already stays to the letter: an export comes in as it went out.
    """
    kept = sanitize_html(html)
    if kept == html:
        return html, []
    try:
        meant, dropped = written_anew(html)
    except TooDeep:
        return kept, []
    return sanitize_html(meant), in_words(dropped)


def in_words(dropped: dict[str, int]) -> list[str]:
    """Return what was dropped in words, each with its number."""
    words = {
        "pictures": lambda n: ngettext("%(count)d picture", "%(count)d pictures", n),
        "media": lambda n: ngettext("%(count)d embedded element", "%(count)d embedded elements", n),
        "fields": lambda n: ngettext("%(count)d form field", "%(count)d form fields", n),
        "formulas": lambda n: ngettext("%(count)d formula", "%(count)d formulas", n),
        "deletions": lambda n: ngettext(
            "%(count)d deleted or struck out text", "%(count)d deleted or struck out texts", n
        ),
        "comments": lambda n: ngettext("%(count)d comment", "%(count)d comments", n),
        "links": lambda n: ngettext("%(count)d link to no web address", "%(count)d links to no web address", n),
    }
    return [words[kind](count) % {"count": count} for kind, count in dropped.items()]
