"""Links in live texts that lead nowhere: to items of this site that are gone or not public, and to pages elsewhere
that do not answer.

Other sites are asked politely: one request at a time of each host and a pause between two, ``HEAD`` before ``GET``,
with a name and an address to complain to, within limits of time and number, and by :mod:`cms.content.outgoing`.
"""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.encoding import iri_to_uri

from cms.content.links import Reference, parsed, shown_rows
from cms.content.models import ContentModel
from cms.content.outgoing import PORTS, Undeliverable, request
from cms.pages.reached import own_path, reached
from cms.publishing.links import WrittenLink

HOSTS_AT_ONCE = 4
PAUSE_SECONDS = 1.0  # between two requests to one host
REFUSALS = {401, 403, 429, 451}  # the page may be there: it is not for programs, or not now
GONE, HIDDEN, NOWHERE = "it was deleted", "it is not public", "there is no such page"


@dataclass(frozen=True)
class Broken:
    """A link that leads nowhere, and why."""

    link: WrittenLink
    reason: str


def broken_inside(links: Iterable[WrittenLink]) -> Iterator[Broken]:
    """Yield those of ``links`` that lead to what is not public on this site. Two queries for each kind of item that is
    referred to, and up to six for each path."""
    links = list(links)
    states = states_of(reference for link in links if (reference := parsed(link.href)))
    look = cache(reason_of_path)
    for link in links:
        reference = parsed(link.href)
        reason = states[reference.model, reference.key] if reference else look(link.href)
        if reason:
            yield Broken(link, reason)


def states_of(references: Iterable[Reference]) -> dict[tuple[type[ContentModel], UUID], str]:
    """Return by model and key what is wrong with the items that are referred to; ``""`` where nothing is."""
    wanted: dict[type[ContentModel], set[UUID]] = {}
    for reference in references:
        wanted.setdefault(reference.model, set()).add(reference.key)
    found: dict[tuple[type[ContentModel], UUID], str] = {}
    for model, keys in wanted.items():
        there = set(model._base_manager.filter(pk__in=keys).values_list("pk", flat=True))
        public = set(shown_rows(model, keys).values_list("pk", flat=True))
        found |= {(model, key): "" if key in public else HIDDEN if key in there else GONE for key in keys}
    return found


def reason_of_path(href: str) -> str:
    """Return what is wrong with an address of this site; ``""`` where nothing is, and for other addresses."""
    if own_path(href) is None:
        return ""
    place = reached(href)
    return "" if place.is_public else HIDDEN if place.is_page else NOWHERE


@dataclass
class Outside:
    """What came of asking other sites: the addresses that are broken, with the reason; how many were asked, refused to
    be read by a program, and left out for lack of time."""

    broken: dict[str, str]
    asked: int = 0
    refused: int = 0
    left: int = 0


def broken_outside(hrefs: Iterable[str], *, most: int, seconds: float) -> Outside:
    """Ask for the web addresses among ``hrefs`` that are not this site's: at most ``most``, for about ``seconds``."""
    chosen = sorted({href for href in hrefs if href.startswith(("http://", "https://")) and own_path(href) is None})
    by_host: dict[str, list[str]] = {}
    for href in chosen[:most]:
        by_host.setdefault((urlsplit(href).hostname or "").lower(), []).append(href)
    found, end = Outside({}, left=len(chosen[most:])), time.monotonic() + seconds
    with ThreadPoolExecutor(HOSTS_AT_ONCE) as threads:
        for answers in threads.map(lambda host: list(ask_host(by_host[host], end)), by_host):
            for href, reason in answers:
                note(found, href, reason)
    return found


def note(found: Outside, href: str, reason: str | int | None) -> None:
    """Add what came of one address: why it is broken, the status of a refusal, ``""`` where it is right, or ``None``
    where there was no time."""
    if reason is None:
        found.left += 1
        return
    found.asked += 1
    if isinstance(reason, int):
        found.refused += 1
    elif reason:
        found.broken[href] = reason


def ask_host(hrefs: list[str], end: float) -> Iterator[tuple[str, str | int | None]]:
    """Yield what came of the addresses of one host, asked for one after the other until the time ``end``."""
    for number, href in enumerate(hrefs):
        if time.monotonic() > end:
            yield href, None
            continue
        if number:
            time.sleep(PAUSE_SECONDS)
        yield href, outcome(href)


def outcome(href: str) -> str | int:
    """Return ``""`` where there is an answer to read, the status of a refusal, else what is wrong."""
    try:
        parts = parts_of(href)
        status = status_of("HEAD", parts)
        if status >= 400:  # some servers know no HEAD, or answer it otherwise
            time.sleep(PAUSE_SECONDS)
            status = status_of("GET", parts)
    except (Undeliverable, ValueError) as error:
        return str(error) or "the address is not right"
    if status in REFUSALS:
        return status
    return f"the answer is {status}" if status >= 400 else ""


def status_of(method: str, parts: SplitResult) -> int:
    return request(method, parts, None, {"User-Agent": user_agent(), "Accept": "*/*"}).status


def user_agent() -> str:
    """Return by which name other sites know the check, and where they can complain (RFC 9110, section 10.1.5)."""
    return f"strategy-site-link-check/{settings.VERSION} (+{settings.SITE_URL})"


def parts_of(href: str) -> SplitResult:
    """Return the parts of a web address as HTTP sends them (RFC 3987, section 3.1); raise ``ValueError`` for one that
    cannot be asked for."""
    parts = urlsplit(href)
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("it cannot be asked for")
    host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    authority = f"[{host}]" if ":" in host else host
    authority += f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=authority, path=iri_to_uri(parts.path), query=iri_to_uri(parts.query), fragment="")
