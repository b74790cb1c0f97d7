"""What many pages share (menu, filters, map of all offices), made once a content version in each process.

What is kept belongs to one version of the content, which moves in the transaction of every change that the public can
see; once another version is asked for, nothing of the one before is left. Inside a transaction nothing is kept and
nothing kept is shown: there may be rows in it that nobody else sees, those of a draft in its preview or of a
publication that is rolled back in the end.

With each value stand the tags of what was read for it (:mod:`cms.content.noting`): every page that shows the value
shows those rows, and is stored no longer than they stay as they are.

Keys are names that the code gives, never what a reader asks for, so there are few of them.
"""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils.translation import get_language

from cms.content.noting import collecting, note
from cms.pages.stored.version import SQL, State, Version

T = TypeVar("T")


class Entry(NamedTuple):
    """A value, and the tags of what it was made from."""

    value: Any
    tags: frozenset[str]


# The version of the content, and what is kept of it. Exchanged as one, so that no thread sees half of it.
_kept: tuple[Version | None, dict[Hashable, Entry]] = (None, {})


def kept(request: HttpRequest, key: Hashable, make: Callable[[], T]) -> T:
    """Return what ``make`` gives, from the process's memory where it was made for the present content already.

    Each language and script prefix has its own. The value is shared by threads: it is only read.
    """
    version = version_for(request)
    if version is None:
        return make()
    entries = entries_of(version)
    whole_key = (key, get_language(), get_script_prefix())
    if whole_key not in entries:
        with collecting() as tags:
            value = make()
        entries[whole_key] = Entry(value, frozenset(tags))
    entry = entries[whole_key]
    note(entry.tags)
    return entry.value


def version_for(request: HttpRequest) -> Version | None:
    """Return the version of the content that ``request`` is answered from, read once; ``None`` where none is kept."""
    if not is_keeping():
        return None
    if not hasattr(request, "content_version"):
        request.content_version = content_version()  # type: ignore[attr-defined] # our own mark on the request
    return request.content_version  # type: ignore[attr-defined] # as above


def is_keeping() -> bool:
    """Say whether anything may be kept now; who changes a template sees it at once."""
    return not (connection.in_atomic_block or settings.DEBUG)


def content_version() -> Version | None:
    """Return the version of the content; ``None`` before the first change. One query."""
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        version = State.of(cursor.fetchone()).version
    return version if version.sequence else None


def entries_of(version: Version) -> dict[Hashable, Entry]:
    global _kept
    known, entries = _kept
    if known != version:
        entries = {}
        _kept = (version, entries)
    return entries


def forget() -> None:
    """Keep nothing any more."""
    global _kept
    _kept = (None, {})
