"""The child of :mod:`cms.content.runner`: it is given jobs on its standard input and gives bytes on its output.

A job names a function of a module that knows no settings and no database (``"renditions.pdf:made"``), and has
arguments as JSON and files as bytes; the function gives bytes. Before its first job the child gives up what could
serve somebody who gets hold of it: its Python code may open no connection and no database and start no program, and
where the system lets it, it is in a network of its own that has no other machine in it.
"""

import ctypes
import importlib
import json
import os
import signal
import struct
import sys
import traceback
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO

SIZE = struct.Struct(">Q")
MOST_BYTES = 512 * 1024 * 1024  # of a part of a message
# Audit events (https://docs.python.org/3/library/audit_events.html) of what a job never does.
REFUSED_EVENTS = (
    *("socket.", "sqlite3.", "subprocess."),
    *("os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system"),
)
# Of Linux: unshare(2) and prctl(2).
NEW_USER, NEW_NETWORK, NO_NEW_PRIVILEGES = 0x10000000, 0x40000000, 38
TRACE = 6  # lines of a fault that are told: the innermost of a recursion say enough


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """That a job was not done: ``reason`` is a word for programs, ``detail`` what of the material it was.

    The runner's own reasons are ``time``, ``memory`` and ``broken``; a function may have others.
    """

    def __init__(self, reason: str, detail: str = ""):
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def send(stream: BinaryIO, header: dict, files: Mapping[str, bytes]) -> None:
    """Write a message: its header as JSON, then its files."""
    for part in (json.dumps({**header, "names": list(files)}).encode(), *files.values()):
        stream.write(SIZE.pack(len(part)))
        stream.write(part)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return header and files of the next message; raise ``EOFError`` where there is none, ``ValueError`` for what is
    no message."""
    header = json.loads(receive_part(stream))
    return header, {name: receive_part(stream) for name in header["names"]}


def receive_part(stream: BinaryIO) -> bytes:
    head = stream.read(SIZE.size)
    if len(head) < SIZE.size:
        raise EOFError
    (size,) = SIZE.unpack(head)
    if size > MOST_BYTES:
        raise ValueError("Too large.")
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content


def done(job: dict, files: dict[str, bytes]) -> tuple[dict, dict[str, bytes]]:
    """Do a job; return header and files of the answer."""
    module, _colon, name = job["function"].partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
        return {}, {"content": function(job["arguments"], files)}
    except Refused as refused:
        return {"reason": refused.reason, "detail": refused.detail}, {}
    except MemoryError:
        return {"reason": "memory", "detail": ""}, {}
    except Exception:
        return {"reason": "broken", "detail": "", "trace": traceback.format_exc(limit=-TRACE)}, {}


def work(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Do what is asked for on ``jobs`` until it ends.

    The owner kills a child that takes too long; the alarm is for one whose owner is gone.
    """
    with suppress(EOFError):
        while True:
            job, files = receive(jobs)
            alarm(job["seconds"] + 1)
            answer = done(job, files)
            alarm(0)
            send(answers, *answer)


def alarm(seconds: float) -> None:
    """Have the system end this process after ``seconds``; 0: never. Windows has no such clock."""
    with suppress(AttributeError):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def limit_memory(most: int) -> None:
    """Let this process address no more than ``most`` bytes, where the system can see to it, and leave no core."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def leave_network() -> None:
    """Move to a network without other machines, where the system lets a plain user do that, and gain no rights."""
    with suppress(AttributeError, OSError):
        system = ctypes.CDLL(None)
        system.unshare(NEW_USER | NEW_NETWORK)
        system.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def seal() -> None:
    """Refuse connections, databases and programs to the Python code of this process, from now on."""

    def refuse(event: str, _arguments: object) -> None:
        if event.startswith(REFUSED_EVENTS):
            raise PermissionError(f"A contained process may not do this: {event}.")

    sys.addaudithook(refuse)


def main(most_memory: int, modules: Iterable[str]) -> None:
    """Be a child: get ready, then work. ``modules`` are imported before the first job, to be warm."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to the log
    limit_memory(most_memory)
    leave_network()
    for module in modules:
        with suppress(ImportError, OSError):
            importlib.import_module(module)
    seal()
    work(sys.stdin.buffer, answers)
