"""Texts out: a document a pair of languages, a file an item, a unit a text, with what a translator must know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from lxml import etree

from cms.content.characters import without_forbidden
from cms.content.models import Publishable
from cms.publishing.drafts import key_of as item_key
from cms.publishing.preview import preview_url
from cms.translations.checks import plain
from cms.translations.texts import ItemTexts, Status, Text, item_texts
from cms.translations.xliff.codes import CLOSE, EMPTY, OPEN, TEXT, Token, renumbered, segments, tokens_of
from cms.translations.xliff.names import UnitName, item_name, key_or_none

NAMESPACES = {"2.1": "urn:oasis:names:tc:xliff:document:2.0", "1.2": "urn:oasis:names:tc:xliff:document:1.2"}
VERSIONS = tuple(NAMESPACES)
# Elements in which there are others alone, and those in which there is text.
CONTAINERS = ("xliff", "file", "body", "unit", "trans-unit", "notes", "originalData", "segment", "ignorable")
LEAVES = ("note", "data", "source", "target")
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
# What an element is, in the words of each version (2.1, section 4.3.1.40; 1.2, section 2.3, ctype).
TYPES_2 = {"a": "link", "strong": "fmt", "em": "fmt", "sub": "fmt", "sup": "fmt", "br": "fmt"}
TYPES_1 = {"a": "link", "strong": "bold", "em": "italic", "br": "lb"}
STATES_1 = {Status.MISSING: "needs-translation", Status.OUTDATED: "needs-adaptation"}


@dataclass(frozen=True)
class Unit:
    """A text as it goes out: its identifier, its tokens, and notes for the translator by what they are about."""

    name: str
    text: Text
    source: list[Token]
    target: list[Token] | None
    notes: dict[str, str]


Files = list[tuple[str, str, list[Unit]]]  # identifier and name of an item, and its texts


def documents(
    items: Iterable[Publishable],
    language: str,
    *,
    version: str,
    everything: bool = False,
    absolute: Callable[[str], str] = str,
) -> dict[str, bytes]:
    """Return the texts of ``items`` that are to be translated into ``language`` as XLIFF of ``version``, a document
    for each language that they are to be translated from, by its code.

    Those that are missing or outdated or, with ``everything``, all. ``absolute`` makes an address of the site one that
    opens from elsewhere.
    """
    items = list(items)
    found = item_texts(items)
    files: dict[str, Files] = {}
    for item in items:
        for source, units in units_of(
            item, found[item_key(item)], language, everything=everything, absolute=absolute
        ).items():
            files.setdefault(source, []).append((item_name(item), str(item), units))
    write = write_2 if version == "2.1" else write_1
    return {source: serialized(write(source, language, each)) for source, each in files.items()}


def units_of(
    item: Publishable,
    texts: ItemTexts,
    language: str,
    *,
    everything: bool,
    absolute: Callable[[str], str],
) -> dict[str, list[Unit]]:
    """Return the texts of one item that go out, by the language that they are translated from."""
    preview = absolute(preview_url(item, language=language))
    found: dict[str, list[Unit]] = {}
    for text in texts.texts(language):
        if text.source_language != language and text.source and (everything or text.needs_work):
            found.setdefault(text.source_language, []).append(unit_of(text, texts, preview))
    return found


def unit_of(text: Text, texts: ItemTexts, preview: str) -> Unit:
    """Return one text as it goes out."""
    _language, key, number = texts.sources[text.source_language].stamp(text.place)
    name = UnitName(text.place, key or key_or_none(text.source), number, key_or_none(text.target))
    source = tokens_of(without_forbidden(text.source), is_rich=text.is_rich)
    target = (
        renumbered(tokens_of(without_forbidden(text.target), is_rich=text.is_rich), source) if text.target else None
    )
    notes = {"context": str(text.label), "preview": preview}
    if text.max_length:
        notes["length"] = _("At most %(most)d characters.") % {"most": text.max_length}
    if text.status == Status.OUTDATED:
        notes["status"] = _("The source has changed since this was translated.")
    if text.target and target is None:
        notes["translation"] = plain(text.target)  # its markup is not that of the source
    return Unit(str(name), text, source, target, notes)


def serialized(root: etree._Element) -> bytes:
    """Return a document with an element of its structure a line, so that a line tells where something is wrong."""
    for element in root.iter():
        name = etree.QName(element).localname
        if name in (*CONTAINERS, *LEAVES):
            element.tail = "\n"
        if name in CONTAINERS and len(element):
            element.text = "\n"
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def child(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    """Add an element in the namespace of its parent."""
    element = etree.SubElement(parent, f"{{{parent.nsmap[None]}}}{tag}", **attributes)
    element.text = without_forbidden(text) or None
    return element


def append_text(parent: etree._Element, text: str) -> None:
    """Add text at the end of an element."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


# --- XLIFF 2.1 ---


