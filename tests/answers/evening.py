"""What no two runs have in common, made even: tokens, nonces, random identifiers, signatures, times of files."""

import base64
import json
import re
import zlib
from urllib.parse import unquote

from tests.answers.world import YEAR

# Headers that are new with each answer, or say of the body what the body says.
LEFT_OUT = {"content-length", "date", "server-timing", "x-request-id"}
UUID_4 = r"[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}"
RANDOM = [
    (re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+'), r"\1-"),
    (re.compile(r"""(nonce="|nonce&quot;: &quot;|'nonce-)[\w+/=-]+"""), r"\1-"),
    (re.compile(r"/preview/[^/\"' ]+/"), "/preview/-/"),
    (re.compile(r"/share/[0-9a-f]{16}/"), "/share/-/"),  # under a digest of how the pictures look
    (re.compile(rf"(?<![0-9a-f]){UUID_4}(?![0-9a-f])"), "-random-"),  # those of the content are of version 5
    (re.compile(r'("application/zip"[^}]*"sha256": ")[0-9a-f]{64}'), r"\1-"),  # holds the time at which it was made
    (re.compile(r'^(ETag: (?:W/)?)"[^"]*"', re.MULTILINE), r'\1"-"'),
    (re.compile(rf"^((?:Last-Modified|Expires): )(?!.* {YEAR} ).*$", re.MULTILINE), r"\1-"),  # of a file, or of now
]
CURSOR = re.compile(r"((?:\?|&|&amp;)cursor=)([\w.:%-]+)")


def even(text: str) -> str:
    """Return ``text`` without what differs from run to run."""
    for pattern, replacement in RANDOM:
        text = pattern.sub(replacement, text)
    return CURSOR.sub(lambda match: match[1] + read_cursor(unquote(match[2])), text)


def read_cursor(cursor: str) -> str:
    """Return where a signed cursor stands, without its time and signature; one that cannot be read as it is."""
    value = cursor.rsplit(":", 2)[0]
    try:
        data = base64.urlsafe_b64decode(value.lstrip(".") + "=" * (-len(value.lstrip(".")) % 4))
        *_made_for, backwards, values = json.loads(zlib.decompress(data) if value.startswith(".") else data)
    except (ValueError, zlib.error):
        return cursor
    return json.dumps([backwards, values], separators=(",", ":"), ensure_ascii=False).replace('"', "'")


def even_headers(headers: dict[str, str]) -> list[str]:
    """Return the lines of the headers that matter, in one order; lists of names in one order too."""
    lines = []
    for name, value in sorted(headers.items(), key=lambda header: header[0].lower()):
        if name.lower() in LEFT_OUT:
            continue
        if name.lower() in ("vary", "content-security-policy"):
            value = ", ".join(sorted(re.split(r"[,;]\s*", value)))
        lines.append(f"{name}: {value}")
    return lines
