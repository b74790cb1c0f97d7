"""Writes an HTML page into a Word document, in Word's own headings, lists, tables and links.

It knows the vocabulary of rich text (``cms/content/fields.py``) and what the page of a document is made of; any other
element is passed through for the text in it.
"""

import re
from itertools import count

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import html

from cms.content.directions import is_right_to_left
from renditions.document import Source
from renditions.html_parts import SPACE, contents_of, placed_cells, text_of
from renditions.word_parts import add_field, field_part, instruction, language_element, set_right_to_left

HEADING = re.compile(r"h([1-6])$")
BLOCKS = {"p", "div", "section", "header", "main", "nav", "ul", "ol", "table", "blockquote", "body", "figure"}
CHARACTER_STYLES = {
    "strong": "bold",
    "b": "bold",
    "em": "italic",
    "i": "italic",
    "sub": "subscript",
    "sup": "superscript",
}
PARAGRAPH_STYLES = {
    "cover__publisher": "Publisher",
    "cover__kind": "Subtitle",
    "cover__office": "Subtitle",
    "cover__version": "Note",
    "serves": "Note",
    "note": "Note",
    "main-objective__statement": "Intense Quote",
    "language-line": "Note",
}


class Writer:
    """Walks the HTML page and writes it into a Word document."""

    def __init__(self, document, source: Source):
        self.document, self.source = document, source
        self.bookmarks = count(1)
        self.names: dict[str, str] = {}

    def write(self) -> None:
        body = html.document_fromstring(self.source.html).find("body")
        cover, contents, main = (body.find(name) for name in ("header", "nav", "main"))
        self.block(cover, self.document, self.source.language)
        self.document.add_page_break()
        self.contents(contents)
        self.document.add_page_break()
        self.block(main, self.document, self.source.language)
        self.footer()

    def footer(self) -> None:
        """Number the pages and repeat the title."""
        paragraph = self.document.sections[0].footer.paragraphs[0]
        paragraph.style = "Note"
        self.add_run(paragraph, f"{self.source.title} · ", {}, self.source.language)
        add_field(paragraph, "PAGE", "1")

    def contents(self, element) -> None:
        """Write the table of contents as Word's own field, filled in already: it can be read before it is updated."""
        self.direct(self.document.add_paragraph(text_of(element.find("h2")), style="TOC Heading"))
        links = element.findall(".//a")
        for number, link in enumerate(links):
            depth = sum(1 for ancestor in link.iterancestors("ul"))
            paragraph = self.document.add_paragraph()
            paragraph.paragraph_format.left_indent = Mm(6 * (depth - 1))
            paragraph.paragraph_format.space_after = Pt(3)
            self.direct(paragraph)
            if number == 0:
                field_part(paragraph, "begin")
                instruction(paragraph, r'TOC \o "1-2" \h \z \u')
                field_part(paragraph, "separate")
            self.hyperlink(paragraph, link, {}, self.source.language, plain=True)
            if number == len(links) - 1:
                field_part(paragraph, "end")
        for note in element.findall("p"):
            self.block(note, self.document, self.source.language)

    # --- Blocks ---

    def block(self, element, container, language: str, style: str = "", level: int = 0) -> None:
        """Write a block element and what is in it."""
        if element.get("aria-hidden") == "true":
            return
        language = element.get("lang") or language
        for name in (element.get("class") or "").split():
            style = PARAGRAPH_STYLES.get(name, style)
        if match := HEADING.match(element.tag):
            self.heading(element, container, int(match[1]), language)
        elif element.tag in ("ul", "ol"):
            self.list(element, container, language, level)
        elif element.tag == "table":
            self.table(element, container, language)
        else:
            self.flow(element, container, language, "Quote" if element.tag == "blockquote" else style, level)

    def flow(
        self, element, container, language: str, style: str = "", level: int = 0, first: str = "", **format
    ) -> None:
        """Write blocks as they are and the text between them as paragraphs.

        ``first`` is the style of the first paragraph, where it is another one (the item of a list).
        """
        pending: list = []
        styles = iter([first or style])

        def flush() -> None:
            if any(text.strip() if isinstance(text, str) else text_of(text) for text in pending):
                paragraph = self.paragraph(container, next(styles, style), language)
                self.inline(paragraph, pending, format, language)
                trim(paragraph)
            pending.clear()

        pending.append(element.text or "")
        for child in element:
            if not isinstance(child.tag, str):
                pending.append(child.tail or "")
            elif child.tag == "p" and first and style != "Quote":
                flush()
                if text_of(child):
                    paragraph = self.paragraph(container, next(styles, style), child.get("lang") or language)
                    self.inline(paragraph, contents_of(child), format, child.get("lang") or language)
                    trim(paragraph)
                pending.append(child.tail or "")
            elif child.tag in BLOCKS or HEADING.match(child.tag):
                flush()
                self.block(child, container, language, style, level)
                pending.append(child.tail or "")
            else:
                pending += [child, child.tail or ""]
        flush()

    def paragraph(self, container, style: str, language: str):
        """Return a new paragraph; a cell begins with an empty one, which is used first."""
        paragraphs = container.paragraphs if hasattr(container, "_tc") else []
        if len(paragraphs) == 1 and not paragraphs[0].text and not container.tables:
            paragraph = paragraphs[0]
        else:
            paragraph = container.add_paragraph()
        if style:
            paragraph.style = style
        self.direct(paragraph, language)
        return paragraph

    def direct(self, paragraph, language: str = "") -> None:
        """Let a paragraph in a right-to-left language run that way."""
        if is_right_to_left(language or self.source.language):
            set_right_to_left(paragraph)

    def heading(self, element, container, number: int, language: str) -> None:
        """Write a heading: h1 is the title, h2 the first level of Word's outline."""
        paragraph = self.paragraph(container, "Title" if number == 1 else f"Heading {number - 1}", language)
        key = element.get("id")
        mark = next(self.bookmarks)
        if key:
            start = OxmlElement("w:bookmarkStart")
            start.set(qn("w:id"), str(mark))
            start.set(qn("w:name"), self.bookmark(key))
            paragraph._p.append(start)
        self.inline(paragraph, contents_of(element), {}, language)
        trim(paragraph)
        if key:
            end = OxmlElement("w:bookmarkEnd")
            end.set(qn("w:id"), str(mark))
            paragraph._p.append(end)

    def bookmark(self, key: str) -> str:
        """Return the name of the bookmark of an anchor: Word allows 40 letters, digits and underscores."""
        return self.names.setdefault(key, f"part_{len(self.names) + 1}")

    def list(self, element, container, language: str, level: int) -> None:
        """Write the items of a list; each ordered list counts from its own start."""
        depth = min(level + 1, 3)  # Word's template has styles for three levels
        suffix = f" {depth}" if depth > 1 else ""
        ordered = element.tag == "ol"
        numbering = self.numbering(f"List Number{suffix}", element.get("start")) if ordered else None
        for item in element.findall("li"):
            before = len(container.paragraphs)
            first = f"List Number{suffix}" if ordered else f"List Bullet{suffix}"
            self.flow(item, container, item.get("lang") or language, f"List Continue{suffix}", level + 1, first=first)
            if ordered and len(container.paragraphs) > before:
                properties = container.paragraphs[before]._p.get_or_add_pPr().get_or_add_numPr()
                properties.get_or_add_ilvl().val = 0
                properties.get_or_add_numId().val = numbering

    def numbering(self, style: str, start: str | None) -> int:
        """Return a new numbering like that of ``style``, from ``start`` or 1."""
        definitions = self.document.part.numbering_part.element
        used = self.document.styles[style].element.pPr.numPr.numId.val
        abstract = next(found.abstractNumId.val for found in definitions.num_lst if found.numId == used)
        number = definitions.add_num(abstract)
        number.add_lvlOverride(ilvl=0).add_startOverride(first_number(start))
        return number.numId

    def table(self, element, container, language: str) -> None:
        """Write a table; cells that span rows or columns are merged, the head is repeated on each page."""
        rows = element.xpath(
            ".//tr[count(ancestor::table) = $depth]", depth=len(element.xpath("ancestor-or-self::table"))
        )
        places, width = placed_cells(rows)
        if not places:
            return
        table = container.add_table(len(rows), width)
        table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.LEFT
        for row, column, down, across, cell in places:
            target = table.cell(row, column)
            if down > 1 or across > 1:
                target = target.merge(table.cell(row + down - 1, column + across - 1))
            self.flow(cell, target, cell.get("lang") or language, **({"bold": True} if cell.tag == "th" else {}))
        for number, row in enumerate(rows):
            if row.getparent().tag == "thead" or (number == 0 and all(cell.tag == "th" for cell in row)):
                table.rows[number]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        if not hasattr(container, "_tc"):
            container.add_paragraph().paragraph_format.space_after = Pt(0)

    # --- Text ---

    def inline(self, paragraph, nodes: list, format: dict, language: str) -> None:
        """Write text and inline elements into ``paragraph``."""
        for node in nodes:
            if isinstance(node, str):
                self.add_run(paragraph, node, format, language)
            elif node.get("aria-hidden") == "true":
                continue
            elif node.tag == "br":
                paragraph.add_run().add_break()
            elif node.get("class") == "language-label":
                self.add_run(paragraph, f"({text_of(node)})", format, language)
            elif node.tag == "a" and (node.get("href") or "").startswith(
                ("http://", "https://", "mailto:", "tel:", "#")
            ):
                self.hyperlink(paragraph, node, format, node.get("lang") or language)
            else:
                style = CHARACTER_STYLES.get(node.tag)
                self.inline(
                    paragraph,
                    contents_of(node),
                    {**format, style: True} if style else format,
                    node.get("lang") or language,
                )

    def add_run(self, paragraph, text: str, format: dict, language: str, parent=None):
        """Add a run of text; white space is as HTML has it. ``parent`` is the link that it stands in."""
        text = SPACE.sub(" ", text)
        if not paragraph.text or paragraph.text.endswith((" ", "\n")):
            text = text.lstrip(" ")
        if not text:
            return
        run = paragraph.add_run(text)
        for name in ("bold", "italic"):
            if format.get(name):
                setattr(run, name, True)
        for name in ("subscript", "superscript"):
            if format.get(name):
                setattr(run.font, name, True)
        if parent is not None:
            if not format.get("plain"):
                run.style = "Hyperlink"
            parent.append(run._r)
        if is_right_to_left(language):
            run.font.rtl = True
        if language != self.source.language:
            run._r.get_or_add_rPr().append(language_element(language))

    def hyperlink(self, paragraph, element, format: dict, language: str, *, plain: bool = False) -> None:
        """Add a link to a web address or to a heading of this document."""
        link = OxmlElement("w:hyperlink")
        address = element.get("href")
        if address.startswith("#"):
            link.set(qn("w:anchor"), self.bookmark(address[1:]))
        else:
            key = self.document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            link.set(qn("r:id"), key)
        paragraph._p.append(link)
        for node in element.iter():
            inside = node.get("lang") or language
            if isinstance(node.tag, str) and node.text:
                self.add_run(paragraph, node.text, {**format, "plain": plain}, inside, parent=link)
            if node is not element and node.tail:
                self.add_run(paragraph, node.tail, {**format, "plain": plain}, language, parent=link)


def first_number(start: str | None) -> int:
    """Return where a list begins to count; Word opens no file with a number that 32 bits do not hold."""
    return int(start) if re.fullmatch("[0-9]{1,4}", start or "") else 1


def trim(paragraph) -> None:
    """Drop the white space at the end of a paragraph; what stands before a link keeps its own."""
    if paragraph.runs and paragraph._p[-1] is paragraph.runs[-1]._r:
        run = paragraph.runs[-1]
        if run.text.endswith(" "):
            run.text = run.text.rstrip(" ")
