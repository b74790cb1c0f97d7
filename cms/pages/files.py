"""Downloads in parts: a client that was cut off goes on where it was (RFC 9110, section 14)."""

import re
from hashlib import sha256
from typing import BinaryIO

from django.core.files import File
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext_lazy as _

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RangeNotSatisfiableError(Exception):
    """A part that a file of ``size`` bytes does not have (RFC 9110, section 15.5.17)."""

    def __init__(self, size: int):
        super().__init__(_("The file has %(size)s bytes.") % {"size": size})
        self.headers = {"Content-Range": f"bytes */{size}"}


def requested_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte that a ``Range`` header asks of a file of ``size`` bytes.

    ``None`` is the whole file: other units, several ranges and what makes no sense may be passed over. Raises
    ``ValueError`` for a range that the file does not have.
    """
    match = RANGE.fullmatch(header.strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:  # the last so many bytes
        start, end = max(size - int(last), 0), size - 1
        if not int(last):
            raise ValueError(header)
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start and start < size:
            return None
    if start >= size:
        raise ValueError(header)
    return start, end


class FilePart:
    """``length`` bytes of ``file`` from ``start``, to be read once; closed with the response, read or not."""

    def __init__(self, file: BinaryIO, start: int, length: int):
        file.seek(start)
        self.file, self.left = file, length

    def read(self, size: int) -> bytes:
        block = self.file.read(min(size, self.left))
        self.left -= len(block)
        return block

    def close(self) -> None:
        self.file.close()


def upload_etag(name: str, size: int) -> str:
    """Return the entity tag of an uploaded file: every upload gets a name of its own and stays as it is."""
    return quote_etag(sha256(f"{name} {size}".encode()).hexdigest()[:32])


def is_known(header: str, etag: str) -> bool:
    """Say whether ``If-None-Match`` names ``etag``; such tags are compared weakly (RFC 9110, section 13.1.2)."""
    given = parse_etags(header.strip())
    return given == ["*"] or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in given}


def file_part_response(request: HttpRequest, file: BinaryIO | File, *, size: int, etag: str) -> HttpResponseBase:
    """Return ``file``, or the part of it that the request asks for, under ``etag`` (with its quotes).

    A copy that ``If-None-Match`` names is not sent again, and an ``If-Range`` that names another state of the file, or
    any where ``etag`` is weak, gets the whole (RFC 9110, sections 13.1.2 and 13.1.5). Raises
    :class:`RangeNotSatisfiableError` for a part that the file does not have.
    """
    if is_known(request.headers.get("If-None-Match", ""), etag):
        file.close()
        response: HttpResponseBase = HttpResponse(status=304, headers={"ETag": etag, "Accept-Ranges": "bytes"})
        del response["Content-Type"]
        return response
    header = request.headers.get("Range", "") if request.method == "GET" else ""
    if (condition := request.headers.get("If-Range")) and (condition != etag or etag.startswith("W/")):
        header = ""
    try:
        part = requested_range(header, size)
    except ValueError:
        file.close()
        raise RangeNotSatisfiableError(size) from None
    if part is None:
        response = FileResponse(file)
        response["Content-Length"] = str(size)
    else:
        start, end = part
        response = FileResponse(FilePart(file, start, end - start + 1), status=206)  # type: ignore[arg-type] # a File reads like one
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
        response["Content-Length"] = str(end - start + 1)
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    return response


def page_file_response(request: HttpRequest, file: BinaryIO | File, *, size: int, etag: str) -> HttpResponseBase:
    """Return what :func:`file_part_response` does for an address that readers open: its problem is plain text."""
    try:
        return file_part_response(request, file, size=size, etag=etag)
    except RangeNotSatisfiableError as error:
        return HttpResponse(str(error), status=416, content_type="text/plain; charset=utf-8", headers=error.headers)
