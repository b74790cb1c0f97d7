"""Reads all that the public site links to, through the site's own front, and writes what changed since last time."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from strategy_site.mirror.entries import Entry, ErrorPage
from strategy_site.mirror.links import links
from strategy_site.mirror.nginx import configuration

PAGES, LIST, SERVER = "site", "mirror.json", "nginx.conf"  # in the folder of a mirror
# What a file is served with; all else a server says of itself, or belongs to one request.
KEPT = {
    "access-control-allow-origin", "cache-control", "content-disposition", "content-security-policy",
    "cross-origin-opener-policy", "permissions-policy", "referrer-policy", "strict-transport-security",
    "x-content-type-options", "x-frame-options", "x-robots-tag",
}  # fmt: skip
INDEX = {"text/html": "index.html", "application/json": "index.json"}  # of an address that ends in a slash
GONE = (404, 410)


Application = Callable[..., Iterable[bytes]]


class MirrorError(Exception):
    """That a mirror cannot be written; the message says why."""


@dataclass
class Report:
    """What a run did: numbers of addresses, and those that the site could not answer, which stay as they were."""

    entries: int = 0
    written: int = 0
    removed: int = 0
    failed: dict[str, int] = field(default_factory=dict)  # by address, the status


class Mirror:
    """Keeps the folder ``root`` like the public site.

    ``application`` is the site's WSGI callable. ``start`` are the addresses that nothing links to; ``left_out`` the
    beginnings of paths that are not followed, unless a beginning in ``kept`` is longer. ``errors`` are what is said of
    an address that there is not, by a name; the first is for all others.
    """

    def __init__(
        self,
        application: Application,
        root: Path,
        *,
        start: Iterable[str],
        left_out: Iterable[str],
        kept: Iterable[str],
        errors: dict[str, ErrorPage],
    ):
        self.application, self.root, self.errors = application, root.absolute(), errors
        self.start, self.left_out, self.kept = list(start), tuple(left_out), tuple(kept)
        self.before = read_list(self.root / LIST)
        self.entries: dict[str, Entry] = {}
        self.report = Report()

    def make(self) -> Report:
        """Write what changed, then remove what is no more; what a server serves is whole at each moment.

        An address that the site cannot answer now keeps the file that it had.
        """
        entries = self.entries
        waiting = list(self.start)
        while waiting:
            address = waiting.pop()
            if address in entries or not self.is_followed(address):
                continue
            entry = self.entry(address)
            if entry is None:
                continue
            entries[address] = entry
            waiting += [link for link in entry.links if link not in entries]
        for name, page in self.errors.items():
            for status, body in page.bodies.items():
                self.write(error_file(name, status), body)
        self.remove(entries)
        self.report.entries = len(entries)
        write_anew(self.root / SERVER, configuration(self.root / PAGES, entries, self.errors).encode())
        write_anew(self.root / LIST, json.dumps({key: asdict(each) for key, each in entries.items()}).encode())
        return self.report

    def is_followed(self, address: str) -> bool:
        longest = max((len(each) for each in self.kept if address.startswith(each)), default=-1)
        return not any(address.startswith(each) and len(each) > longest for each in self.left_out)

    def entry(self, address: str) -> Entry | None:
        """Ask for ``address`` and write what it answers; ``None`` where nothing stands there."""
        known = self.before.get(address)
        if known and known.file and not (self.root / PAGES / known.file).exists():
            known = None
        status, headers, chunks = asked(self.application, address, known.etag if known else "")
        if status == 304 and known:
            return known
        if status in GONE:
            return None
        if status >= 400:
            self.report.failed[address] = status
            return known
        kept = kept_of(headers)
        if status != 200:
            location = headers.get("location", "")
            return Entry(status, location=location, headers=kept, links=self.found(address, "", b"", location))
        media_type = headers.get("content-type", "")
        body = b"".join(chunks)
        file = file_of(address, media_type)
        self.write(file, body)
        return Entry(
            200, file, "", media_type, kept, headers.get("etag", ""), self.found(address, media_type, body, "")
        )

    def found(self, address: str, media_type: str, body: bytes, location: str) -> list[str]:
        target = f'<a href="{location}">'.encode() if location else body
        return links(address, "text/html" if location else media_type, target, site=origin())

    def write(self, file: str, body: bytes) -> None:
        path = self.root / PAGES / file
        if not path.is_file() or path.read_bytes() != body:
            write_anew(path, body)
            self.report.written += 1

    def remove(self, entries: dict[str, Entry]) -> None:
        """Remove the files that no address has any more."""
        base = self.root / PAGES
        kept = {entry.file for entry in entries.values()}
        kept |= {error_file(name, status) for name, page in self.errors.items() for status in page.bodies}
        for path in sorted(base.rglob("*"), reverse=True):  # a folder after what is in it
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.relative_to(base).as_posix() not in kept:
                path.unlink()
                self.report.removed += 1


def asked(application: Application, address: str, etag: str = "") -> tuple[int, dict[str, str], list[bytes]]:
    """Return status, headers (by their names in small letters) and body of what the site answers at ``address``."""
    said: dict[str, Any] = {}
    answer: Any = application(request(address, etag), lambda status, headers, *_: said.update(s=status, h=headers))
    try:
        chunks = list(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return int(said["s"][:3]), {name.lower(): value for name, value in said["h"]}, chunks


def kept_of(headers: dict[str, str]) -> dict[str, str]:
    """Return those of ``headers`` that a file is served with, in a form that is the same in every process."""
    found = {name: value for name, value in headers.items() if name in KEPT}
    if policy := found.get("content-security-policy"):
        found["content-security-policy"] = "; ".join(sorted(part.strip() for part in policy.split(";")))
    return found


def origin() -> str:
    """Return scheme and host of the site."""
    parts = urlsplit(settings.SITE_URL)
    return f"{parts.scheme}://{parts.netloc}"


def request(address: str, etag: str) -> dict[str, Any]:
    """Return the WSGI request (PEP 3333) of whoever has the version ``etag`` of an address, and takes it uncoded."""
    path, _, query = address.partition("?")
    site = urlsplit(settings.SITE_URL)
    header, value = settings.SECURE_PROXY_SSL_HEADER or ("", "")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": site.hostname or "localhost",
        "SERVER_PORT": str(site.port or {"https": 443}.get(site.scheme, 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": site.netloc,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": BytesIO(),
        **({header: value} if header and site.scheme == "https" else {}),
        **({"HTTP_IF_NONE_MATCH": etag} if etag else {}),
    }


def file_of(address: str, media_type: str) -> str:
    """Return the name of the file of an address, below the folder of pages: the server finds it by path and query.

    Raises ``MirrorError`` for a path that is no name of a file.
    """
    path, _, query = address.partition("?")
    name = unquote(path).lstrip("/")
    if name.endswith("/") or not name:
        name += INDEX.get(media_type.partition(";")[0], "index")
    name = f"@{query}/{name}" if query else name
    parts = PurePosixPath(name).parts
    if ".." in parts or any("\x00" in part or len(part.encode()) > 255 for part in parts):
        raise MirrorError(f"{address} cannot be the name of a file.")
    return name


def error_file(name: str, status: int) -> str:
    return f"errors/{name}-{status}"


def write_anew(path: Path, body: bytes) -> None:
    """Put a file in its place at once, so that nobody reads a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f".{path.name[:200]}.new")
    written.write_bytes(body)
    os.replace(written, path)


def read_list(path: Path) -> dict[str, Entry]:
    """Return the entries of the last run; none where there was none, or its list is spoiled."""
    try:
        return {address: Entry(**entry) for address, entry in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
