"""Stale copies made anew beside the requests, most read first; and caches in front told of them (RFC 9111).

One process of a machine works at a time, with a quarter of a core. What is lost is made when it is asked for.
"""

import fcntl
import json
import logging
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from cms.content.background import BackgroundTask
from cms.pages.stored.addresses import Address
from cms.pages.stored.copies import Copy
from cms.pages.stored.store import Memory
from cms.pages.stored.version import AwayError, Version

logger = logging.getLogger(__name__)

REST = 3  # seconds of rest for each second of work: a quarter of a core
PURGE_SECONDS = 2  # for a cache in front to answer
MOST_PURGED = 1_000  # addresses in one call of a webhook


class Maker:
    """Makes copies of ``front`` anew after something was published."""

    def __init__(self, front: Any):
        self.front = front
        self.task = BackgroundTask("stored pages", self.work)

    def start(self) -> None:
        self.task.start()

    def work(self) -> None:
        """Tell the caches in front what is stale, and render it, until no version came in between."""
        with alone(self.front.disk.root) as is_alone:
            if not is_alone:
                return
            try:
                while self.once(self.front.reader.read().version) != self.front.reader.read().version:
                    continue
            except AwayError:
                logger.info("Stored pages are made when the database is back.")

    def once(self, version: Version) -> Version:
        """Make what is stale at ``version``; end early when another one came."""
        stale = self.stale(version)
        if settings.CACHE_PURGE_URLS:
            self.purge(version)
        for address, copy in stale:
            began = time.monotonic()
            if self.front.reader.read().version != version:
                break
            made, response = self.front.rendered(address, self.environ(address))
            if made:
                made.hits = copy.hits // 2  # what was read long ago counts less
            elif response is not None:
                response.close()
            time.sleep(REST * (time.monotonic() - began))
        return version

    def stale(self, version: Version) -> list[tuple[Address, Copy]]:
        """Return the copies in memory that are not right any more, most read first."""
        memories: tuple[Memory, ...] = (self.front.memory, self.front.negative)
        found = [
            (key, copy) for memory in memories for key, copy in memory.all() if not self.front.is_good(copy, version)
        ]
        found.sort(key=lambda each: -each[1].hits)
        return [(Address.from_key(key), copy) for key, copy in found]

    def purge(self, version: Version) -> None:
        """Tell the caches in front which copies, of all workers, became stale since they were told last."""
        path = self.front.disk.root / "purged"
        try:
            since = int(path.read_text())
        except (OSError, ValueError):
            since = 0
        found = [copy for copy in self.front.disk.all() if self.became_stale(copy, version, since)]
        purge(list({copy.address: copy for copy in found}.values()))
        path.write_text(str(version.sequence))

    def became_stale(self, copy: Copy, version: Version, since: int) -> bool:
        made = copy.version
        if (made.log, made.mark) != (version.log, version.mark):
            return True
        return not self.front.is_good(copy, version) and self.front.tail.touched(
            copy.tags, copy.labels, max(since, made.sequence)
        )

    def environ(self, address: Address) -> dict[str, Any]:
        """Return a request for ``address`` that nobody made."""
        scheme, host, script, *_rest = address.key.split("\n")
        host = host or self.front.host or urlsplit(settings.SITE_URL).netloc
        name, _, port = host.partition(":")
        header, _value = settings.SECURE_PROXY_SSL_HEADER or ("", "")
        return {
            "PATH_INFO": address.path,
            "SCRIPT_NAME": script,
            "SERVER_NAME": name,
            "SERVER_PORT": port or ("443" if scheme == "https" else "80"),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": host,
            "wsgi.url_scheme": scheme,
            "wsgi.input": BytesIO(),
            **({header: scheme} if header else {}),
        }


@contextmanager
def alone(root: Any) -> Iterator[bool]:
    """Say whether this process is the one of the machine that makes pages, as long as the block lasts."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        file = os.open(root / "making", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield True
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(file)


def purge(copies: list[Copy]) -> None:
    """Tell every cache of ``CACHE_PURGE_URLS`` to forget ``copies``: a ``PURGE`` of each address, or, where the URL
    has a path, one POST with all addresses and tags as JSON."""
    for url in settings.CACHE_PURGE_URLS:
        for start in range(0, len(copies), MOST_PURGED):
            part = copies[start : start + MOST_PURGED]
            if urlsplit(url).path.strip("/"):
                tags = sorted({tag for copy in part for tag in copy.cache_tags})
                body = json.dumps({"paths": [copy.address for copy in part], "tags": tags}).encode()
                tell(urllib.request.Request(url, body, {"Content-Type": "application/json"}))  # noqa: S310 - a setting
                continue
            for copy in part:
                host = {"Host": urlsplit(settings.SITE_URL).netloc}
                tell(urllib.request.Request(url.rstrip("/") + copy.address, headers=host, method="PURGE"))  # noqa: S310 - a setting


def tell(request: urllib.request.Request) -> None:
    """Send ``request``; a cache that does not answer forgets by itself, when what it has is too old."""
    try:
        with urllib.request.urlopen(request, timeout=PURGE_SECONDS) as answer:  # noqa: S310 - a setting
            answer.read()
    except OSError as error:
        if getattr(error, "code", 0) not in (404, 412):  # it had no copy
            logger.warning("The cache at %s was not told what is stale: %s", urlsplit(request.full_url).netloc, error)
