"""The texts of a paragraph with their marks, and how they are written."""

import re
from html import escape
from itertools import groupby, takewhile

from cms.content.pasting.looks import Marks

BREAK = "\n"
SPACES = re.compile(r"[ \t\r\n\f]+")
DROPPED = re.compile("[\xad\ufeff\x00-\x08\x0b\x0e-\x1f]")  # soft hyphens and what no text holds
# A space that does not break stays where typography asks for it: in numbers, and beside quotation marks and signs.
HARD_SPACES = re.compile("[ \t\r\n\f]*\xa0[ \t\r\n\f\xa0]+|[ \t\r\n\f]+\xa0")
SINGLE = re.compile("\xa0")
AFTER, BEFORE = re.compile(r"[\d«‹§№°.€$£]"), re.compile(r"[»›:;!?%€$£]")

Run = tuple[str, Marks]


def plain(text: str) -> str:
    """Return ``text`` without soft hyphens and without the hard spaces that stand for plain ones."""
    text = HARD_SPACES.sub(" ", DROPPED.sub("", text))
    return SINGLE.sub(lambda match: kept_space(text, match.start()), text) if "\xa0" in text else text


def kept_space(text: str, place: int) -> str:
    before, after = text[:place][-1:], text[place + 1 :][:1]
    typographic = before and after and (AFTER.match(before) or BEFORE.match(after))
    return "\xa0" if typographic else " "


def paragraphs(runs: list[Run]) -> list[list[Run]]:
    """Return the runs of each paragraph, apart where lines are broken twice, without spaces that nobody sees."""
    found: list[list[Run]] = [[]]
    for text, marks in collapsed(runs):
        if text == BREAK and (not found[-1] or found[-1][-1][0] == BREAK):
            if found[-1]:
                found[-1].pop()
                found.append([])
        else:
            found[-1].append((text, marks))
    return [trimmed(part) for part in found if trimmed(part)]


def collapsed(runs: list[Run]) -> list[Run]:
    kept: list[Run] = []
    for text, marks in runs:
        if text != BREAK:
            text = SPACES.sub(" ", text)
            if not kept or kept[-1][0][-1] in (" ", BREAK):
                text = text.removeprefix(" ")
        elif kept and kept[-1][0].endswith(" "):
            kept[-1] = (kept[-1][0].rstrip(" "), kept[-1][1])
            kept = kept if kept[-1][0] else kept[:-1]
        if text:
            kept.append((text, marks))
    return kept


def trimmed(runs: list[Run]) -> list[Run]:
    """Return ``runs`` without spaces and broken lines at the end."""
    runs = list(runs)
    while runs and not runs[-1][0].rstrip(" \n"):
        runs.pop()
    if runs:
        runs[-1] = (runs[-1][0].rstrip(" "), runs[-1][1])
    return runs


def tags_of(marks: Marks) -> list[tuple[str, str]]:
    """Return the elements around a text, each as its start and its end, from the outermost."""
    found = [(f'<a href="{escape(marks.link)}">', "</a>")] if marks.link else []
    names = [name for name, said in (("strong", marks.strong), ("em", marks.em), (marks.script, marks.script)) if said]
    return found + [(f"<{name}>", f"</{name}>") for name in names]


def written(runs: list[Run]) -> str:
    """Return the HTML of the runs of a paragraph; what neighbours have in common is opened once."""
    html = ""
    opened: list[tuple[str, str]] = []
    for marks, group in groupby(runs, key=lambda run: run[1]):
        tags = tags_of(marks)
        same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(opened, tags, strict=False))))
        html += "".join(end for _start, end in reversed(opened[same:]))
        html += "".join(start for start, _end in tags[same:])
        html += "".join("<br>" if text == BREAK else escape(text, quote=False) for text, _marks in group)
        opened = tags
    return html + "".join(end for _start, end in reversed(opened))
