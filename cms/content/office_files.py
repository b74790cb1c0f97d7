"""What an uploaded Word or OpenDocument file has besides text and pictures, asked of its parts one by one.

Rules: ECMA-376 (OOXML) part 1 and part 2 (packages), OpenDocument 1.3. Each part is read as a parser meets it and
never held whole, and names are compared as the programs that open such files do: whatever their case. It runs in a
child of the runner.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import NoReturn

from lxml import etree

from cms.content.contained import Refused

MOST_ENTRIES = 5_000
XML = (".xml", ".rels", ".vml", ".rdf", ".svg")
PICTURES = (".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".emz", ".wmz", ".webp")
FONTS = (".odttf", ".ttf", ".otf")
# Of OpenDocument: entries without content or without an extension that a word processor writes.
PLAIN_OF_ODF = re.compile(r"mimetype|layout-cache|ObjectReplacements/[^/]+|Configurations2/[\w/]*")
DOCX_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
ACTIVE_TYPES = re.compile(r"macroenabled|vbaproject|vbadata|activex|oleobject|ms-office\.control|ms-word\.attached")
# The last words of relationship types (ECMA-376, part 1, 15) that bring in something else than text and pictures.
RELATIONSHIPS = {
    **dict.fromkeys(
        ("vbaproject", "wordvbadata", "keymapcustomizations", "attachedtoolbars", "extensibility"), "macros"
    ),
    **dict.fromkeys(("oleobject", "package", "control", "activexcontrolbinary", "afchunk", "subdocument"), "files"),
    **dict.fromkeys(("frame", "externallink", "externallinkpath", "mailmergesource", "recipientdata"), "elsewhere"),
}
OOXML_ELEMENTS = dict.fromkeys(
    ("altchunk", "oleobject", "control", "subdoc", "objectembed", "objectlink", "movie"), "files"
)
ODF_ELEMENTS = {
    **dict.fromkeys(
        ("script:event-listener", "presentation:event-listener", "text:script", "office:script"), "scripts"
    ),
    **dict.fromkeys(("script:library", "script:module", "script:libraries", "text:execute-macro"), "macros"),
    **dict.fromkeys(("draw:plugin", "draw:applet", "draw:object-ole", "draw:floating-frame"), "files"),
    **dict.fromkeys(
        ("text:dde-connection", "text:dde-connection-decl", "office:dde-source", "table:dde-link"), "fields"
    ),
    **dict.fromkeys(("form:connection-resource", "meta:auto-reload"), "elsewhere"),
}
ODF_LINKS = {"a", "template"}  # followed by whoever clicks; a template is asked for by its name
# Fields (ECMA-376, part 1, 17.16.5, and Word's own) that write something of the file itself; no other is let pass.
# ADDIN holds what programs for references keep.
FIELDS = {
    *("addin", "addressblock", "advance", "ask", "author", "autonum", "autonumlgl", "autonumout", "autotext"),
    *("autotextlist", "barcode", "bibliography", "bidioutline", "citation", "comments", "compare"),
    *("createdate", "date", "displaybarcode", "docproperty", "docvariable", "edittime", "eq", "filename"),
    *("filesize", "fillin", "formcheckbox", "formdropdown", "formtext", "gotobutton", "greetingline"),
    *("hyperlink", "if", "index", "info", "keywords", "lastsavedby", "listnum", "mergebarcode", "mergefield"),
    *("mergerec", "mergeseq", "next", "nextif", "noteref", "numchars", "numpages", "numwords", "page"),
    *("pageref", "printdate", "private", "quote", "ref", "revnum", "savedate", "section", "sectionpages"),
    *("seq", "set", "shape", "skipif", "styleref", "subject", "symbol", "ta", "tc", "template", "time"),
    *("title", "toa", "toc", "useraddress", "userinitials", "username", "xe"),
}
NESTED, CHECKED = "\0", "\1"  # in the code of a field: another field, and a code that was looked at
HARMLESS_LINK = re.compile(r"(?i)(?:https?|mailto|tel|ftps?|doi|urn|news|geo|sms):|#|(?![a-z][a-z0-9+.-]*:|[\\/]{2})")
INSIDE = re.compile(r"(?i)#|(?!\.\.|[\\/]|[a-z][a-z0-9+.-]*:)")  # an address of a part of the same file
OF_THE_PACKAGE = re.compile(r"(?i)(?![\\/]{2}|[a-z][a-z0-9+.-]*:)")  # the same of a relationship, from any folder
QUOTED = re.compile('["“]([^"”]*)')
VML = "urn:schemas-microsoft-com:vml"
ODT = b"application/vnd.oasis.opendocument.text"
MOST_OF_MIMETYPE = 100  # bytes
MACROS_OF_ODF = re.compile(r"(?i)(?:[^/]+/)*(?:Basic|Scripts)/")
PIECE = 256 * 1024  # bytes
Rule = Callable[["Element"], None]


class Element:
    """The start of an element: its name and its namespace in lower case, and its attributes."""

    def __init__(self, tag: str, attributes: Mapping[str, str]):
        self.namespace, self.name = split(tag)
        self.attributes = attributes

    @property
    def space(self) -> str:
        """The usual prefix of a namespace of OpenDocument: ``text`` of ``urn:oasis:...:xmlns:text:1.0``."""
        return self.namespace.rpartition("xmlns:")[2].partition(":")[0]

    def attribute(self, name: str) -> str:
        """Return an attribute by its name in any namespace and any case, ``""`` where there is none."""
        return next((value.strip() for key, value in self.attributes.items() if split(key)[1] == name), "")


def split(tag: str) -> tuple[str, str]:
    namespace, _brace, name = tag.rpartition("}")
    return namespace.lstrip("{").lower(), name.lower()


def refuse(what: str) -> NoReturn:
    raise Refused("active", what)


class Reader:
    """The target of a parser: hands each element to ``rules``, and the codes of fields to :func:`check_field`."""

    def __init__(self, *rules: Rule):
        self.rules = rules
        self.codes: list[str] = []  # of the fields that are open, the outermost first
        self.is_code = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        element = Element(tag, attributes)
        for rule in self.rules:
            rule(element)
        self.is_code = element.name in ("instrtext", "delinstrtext")
        if element.name == "fldsimple":
            check_field(element.attribute("instr"))
        elif element.name == "fldchar":
            self.mark(element.attribute("fldchartype").lower())

    def mark(self, kind: str) -> None:
        """Open a field, end its code, or close it: its code may stand in many pieces, with other fields among them."""
        if kind == "begin":
            self.codes[-1:] = [*(code + NESTED for code in self.codes[-1:]), ""]
        elif kind in ("separate", "end") and self.codes:
            check_field(self.codes.pop())
            self.codes += [CHECKED] if kind == "separate" else []

    def data(self, text: str) -> None:
        if self.is_code:
            self.codes = self.codes or [""]
            self.codes[-1] += text

    def end(self, _tag: str) -> None:
        self.is_code = False

    def doctype(self, _name: str, _public: str, _system: str) -> None:
        raise Refused("content")  # neither format has one: what it declares is read by nobody honest

    def close(self) -> None:
        for code in self.codes:
            check_field(code)


def check_field(code: str) -> None:
    """Raise ``Refused`` for the code of a field that may fetch or run something, or whose kind is made by another.

    A code that begins with ``=`` calculates (17.16.3).
    """
    kind = code.strip().split(maxsplit=1)[0].lower() if code.strip(f" {CHECKED}") else ""
    name = kind.strip('"\\').rstrip(NESTED)
    if kind and not kind.startswith("=") and (kind.startswith(NESTED) or name not in FIELDS):
        refuse("fields")
    if kind == "hyperlink" and (address := QUOTED.search(code)) and not HARMLESS_LINK.match(address[1].strip()):
        refuse("links")


# --- Rules for elements ---------------------------------------------------------------------------------------------


def check_type(element: Element) -> None:
    """Judge an entry of ``[Content_Types].xml``."""
    if ACTIVE_TYPES.search(element.attribute("contenttype").lower()):
        refuse("macros")


def check_relationship(element: Element) -> None:
    """Judge an entry of a ``.rels`` part: what is fetched when the file is opened, and where links lead."""
    if element.name != "relationship":
        return
    kind = re.split(r"[/#]", element.attribute("type").lower().rstrip("/"))[-1]
    target = element.attribute("target")
    if what := RELATIONSHIPS.get(kind):
        refuse(what)
    if kind == "hyperlink":
        if not HARMLESS_LINK.match(target):
            refuse("links")
    elif element.attribute("targetmode").lower() == "external" or not OF_THE_PACKAGE.match(target):
        refuse("elsewhere")


def check_ooxml_element(element: Element) -> None:
    """Judge an element of a Word file."""
    if element.name in OOXML_ELEMENTS:
        refuse(OOXML_ELEMENTS[element.name])
    if element.namespace == VML and (
        element.attribute("src") or element.name == "imagedata" and element.attribute("href")
    ):
        refuse("elsewhere")
    for name in ("href", "hlinkhref"):
        if not HARMLESS_LINK.match(element.attribute(name)):
            refuse("links")


def check_odf_element(element: Element) -> None:
    """Judge an element of an OpenDocument file."""
    if what := ODF_ELEMENTS.get(f"{element.space}:{element.name}"):
        refuse(what)
    if element.space == "script" or element.name in ("encryption-data", "encrypted-key"):
        refuse("scripts" if element.space == "script" else "files")
    address = element.attribute("href")
    if element.name in ODF_LINKS:
        if not HARMLESS_LINK.match(address) and not (element.name == "template" and address.startswith("file:")):
            refuse("links")
    elif not INSIDE.match(address):
        refuse("elsewhere")


def check_picture_element(element: Element) -> None:
    """Judge an element of a drawing (SVG)."""
    if element.name == "script" or any(split(name)[1].startswith("on") for name in element.attributes):
        refuse("scripts")
    address = element.attribute("href")
    if element.name != "a" and not INSIDE.match(address) and not address.startswith("data:image/"):
        refuse("elsewhere")


# --- Archives -------------------------------------------------------------------------------------------------------


def check(content: bytes, *, is_word: bool, most_bytes: int) -> None:
    """Raise ``Refused`` for an archive that is none of a word processor, or has more than text and pictures.

    Reasons: ``content``, ``polyglot``, ``archive`` (larger than ``most_bytes`` unpacked), ``active``, whose detail is
    what it has: a name of ``cms.content.validators.ACTIVE``.
    """
    if not content.startswith(b"PK\x03\x04"):
        raise Refused("content")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            check_entries(archive, content, most_bytes)
            (check_word if is_word else check_opendocument)(archive)
    except UNREADABLE:
        raise Refused("content") from None


UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError),
    *(KeyError, NotImplementedError, RuntimeError, ValueError, OSError, EOFError),
)


def ends_as_archive(content: bytes) -> bool:
    """Say whether nothing stands behind the archive's own end, not even its comment (APPNOTE, 4.3.16)."""
    return content.rfind(b"PK\x05\x06") == len(content) - 22


