"""Files that come back, read with care: what somebody sends is no document of ours until it has been looked at."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from lxml import etree

from cms.content.languages import lookup
from cms.translations.xliff.codes import CLOSE, EMPTY, OPEN, TEXT, Token
from cms.translations.xliff.writing import NAMESPACES

MOST_BYTES = 10 * 1024 * 1024
MOST_UNITS = 50_000


@dataclass(frozen=True)
class ReadUnit:
    """A unit of a file: where it stands, what it is called, its source and, where it has one, its translation.

    ``is_partial``: some of its passages are translated and some are not.
    """

    line: int
    name: str
    source: list[Token]
    target: list[Token] | None
    is_partial: bool = False


@dataclass
class ReadFile:
    """The units of one item."""

    line: int
    name: str
    units: list[ReadUnit] = field(default_factory=list)


@dataclass
class Document:
    """A document with the site's languages that it is from and into."""

    source_language: str
    language: str
    files: list[ReadFile]


def read(content: bytes) -> Document:
    """Return what a document says. Raises ``ValidationError`` for what is no XLIFF that this site could have written.

    No entity is expanded, nothing is fetched, and a document with a DTD is refused: XLIFF needs none.
    """
    if len(content) > MOST_BYTES:
        raise ValidationError(_("The file is larger than 10 MB."), code="size")
    root = parsed(content)
    name = etree.QName(root)
    versions = {namespace: version for version, namespace in NAMESPACES.items()}
    if name.localname != "xliff" or name.namespace not in versions:
        raise ValidationError(_("This is no XLIFF of version 2.0, 2.1 or 1.2."), code="xliff")
    if sum(1 for _each in root.iter("{*}unit", "{*}trans-unit")) > MOST_UNITS:
        raise ValidationError(_("The file has more than %(most)d texts."), code="units", params={"most": MOST_UNITS})
    return read_2(root) if versions[name.namespace] == "2.1" else read_1(root)


def parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise ValidationError(
            _("The file is no XML: line %(line)d, character %(column)d."),
            code="xml",
            params={"line": line, "column": column},
        ) from None
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise ValidationError(_("The file has a document type declaration, which is not taken."), code="dtd")
    return root


def site_language(tag: str | None) -> str:
    """Return the site's language that a tag of a document names; ``""`` where there is none."""
    return lookup(tag or "") or ""


def require_languages(source: str, language: str) -> None:
    if not source or not language or source == language:
        raise ValidationError(
            _("The file must say from which of the site's languages into which other it is."), code="languages"
        )


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


# --- XLIFF 2 ---


def read_2(root: etree._Element) -> Document:
    source, language = site_language(root.get("srcLang")), site_language(root.get("trgLang"))
    require_languages(source, language)
    files = [
        ReadFile(file.sourceline, file.get("id", ""), [read_unit_2(unit) for unit in file.iter("{*}unit")])
        for file in root.iterchildren("{*}file")
    ]
    return Document(source, language, files)


def read_unit_2(unit: etree._Element) -> ReadUnit:
    """Return a unit: its segments one after the other, with what is between them."""
    data = {each.get("id"): each.text or "" for each in unit.iterfind("{*}originalData/{*}data")}
    source: list[Token] = []
    target: list[Token] = []
    wanted = translated = 0
    for part in unit.iterchildren("{*}segment", "{*}ignorable"):
        ours = list(codes_2(part.find("{*}source"), data))
        theirs = list(codes_2(part.find("{*}target"), data))
        source += ours
        if local(part) == "segment":
            wanted += 1
            translated += bool(theirs)
        target += theirs or (ours if local(part) == "ignorable" else [])
    return ReadUnit(
        unit.sourceline, unit.get("id", ""), source, target if translated else None, 0 < translated < wanted
    )


def codes_2(element: etree._Element | None, data: dict[str | None, str]) -> Iterator[Token]:
    """Yield the tokens inside an element; marks of annotations are passed through."""
    if element is None:
        return
    if element.text:
        yield Token(TEXT, element.text)
    for each in element:
        kind, code = local(each), each.get("id", "")
        if kind == "pc":
            yield Token(OPEN, data.get(each.get("dataRefStart"), ""), code)
            yield from codes_2(each, data)
            yield Token(CLOSE, data.get(each.get("dataRefEnd"), ""), code)
        elif kind == "sc":
            yield Token(OPEN, data.get(each.get("dataRef"), ""), code)
        elif kind == "ec":
            yield Token(CLOSE, data.get(each.get("dataRef"), ""), each.get("startRef", code))
        elif kind == "ph":
            yield Token(EMPTY, data.get(each.get("dataRef"), ""), code)
        elif kind == "mrk":
            yield from codes_2(each, data)
        if each.tail:
            yield Token(TEXT, each.tail)


# --- XLIFF 1.2 ---


def read_1(root: etree._Element) -> Document:
    elements = list(root.iterchildren("{*}file"))
    pairs = {
        (site_language(each.get("source-language")), site_language(each.get("target-language"))) for each in elements
    }
    source, language = next(iter(pairs)) if len(pairs) == 1 else ("", "")
    require_languages(source, language)
    files = [
        ReadFile(file.sourceline, file.get("original", ""), [read_unit_1(unit) for unit in file.iter("{*}trans-unit")])
        for file in elements
    ]
    return Document(source, language, files)


def read_unit_1(unit: etree._Element) -> ReadUnit:
    source, target = (list(codes_1(unit.find(f"{{*}}{name}"))) for name in ("source", "target"))
    return ReadUnit(unit.sourceline, unit.get("id", ""), source, target or None)


def codes_1(element: etree._Element | None) -> Iterator[Token]:
    """Yield the tokens inside an element; ``g`` and ``x`` are what some programs make of our codes."""
    if element is None:
        return
    kinds = {"bpt": OPEN, "ept": CLOSE, "ph": EMPTY, "x": EMPTY}
    if element.text:
        yield Token(TEXT, element.text)
    for each in element:
        kind, code = local(each), each.get("id", "")
        if kind in kinds:
            yield Token(kinds[kind], each.text or "", code)
        elif kind == "g":
            yield Token(OPEN, "", code)
            yield from codes_1(each)
            yield Token(CLOSE, "", code)
        elif kind == "mrk":
            yield from codes_1(each)
        if each.tail:
            yield Token(TEXT, each.tail)
