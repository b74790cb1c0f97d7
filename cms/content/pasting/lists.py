"""Lists that are written as paragraphs: Word's, Outlook's, and the lists of one entry each of Word on the web."""

import re
from typing import NamedTuple

from lxml.html import HtmlElement

from cms.content.pasting.looks import classes_of, places, style_of

LEVEL = re.compile(r"\bl\d+ level(\d+)")
SIGN = re.compile(r"[\s(\[]*((?:[0-9]+|[a-z]+)(?:[.)-][0-9a-z]+)*)[.)\]]*\s*", re.IGNORECASE)
# What a list without its style starts with: a sign, and spaces up to where a tabulator was.
TYPED = re.compile(r"\s*((?:[·•▪§o-])|(?:[0-9]{1,4}|[a-z]{1,4})[.)])[\xa0\s]{2,}", re.IGNORECASE)
NUMERALS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
INCH = {"in": 1.0, "pt": 1 / 72, "cm": 1 / 2.54, "mm": 1 / 25.4, "px": 1 / 96}
LENGTH = re.compile(r"([0-9]*\.?[0-9]+)(in|pt|cm|mm|px)")
INDENT = 0.5  # inches that a level is further in


class Entry(NamedTuple):
    """An entry of a list: its level from 1, its sign (``3``, ``b``; nothing for a bullet), and what holds its text."""

    level: int
    sign: str
    element: HtmlElement


def entry_of(element: HtmlElement) -> Entry | None:
    """Return what entry of a list a paragraph is, ``None`` where it is none."""
    if element.tag == "div" and "listcontainerwrapper" in classes_of(element):
        return entry_of_web(element)
    if element.tag not in ("p", "div"):
        return None
    if match := LEVEL.search(style_of(element).get("mso-list", "")):
        return Entry(int(match[1]), counted(sign_in(element)), element)
    if any(name.startswith("msolistparagraph") for name in classes_of(element)):
        return entry_typed(element)
    return None


def entry_of_web(element: HtmlElement) -> Entry | None:
    items = element.xpath("./*[self::ul or self::ol]/li")
    if len(items) != 1:
        return None
    level = items[0].get("data-aria-level", "")
    numbered = items[0].getparent().tag == "ol"
    start = items[0].getparent().get("start", "1") if numbered else ""
    return Entry(int(level) if re.fullmatch("[1-9]", level) else 1, start, items[0])


def entry_typed(element: HtmlElement) -> Entry | None:
    """Return the entry that a paragraph of a list is which lost its style: by the sign that it starts with."""
    match = TYPED.match(element.text_content())
    if match is None:
        return None
    drop_start(element, match.end())
    margin = LENGTH.search(style_of(element).get("margin-left", ""))
    inches = float(margin[1]) * INCH[margin[2]] if margin else INDENT
    sign = "" if match[1] in "·•▪§o-" else counted(match[1])
    return Entry(max(1, round(inches / INDENT)), sign, element)


def drop_start(element: HtmlElement, length: int) -> None:
    """Take the first ``length`` characters out of the texts of ``element``."""
    for each, name in list(places(element)):
        text = getattr(each, name) or ""
        setattr(each, name, text[length:])
        length = max(0, length - len(text))


def sign_in(element: HtmlElement) -> str:
    """Return the sign that Word shows before the text of an entry."""
    for each in element.iter("span"):
        if style_of(each).get("mso-list") == "ignore":
            return each.text_content()
    return ""


def counted(shown: str) -> str:
    """Return the last number or letters of a sign such as ``3.``, ``(b)`` or ``1.2.``; nothing for a bullet."""
    match = SIGN.fullmatch(shown)
    if match is None or shown.strip() == match[1] == "o":  # the bullet of Word's second level
        return ""
    return re.split(r"[.)-]", match[1])[-1]


def numbers_of(sign: str) -> set[int]:
    """Return the numbers that a sign may stand for: ``i`` is the ninth letter, or one."""
    if sign.isdigit():
        return {int(sign[:6])}
    sign = sign.lower()
    found = {ord(sign[0]) - 96} if sign.isascii() and len(set(sign)) == 1 else set()
    if sign and not set(sign) - set(NUMERALS):
        digits = [NUMERALS[letter] for letter in sign]
        found.add(sum(-a if a < b else a for a, b in zip(digits, [*digits[1:], 0], strict=True)))
    return found


def kind_of(sign: str) -> str:
    """Return the type that HTML gives to a list which starts with ``sign``."""
    if sign.isdigit():
        return ""
    roman = sign.lower() == "i" or (len(sign) > 1 and not set(sign.lower()) - set(NUMERALS))
    kind = "i" if roman else "a"
    return kind.upper() if sign.isupper() else kind


def first_number(sign: str) -> int:
    """Return the number that a list starts with whose first sign is ``sign``."""
    numbers = numbers_of(sign) or {1}
    return min(numbers) if kind_of(sign) in ("i", "I") else max(numbers)


def goes_on(before: Entry, entry: Entry) -> bool:
    """Say whether ``entry`` is the next one of the list that ``before`` is in."""
    if not before.sign or not entry.sign:
        return before.sign == entry.sign
    return any(number + 1 in numbers_of(entry.sign) for number in numbers_of(before.sign))
