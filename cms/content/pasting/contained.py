"""The cleaner itself: foreign HTML in, the site's few elements out, and what was dropped on the way."""

import json
import re
from collections import Counter
from collections.abc import Mapping

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from cms.content.pasting.looks import Marks, classes_of
from cms.content.pasting.suggestions import drop_suggested_deletions
from cms.content.pasting.writing import HEADINGS, Writer

MOST_DEPTH = 150  # of elements in one another; what is deeper is no text that somebody wrote
CONDITIONS = re.compile(r"<!(?:--)?\[(?:if\b[^\]>]*|endif)\](?:--)?>", re.IGNORECASE)
HIDDEN = re.compile(r"<!--\[if\b.*?<!\[endif\]-->", re.IGNORECASE | re.DOTALL)
HIGHEST = 3  # the level of heading that a text starts with: h1 is the title of the page, h2 its sections
LOWEST = 4


class TooDeep(ValueError):
    """The elements of a text stand in too many others to be read."""


def cleaned(arguments: dict, files: Mapping[str, bytes]) -> bytes:
    """Do the job of a paste: files ``html`` and ``slice``; return JSON with ``html`` and ``dropped``."""
    html, dropped = written_anew(
        files["html"].decode(errors="replace"), files.get("slice", b"").decode(errors="replace")
    )
    return json.dumps({"html": html, "dropped": dropped}).encode()


def written_anew(html: str, document_slice: str = "") -> tuple[str, dict[str, int]]:
    """Return what ``html`` means in the elements of a rich text, not sanitised yet, and how many of what were dropped.

    ``document_slice`` is the other form of a clipboard of Google Docs. Raises :class:`TooDeep`.
    """
    body = parsed(html)
    if body is None:
        return "", {}
    require_shallow(body)
    dropped: Counter = Counter()
    if document_slice and drop_suggested_deletions(body, document_slice):
        dropped["deletions"] += 1
    writer = Writer(dropped, levels_in(body))
    writer.walk(body, Marks())
    return writer.html(), {kind: count for kind, count in dropped.items() if count}


def parsed(html: str) -> HtmlElement | None:
    """Return the body of a page or of a part of one; Word's conditions for other programs are no part of it."""
    html = CONDITIONS.sub("", HIDDEN.sub("", html)).replace("\x00", "")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(html.encode(errors="replace"), parser=parser)
    except (etree.ParserError, ValueError):  # nothing in it
        return None
    return root.find("body")


def require_shallow(body: HtmlElement) -> None:
    depth = 0
    for event, _element in etree.iterwalk(body, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:
            raise TooDeep


def levels_in(body: HtmlElement) -> dict[str, str]:
    """Return which heading each heading of a text becomes: the highest is h3, all below are h4."""
    used = {name for name in HEADINGS if body.find(f".//{name}") is not None}
    used |= {"title"} if any("msotitle" in classes_of(each) for each in body.iter("p")) else set()
    ranks = sorted(used, key=lambda name: name if name != "title" else "h0")
    if ranks and ranks[0] in HEADINGS[HIGHEST - 1 :]:
        return {name: f"h{min(int(name[1]), LOWEST)}" for name in ranks}
    return {name: f"h{HIGHEST if rank == 0 else LOWEST}" for rank, name in enumerate(ranks)}
