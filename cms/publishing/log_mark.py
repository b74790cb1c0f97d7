"""Where the change log stood when this site last looked: a mark outside the database.

A database that was put back from a backup does not know it. Its numbers of changes come again then and mean other
changes, and a copy that knows those of before would stay wrong for ever. So the latest change that was seen of each
log stands in a file of the machine and in the cache that machines share. A log that does not hold that change any more
went back and becomes another log, whose copies start over (410). Without a mark the log is taken as it is.

A file is read for a request of the API; it is written when something was published, and then once a machine.
"""

import fcntl
import json
import logging
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from cms.publishing.models import Change, ChangeLogHead, ContentState, content_state

logger = logging.getLogger(__name__)

KEY = "change-log-mark"

# By the identity of each log that was seen, that of now last: number and time (ISO 8601) of its latest change.
Mark = dict[str, tuple[int, str]]

Subscriber = Callable[[], object]
SUBSCRIBERS: list[Subscriber] = []


def subscribe(subscriber: Subscriber) -> None:
    """Have ``subscriber`` called in the transaction in which another log begins: what it has of the old one goes."""
    SUBSCRIBERS.append(subscriber)


def kept_in_file() -> Mark:
    """Return the mark of this machine; an empty one when it is lost or spoiled."""
    try:
        kept = json.loads(Path(settings.CHANGE_LOG_MARK).read_bytes())
        return {uuid.UUID(log).hex: (int(sequence), str(at)) for log, (sequence, at) in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def entry_of(state: ContentState) -> tuple[int, str]:
    """Return what a mark says of a log in this ``state``."""
    return state.version, state.changed_at.isoformat() if state.changed_at else ""


def renew_if_it_went_back(state: ContentState) -> bool:
    """Begin another log if the one that ``state`` was read from went back, and say whether it did.

    Costs no query as long as nothing was published since the last call on this machine.
    """
    if state.log is None or list(kept_in_file().items())[-1:] == [(state.log.hex, entry_of(state))]:
        return False
    if any(went_back(mark, state.log, state.version) for mark in marks()):
        with transaction.atomic():  # asked again under the lock: another process may have been quicker
            return renew_locked(ChangeLogHead.locked())
    remember(state.log, state.version, state.changed_at)
    return False


def renew_locked(head: ChangeLogHead) -> bool:
    """Begin another log under the locked ``head`` if the one of now went back, and say whether it did."""
    renewed = any(went_back(mark, head.log, head.sequence) for mark in marks())
    if renewed:
        logger.warning("The change log went back: a backup was put back. Copies of the content start over.")
        begin_another_log(head, robust=True)
    return renewed


def marks() -> list[Mark]:
    """Return the mark of this machine and the one that machines share, if it is another."""
    own, shared = kept_in_file(), cache.get(KEY) or {}
    return [own] if own == shared else [own, shared]


def went_back(mark: Mark, log: uuid.UUID, sequence: int) -> bool:
    """Say whether ``mark`` knows a log that came after ``log``, or a change that ``log`` does not hold."""
    if log.hex not in mark:
        return False  # begun by another machine, or the mark is lost
    if log.hex != list(mark)[-1]:
        return True
    seen, at = mark[log.hex]
    return seen > sequence or bool(at) and not Change.objects.filter(sequence=seen, at=at).exists()


def remember(log: uuid.UUID, sequence: int, at: datetime | None) -> None:
    """Keep that the change ``sequence`` of the time ``at`` was seen in ``log``; what was seen later stays."""
    try:
        with locked_folder():
            mark = kept_in_file()
            mark[log.hex] = max(mark.get(log.hex, (0, "")), (sequence, at.isoformat() if at else ""))
            write(mark)
    except OSError as error:
        logger.warning("CHANGE_LOG_MARK cannot be written: %s", error.strerror)
        return
    cache.set(KEY, mark, None)


def write(mark: Mark) -> None:
    """Put the file in the place of the one before, so that a reader finds the one or the other, whole."""
    path = Path(settings.CHANGE_LOG_MARK)
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(json.dumps(mark))
    beside.replace(path)


@contextmanager
def locked_folder() -> Iterator[None]:
    """Hold the folder of the mark: of two processes that write, the one waits for the other."""
    folder = os.open(Path(settings.CHANGE_LOG_MARK).parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def begin_another_log(head: ChangeLogHead, *, robust: bool = False) -> None:
    """Have every copy start over and every cache forget, under the locked ``head``.

    Numbers of changes come again when a backup was put back, and mean other changes than copies and caches know.
    Raises ``OSError`` where the cache cannot be emptied; ``robust`` writes that into the log instead.
    """
    head.log = uuid.uuid4()
    head.save(update_fields=["log"])
    for subscriber in SUBSCRIBERS:
        subscriber()
    transaction.on_commit(cache.clear, robust=robust)
    state = content_state()
    transaction.on_commit(partial(remember, head.log, state.version, state.changed_at))