def check_entries(archive: zipfile.ZipFile, content: bytes, most_bytes: int) -> None:
    """Judge the archive as a whole: nothing before it, nothing twice, nothing protected, of sensible size."""
    entries = archive.infolist()
    if min(entry.header_offset for entry in entries) != 0 or not ends_as_archive(content):
        raise Refused("polyglot")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > most_bytes:
        raise Refused("archive")
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) < len(names) or any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise Refused("content")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("encrypted")


def check_word(archive: zipfile.ZipFile) -> None:
    """Judge a Word file by its parts."""
    if not {"[Content_Types].xml", "word/document.xml"} <= set(archive.namelist()):
        raise Refused("content")
    types: list[str] = []
    read(archive, "[Content_Types].xml", check_type, lambda element: types.append(element.attribute("contenttype")))
    if DOCX_MAIN not in types:
        raise Refused("content")
    for name in parts(archive):
        if name.lower().endswith(".rels"):
            read(archive, name, check_relationship)
        elif name.lower().endswith(XML):
            read(archive, name, check_picture_element if name.lower().endswith(".svg") else check_ooxml_element)
        elif not name.lower().endswith((*PICTURES, *FONTS)):
            refuse("files")


def check_opendocument(archive: zipfile.ZipFile) -> None:
    """Judge an OpenDocument text by its parts."""
    first = archive.infolist()[0]
    if first.filename != "mimetype" or first.file_size > MOST_OF_MIMETYPE or archive.read(first) != ODT:
        raise Refused("content")
    if "content.xml" not in archive.namelist():
        raise Refused("content")
    for name in parts(archive):
        if MACROS_OF_ODF.match(name):
            refuse("macros")
        if name.lower().endswith(XML):
            read(archive, name, check_picture_element if name.lower().endswith(".svg") else check_odf_element)
        elif not name.lower().endswith((*PICTURES, *FONTS)) and not PLAIN_OF_ODF.fullmatch(name):
            refuse("files")


def parts(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield the names of the entries that hold something; word processors write empty ones too."""
    return (entry.filename for entry in archive.infolist() if entry.file_size)


def read(archive: zipfile.ZipFile, name: str, *rules: Rule) -> None:
    """Read a part of an archive as XML, each element by ``rules``; raises what they raise, and what is no XML does."""
    parser = etree.XMLParser(target=Reader(*rules), resolve_entities=False, no_network=True, load_dtd=False)
    with archive.open(name) as part:
        while piece := part.read(PIECE):
            parser.feed(piece)
    parser.close()
