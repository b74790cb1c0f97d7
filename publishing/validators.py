"""What may be uploaded: a short list of formats, checked by content and not only by name."""

import zipfile
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"

# Extension -> media type (RFC 6838) with which a document is served.
DOCUMENT_TYPES = {".pdf": PDF, ".docx": DOCX, ".odt": ODT}
IMAGE_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
MAX_IMAGE_PIXELS = 40_000_000


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


def validate_document(file: File) -> None:
    """Raise ``ValidationError`` unless ``file`` is a PDF, Word (.docx) or OpenDocument text of accepted size."""
    if is_stored(file):
        return
    validate_size(file, settings.MAX_DOCUMENT_BYTES)
    media_type = DOCUMENT_TYPES.get(extension(file))
    if media_type is None:
        raise ValidationError(_("Upload a PDF, Word (.docx) or OpenDocument (.odt) file."), code="extension")
    if not has_document_signature(file, media_type):
        raise ValidationError(
            _("The content of this file is not what its name says. Save it again as %(extension)s and upload that."),
            code="content",
            params={"extension": extension(file)},
        )


def has_document_signature(file: File, media_type: str) -> bool:
    """Say whether the bytes of ``file`` are of ``media_type``; the file is left at its start."""
    file.seek(0)
    try:
        if media_type == PDF:
            return file.read(5) == b"%PDF-"
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if media_type == DOCX:
                return {"[Content_Types].xml", "word/document.xml"} <= names
            return "content.xml" in names and archive.read("mimetype")[:60] == ODT.encode()
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, OSError):
        return False
    finally:
        file.seek(0)


def validate_image(file: File) -> None:
    """Raise ``ValidationError`` unless ``file`` is a JPEG, PNG or WebP picture of accepted size.

    The size in pixels is read from the header, so a decompression bomb is refused before it is unpacked.
    """
    from PIL import Image, UnidentifiedImageError

    if is_stored(file):
        return
    validate_size(file, settings.MAX_IMAGE_BYTES)
    media_type = IMAGE_TYPES.get(extension(file))
    if media_type is None:
        raise ValidationError(_("Upload a JPEG, PNG or WebP picture."), code="extension")
    file.seek(0)
    try:
        with Image.open(file, formats=["JPEG", "PNG", "WEBP"]) as image:
            actual, pixels = Image.MIME.get(image.format), image.width * image.height
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        actual, pixels = None, 0
    finally:
        file.seek(0)
    if actual != media_type:
        raise ValidationError(_("This file is not a picture of the kind its name says."), code="content")
    if pixels > MAX_IMAGE_PIXELS:
        raise ValidationError(_("The picture has more than 40 million pixels."), code="pixels")
