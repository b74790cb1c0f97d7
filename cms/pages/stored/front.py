"""What stands in front of Django: a WSGI callable (PEP 3333) that answers from the store, codes what passes, and
answers for the site while its database is away."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import parse_http_date_safe

from cms.content.noting import PERSONAL, collecting
from cms.pages.codings import SMALLEST, coded, coding_for, is_text, with_vary
from cms.pages.files import is_known
from cms.pages.stored.addresses import Address, Addresses, Environ
from cms.pages.stored.copies import Copy, Headers
from cms.pages.stored.generation import code_version
from cms.pages.stored.making import Maker
from cms.pages.stored.store import MOST_NEGATIVE, Disk, Memory
from cms.pages.stored.touches import Tail
from cms.pages.stored.version import AwayError, Reader, State, Version
from cms.publishing.actions import publish_due
from cms.publishing.log_mark import renew_if_it_went_back
from cms.publishing.models import content_state

logger = logging.getLogger(__name__)

Start = Callable[..., Any]
Answer = Iterable[bytes]
Gate = Callable[[Environ], tuple[Headers, HttpResponse | None]]

STORED_STATUS = {200, 301, 302, 404, 410}
NEVER = ("no-store", "private")
RENDERS = 3  # that a page is given, when something is published meanwhile
NAME = "site"  # of this cache (RFC 9211)
FAR = float("inf")
HIT = ("Cache-Status", f"{NAME}; hit")
MISS = ("Cache-Status", f"{NAME}; fwd=miss; stored")
PAST_SECONDS = 1.0  # between two attempts to publish what is due, where the first failed


class Front:
    """Answers requests of everybody from stored copies; asks ``application`` for the others.

    ``private`` are the beginnings of paths whose answers may hold a secret: they are not coded. ``unmoved`` are those
    that are asked whatever is away. ``unavailable`` makes the 503 of a request. ``gates`` count, by the beginning of a
    path, who asks: each returns the headers that an answer has of its own, and the answer to whom it refuses.
    ``counted`` is told the status of each answer that ``application`` did not make.
    """

    def __init__(
        self,
        application: Callable[[Environ, Start], Any],
        *,
        addresses: Addresses,
        unavailable: Callable[[Environ], HttpResponse],
        gates: dict[str, Gate] | None = None,
        counted: Callable[[int], object] = lambda status: None,
        private: tuple[str, ...] = (),
        unmoved: tuple[str, ...] = (),
    ):
        self.application, self.addresses, self.unavailable = application, addresses, unavailable
        self.private, self.unmoved, self.gates, self.counted = private, unmoved, gates or {}, counted
        self.reader, self.tail, self.tail_lock = Reader(), Tail(), threading.Lock()
        self.memory = Memory(settings.STORED_PAGES_MB * 1024 * 1024)
        self.negative = Memory(4 * 1024 * 1024, MOST_NEGATIVE)
        most = settings.STORED_PAGES_DISK_MB * 1024 * 1024
        self.disk = Disk(Path(settings.STORED_PAGES_ROOT), code_version(), most)
        self.highest: Version | None = None
        self.host = ""  # by which the site was asked last, for what is made beside the requests
        self.maker = Maker(self)
        self.tried_at = float("-inf")

    def __call__(self, environ: Environ, start: Start) -> Answer:
        address = self.addresses.of(environ) if environ["REQUEST_METHOD"] in ("GET", "HEAD") else None
        if address is None:
            return self.passed(environ, start)
        try:
            state = self.state()
            start, refusal = self.gated(environ, start)
            if refusal:
                return self.given(refusal, environ, start)
        except AwayError:
            return self.without_database(address, environ, start)
        if copy := self.copy_of(address, state.version):
            return self.sent(copy, address, environ, start, HIT)
        return self.made(address, environ, start)

    def gated(self, environ: Environ, start: Start) -> tuple[Start, HttpResponse | None]:
        """Have the gate of a path count a request; return what starts its answer, and the refusal, if any."""
        path = environ["PATH_INFO"]
        gate = next((gate for beginning, gate in self.gates.items() if path.startswith(beginning)), None)
        if gate is None:
            return start, None
        more, refusal = gate(environ)
        release()
        return (lambda status, headers, *rest: start(status, [*headers, *more], *rest)), refusal

    def state(self) -> State:
        """Return the state of the content, with what is due published; raise ``AwayError``."""
        state = self.reader.read()
        version = state.version
        if self.highest is None or version.log == self.highest.log and version.sequence < self.highest.sequence:
            self.asked(lambda: renew_if_it_went_back(content_state()))
            state = self.reader.read()
        if self.highest and state.version != self.highest:
            self.maker.start()
        self.highest = state.version
        if (
            state.due < FAR
            and state.due <= timezone.now().timestamp()
            and time.monotonic() - self.tried_at > PAST_SECONDS
        ):
            if not self.asked(publish_due):
                self.tried_at = time.monotonic()
            self.reader.asked_at = float("-inf")
            state = self.reader.read()
        return state

    def asked(self, question: Callable[[], object]) -> bool:
        """Ask Django's database outside a request of Django's, and say whether it answered."""
        try:
            question()
        except DatabaseError:
            logger.exception("The database did not answer in front of Django.")
            return False
        finally:
            release()
        return True

    def copy_of(self, address: Address, version: Version) -> Copy | None:
        """Return the copy of ``address`` that is right at ``version``, if there is one."""
        copy = self.found(address)
        return copy if copy and (copy.checked == version or self.is_good(copy, version)) else None

    def found(self, address: Address) -> Copy | None:
        """Return the copy of ``address``, right or not, from memory or disk."""
        key = address.key
        copy = self.memory.get(key) or self.negative.get(key)
        if copy is None and (copy := self.disk.get(key)):
            self.place(copy).put(key, copy)
        return copy

    def place(self, copy: Copy) -> Memory:
        return self.memory if copy.status == 200 else self.negative

    def is_good(self, copy: Copy, version: Version) -> bool:
        """Say whether nothing that ``copy`` shows has changed up to ``version``."""
        made = copy.version
        if made.log != version.log or made.mark != version.mark or made.sequence > version.sequence:
            return False
        with self.tail_lock:
            if self.tail.end != version.sequence or self.tail.log != version.log:
                if not self.asked(lambda: self.tail.follow(version)):
                    return False
            touched = self.tail.touched(copy.tags, copy.labels, made.sequence)
        if not touched:
            copy.checked = version
        return not touched

    def made(self, address: Address, environ: Environ, start: Start) -> Answer:
        """Render ``address`` and send it, or what another thread or process has rendered meanwhile."""
        self.host = environ.get("HTTP_HOST", "")
        with self.disk.turn(address.key) as was_free:
            try:
                if not was_free:
                    copy = self.disk.get(address.key) or self.found(address)
                    if copy and self.is_good(copy, self.reader.read().version):
                        self.place(copy).put(address.key, copy)
                        return self.sent(copy, address, environ, start, HIT)
                copy, response = self.rendered(address, environ)
            except AwayError:
                copy = response = None
        if copy:
            return self.sent(copy, address, environ, start, MISS)
        if response is None or response.status_code >= 500 and not self.answers():
            return self.without_database(address, environ, start)
        return self.given(response, environ, start)

    def answers(self) -> bool:
        """Say whether the database answers."""
        try:
            self.reader.read()
        except AwayError:
            return False
        return True

    def rendered(self, address: Address, environ: Environ) -> tuple[Copy | None, HttpResponseBase | None]:
        """Render ``address`` for everybody; return the copy that is kept of it, else the answer as it is.

        What was published while a page was rendered may be on a part of it: it is rendered again.
        """
        copy = response = None
        for _time in range(RENDERS):
            before = self.reader.read().version
            began = time.perf_counter()
            with collecting() as tags:
                response = self.application(address.environ(environ), ignored)
            if not is_for_everybody(response, tags):
                return None, response
            seconds = time.perf_counter() - began
            copy = Copy.of(address.full, response, frozenset(tags), before, seconds)
            response.close()
            if self.unchanged(before):
                self.place(copy).put(address.key, copy)
                self.disk.put(address.key, copy)
                self.disk.sweep()
                break
        return copy, response

    def unchanged(self, version: Version) -> bool:
        self.reader.asked_at = float("-inf")
        return self.reader.read().version == version

    def sent(self, copy: Copy, address: Address, environ: Environ, start: Start, *more: tuple[str, str]) -> Answer:
        """Send ``copy`` in the coding that the client likes, or a 304 to whom has it."""
        copy.hits += 1
        coding = coding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        is_new = (coding, False) not in copy.ready
        status, headers, body, etag = copy.answer(coding, known=False)
        if is_new and copy.is_coded and coding != "br":
            self.place(copy).put(address.key, copy)  # it grew
        if copy.status == 200 and is_same(environ, etag, copy):
            status, headers, body, _etag = copy.answer(coding, known=True)
        if MISS not in more:
            self.counted(int(status[:3]))
        start(status, [*headers, *more])
        return body if environ["REQUEST_METHOD"] == "GET" else []

    def without_database(self, address: Address, environ: Environ, start: Start) -> Answer:
        """Send the last good copy of ``address`` and say how old it is (RFC 9111, section 5.1; RFC 9211); without
        one, that there is none."""
        if (copy := self.found(address)) is None:
            return self.refused(environ, start)
        age = max(0, int(time.time() - copy.made_at))
        return self.sent(
            copy,
            address,
            environ,
            start,
            ("Cache-Status", f"{NAME}; hit; ttl=-{age}; detail=database-away"),
            ("Age", str(age)),
        )

    def refused(self, environ: Environ, start: Start) -> Answer:
        return self.given(self.unavailable(environ), environ, start)

    def passed(self, environ: Environ, start: Start) -> Answer:
        """Have ``application`` answer, and code what everybody may read."""
        if not environ.get("PATH_INFO", "").startswith(self.unmoved) and not self.answers():
            return self.refused(environ, start)
        started: list = []
        response = self.application(environ, lambda *given: started.extend(given))
        if isinstance(response, HttpResponse) and self.may_code(environ, response):
            return self.given(response, environ, start)
        start(*started)
        return response

    def may_code(self, environ: Environ, response: HttpResponse) -> bool:
        """Say whether a response is text that anybody may read."""
        is_open = not environ.get("PATH_INFO", "").startswith(self.private) and not response.cookies
        if response.has_header("Accept-Ranges"):  # Range counts what is sent, coded or not (RFC 9110, section 14.2)
            return False
        return is_open and is_text(response.get("Content-Type", "")) and not response.has_header("Content-Encoding")

    def given(self, response: HttpResponseBase, environ: Environ, start: Start) -> Answer:
        """Send a response that is not stored."""
        if isinstance(response, HttpResponse) and response.content and self.may_code(environ, response):
            response["Vary"] = with_vary(response.get("Vary", ""), "Accept-Encoding")
            coding = coding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
            if coding and (len(response.content) >= SMALLEST or response.has_header("ETag")):
                response.content = coded(response.content, coding)
                response["Content-Encoding"] = coding
                response["Content-Length"] = str(len(response.content))
        start(f"{response.status_code} {response.reason_phrase}", headers_of(response))
        return response


def release() -> None:
    """Give Django's connection back, as the end of a request does; a transaction keeps its own."""
    if not connection.in_atomic_block:
        close_old_connections()


