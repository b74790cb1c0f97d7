"""Content codings (RFC 9110, section 8.4): brotli or gzip, whichever the client likes better.

In the application and not in a proxy, since a strong ``ETag`` must tell one coding from another.
"""

import gzip
import re

import brotli
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

CODINGS = ("br", "gzip")  # the first one wins where a client likes them alike
BROTLI_QUALITY = 4  # smaller than gzip's best, and quicker than its usual
GZIP_LEVEL = 6
SMALLEST = 600  # bytes; answers with an ETag, which names the coding, are always coded
MEMBER = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*[qQ]=([01](?:\.[0-9]{0,3})?)\s*)?", re.ASCII)
MAX_HEADER = 500  # characters that are read


def coding_for(request: HttpRequest) -> str:
    """Return the coding of the answer to ``request``; empty for none."""
    wanted: dict[str, float] = {}
    for part in request.headers.get("Accept-Encoding", "")[:MAX_HEADER].split(","):
        if found := MEMBER.fullmatch(part):
            wanted[found[1].lower()] = float(found[2] or 1)
    rated = [(wanted.get(coding, wanted.get("*", 0)), -number) for number, coding in enumerate(CODINGS)]
    quality, number = max(rated)
    return CODINGS[-number] if quality > 0 and quality >= wanted.get("identity", 0) else ""


def compress(request: HttpRequest, response: HttpResponse) -> None:
    """Code the body of ``response`` as the client likes it."""
    if response.streaming or response.has_header("Content-Encoding") or not response.content:
        return
    patch_vary_headers(response, ["Accept-Encoding"])
    coding = coding_for(request)
    if not coding or (len(response.content) < SMALLEST and not response.has_header("ETag")):
        return
    if coding == "br":
        response.content = brotli.compress(response.content, quality=BROTLI_QUALITY)
    else:
        response.content = gzip.compress(response.content, compresslevel=GZIP_LEVEL, mtime=0)
    response["Content-Encoding"] = coding
    response["Content-Length"] = str(len(response.content))
