"""Where finished documents are kept: one file for each strategy, language and format, until its source changes.

A file is named by the digest of its source, so it is right or not there. A request makes a file only when nobody
made it yet: one at a time in a process, the same one in one process only, and with so few waiting that the other
threads go on answering pages.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

from django.conf import settings
from django.core.files import locks

from renditions.maker import CannotBeMade

MOST_IN_LINE = 3  # requests of a process that make a document or wait for one; the server has four threads
SECONDS_IN_LINE = 20
SECONDS_GIVEN_UP = 600  # until it is tried again to make a document that could not be made

in_line = threading.BoundedSemaphore(MOST_IN_LINE)
making = threading.Lock()


class Busy(Exception):
    """Too many documents are being made; ask again in a few seconds."""


def folder_of(key: UUID) -> Path:
    """Return the folder of the documents of the strategy ``key``."""
    return Path(settings.GENERATED_ROOT) / "strategies" / str(key)


def path_of(key: UUID, language: str, extension: str, digest: str) -> Path:
    """Return where the document made from the source ``digest`` is, or will be."""
    return folder_of(key) / f"{language}-{digest}.{extension}"


def latest_size(key: UUID, language: str, extension: str) -> int | None:
    """Return the size in bytes of the document that was made last, ``None`` where there is none yet."""
    try:
        found = max(folder_of(key).glob(f"{language}-*.{extension}"), key=os.path.getmtime, default=None)
        return found.stat().st_size if found else None
    except OSError:
        return None


def made(path: Path, make: Callable[[], bytes]) -> Path:
    """Return ``path``, with the bytes of ``make()`` in it if nobody has made it yet.

    Raises ``Busy`` when too many wait already or the wait takes too long, ``CannotBeMade`` when ``make`` does or did
    so a short time ago.
    """
    if not path.exists():
        refuse_given_up(path)
        with turn():
            make_once(path, make)
    return path


def made_ahead(path: Path, make: Callable[[], bytes]) -> None:
    """Do as ``made`` for nobody in particular: with no place in the line of those who wait."""
    if not path.exists():
        refuse_given_up(path)
        with making:
            make_once(path, make)


def make_once(path: Path, make: Callable[[], bytes]) -> None:
    """Put the bytes of ``make()`` at ``path``, unless another process has done it by now."""
    with lock_of(path):
        if not path.exists():
            refuse_given_up(path)
            try:
                write(path, make())
            except CannotBeMade:
                given_up(path).touch()
                raise
            forget_others(path)


def given_up(path: Path) -> Path:
    """Return the file that says, by its time, when a document could not be made."""
    return path.with_name(f"{path.name}.given-up")


def refuse_given_up(path: Path) -> None:
    """Raise ``CannotBeMade`` where that was found a short time ago: to find it again would hold up all others."""
    with suppress(FileNotFoundError):
        if time.time() - given_up(path).stat().st_mtime < SECONDS_GIVEN_UP:
            raise CannotBeMade


@contextmanager
def turn() -> Iterator[None]:
    """Wait for this thread's turn to make a document; raise ``Busy`` rather than wait in a long line."""
    if not in_line.acquire(blocking=False):
        raise Busy
    try:
        if not making.acquire(timeout=SECONDS_IN_LINE):
            raise Busy
        try:
            yield
        finally:
            making.release()
    finally:
        in_line.release()


@contextmanager
def lock_of(path: Path) -> Iterator[None]:
    """Hold the lock of a document among all processes of this machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    language, _digest = path.stem.rsplit("-", 1)
    with path.with_name(f"{language}{path.suffix}.lock").open("w") as file:
        locks.lock(file, locks.LOCK_EX)
        try:
            yield
        finally:
            locks.unlock(file)


def write(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step, so that nobody reads half of it."""
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        file.write(content)
    os.replace(file.name, path)


def forget_others(path: Path) -> None:
    """Delete what ``path`` replaces; who is reading it reads on."""
    language, _digest = path.stem.rsplit("-", 1)
    for ending in (path.suffix, f"{path.suffix}.given-up"):
        for other in path.parent.glob(f"{language}-*{ending}"):
            if other != path:
                other.unlink(missing_ok=True)
