"""What may be uploaded: a short list of formats, checked by content and not only by name."""

import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from lxml import etree

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"

# Extension -> media type (RFC 6838) with which a document is served.
DOCUMENT_TYPES = {".pdf": PDF, ".docx": DOCX, ".odt": ODT}
IMAGE_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
MAX_IMAGE_PIXELS = 40_000_000

# A name that ends in two extensions hides one of them on many desktops. These are of what runs or is rendered.
HIDDEN_EXTENSIONS = {
    *(".asp", ".aspx", ".bat", ".cgi", ".cmd", ".com", ".dll", ".exe", ".hta", ".htm", ".html", ".jar", ".js", ".jsp"),
    *(".lnk", ".mhtml", ".mjs", ".msi", ".php", ".phtml", ".pif", ".pl", ".ps1", ".py", ".scr", ".sh", ".shtml"),
    *(".svg", ".svgz", ".swf", ".vbs", ".wasm", ".xht", ".xhtml", ".xml", ".xsl", ".docm", ".dotm"),
}
# What makes a browser take bytes for a page (https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type).
MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|\?php)\b|<\?php", re.IGNORECASE)
# What a PDF does by itself when it is opened. Only where it stands uncompressed; the file is a download in any case.
ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Launch)\b")
HEAD, TAIL, CHUNK, OVERLAP = 1024, 2048, 1024 * 1024, 64  # bytes
MAX_ARCHIVE_ENTRIES = 5_000
MAX_ARCHIVE_BYTES = 300 * 1024 * 1024  # unpacked
MAX_PART_BYTES = 4 * 1024 * 1024  # of the parts that are read here
DOCX_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
DOCX_MACROS = re.compile(r"(?i)(?:^|/)(?:vbaProject\.bin|vbaData\.xml|activeX/)")
ODT_MACROS = re.compile(r"(?i)^(?:Basic|Scripts)/")


def extension(file: File) -> str:
    """Return the extension of an upload's name in lower case, with its dot: ``".pdf"``."""
    return PurePath(file.name or "").suffix.lower()


def is_stored(file: File) -> bool:
    """Say whether ``file`` is in the storage already: it was checked on its way in and need not be opened again."""
    return getattr(file, "_committed", False)


def validate_size(file: File, limit: int) -> None:
    """Raise ``ValidationError`` when ``file`` is larger than ``limit`` bytes."""
    if file.size > limit:
        raise ValidationError(
            _("The file has %(size)s; the most that is accepted is %(limit)s."),
            code="size",
            params={"size": filesizeformat(file.size), "limit": filesizeformat(limit)},
        )


def validate_name(file: File) -> None:
    """Raise ``ValidationError`` for a name that shows people another kind of file than it is, or for no content."""
    name = file.name or ""
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in name):
        raise ValidationError(
            _("The name of this file has invisible characters. Rename it with plain letters and digits."), code="name"
        )
    hidden = [suffix for suffix in PurePath(name).suffixes[:-1] if suffix.lower() in HIDDEN_EXTENSIONS]
    if hidden:
        raise ValidationError(
            _("The name of this file has two extensions, one of them %(extension)s. Rename it with one."),
            code="name",
            params={"extension": hidden[0]},
        )
    if not file.size:
        raise ValidationError(_("The file is empty."), code="empty")


def validate_document(file: File) -> None:
    """Raise ``ValidationError`` unless ``file`` is a PDF, Word (.docx) or OpenDocument text of accepted size that is
    nothing else besides: no page, no program, no archive, and without macros.
    """
    if is_stored(file):
        return
    validate_name(file)
    validate_size(file, settings.MAX_DOCUMENT_BYTES)
    media_type = DOCUMENT_TYPES.get(extension(file))
    if media_type is None:
        raise ValidationError(_("Upload a PDF, Word (.docx) or OpenDocument (.odt) file."), code="extension")
    file.seek(0)
    try:
        if media_type == PDF:
            check_pdf(file)
        else:
            check_archive(file, media_type)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        raise wrong_content(file) from None
    finally:
        file.seek(0)


def wrong_content(file: File) -> ValidationError:
    return ValidationError(
        _("The content of this file is not what its name says. Save it again as %(extension)s and upload that."),
        code="content",
        params={"extension": extension(file)},
    )


def two_kinds() -> ValidationError:
    return ValidationError(
        _("This file is of two kinds at once, so it could be opened as something else. Save it anew and upload that."),
        code="polyglot",
    )


def active_content() -> ValidationError:
    return ValidationError(
        _("This file has macros or scripts, or loads parts from elsewhere. Save a copy without them and upload that."),
        code="active",
    )


def windows(file: File) -> Iterator[bytes]:
    """Yield the content of ``file`` in pieces that overlap, so that no short pattern is cut in two."""
    file.seek(0)
    kept = b""
    while piece := file.read(CHUNK):
        yield kept + piece
        kept = piece[-OVERLAP:]


