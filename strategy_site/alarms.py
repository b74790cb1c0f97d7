"""Mail to ``ADMINS`` about errors: beside the requests, once for all that came together, and not often.

Errors of one kind are counted, and the first of them is told. All processes of a machine count in one file, so that
one of them mails for all, and what comes within a quarter of an hour of a mail is told in the next one. When there was
no error for a while, a last mail says that it is over, with what came since the one before.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.files import locks
from django.core.mail import mail_admins

from cms.api.request_ids import NONE, current_request_id
from strategy_site.error_reports import traceback_of

logger = logging.getLogger(__name__)

GATHER_SECONDS = 10  # what follows so soon is in the same mail
PAUSE_SECONDS = 15 * 60  # between two mails
OVER_SECONDS = 5 * 60  # without an error
MOST_KINDS = 20  # in one mail; more are counted together
OTHERS = "other errors"


@dataclass
class Kind:
    """Errors that are alike: the message and traceback of the first, how many, and when (seconds since 1970)."""

    message: str
    trace: str
    count: int
    first: float
    last: float
    request: str = NONE  # identifier of the first one's request, by which the log has more of it

    def __str__(self) -> str:
        first, last = (datetime.fromtimestamp(at, UTC) for at in (self.first, self.last))
        times = f"{self.count} times until {last:%Y-%m-%d %H:%M:%S}, first" if self.count > 1 else "Once,"
        asked = "" if self.request == NONE else f", request {self.request}"
        return f"{self.message}\n{times} at {first:%Y-%m-%d %H:%M:%S} UTC{asked}\n{self.trace}\n"


def add(kinds: dict[str, Kind], more: dict[str, Kind]) -> None:
    """Count ``more`` into ``kinds``."""
    for name, new in more.items():
        if name not in kinds and len(kinds) >= MOST_KINDS:
            name, new = OTHERS, Kind(OTHERS, "See the log.", new.count, new.first, new.last)
        if kept := kinds.get(name):
            kept.count += new.count
            kept.last = max(kept.last, new.last)
        else:
            kinds[name] = new


class AlarmHandler(logging.Handler):
    """Counts errors, and has a thread tell them. A 503 asks to come back later (RFC 9110, section 15.6.4): whoever
    answers so because of a fault logs the fault."""

    def __init__(self, level: int = logging.NOTSET):
        super().__init__(level)
        self.kinds: dict[str, Kind] = {}  # under the handler's own lock, as all that follows
        self.thread: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if not settings.ADMINS or getattr(record, "status_code", None) == 503:
            return
        error = record.exc_info[1] if record.exc_info else None
        trace = traceback_of(error) if error else ""
        name = f"{record.name} {record.msg} {trace[-1000:]}"
        add(
            self.kinds,
            {name: Kind(record.getMessage(), trace, 1, record.created, record.created, current_request_id())},
        )
        self.start()

    def start(self) -> None:
        """Have a thread tell what there is to tell, if none does; a process that starts asks what others left."""
        if settings.ADMINS and not (self.thread and self.thread.is_alive()):
            self.thread = threading.Thread(target=self.work, name="alarms", daemon=True)
            self.thread.start()

    def work(self) -> None:
        """Tell what is counted until there is nothing more to tell."""
        while self.thread:
            time.sleep(GATHER_SECONDS)
            self.flush()

    def flush(self) -> None:
        """Hand over what this process has counted, and tell it if it is time; at the end of a process too."""
        with self.lock:
            if not self.thread:
                return  # nothing was counted here
            kinds, self.kinds = self.kinds, {}
        try:
            if kinds:
                put(kinds)
            rest = tell()
        except OSError:
            rest = True
            logger.warning("Errors could not be mailed.", exc_info=True)
        with self.lock:
            if not rest and not self.kinds:
                self.thread = None


@contextmanager
def file_of_all() -> Iterator[dict]:
    """Hold the file in which all processes count; what is changed in the dictionary is kept."""
    path = Path(settings.VAR_DIR) / "alarms.json"
    with open(path, "a+", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        locks.lock(file, locks.LOCK_EX)  # until the file is closed
        file.seek(0)
        kept = {"mailed": 0, "last": 0, "is_open": False, "kinds": {}, **json.loads(file.read() or "{}")}
        kept["kinds"] = {name: Kind(**kind) for name, kind in kept["kinds"].items()}
        yield kept
        file.truncate(0)
        json.dump(kept, file, default=asdict)


def put(kinds: dict[str, Kind]) -> None:
    """Count ``kinds`` for all processes."""
    with file_of_all() as kept:
        add(kept["kinds"], kinds)
        kept["last"] = max(kept["last"], *(kind.last for kind in kinds.values()))


def tell() -> bool:
    """Mail what all processes have counted, if it is time; return whether something is left to be told.

    Raises ``OSError`` when the mail cannot be sent; it is tried again with the next one.
    """
    with file_of_all() as kept:
        is_over = kept["is_open"] and time.time() - kept["last"] >= OVER_SECONDS
        if not is_over and (not kept["kinds"] or time.time() - kept["mailed"] < PAUSE_SECONDS):
            return bool(kept["kinds"]) or kept["is_open"]
        kinds, last = kept["kinds"], kept["last"]
        kept.update(kinds={}, is_open=not is_over, **({} if is_over else {"mailed": time.time()}))
    try:
        mail_admins(over_since(last) if is_over else subject_of(kinds), "\n".join(map(str, kinds.values())))
    except OSError:
        with file_of_all() as kept:
            add(kept["kinds"], kinds)
            kept["is_open"] = kept["is_open"] or is_over
        raise
    return not is_over


def over_since(last: float) -> str:
    return f"Over: no error since {datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M:%S} UTC"


def subject_of(kinds: dict[str, Kind]) -> str:
    count = sum(kind.count for kind in kinds.values())
    first = " ".join(next(iter(kinds.values())).message.split())
    return f"{count} error{'s' * (count > 1)}: {first[:120]}"


def resume() -> None:
    """Have this process say that it is over where the ones that told of an error have ended."""
    if settings.ADMINS and (Path(settings.VAR_DIR) / "alarms.json").exists():
        for handler in logging.getLogger().handlers:
            if isinstance(handler, AlarmHandler):
                handler.start()
