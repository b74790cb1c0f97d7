"""Pictures as they are served: what is seen, and nothing that a camera or a program wrote beside it.

A camera writes where and when a picture was taken, with what and by whom (Exif, XMP, IPTC), and often a second picture
behind the first. A picture with anything of that, or one that Exif says to turn, is decoded and written anew; one that
is plain stays as it is, to the byte, so that importing and exporting it does not wear it out.
"""

import struct
from io import BytesIO

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import get_sampling

FORMATS = ("JPEG", "PNG", "WEBP")
# The parts of each format that are the picture itself or its colour profile.
PLAIN_PARTS = {
    "PNG": {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"pHYs"},
    "WEBP": {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"},
}
JFIF_BYTES = 16  # of JFIF's head without a small picture in it (ITU-T T.871)
EXIF_OR_XMP = 0b1100  # flags of WebP's VP8X
# JPEG markers (ITU-T T.81, table B.1)
END, SCAN, JFIF, COLOURS, ADOBE, COMMENT = 0xD9, 0xDA, 0xE0, 0xE2, 0xEE, 0xFE
APPLICATION, RESTART = range(0xE0, 0xF0), range(0xD0, 0xD8)
QUALITY = 90  # of a WebP; a JPEG keeps its own


def without_traces(content: bytes) -> bytes:
    """Return a picture, JPEG, PNG or WebP, with nothing in it but the picture, turned as Exif says.

    Raises ``OSError`` or ``ValueError`` where it cannot be decoded to its end.
    """
    with Image.open(BytesIO(content), formats=FORMATS) as picture:
        picture.load()
        if is_cut_off(picture.format, content):
            raise ValueError("The picture is cut off.")
        kind = (
            "JPEG" if picture.format == "MPO" else picture.format or ""
        )  # several JPEGs in a file; the first is shown
        return content if is_plain(content, kind) else written(picture, kind, content)


def is_cut_off(kind: str | None, content: bytes) -> bool:
    """Say whether a picture has no end, which Pillow does not ask for as soon as it has the pixels.

    In a JPEG the mark of the end (EOI) stands behind the last scan (SOS), and in no small picture before that.
    """
    if kind == "PNG":
        return b"IEND" not in content
    return kind in ("JPEG", "MPO") and content.rfind(b"\xff\xd9") < content.rfind(b"\xff\xda")


def is_plain(content: bytes, kind: str) -> bool:
    """Say whether a picture of ``kind`` is nothing but the picture and its colour profile, to its last byte."""
    try:
        return {"JPEG": is_plain_jpeg, "PNG": is_plain_png, "WEBP": is_plain_webp}[kind](content)
    except (IndexError, ValueError, struct.error):  # it ends too early
        return False


def is_plain_jpeg(content: bytes) -> bool:
    place = 2
    while content[place] == 0xFF:
        marker = content[place + 1]
        if marker == END:
            return place + 2 == len(content)
        (size,) = struct.unpack_from(">H", content, place + 2)
        body = content[place + 4 : place + 2 + size]
        if marker == COMMENT or (marker in APPLICATION and not is_of_the_picture(marker, body)):
            return False
        place = end_of_scan(content, place + 2 + size) if marker == SCAN else place + 2 + size
    return False


def is_of_the_picture(marker: int, body: bytes) -> bool:
    """Say whether an application's segment tells how the picture is coloured, and no more."""
    return (
        (marker == JFIF and body.startswith(b"JFIF\0") and len(body) == JFIF_BYTES - 2)
        or (marker == COLOURS and body.startswith(b"ICC_PROFILE\0"))
        or (marker == ADOBE and body.startswith(b"Adobe") and len(body) == 12)
    )


def end_of_scan(content: bytes, place: int) -> int:
    """Return where the marker after the data of a scan is; in the data, 0xFF is followed by 0 or a restart marker."""
    while (place := content.index(b"\xff", place)) and (content[place + 1] == 0 or content[place + 1] in RESTART):
        place += 2
    return place


def is_plain_png(content: bytes) -> bool:
    place = 8
    while place < len(content):  # ISO/IEC 15948, 5.3; what stands behind the end has no name that is known
        size, name = struct.unpack_from(">I4s", content, place)
        if name not in PLAIN_PARTS["PNG"]:
            return False
        place += 12 + size
    return place == len(content)


def is_plain_webp(content: bytes) -> bool:
    place = 12
    while place < len(content):  # RFC 9649, 2.3
        name, size = struct.unpack_from("<4sI", content, place)
        if name not in PLAIN_PARTS["WEBP"] or (name == b"VP8X" and content[place + 8] & EXIF_OR_XMP):
            return False
        place += 8 + size + size % 2
    return place == len(content)


def written(picture: Image.Image, kind: str, content: bytes) -> bytes:
    """Return ``picture`` written anew as ``kind``, as like what it was as the format allows."""
    options = {"icc_profile": picture.info.get("icc_profile")}
    if kind == "JPEG":
        options |= {"qtables": getattr(picture, "quantization", None), "subsampling": get_sampling(picture)}
    elif kind == "WEBP":
        options |= {"quality": QUALITY, "lossless": b"VP8L" in content[:64], "exact": True}
    turned = ImageOps.exif_transpose(picture)
    turned.info = {name: value for name, value in picture.info.items() if name == "transparency"}
    target = BytesIO()
    turned.save(target, kind, **options)
    return target.getvalue()
