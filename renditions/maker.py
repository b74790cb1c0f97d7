"""Documents are made in a process beside the site's, since what makes them can be stopped in no other way.

A process of the site has one maker, started for its first document and kept: to start one takes longer than to make a
short document. It is given sources and gives bytes through its pipes, ends with its owner, and is killed when a
document takes too long; the next document has a new maker.
"""

import atexit
import logging
import os
import pickle
import subprocess
import sys
import threading
import traceback
from contextlib import suppress

import django
from django.conf import settings

SECONDS = 45  # for one document; sixty pages take five
MEMORY = 2 * 1024**3  # bytes that a maker may address; sixty pages take a tenth

logger = logging.getLogger(__name__)
makers: dict[int, subprocess.Popen] = {}  # by the process that owns it: one that was forked has none yet


class CannotBeMade(Exception):
    """The document takes too long or too much memory, or its source breaks what makes it."""


def make(extension: str, source) -> bytes:
    """Return the document of ``source`` (``renditions.source.Source``) in the format of ``extension``.

    The caller sees to it that a process makes one at a time. Raises ``CannotBeMade``.
    """
    try:
        content, problem = ask((extension, source))
    except BaseException as error:
        stop()  # what it answers now would be taken for the next document
        if isinstance(error, EOFError | OSError | pickle.UnpicklingError):
            logger.warning("The %s of “%s” was given up after %s seconds or less.", extension, source.slug, SECONDS)
            raise CannotBeMade from error
        raise
    if problem:
        logger.warning("The %s of “%s” cannot be made.\n%s", extension, source.slug, problem)
        raise CannotBeMade
    return content


def ask(job: tuple) -> tuple[bytes, str]:
    """Return what the maker answers; raise ``EOFError`` or ``OSError`` when it ended or was killed over it."""
    maker = running()
    limit = threading.Timer(SECONDS, maker.kill)
    limit.start()
    try:
        pickle.dump(job, maker.stdin)
        maker.stdin.flush()
        return pickle.load(maker.stdout)  # noqa: S301 - written by this module
    finally:
        limit.cancel()


def running() -> subprocess.Popen:
    """Return this process's maker, started where there is none."""
    maker = makers.get(os.getpid())
    if maker is None or maker.poll() is not None:
        stop()
        maker = makers[os.getpid()] = subprocess.Popen(
            [sys.executable, "-m", "renditions.maker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=settings.BASE_DIR,
            start_new_session=True,  # Ctrl-C in a terminal is for the site, and the maker ends with it
        )
    return maker


@atexit.register
def stop() -> None:
    """End this process's maker."""
    if maker := makers.pop(os.getpid(), None):
        maker.kill()
        with suppress(OSError):
            maker.stdin.close()
        maker.stdout.close()
        maker.wait()


def work() -> None:
    """Make what is asked for on the standard input, until it ends: all that the maker does."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to the log
    limit_memory()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strategy_site.settings")
    django.setup()
    from renditions.formats import FORMATS

    makes = {found.extension: found.make for found in FORMATS}
    with suppress(EOFError):
        while True:
            extension, source = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by this module
            try:
                answer = (makes[extension](source), "")
            except Exception:
                answer = (b"", traceback.format_exc())
            pickle.dump(answer, answers)
            answers.flush()


def limit_memory() -> None:
    """Let this process have no more than ``MEMORY``, where the system can see to it."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    work()
