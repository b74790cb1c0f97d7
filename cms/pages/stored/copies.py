"""One stored answer: what was sent once, in every coding that somebody asked for since."""

import json
import time
from dataclasses import dataclass, field
from hashlib import blake2b, sha256

from django.conf import settings
from django.http import HttpResponse

from cms.pages.codings import coded, decoded, is_text, with_vary
from cms.pages.stored.touches import labels_of
from cms.pages.stored.version import Version

Headers = list[tuple[str, str]]

# What a 304 repeats of the 200 (RFC 9110, section 15.4.5).
OF_NOT_MODIFIED = {
    "access-control-allow-origin",  # asked of each answer
    "access-control-expose-headers",
    "cache-control",
    "content-language",
    "content-location",
    "last-modified",
    "link",
    "vary",
    "cache-tag",
}
# What is said of each coding, beside the stored part.
OF_CODING = {"content-length", "content-encoding", "etag"}
WHILE, IF_ERROR = 30, 24 * 60 * 60  # seconds
MOST_CACHE_TAGS = 500  # 5.5 KB; caches take headers of 16 KB
OVERHEAD = 2_000  # bytes of a copy besides its bodies, about


def for_shared_caches(headers: Headers, tags: frozenset[str]) -> Headers:
    """Return ``headers`` for a site whose caches are told what is stale: browsers ask anew as before, and shared
    caches need not (RFC 9111, section 5.2.2.10; RFC 5861)."""
    seconds = settings.CACHE_SECONDS
    shared = f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate={WHILE}, stale-if-error={IF_ERROR}"
    kept = [(name, shared if (name, value) == ("Cache-Control", "no-cache") else value) for name, value in headers]
    named = sorted(blake2b(tag.encode(), digest_size=5).hexdigest() for tag in tags)
    return [*kept, ("Cache-Tag", ",".join(named[:MOST_CACHE_TAGS]))]


@dataclass
class Copy:
    """An answer as it was rendered at ``version``: status, headers, body in codings, and the tags of what it shows.

    ``checked`` is the latest version at which it was found to be still right.
    """

    address: str  # as the reader asks, for the background and for caches in front
    status: int
    reason: str
    headers: Headers
    bodies: dict[str, bytes]
    tags: frozenset[str]
    version: Version
    made_at: float = field(default_factory=time.time)
    digest: str = ""
    seconds: float = 0.0  # that it took to render
    hits: int = 0

    def __post_init__(self):
        self.labels = labels_of(self.tags)
        self.checked = self.version
        self.digest = self.digest or sha256(self.bodies[""]).hexdigest()[:32]
        media_type = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        self.is_coded = is_text(media_type)
        if self.is_coded:  # one coding is kept; the others are made from it as long as somebody asks for them
            self.bodies = {"br": self.body("br")}
        self.ready: dict[tuple[str, bool], tuple[str, Headers, list[bytes], str]] = {}

    @classmethod
    def of(
        cls, address: str, response: HttpResponse, tags: frozenset[str], version: Version, seconds: float
    ) -> "Copy":
        """Return the copy of a rendered answer."""
        headers = [(name, value) for name, value in response.items() if name.lower() not in OF_CODING]
        names = {name.lower() for name, _value in headers}
        if "cache-control" not in names:  # kept, but asked for anew: what was withdrawn is gone at once
            headers.append(("Cache-Control", "no-cache"))
        if settings.CACHE_PURGE_URLS and response.status_code == 200:
            headers = for_shared_caches(headers, tags)
        body = response.content
        return cls(
            address, response.status_code, response.reason_phrase, headers, {"": body}, tags, version, seconds=seconds
        )

    @property
    def cache_tags(self) -> list[str]:
        """The tags by which a cache in front knows this answer."""
        return dict(self.headers).get("Cache-Tag", "").split(",")

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return OVERHEAD + sum(map(len, self.bodies.values())) + 40 * len(self.tags)

    def body(self, coding: str) -> bytes:
        """Return the body in a coding, made when it is asked for first."""
        if coding not in self.bodies:
            plain = self.bodies[""] if "" in self.bodies else decoded(self.bodies["br"], "br")
            self.bodies[coding] = coded(plain, coding)
        return self.bodies[coding]

    def answer(self, coding: str, *, known: bool) -> tuple[str, Headers, list[bytes], str]:
        """Return status line, headers, body and ``ETag`` for who takes ``coding``; a 304 to whom it is ``known``."""
        coding = coding if self.is_coded else ""
        if (found := self.ready.get((coding, known))) is None:
            found = self.ready[coding, known] = self.made_ready(coding, known=known)
        return found

    def made_ready(self, coding: str, *, known: bool) -> tuple[str, Headers, list[bytes], str]:
        etag = f'"{self.digest}-{coding}"' if coding else f'"{self.digest}"'
        headers = {name: value for name, value in self.headers if not known or name.lower() in OF_NOT_MODIFIED}
        if self.is_coded:
            headers["Vary"] = with_vary(headers.get("Vary", ""), "Accept-Encoding")
        if self.status == 200:
            headers["ETag"] = etag
        if known:
            return "304 Not Modified", list(headers.items()), [], etag
        if coding:
            headers["Content-Encoding"] = coding
        body = self.body(coding)
        headers["Content-Length"] = str(len(body))
        return f"{self.status} {self.reason}", list(headers.items()), [body], etag

    def to_bytes(self) -> bytes:
        """Return the copy as a file holds it: a line of JSON, and the body in the smallest coding."""
        coding = "br" if self.is_coded else ""
        body = self.body(coding)
        head = {
            "address": self.address,
            "status": self.status,
            "reason": self.reason,
            "headers": self.headers,
            "coding": coding,
            "tags": sorted(self.tags),
            "version": self.version,
            "made_at": self.made_at,
            "digest": self.digest,
            "seconds": self.seconds,
            "check": blake2b(body, digest_size=16).hexdigest(),
        }
        return json.dumps(head).encode() + b"\n" + body

    @classmethod
    def from_bytes(cls, data: bytes) -> "Copy":
        """Return the copy in a file; raise ``ValueError`` or ``KeyError`` for one that is spoiled."""
        line, _, body = data.partition(b"\n")
        head = json.loads(line)
        if head.pop("check") != blake2b(body, digest_size=16).hexdigest():
            raise ValueError("The body is not the one that was written.")
        return cls(
            bodies={head.pop("coding"): body},
            headers=[(name, value) for name, value in head.pop("headers")],
            tags=frozenset(head.pop("tags")),
            version=Version(*head.pop("version")),
            **head,
        )
