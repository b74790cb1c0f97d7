"""Where finished documents are kept: one file for each strategy, language and format, until its source changes.

A file is named by the digest of its source, so it is right or not there. A request makes a file only when nobody
made it yet: one at a time in a process, the same one in one process only, and with so few waiting that the other
threads go on answering pages. Of what could not be made is kept why, for ten minutes, and for editors to read.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

from django.conf import settings
from django.core.files import locks

from cms.content.runner import Refused
from renditions.maker import documents

SECONDS_GIVEN_UP = 600  # until it is tried again to make a document that could not be made
DIGEST = "[0-9a-f]" * 32  # as a pattern of file names: pt is not to be taken for pt-br


def folder_of(key: UUID) -> Path:
    """Return the folder of the documents of the strategy ``key``."""
    return Path(settings.GENERATED_ROOT) / "strategies" / str(key)


def path_of(key: UUID, language: str, extension: str, digest: str) -> Path:
    """Return where the document made from the source ``digest`` is, or will be."""
    return folder_of(key) / f"{language}-{digest}.{extension}"


def latest_size(key: UUID, language: str, extension: str) -> int | None:
    """Return the size in bytes of the document that was made last, ``None`` where there is none yet."""
    try:
        files = folder_of(key).glob(f"{language}-{DIGEST}.{extension}")
        found = max(files, key=os.path.getmtime, default=None)
        return found.stat().st_size if found else None
    except OSError:
        return None


def made(path: Path, make: Callable[[], bytes]) -> Path:
    """Return ``path``, with the bytes of ``make()`` in it if nobody has made it yet.

    Raises ``Busy`` when too many wait already or the wait takes too long, ``Refused`` when ``make`` does or did so a
    short time ago.
    """
    if not path.exists():
        refuse_given_up(path)
        with documents.turn():
            make_once(path, make)
    return path


def made_ahead(path: Path, make: Callable[[], bytes]) -> None:
    """Do as ``made`` for nobody in particular: with no place in the line of those who wait."""
    if not path.exists():
        refuse_given_up(path)
        with documents.turn(patient=True):
            make_once(path, make)


def make_once(path: Path, make: Callable[[], bytes]) -> None:
    """Put the bytes of ``make()`` at ``path``, unless another process has done it by now."""
    with lock_of(path):
        if not path.exists():
            refuse_given_up(path)
            try:
                write(path, make())
            except Refused as refused:
                give_up(path, refused)
                raise
            forget_others(path)


def given_up(path: Path) -> Path:
    """Return the file that says why a document could not be made, and by its time, when."""
    return path.with_name(f"{path.name}.given-up")


def give_up(path: Path, refused: Refused) -> None:
    """Note why the document at ``path`` was not made, in the place of what was noted of another state of it."""
    write(given_up(path), json.dumps([refused.reason, refused.detail]).encode())
    forget(path, f"{path.suffix}.given-up", given_up(path))


def reason_given_up(path: Path) -> Refused:
    """Return what is noted in a file of :func:`given_up`; raises ``FileNotFoundError``."""
    try:
        reason, detail = json.loads(path.read_bytes())
    except ValueError:  # an earlier version noted nothing
        reason, detail = "broken", ""
    return Refused(reason, detail)


def refuse_given_up(path: Path) -> None:
    """Raise ``Refused`` where that was found a short time ago: to find it again would hold up all others."""
    with suppress(FileNotFoundError):
        if time.time() - given_up(path).stat().st_mtime < SECONDS_GIVEN_UP:
            raise reason_given_up(given_up(path))


def not_made(key: UUID) -> list[tuple[str, str, Refused]]:
    """Return language, extension and reason of the documents of the strategy ``key`` that could not be made when they
    were asked for last."""
    found = []
    for path in sorted(folder_of(key).glob("*.given-up")):
        language, extension = path.name.rsplit("-", 2)[0], path.suffixes[0][1:]
        with suppress(FileNotFoundError):
            found.append((language, extension, reason_given_up(path)))
    return found


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
    for ending in (path.suffix, f"{path.suffix}.given-up"):
        forget(path, ending, path)


def forget(path: Path, ending: str, kept: Path) -> None:
    """Delete the files of the document of ``path`` that end so, but for ``kept``."""
    language, _digest = path.stem.rsplit("-", 1)
    for other in path.parent.glob(f"{language}-{DIGEST}{ending}"):
        if other != kept:
            other.unlink(missing_ok=True)
