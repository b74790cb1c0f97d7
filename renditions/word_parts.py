"""Elements of WordprocessingML (ISO/IEC 29500-1) that python-docx has no call for."""

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

# What follows <w:bidi> among the properties of a paragraph (ISO/IEC 29500-1, 17.3.1.26).
AFTER_BIDI = (
    *("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents"),
    *("w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl"),
    *("w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange"),
)


def field_part(paragraph, kind: str) -> None:
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(element)


def instruction(paragraph, text: str) -> None:
    element = OxmlElement("w:instrText")
    element.set(qn("xml:space"), "preserve")
    element.text = f" {text} "
    paragraph.add_run()._r.append(element)


def add_field(paragraph, code: str, shown: str) -> None:
    """Add a field with the value that is shown until Word computes it."""
    field_part(paragraph, "begin")
    instruction(paragraph, code)
    field_part(paragraph, "separate")
    paragraph.add_run(shown)
    field_part(paragraph, "end")


def language_element(language: str):
    """Return the element that says which language a run is in."""
    element = OxmlElement("w:lang")
    for name in ("val", "eastAsia", "bidi"):
        element.set(qn(f"w:{name}"), language)
    return element


def set_right_to_left(paragraph) -> None:
    """Let a paragraph run from right to left."""
    paragraph._p.get_or_add_pPr().insert_element_before(OxmlElement("w:bidi"), *AFTER_BIDI)
