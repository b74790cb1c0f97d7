"""Where copies are kept: in the memory of each worker, within its bounds, and on the disk of the machine."""

import fcntl
import logging
import os
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from cms.pages.stored.copies import Copy

logger = logging.getLogger(__name__)

MOST_NEGATIVE = 1_000  # answers that there is nothing, or that it is elsewhere
LOCKS = 256
WAIT_SECONDS = 10  # for a page that another process or thread is rendering
POLL_SECONDS = 0.005
SWEEP_SECONDS = 10 * 60  # between two looks at how much there is on the disk


class Memory:
    """Copies by key, the least recently used forgotten first, within a number of bytes and of copies."""

    def __init__(self, most_bytes: int, most_copies: int | None = None):
        self.most_bytes, self.most_copies = most_bytes, most_copies
        self.copies: OrderedDict[str, tuple[Copy, int]] = OrderedDict()
        self.bytes = 0
        self.lock = threading.Lock()

    def get(self, key: str) -> Copy | None:
        with self.lock:
            found = self.copies.get(key)
            if found is None:
                return None
            self.copies.move_to_end(key)
        return found[0]

    def put(self, key: str, copy: Copy) -> None:
        """Keep ``copy``, or count it anew after it got another coding."""
        size = copy.size
        with self.lock:
            self.drop(key)
            if size > self.most_bytes:
                return
            self.copies[key] = (copy, size)
            self.bytes += size
            while self.bytes > self.most_bytes or (self.most_copies and len(self.copies) > self.most_copies):
                self.drop(next(iter(self.copies)))

    def drop(self, key: str) -> None:
        if found := self.copies.pop(key, None):
            self.bytes -= found[1]

    def all(self) -> list[tuple[str, Copy]]:
        """Return all copies with their keys, the least recently used first."""
        with self.lock:
            return [(key, copy) for key, (copy, _size) in self.copies.items()]


class Disk:
    """Copies as files, one folder a generation; what cannot be read or written is as if it were not there.

    They survive a restart of the site, and serve it while the database is away.
    """

    def __init__(self, folder: Path, generation: str, most_bytes: int):
        self.root, self.folder, self.most_bytes = folder, folder / generation, most_bytes
        self.is_writable = most_bytes > 0
        self.swept_at = time.monotonic()

    def path(self, key: str) -> Path:
        name = sha256(key.encode()).hexdigest()[:40]
        return self.folder / name[:2] / name[2:]

    def get(self, key: str) -> Copy | None:
        try:
            return Copy.from_bytes(self.path(key).read_bytes())
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, copy: Copy) -> None:
        """Write ``copy`` in the place of the one before, so that a reader finds the one or the other, whole."""
        if not self.is_writable:
            return
        path = self.path(key)
        beside = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(copy.to_bytes())
            beside.replace(path)
        except OSError as error:
            logger.warning("Stored pages cannot be written: %s", error.strerror)
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    @contextmanager
    def turn(self, key: str) -> Iterator[bool]:
        """Hold the lock of ``key`` among all threads and processes of the machine; say whether it was free at once.

        Whoever waits too long goes on without it.
        """
        try:
            (self.root / "locks").mkdir(parents=True, exist_ok=True)
            name = int(sha256(key.encode()).hexdigest()[:8], 16) % LOCKS
            file = os.open(self.root / "locks" / str(name), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:  # a disk that is full or cannot be written: everybody renders
            yield True
            return
        try:
            yield wait_for(file)
        finally:
            os.close(file)

    def sweep(self) -> None:
        """Delete the pages of other generations, and the oldest files beyond the bound; looks only now and then."""
        if time.monotonic() - self.swept_at < SWEEP_SECONDS:
            return
        self.swept_at = time.monotonic()
        with suppress(OSError):
            for folder in self.root.iterdir():
                if folder not in (self.folder, self.root / "locks") and age(folder) > SWEEP_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
            self.shrink()

    def shrink(self) -> None:
        files = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self.folder.glob("*/*"))
        excess = sum(size for _time, size, _path in files) - self.most_bytes
        for _time, size, path in files:
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= size

    def all(self) -> Iterator[Copy]:
        """Yield the copies on the disk."""
        for path in self.folder.glob("*/*"):
            with suppress(OSError, ValueError, KeyError, TypeError):
                yield Copy.from_bytes(path.read_bytes())


def age(folder: Path) -> float:
    return time.time() - folder.stat().st_mtime


def wait_for(file: int) -> bool:
    """Lock an open file, waiting for ``WAIT_SECONDS`` at most; say whether it was free at once."""
    end, free = time.monotonic() + WAIT_SECONDS, True
    while time.monotonic() < end:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return free
        except OSError:
            free = False
            time.sleep(POLL_SECONDS)
    return False
