"""Hostile uploads: each is made here as an attacker would make it, and refused with words that say what to do."""

import io
import struct
import zipfile
import zlib

import docx
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image

from priorities.models import Document
from publishing.packages.files import checked_digest
from publishing.validators import validate_document, validate_image

LIMIT = 1024 * 1024  # bytes unpacked, in these tests
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
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
    monkeypatch.setattr("publishing.validators.MAX_ARCHIVE_BYTES", LIMIT)


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


def opendocument(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", ODT)
        for name in ("content.xml", *names):
            archive.writestr(name, "<x/>")
    return target.getvalue()


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
    "script-in-pdf": (
        "plan.pdf",
        lambda: PDF.replace(b"/Type", b"/OpenAction << /S /JavaScript /JS (x) >> /Type"),
        "active",
    ),
    "program-in-pdf": ("plan.pdf", lambda: PDF.replace(b"/Type", b"/A << /S /Launch /F (cmd.exe) >> /Type"), "active"),
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
        ("signed.pdf", lambda: PDF + b"2 0 obj\n<< >>\nendobj\n%%EOF\r\n\x00"),
        ("plan.docx", word),
        (
            "links.docx",
            lambda: word(**{"word/_rels/x.xml.rels": RELATIONSHIP.format(kind="hyperlink", mode="External")}),
        ),
        ("plan.odt", opendocument),
    ],
    ids=["pdf", "points-in-name", "signed-pdf", "docx", "docx-with-links", "odt"],
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