def check_pdf(file: File) -> None:
    """Raise ``ValidationError`` unless ``file`` begins and ends as a PDF (ISO 32000-1, 7.5) and runs nothing."""
    head = file.read(HEAD)
    if not head.startswith(b"%PDF-"):
        raise wrong_content(file)
    file.seek(max(file.size - TAIL, 0))
    tail = file.read(TAIL)
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise wrong_content(file)
    if MARKUP.search(head) or tail[end + 5 :].strip(b"\r\n\t \x00"):
        raise two_kinds()
    if any(ACTIVE_PDF.search(piece) for piece in windows(file)):
        raise active_content()


def check_archive(file: File, media_type: str) -> None:
    """Raise ``ValidationError`` unless ``file`` is a word processor's archive: whole, of sensible size, no macros."""
    if file.read(4) != b"PK\x03\x04":
        raise wrong_content(file)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        names = {entry.filename for entry in entries}
        if min(entry.header_offset for entry in entries) != 0 or MARKUP.search(archive.comment):
            raise two_kinds()
        if len(entries) > MAX_ARCHIVE_ENTRIES or sum(entry.file_size for entry in entries) > MAX_ARCHIVE_BYTES:
            raise ValidationError(_("Unpacked, this file is too large."), code="archive")
        if media_type == DOCX:
            check_docx(file, archive, names)
        else:
            if "content.xml" not in names or read_part(archive, "mimetype")[:60] != ODT.encode():
                raise wrong_content(file)
            if any(ODT_MACROS.match(name) for name in names):
                raise active_content()


def check_docx(file: File, archive: zipfile.ZipFile, names: set[str]) -> None:
    """Raise ``ValidationError`` for a Word file with macros or with parts that are loaded from elsewhere.

    Links that a reader follows are fine; a template, picture or object at a web address is fetched on opening.
    """
    if not {"[Content_Types].xml", "word/document.xml"} <= names:
        raise wrong_content(file)
    types = {part.get("ContentType", "") for part in parsed_part(archive, "[Content_Types].xml")}
    if any("macroEnabled" in found for found in types) or any(DOCX_MACROS.search(name) for name in names):
        raise active_content()
    if DOCX_MAIN not in types:
        raise wrong_content(file)
    for name in names:
        if name.endswith(".rels"):
            for relationship in parsed_part(archive, name):
                is_link = relationship.get("Type", "").endswith("/hyperlink")
                if relationship.get("TargetMode", "").lower() == "external" and not is_link:
                    raise active_content()


def parsed_part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    """Return the XML of a part; raise ``ValueError`` for what is none or has a DTD, which these formats forbid."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(read_part(archive, name), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(name) from error
    if root.getroottree().docinfo.doctype:
        raise ValueError(name)
    return root


def read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part of an archive; one that is much larger than such parts are is refused unread."""
    if archive.getinfo(name).file_size > MAX_PART_BYTES:
        raise ValidationError(_("Unpacked, this file is too large."), code="archive")
    return archive.read(name)


def validate_image(file: File) -> None:
    """Raise ``ValidationError`` unless ``file`` is a JPEG, PNG or WebP picture of accepted size and nothing else.

    The size in pixels is read from the header, so a decompression bomb is refused before it is unpacked. Then it is
    decoded to its end, as it will be when it is stored.
    """
    from PIL import Image, UnidentifiedImageError

    from cms.content.pictures import without_traces

    if is_stored(file):
        return
    validate_name(file)
    validate_size(file, settings.MAX_IMAGE_BYTES)
    media_type = IMAGE_TYPES.get(extension(file))
    if media_type is None:
        raise ValidationError(_("Upload a JPEG, PNG or WebP picture."), code="extension")
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is stricter
            with Image.open(file, formats=["JPEG", "PNG", "WEBP"]) as image:
                several = image.format == "MPO"  # JPEGs behind one another, as cameras write them; the first is kept
                actual = "image/jpeg" if several else Image.MIME.get(image.format or "")
                pixels, moves = image.width * image.height, not several and getattr(image, "is_animated", False)
    except Image.DecompressionBombError:
        actual, pixels, moves = media_type, MAX_IMAGE_PIXELS + 1, False
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        actual, pixels, moves = None, 0, False
    finally:
        file.seek(0)
    if actual != media_type:
        raise ValidationError(_("This file is not a picture of the kind its name says."), code="content")
    if pixels > MAX_IMAGE_PIXELS:
        raise ValidationError(_("The picture has more than 40 million pixels."), code="pixels")
    if moves:
        raise ValidationError(_("Upload a picture that does not move."), code="animated")
    polyglot = any(MARKUP.search(piece) for piece in windows(file))
    file.seek(0)
    if polyglot:
        raise two_kinds()
    try:
        without_traces(file.read())
    except (OSError, ValueError, SyntaxError):
        raise ValidationError(
            _("This picture is cut off or damaged. Save it again and upload that."), code="damaged"
        ) from None
    finally:
        file.seek(0)