def write_2(source: str, language: str, files: Files) -> etree._Element:
    root = etree.Element(f"{{{NAMESPACES['2.1']}}}xliff", nsmap={None: NAMESPACES["2.1"]})
    root.attrib.update({"version": "2.1", "srcLang": source, "trgLang": language})
    for name, title, units in files:
        file = child(root, "file", id=name, original=name)
        child(child(file, "notes"), "note", title, category="item")
        for unit in units:
            write_unit_2(file, unit)
    return root


def write_unit_2(file: etree._Element, unit: Unit) -> None:
    """Write a text as a unit: its passages are segments, the markup of blocks stands between them."""
    element = child(file, "unit", id=unit.name, name=unit.text.place)
    element.set(SPACE, "preserve")
    notes = child(element, "notes")
    for category, note in unit.notes.items():
        child(notes, "note", note, category=category)
    data = [token for token in unit.source if token.kind != TEXT]
    if data:
        original = child(element, "originalData")
        for token in data:
            child(original, "data", token.text, id=reference(token))
    runs = list(segments(unit.source))
    targets = translated_runs(unit, runs)
    for (is_passage, run), target in zip(runs, targets, strict=True):
        part = child(element, "segment" if is_passage else "ignorable")
        if is_passage:
            part.set("state", "initial" if unit.text.needs_work else "translated")
        write_codes_2(child(part, "source"), run)
        if target is not None:
            write_codes_2(child(part, "target"), target)


def translated_runs(unit: Unit, runs: list) -> list[list[Token] | None]:
    """Return the translation of each run, where the blocks of a translation are those of its source."""
    targets = list(segments(unit.target or []))
    if shape(targets) != shape(runs):
        return [None] * len(runs)
    return [run if is_passage else None for is_passage, run in targets]


def shape(runs: list) -> list:
    """Return what is the same in a text and its translation: the markup of blocks, and where passages are."""
    return [None if is_passage else run for is_passage, run in runs]


def reference(token: Token) -> str:
    """Return the identifier of the markup of a code."""
    return f"e{token.code}" if token.kind == CLOSE else f"d{token.code}"


def write_codes_2(parent: etree._Element, run: list[Token]) -> None:
    """Write tokens as text and codes: a pair as ``pc``, one end whose other is in another run as ``sc`` or ``ec``."""
    opened = [token.code for token in run if token.kind == OPEN]
    closed = [token.code for token in run if token.kind == CLOSE]
    stack = [parent]
    for token in run:
        if token.kind == TEXT:
            append_text(stack[-1], token.text)
        elif token.kind == EMPTY:
            child(stack[-1], "ph", id=token.code, dataRef=reference(token), type=type_2(token))
        elif token.kind == OPEN and token.code in closed:
            ends = {"dataRefStart": reference(token), "dataRefEnd": f"e{token.code}"}
            stack.append(child(stack[-1], "pc", id=token.code, type=type_2(token), **ends))
        elif token.kind == OPEN:
            child(stack[-1], "sc", id=token.code, dataRef=reference(token), type=type_2(token))
        elif token.code in opened:
            stack.pop()
        else:
            child(stack[-1], "ec", startRef=token.code, dataRef=reference(token))


def element_of(token: Token) -> str:
    return token.text.strip("</>").split()[0]


def type_2(token: Token) -> str:
    return TYPES_2.get(element_of(token), "other")


# --- XLIFF 1.2 ---


def write_1(source: str, language: str, files: Files) -> etree._Element:
    root = etree.Element(f"{{{NAMESPACES['1.2']}}}xliff", nsmap={None: NAMESPACES["1.2"]}, version="1.2")
    for name, _title, units in files:
        languages = {"source-language": source, "target-language": language}
        file = child(root, "file", original=name, datatype="html", **languages)
        body = child(file, "body")
        for unit in units:
            write_unit_1(body, unit)
    return root


def write_unit_1(body: etree._Element, unit: Unit) -> None:
    """Write a text as a unit, with the markup of its blocks as codes too."""
    element = child(body, "trans-unit", id=unit.name, resname=unit.text.place)
    element.set(SPACE, "preserve")
    if unit.text.max_length:
        element.attrib.update({"maxwidth": str(unit.text.max_length), "size-unit": "char"})
    write_codes_1(child(element, "source"), unit.source)
    if unit.target:
        state = STATES_1.get(unit.text.status, "translated")  # type: ignore[call-overload] # a status is a text
        write_codes_1(child(element, "target", state=state), unit.target)
    for category, note in unit.notes.items():
        child(element, "note", f"{category}: {note}", **{"from": "developer"})


def write_codes_1(parent: etree._Element, tokens: list[Token]) -> None:
    """Write tokens as text and codes that hold their markup: ``bpt``, ``ept`` and ``ph``."""
    tags = {OPEN: "bpt", CLOSE: "ept", EMPTY: "ph"}
    for token in tokens:
        if token.kind == TEXT:
            append_text(parent, token.text)
        else:
            element = child(parent, tags[token.kind], token.text, id=token.code)
            if token.kind != CLOSE:
                name = element_of(token)
                element.set("ctype", TYPES_1.get(name, f"x-html-{name}"))
