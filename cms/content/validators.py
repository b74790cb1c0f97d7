"""What may be uploaded: a short list of formats, checked by content and not only by name.

Documents are read by a child of the runner (:mod:`cms.content.examining`); here is what a refusal says.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterator
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from cms.content.examining import DOCX, ODT, PDF
from cms.content.runner import Busy, Refused, Runner
from cms.content.scanning import validate_scanned

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
HEAD, TAIL, CHUNK, OVERLAP = 1024, 2048, 1024 * 1024, 64  # bytes
MAX_ARCHIVE_BYTES = 300 * 1024 * 1024  # unpacked
# What a document may not have: by the names that the readers of PDF, Word and OpenDocument give it.
ACTIVE = {
    "scripts": _("scripts"),
    "macros": _("macros"),
    "programs": _("an action that starts a program"),
    "files": _("other files or objects inside it, such as a table of another program"),
    "forms": _("a form that sends or runs something"),
    "media": _("sound, film or 3D objects"),
    "fields": _("fields that fetch or run something when it is opened"),
    "elsewhere": _("parts that are loaded from elsewhere, such as a linked picture or template"),
    "links": _("a link to a file of a computer or network instead of the web"),
}

uploads = Runner("uploads", "cms.content.examining")


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
    nothing else besides: no page, no program, no archive, without anything that runs, fetches or holds something.
    """
    if is_stored(file):
        return
    validate_name(file)
    validate_size(file, settings.MAX_DOCUMENT_BYTES)
    media_type = DOCUMENT_TYPES.get(extension(file))
    if media_type is None:
        raise ValidationError(_("Upload a PDF, Word (.docx) or OpenDocument (.odt) file."), code="extension")
    try:
        if media_type == PDF:
            check_ends(file)
        examine(file, media_type)
    finally:
        file.seek(0)
    validate_scanned(file)


def examine(file: File, media_type: str) -> None:
    """Have a child read ``file``; raise ``ValidationError`` with what it has that it may not."""
    file.seek(0)
    arguments = {"media_type": media_type, "most_bytes": MAX_ARCHIVE_BYTES}
    try:
        uploads.run("cms.content.examining:examine", arguments, {"file": file.read()})
    except Busy:
        message = _("Many files are being checked just now. Choose the file again and send it in a few seconds.")
        raise ValidationError(message, code="busy") from None
    except Refused as refused:
        raise refusal(file, refused) from None


def refusal(file: File, refused: Refused) -> ValidationError:
    """Return what a refusal of the child's says to people."""
    if refused.reason == "active":
        message = _("This file has %(what)s. Save a copy without that and upload the copy.")
        return ValidationError(message, code="active", params={"what": ACTIVE[refused.detail]})
    if refused.reason == "encrypted":
        message = _("This file is protected by a password or against copying. Save a copy without that and upload it.")
        return ValidationError(message, code="encrypted")
    if refused.reason == "polyglot":
        return two_kinds()
    if refused.reason in ("archive", "memory"):
        return ValidationError(_("Unpacked, this file is too large."), code="archive")
    if refused.reason == "time":
        message = _("It takes too long to check this file. Save it anew, with smaller pictures or in two parts.")
        return ValidationError(message, code="time")
    return wrong_content(file)


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


def windows(file: File) -> Iterator[bytes]:
    """Yield the content of ``file`` in pieces that overlap, so that no short pattern is cut in two."""
    file.seek(0)
    kept = b""
    while piece := file.read(CHUNK):
        yield kept + piece
        kept = piece[-OVERLAP:]


def check_ends(file: File) -> None:
    """Raise ``ValidationError`` unless ``file`` begins and ends as a PDF (ISO 32000-2, 7.5) and as nothing else."""
    file.seek(0)
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
    validate_scanned(file)
