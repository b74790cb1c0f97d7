"""Content codings (RFC 9110, section 8.4): brotli or gzip, whichever the client likes better.

In the application and not in a proxy, since a strong ``ETag`` must tell one coding from another. Pages and answers of
the API are the same for every reader and hold no secret, so coding them tells an attacker nothing (BREACH,
breachattack.com). What may hold one, the admin and previews, stays as it is, and so does what is coded already.
"""

import gzip
import re
from functools import lru_cache

import brotli

CODINGS = ("br", "gzip")  # the first one wins where a client likes them alike
BROTLI_QUALITY = 4  # smaller than gzip's best, and quicker than its usual
GZIP_LEVEL = 6
SMALLEST = 600  # bytes; answers with an ETag, which names the coding, are always coded
MEMBER = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*[qQ]=([01](?:\.[0-9]{0,3})?)\s*)?", re.ASCII)
MAX_HEADER = 500  # characters that are read
TEXTS = ("text/", "application/json", "application/problem+json", "application/linkset+json", "image/svg+xml")
XML = re.compile(r"application/([\w.-]+\+)?xml\b")


@lru_cache(maxsize=1_000)
def coding_for(accepted: str) -> str:
    """Return the coding of an answer to whoever sends ``accepted`` as ``Accept-Encoding``; empty for none."""
    wanted: dict[str, float] = {}
    for part in accepted[:MAX_HEADER].split(","):
        if found := MEMBER.fullmatch(part):
            wanted[found[1].lower()] = float(found[2] or 1)
    rated = [(wanted.get(coding, wanted.get("*", 0)), -number) for number, coding in enumerate(CODINGS)]
    quality, number = max(rated)
    return CODINGS[-number] if quality > 0 and quality >= wanted.get("identity", 0) else ""


def is_text(media_type: str) -> bool:
    """Say whether a body of this ``Content-Type`` becomes smaller when it is coded."""
    return media_type.startswith(TEXTS) or XML.match(media_type) is not None


def coded(body: bytes, coding: str) -> bytes:
    """Return ``body`` in a coding, the same bytes each time; as it is for an empty one."""
    if coding == "br":
        return brotli.compress(body, quality=BROTLI_QUALITY)
    if coding == "gzip":
        return gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0)
    return body


def decoded(body: bytes, coding: str) -> bytes:
    """Return what :func:`coded` was given."""
    return brotli.decompress(body) if coding == "br" else gzip.decompress(body) if coding == "gzip" else body


def with_vary(vary: str, name: str) -> str:
    """Return a ``Vary`` header with ``name`` added (RFC 9110, section 12.5.5)."""
    names = [each.strip() for each in vary.split(",") if each.strip()]
    return ", ".join(names if name.lower() in map(str.lower, names) or names == ["*"] else [*names, name])
