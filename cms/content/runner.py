"""Work on what somebody wrote or sent is done in a process that can be killed: documents, pictures, uploads.

A process of the site has one child for each runner, started for its first job and kept, since to start one takes
longer than to make a short document. It is given JSON and files and gives bytes (:mod:`cms.content.contained`), has no
secret in its environment, no database and no network, ends with its owner, is killed when a job takes too long, and is
replaced after some jobs.
"""

import atexit
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from django.conf import settings

from cms.content.contained import Refused, receive, send

__all__ = ["Busy", "Refused", "Runner"]

SECONDS = 20  # for a job; a document of sixty pages takes five
SECONDS_TO_START = 5  # for a child to import what it works with, on a machine that has much to do
MEMORY = 1024**3  # bytes that a child may address; a document of sixty pages takes a fifth
MOST_JOBS = 200  # of a child; the next one is started beside the requests
MOST_IN_LINE = 3  # requests of a process that have a job done or wait for one; the server has four threads
SECONDS_IN_LINE = 20
# What a child finds in its environment: where programs, libraries and fonts are.
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
KEPT_PREFIXES = ("FONTCONFIG_", "XDG_CACHE_")

logger = logging.getLogger(__name__)


class Busy(Exception):
    """Too many wait for the same runner; ask again in a few seconds."""


class Runner:
    """Has jobs done by a child, one at a time in a process of the site.

    ``modules`` are those of its jobs' functions; ``doing`` says in the log what they are. A job has ``seconds``
    (:data:`SECONDS`, where it is not said), and the first of a child those besides that it needs to get ready.
    """

    def __init__(self, doing: str, *modules: str, seconds: float | None = None):
        self.doing, self.modules, self.seconds = doing, modules, seconds
        self.children: dict[int, subprocess.Popen] = {}  # by the process that owns it: one that was forked has none
        self.jobs = 0
        self.in_line = threading.BoundedSemaphore(MOST_IN_LINE)
        self.working = threading.Lock()
        atexit.register(self.stop)

    def require_room(self) -> None:
        """Raise ``Busy`` where the line is full: before something is read that would wait for nothing."""
        if not self.in_line.acquire(blocking=False):
            raise Busy
        self.in_line.release()

    @contextmanager
    def turn(self, *, patient: bool = False) -> Iterator[None]:
        """Wait for this thread's turn; raise ``Busy`` rather than wait in a long line, or for long.

        ``patient``: for work that nobody waits for: it takes no place in the line.
        """
        if not patient and not self.in_line.acquire(blocking=False):
            raise Busy
        try:
            if not self.working.acquire(timeout=-1 if patient else SECONDS_IN_LINE):
                raise Busy
            try:
                yield
            finally:
                self.working.release()
        finally:
            if not patient:
                self.in_line.release()

    def run(self, function: str, arguments: dict, files: Mapping[str, bytes] | None = None) -> bytes:
        """Return what ``function`` (``"module:name"``) gives for ``arguments`` (JSON) and ``files``, in its own turn.

        Raises :class:`Refused` where it refuses or breaks the limits, and :class:`Busy`.
        """
        with self.turn():
            return self.run_in_turn(function, arguments, files)

    @property
    def limit(self) -> float:
        """How many seconds a job has."""
        return SECONDS if self.seconds is None else self.seconds

    def run_in_turn(self, function: str, arguments: dict, files: Mapping[str, bytes] | None = None) -> bytes:
        """Do as :meth:`run` for whom has the turn."""
        try:
            header, parts = self.ask(
                {"function": function, "arguments": arguments, "seconds": self.limit}, files or {}
            )
        except BaseException:
            self.stop()  # what it answers now would be taken for the next job
            raise
        self.recycle(full=header.get("reason") == "memory")
        if "reason" in header:
            logger.warning("%s: refused (%s).\n%s", self.doing, header["reason"], header.get("trace", ""))
            raise Refused(header["reason"], header["detail"])
        return parts["content"]

    def ask(self, job: dict, files: Mapping[str, bytes]) -> tuple[dict, dict[str, bytes]]:
        """Return what the child answers; raise ``Refused`` when it ended or was killed over it."""
        child, late = self.running(), threading.Event()
        limit = threading.Timer(self.limit + (0 if self.jobs else SECONDS_TO_START), end_late, (child, late))
        limit.daemon = True
        limit.start()
        try:
            send(child.stdin, job, files)  # type: ignore[arg-type] # a pipe
            return receive(child.stdout)  # type: ignore[arg-type] # a pipe
        except (EOFError, OSError, ValueError, KeyError) as error:
            reason = "time" if late.is_set() else "memory"  # a library that gets no memory ends the process
            logger.warning("%s: the process was ended (%s).", self.doing, reason)
            raise Refused(reason) from error
        finally:
            limit.cancel()

    def running(self) -> subprocess.Popen:
        """Return this process's child, started where there is none."""
        child = self.children.get(os.getpid())
        if child is None or child.poll() is not None:
            self.stop()
            child = self.start()
        return child

    def start(self) -> subprocess.Popen:
        code = f"from cms.content.contained import main; main({MEMORY}, {self.modules!r})"
        self.jobs = 0
        child = self.children[os.getpid()] = subprocess.Popen(  # noqa: S603 - Python itself, with our own code
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=settings.BASE_DIR,
            env=clean_environment(),
            start_new_session=True,  # Ctrl-C in a terminal is for the site, and the child ends with it
        )
        return child

    def recycle(self, *, full: bool) -> None:
        """Replace a child that has done much, or has no memory left; the new one gets ready beside the requests."""
        self.jobs += 1
        if full or self.jobs >= MOST_JOBS:
            self.stop()
            self.start()

    def stop(self) -> None:
        """End this process's child."""
        if child := self.children.pop(os.getpid(), None):
            child.kill()
            for stream in (child.stdin, child.stdout):
                with suppress(OSError):
                    stream.close()  # type: ignore[union-attr] # a pipe
            child.wait()


def end_late(child: subprocess.Popen, late: threading.Event) -> None:
    late.set()
    child.kill()


def clean_environment() -> dict[str, str]:
    """Return the environment of a child: nothing of the site's settings, where secrets are."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    return {**kept, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
