"""The document as a Word file: the same page as the PDF, in Word's own headings, lists and tables."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from renditions.document import Source
from renditions.word_parts import language_element
from renditions.word_writer import Writer

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "Calibri"  # every word processor has it or one of its measures; the site's own is not on readers' machines
INK, BRAND, SOFT, LINK = (RGBColor.from_string(code) for code in ("17222D", "12324F", "4B5763", "0B5190"))
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a ZIP archive can hold: equal sources make equal files


def is_available() -> bool:
    """Say whether this machine can make a Word file: every machine can."""
    return True


def make(source: Source) -> bytes:
    """Return the Word file of ``source``."""
    document = Document()
    describe(document, source)
    set_styles(document, source.language)
    Writer(document, source).write()
    target = io.BytesIO()
    document.save(target)
    return undated(target.getvalue())


def made(data: dict, _assets: Mapping[str, bytes]) -> bytes:
    """Do what :func:`make` does, for the runner."""
    return make(Source.of_json(data))


def undated(content: bytes) -> bytes:
    """Return a ZIP archive without the time at which its parts were packed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(zipfile.ZipInfo(info.filename, EPOCH), old.read(info), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def describe(document, source: Source) -> None:
    """Write the document's properties (ISO/IEC 29500-2, Core Properties)."""
    properties = document.core_properties
    properties.title, properties.author, properties.subject = (
        text[:255] for text in (source.title, source.author, source.subject)
    )
    properties.language, properties.identifier = source.language, source.address
    properties.last_modified_by, properties.comments = "", ""
    properties.created = properties.modified = source.published_at.astimezone(UTC).replace(tzinfo=None)


def set_styles(document, language: str) -> None:
    """Set page, font and language, and add the styles that Word's template lacks."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(25)
    styles = document.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for found in defaults.findall(qn("w:lang")):
        defaults.remove(found)
    defaults.append(language_element(language))
    for style in styles:
        if style.type in (WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.CHARACTER):
            set_font(style)
    normal = styles["Normal"]
    normal.font.size, normal.font.color.rgb = Pt(11), INK
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.15
    for name, size in {
        "Title": 32,
        "TOC Heading": 20,
        "Heading 1": 20,
        "Heading 2": 15,
        "Heading 3": 12.5,
        "Heading 4": 11,
    }.items():
        styles[name].font.size, styles[name].font.color.rgb, styles[name].font.bold = Pt(size), BRAND, True
        styles[name].font.italic = False
        styles[name].paragraph_format.keep_with_next = True
    rule = styles["Title"].element.pPr.find(qn("w:pBdr"))
    if rule is not None:
        styles["Title"].element.pPr.remove(rule)
    styles["Subtitle"].font.color.rgb, styles["Subtitle"].font.italic = SOFT, False
    for name, size, colour in (("Publisher", 13, BRAND), ("Note", 9.5, SOFT)):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size, style.font.color.rgb = normal, Pt(size), colour
        set_font(style)
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = LINK, True


def set_font(style) -> None:
    """Give ``style`` the document's font for every script."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)
