"""What an element of foreign HTML says of itself: its style, its marks, and whether it is to be left out."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lxml.html import HtmlElement

BOLD = re.compile(r"bold|bolder|[5-9]\d\d")
SCRIPTS = {"super": "sup", "sub": "sub"}
DELETED = {"del", "s", "strike"}
COMMENTS = {"msocommentreference", "msocommenttext", "msocomanchor", "msocomtxt", "msocomoff"}
# Without words of their own, and what a report calls them.
FRAMED = {
    **dict.fromkeys(("img", "picture", "svg", "canvas", "v:imagedata"), "pictures"),
    **dict.fromkeys(("iframe", "frame", "object", "embed", "video", "audio", "applet"), "media"),
    **dict.fromkeys(("input", "select", "textarea", "button"), "fields"),
    "math": "formulas",
}
UNSAID = {"script", "style", "head", "title", "meta", "link", "template", "noscript", "xml", "col", "colgroup"}


class Marks(NamedTuple):
    """How a text is set; ``link`` is an address, ``script`` is ``sub``, ``sup`` or nothing."""

    link: str = ""
    strong: bool = False
    em: bool = False
    script: str = ""


@lru_cache(maxsize=2_000)
def declarations(style: str) -> dict[str, str]:
    """Return what a style attribute declares, in lower case."""
    parts = (part.partition(":") for part in style.lower().split(";"))
    return {name.strip(): value.strip() for name, _colon, value in parts}


def style_of(element: HtmlElement) -> dict[str, str]:
    """Return the declarations in the style of an element."""
    return declarations(element.get("style", ""))


def classes_of(element: HtmlElement) -> set[str]:
    """Return the classes of an element in lower case; Outlook on the web writes ``x_`` before those of a message."""
    return {name.removeprefix("x_") for name in element.get("class", "").lower().split()}


def marks_of(element: HtmlElement, around: Marks) -> Marks:
    """Return how the texts of an element are set: by its style, else its name, else as what is ``around`` it.

    Google Docs puts all it copies into ``<b style="font-weight:normal">``.
    """
    style, tag = style_of(element), element.tag
    strong, em, script = around.strong or tag in ("b", "strong"), around.em or tag in ("i", "em"), around.script
    if weight := style.get("font-weight"):
        strong = BOLD.match(weight) is not None
    if slant := style.get("font-style"):
        em = slant.startswith(("italic", "oblique"))
    if tag in ("sub", "sup"):
        script = tag
    if place := style.get("vertical-align"):
        script = SCRIPTS.get(place, "" if place == "baseline" else script)
    return Marks(around.link, strong, em, script)


def left_out(element: HtmlElement) -> str | None:
    """Return as what an element is left out of the text (``""``: nobody misses it), ``None`` where it stays."""
    tag = element.tag
    if not isinstance(tag, str) or tag in UNSAID:
        return ""
    if tag in FRAMED:
        return "" if is_ornament(element) else FRAMED[tag]
    style, classes = style_of(element), classes_of(element)
    if tag in DELETED or "msodel" in classes or "line-through" in lines_of(style):
        return "deletions"
    if classes & COMMENTS or style.get("mso-element", "").startswith("comment"):
        return "comments"
    if style.get("display") == "none" or style.get("mso-hide") == "all" or "mso-list" in style_ignored(style):
        return ""
    return None


def lines_of(style: dict[str, str]) -> str:
    return f"{style.get('text-decoration', '')} {style.get('text-decoration-line', '')}"


def style_ignored(style: dict[str, str]) -> str:
    """Return ``mso-list`` for the sign of a Word list, which the list itself shows."""
    return "mso-list" if style.get("mso-list") == "ignore" else ""


def is_ornament(element: HtmlElement) -> bool:
    """Say whether a picture is a box to tick, a dot that counts readers, or a hidden field of a form."""
    around = element.getparent()
    ticks = around is not None and around.get("role") == "checkbox"
    return ticks or element.get("type") == "hidden" or {element.get("width"), element.get("height")} == {"1"}


def places(root: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield where the texts of ``root`` stand, in their order: an element and ``text`` or ``tail``."""
    if isinstance(root.tag, str):
        yield root, "text"
        for child in root:
            yield from places(child)
            yield child, "tail"
