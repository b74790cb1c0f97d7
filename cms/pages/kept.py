"""What many pages share (menu, filters, map of all offices), made once a content version in each process.

What is kept belongs to one state of the change log, whose head moves in the transaction of every change that the
public can see; once another state is asked for, nothing of the one before is left. Inside a transaction nothing is
kept and nothing kept is shown: there may be rows in it that nobody else sees, those of a draft in its preview or of a
publication that is rolled back in the end.

Keys are names that the code gives, never what a reader asks for, so there are few of them.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils.translation import get_language

from cms.publishing.models.changes import LogState, log_state

T = TypeVar("T")

# The state of the change log, and what is kept of it. Exchanged as one, so that no thread sees half of it.
_kept: tuple[LogState | None, dict[Hashable, Any]] = (None, {})


def kept(request: HttpRequest, key: Hashable, make: Callable[[], T]) -> T:
    """Return what ``make`` gives, from the process's memory where it was made for the present content already.

    Each language and script prefix has its own. The value is shared by threads: it is only read.
    """
    state = state_for(request)
    if state is None:
        return make()
    entries = entries_of(state)
    whole_key = (key, get_language(), get_script_prefix())
    if whole_key not in entries:
        entries[whole_key] = make()
    return entries[whole_key]


def state_for(request: HttpRequest) -> LogState | None:
    """Return the state of the content that ``request`` is answered from, read once; ``None`` where none is kept."""
    if connection.in_atomic_block or settings.DEBUG:  # who changes a template sees it at once
        return None
    if not hasattr(request, "log_state"):
        request.log_state = log_state()  # type: ignore[attr-defined] # our own mark on the request
    return request.log_state  # type: ignore[attr-defined] # as above


def entries_of(state: LogState) -> dict[Hashable, Any]:
    global _kept
    known, entries = _kept
    if known != state:
        entries = {}
        _kept = (state, entries)
    return entries


def forget() -> None:
    """Keep nothing any more."""
    global _kept
    _kept = (None, {})