def ignored(*_arguments) -> None:
    """Take what a WSGI application says of an answer that is not sent as it is."""


def headers_of(response: HttpResponseBase) -> Headers:
    return [*response.items(), *(("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values())]


def is_for_everybody(response: HttpResponseBase, tags: set[str]) -> bool:
    """Say whether an answer shows nothing of whoever asked, and may be kept."""
    control, vary = response.headers.get("Cache-Control", ""), response.headers.get("Vary", "").lower()
    return (
        response.status_code in STORED_STATUS
        and not response.streaming
        and not response.cookies
        and PERSONAL not in tags
        and "cookie" not in vary
        and not response.headers.get("Content-Type", "").startswith("application/problem")  # names its request
        and not any(word in control for word in NEVER)
        and "'nonce-" not in response.headers.get("Content-Security-Policy", "")
    )


def is_same(environ: Environ, etag: str, copy: Copy) -> bool:
    """Say whether a client has ``copy`` already (RFC 9110, section 13.2.2)."""
    if given := environ.get("HTTP_IF_NONE_MATCH"):
        return given == etag or is_known(given, etag)
    if since := environ.get("HTTP_IF_MODIFIED_SINCE"):
        modified = parse_http_date_safe(dict(copy.headers).get("Last-Modified", ""))
        asked = parse_http_date_safe(since)
        return modified is not None and asked is not None and modified <= asked <= time.time()
    return False
