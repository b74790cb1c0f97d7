"""Suggested deletions in a clipboard of Google Docs: its HTML shows them like any other text.

Only the other form of that clipboard, the slice of the document, tells them apart.
"""

import json
import re

from lxml.html import HtmlElement

from cms.content.pasting.looks import places

# Stands in one form of the clipboard and not in the other: Google marks the parts of a text by controls.
UNSEEN = re.compile("[\\s\x00-\x1f\u200b\ue000-\uf8ff]")
PICTURE = "*"


def signs_of(document_slice: str) -> list[tuple[str, bool]]:
    """Return each sign of a slice but spaces, and whether its deletion is suggested.

    Where suggestions begin or end, a slice has the list of those that follow, and null elsewhere. Raises
    ``ValueError``, ``KeyError``, ``TypeError`` or ``AttributeError`` for another form than the one we know.
    """
    resolved = json.loads(json.loads(document_slice)["data"])["resolved"]
    deletions = (resolved.get("dsl_suggesteddeletions") or {}).get("sgsl_sugg") or []
    signs, deleted, place = [], False, 0
    for sign in resolved["dsl_spacers"]:
        if place < len(deletions) and deletions[place] is not None:
            deleted = len(deletions[place]) > 0
        if not UNSEEN.match(sign):
            signs.append((sign, deleted))
        place += 1 if sign <= "\uffff" else 2  # of UTF-16, by which JavaScript counts
    return signs


def drop_suggested_deletions(root: HtmlElement, document_slice: str) -> bool:
    """Take the suggested deletions out of the texts, if both forms say the same; say whether there were any."""
    try:
        signs = signs_of(document_slice)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    if not any(deleted for _sign, deleted in signs):
        return False
    rests, place, within = [], 0, False
    for element, name in places(root):
        rest = ""
        for sign in getattr(element, name) or "":
            if not UNSEEN.match(sign):
                while place < len(signs) and signs[place][0] == PICTURE != sign:
                    place += 1
                if place == len(signs) or signs[place][0] != sign:
                    return False
                within = signs[place][1]
                place += 1
            rest += "" if within else sign
        rests.append((element, name, rest))
    for element, name, rest in rests:
        setattr(element, name, rest)
    return True
