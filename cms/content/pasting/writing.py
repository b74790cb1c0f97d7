"""Writes what foreign HTML means in paragraphs, headings, lists, quotations and tables, in their order.

Whatever is none of these gives its text to the paragraph that it is in, or makes one: so no two words are glued, and
none is lost but those of which a report is made.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from lxml.html import HtmlElement

from cms.content.characters import looks_blank
from cms.content.pasting.links import BACK, COMMENT, NOTE, destination
from cms.content.pasting.lists import Entry, entry_of, first_number, goes_on, kind_of
from cms.content.pasting.looks import Marks, classes_of, left_out, marks_of, style_of
from cms.content.pasting.runs import BREAK, Run, paragraphs, plain, written

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LISTS = ("ul", "ol")
BLOCKS = {
    *(
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "nav",
        "aside",
        "body",
        "html",
        "center",
        "address",
    ),
    *("figure", "figcaption", "caption", "dl", "dt", "dd", "li", "form", "fieldset", "legend", "details", "summary"),
    *("tr", "td", "th", "thead", "tbody", "tfoot", "hr", "dir", "menu", "hgroup", "search", "dialog", "address"),
}
ROWS, CELLS = ("thead", "tbody", "tfoot", "tr"), ("td", "th")
QUOTES = {"msoquote", "msointensequote"}
TYPES = {"a", "A", "i", "I"}
STYLED_TYPES = {"lower-alpha": "a", "upper-alpha": "A", "lower-roman": "i", "upper-roman": "I"}
STYLED_TYPES |= {"lower-latin": "a", "upper-latin": "A"}
BACKWARDS = "↑↩^⬆\ufe0e\ufe0f "  # what a link from a note back to its place is made of


class Writer:
    """Writes the blocks of one place: a whole text, an entry of a list, a cell, a quotation."""

    def __init__(self, dropped: Counter, levels: dict[str, str], *, strong: bool = True):
        self.dropped, self.levels, self.strong = dropped, levels, strong
        self.tag = "p"
        self.blocks: list[str] = []
        self.runs: list[Run] = []
        self.all_strong = True  # of what was written: each text

    def inner(self, *, strong: bool = True) -> "Writer":
        """Return a writer for what stands in a block of this one."""
        return Writer(self.dropped, self.levels, strong=strong and self.strong)

    def html(self) -> str:
        """Return what was written."""
        self.flush()
        return "".join(self.blocks)

    # --- Texts ---

    def text(self, text: str | None, marks: Marks) -> None:
        text = plain(text or "")
        if not text:
            return
        if text.strip():
            self.all_strong = self.all_strong and marks.strong
        if not self.strong or self.tag != "p":
            marks = marks._replace(strong=False)
        self.runs.append((text, marks))

    def flush(self) -> None:
        """End the paragraph."""
        for part in paragraphs(self.runs):
            html = written(part)
            if not looks_blank(html):
                self.blocks.append(f"<{self.tag}>{html}</{self.tag}>")
        self.runs = []

    # --- Elements ---

    def walk(self, element: HtmlElement, marks: Marks) -> None:
        """Write what is in ``element``."""
        self.text(element.text, marks)
        entries: list[Entry] = []
        for child in element:
            entry = entry_of(child) if left_out(child) is None else None
            if entry:
                entries.append(entry)
            else:
                entries = self.entries(entries, marks)
                self.child(child, marks)
            if (child.tail or "").strip():
                entries = self.entries(entries, marks)
            if not entries:
                self.text(child.tail, marks)
        self.entries(entries, marks)

    def child(self, element: HtmlElement, marks: Marks) -> None:
        reason = left_out(element)
        if reason is not None:
            self.leave_out(element, reason, marks)
            return
        marks = marks_of(element, marks)
        write: Callable[[HtmlElement, Marks], None] | None = getattr(self, f"write_{element.tag}", None)
        if write:
            write(element, marks)
        elif element.tag in LISTS:
            self.write_list(element, marks)
        elif element.tag in self.levels or "msotitle" in classes_of(element):
            self.heading(element, marks)
        elif element.tag in BLOCKS or style_of(element).get("display") in ("block", "flex", "grid", "table"):
            self.block(element, marks)
        else:
            if "mso-tab-count" in style_of(element):
                self.text(" ", marks)
            self.walk(element, marks)

    def leave_out(self, element: HtmlElement, reason: str, marks: Marks) -> None:
        """Count what is left out; where a picture stood between two words there is a space."""
        if reason in ("deletions", "comments"):
            self.dropped[reason] += bool(element.text_content().strip())
        elif reason:
            self.dropped[reason] += 1
            self.text(" ", marks)

    def block(self, element: HtmlElement, marks: Marks) -> None:
        self.flush()
        if is_of_comment(element):
            self.dropped["comments"] += 1
        elif classes_of(element) & QUOTES:
            self.write_blockquote(element, marks)
        else:
            self.walk(element, marks)
            self.flush()

    def heading(self, element: HtmlElement, marks: Marks) -> None:
        self.flush()
        around, self.tag = self.tag, self.levels.get(element.tag if element.tag in HEADINGS else "title", "h3")
        self.walk(element, marks)
        self.flush()
        self.tag = around

    def write_br(self, element: HtmlElement, marks: Marks) -> None:
        if "apple-interchange-newline" not in classes_of(element):
            self.runs.append((BREAK, marks))

    def write_pre(self, element: HtmlElement, marks: Marks) -> None:
        self.flush()
        inner = self.inner()
        inner.walk(element, marks)
        for text, each in inner.runs:
            for number, part in enumerate(text.split("\n")):
                self.runs += [(BREAK, each)] * bool(number and text != BREAK) + [(part or BREAK, each)] * bool(part)
        self.blocks += inner.blocks
        self.flush()

    def write_dt(self, element: HtmlElement, marks: Marks) -> None:
        self.block(element, marks._replace(strong=True))

    def write_blockquote(self, element: HtmlElement, marks: Marks) -> None:
        """Write a quotation; mail programs indent with that element, and say that it has no border."""
        self.flush()
        inner = self.inner()
        inner.walk(element, marks)
        html = inner.html()
        indents = style_of(element).get("border", "").startswith(("none", "0"))
        if indents or not html:
            self.blocks += inner.blocks
        elif self.blocks and self.blocks[-1].endswith("</blockquote>") and element.tag != "blockquote":
            self.blocks[-1] = self.blocks[-1].removesuffix("</blockquote>") + html + "</blockquote>"
        else:
            self.blocks.append(f"<blockquote>{html}</blockquote>")

    def write_a(self, element: HtmlElement, marks: Marks) -> None:
        href = (element.get("href") or "").strip()
        here = "#" + href.rpartition("#")[2] if "#" in href else ""
        if COMMENT.match(here):
            return
        if NOTE.match(here) or BACK.match(here):
            self.note(element, here, marks)
            return
        address = destination(href)
        if address is None:
            self.dropped["links"] += 1
        self.walk(element, marks._replace(link=address or marks.link))

    def note(self, element: HtmlElement, here: str, marks: Marks) -> None:
        """Write the sign of a note as a raised text; its link would lead nowhere."""
        sign = element.text_content().strip(" []\xa0\r\n\t")
        if sign.strip(BACKWARDS):
            self.text(sign, marks._replace(script="sup", link=""))
            if BACK.match(here):
                self.text(" ", marks._replace(link=""))

    # --- Lists ---

    def write_list(self, element: HtmlElement, marks: Marks) -> None:
        self.flush()
        items = [
            f"<p>{html}</p>" for part in paragraphs([(plain(element.text or ""), marks)]) if (html := written(part))
        ]
        start, kind = number_of(element.get("start")), type_of(element)
        for child in element:
            if not isinstance(child.tag, str) or left_out(child) is not None:
                self.child(child, marks)
                continue
            if number_of(child.get("value")) and element.tag == "ol" and child.tag == "li":
                self.close_list(element.tag, items, start, kind)
                items, start = [], number_of(child.get("value"))
            inner = self.inner()
            each = marks_of(child, marks)
            inner.walk(child, each) if child.tag == "li" else inner.child(child, marks)
            inner.text(child.tail, marks)
            if html := inner.html():
                if child.tag in LISTS and items:
                    items[-1] += html  # as Google Docs and LibreOffice write a list in a list
                else:
                    items.append(html)
        self.close_list(element.tag, items, start, kind)

    def close_list(self, tag: str, items: Iterable[str], start: int | None, kind: str) -> None:
        """Write a list of ``items``, if there are any."""
        body = "".join(f"<li>{html}</li>" for html in items)
        said = (f' start="{start}"' if start and start != 1 else "") + (f' type="{kind}"' if kind else "")
        if body:
            self.blocks.append(f"<{tag}{said if tag == 'ol' else ''}>{body}</{tag}>")

    def entries(self, entries: list[Entry], marks: Marks) -> list[Entry]:
        """Write paragraphs that are entries of lists, deeper ones in the entry before them; return none."""
        if not entries:
            return []
        self.flush()
        group: list[tuple[Entry, list[Entry]]] = []
        for entry in entries:
            if group and entry.level > group[-1][0].level:
                group[-1][1].append(entry)
                continue
            if group and (entry.level != group[-1][0].level or not goes_on(group[-1][0], entry)):
                self.group(group, marks)
                group = []
            group.append((entry, []))
        self.group(group, marks)
        return []

    def group(self, group: list[tuple[Entry, list[Entry]]], marks: Marks) -> None:
        """Write one list; each entry with those of deeper levels."""
        items = []
        for entry, deeper in group:
            inner = self.inner()
            inner.walk(entry.element, marks_of(entry.element, marks))
            inner.flush()
            if deeper:
                inner.entries(deeper, marks)
            items.append(inner.html())
        sign = group[0][0].sign
        self.close_list(
            "ol" if sign else "ul",
            [html for html in items if html],
            first_number(sign) if sign else None,
            kind_of(sign) if sign else "",
        )

    # --- Tables ---

    def write_table(self, element: HtmlElement, marks: Marks) -> None:
        """Write a table; one that only places things beside one another gives its cells as blocks."""
        self.flush()
        rows = [list(row.iterchildren(*CELLS)) for row in own_rows(element)]
        if is_box(rows) or element.xpath(".//table"):
            self.walk(element, marks)
            self.flush()
            return
        self.strays(element, marks)
        self.flush()
        heads = self.is_head(element, rows, marks)
        body = "".join(
            f"<tr>{''.join(self.cell(cell, marks, head=heads and number == 0) for cell in cells)}</tr>"
            for number, cells in enumerate(rows)
            if cells
        )
        self.blocks.append(f"<table><tbody>{body}</tbody></table>")

    def strays(self, element: HtmlElement, marks: Marks) -> None:
        """Write what stands in a table and in none of its cells, as its caption does."""
        self.text(element.text, marks)
        for child in element:
            if child.tag in ROWS:
                self.strays(child, marks)
            elif child.tag not in CELLS:
                self.child(child, marks)
            self.text(child.tail, marks)

    def cell(self, element: HtmlElement, marks: Marks, *, head: bool) -> str:
        head = head or element.tag == "th" or element.getparent().getparent().tag == "thead"
        inner = self.inner(strong=not head)
        if left_out(element) is None:
            inner.walk(element, marks_of(element, marks))
        tag = "th" if head else "td"
        spans = "".join(f' {name}="{span}"' for name in ("colspan", "rowspan") if (span := spanned(element, name)) > 1)
        return f"<{tag}{spans}>{inner.html() or '<p></p>'}</{tag}>"

    def is_head(self, element: HtmlElement, rows: list[list[HtmlElement]], marks: Marks) -> bool:
        """Say whether the first row is a head: Word tells, or it is bold and the second is not."""
        if len(rows) < 2 or element.xpath(".//th"):
            return False
        if re.search(r"mso-yfti-irow:\s*-1", rows[0][0].getparent().get("style", "") if rows[0] else ""):
            return True
        return self.is_strong(rows[0], marks) and not self.is_strong(rows[1], marks)

    def is_strong(self, cells: list[HtmlElement], marks: Marks) -> bool:
        """Say whether each text of a row is bold, and there is one."""
        inner = Writer(Counter(), self.levels)
        for cell in cells:
            inner.walk(cell, marks_of(cell, marks))
        return inner.all_strong and bool(inner.html())


def is_box(rows: list[list[HtmlElement]]) -> bool:
    """Say whether a table is no more than a frame around something."""
    cells = [cell for row in rows for cell in row]
    return len(cells) < 2 and all(spanned(cell, name) == 1 for cell in cells for name in ("colspan", "rowspan"))


def own_rows(table: HtmlElement) -> Iterable[HtmlElement]:
    """Yield the rows of a table that are shown."""
    for child in table.iterchildren("tr", "thead", "tbody", "tfoot"):
        yield from (
            row for row in (child.iterchildren("tr") if child.tag != "tr" else [child]) if left_out(row) is None
        )


def is_of_comment(element: HtmlElement) -> bool:
    """Say whether a block is a comment that a program put below its text: it starts with the way back to its place."""
    link = next(iter(element.iter("a")), None)
    return link is not None and "#cmnt_ref" in (link.get("href") or "") and len(element.text_content()) < 5_000


def number_of(text: str | None) -> int | None:
    """Return the number that an attribute says, if it is one."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text.strip()) else None


def spanned(cell: HtmlElement, name: str) -> int:
    return number_of(cell.get(name)) or 1


def type_of(element: HtmlElement) -> str:
    """Return by which letters or numerals a list is numbered; nothing for plain numbers."""
    styles = [style_of(each).get("list-style-type", "") for each in (element, *element.iterchildren("li"))][:2]
    styled = next((STYLED_TYPES[style] for style in styles if style in STYLED_TYPES), "")
    return element.get("type", "") if element.get("type") in TYPES else styled
