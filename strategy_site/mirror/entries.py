"""What a mirror is made of."""

from dataclasses import dataclass, field


@dataclass
class Entry:
    """What stands at an address: a file, or the address that it leads to (``location``, with its ``status``)."""

    status: int
    file: str = ""
    location: str = ""
    media_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    links: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ErrorPage:
    """What is said below the path ``beginning`` of what a mirror does not have: bodies by status.

    ``missing`` is the status where there is no file: 404 where every address has one, else 503.
    """

    beginning: str
    bodies: dict[int, bytes]
    media_type: str
    headers: dict[str, str]
    missing: int = 404
