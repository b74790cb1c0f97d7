"""How often a caller may ask: a fair limit for everybody, counted across all processes.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10. A caller has a quota for each window of time; who
the caller is, and which policy holds, is said by the functions in :data:`IDENTIFIERS`, and by :func:`anonymous` for
whom none of them knows.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string
from rest_framework import exceptions

from cms.api.models.counters import RequestCounter

logger = logging.getLogger(__name__)

SALT = "cms.api.limits"
LEASES = 30  # parts of a quota, of which a process takes one at a time while more than half is left
WINDOW = 60  # seconds
PAGES = ("v1/docs/", "v1/problems/")  # for people, who read there what a refusal means: not counted
MAX_LEASES = 10_000  # kept in memory, before those that are over are dropped


@dataclass(frozen=True)
class Policy:
    """A quota: ``quota`` requests in each ``window`` of seconds; a quota of 0 is no limit."""

    name: str
    quota: int
    window: int = WINDOW

    @property
    def header(self) -> str:
        return f'"{self.name}";q={self.quota};w={self.window}'


@dataclass(frozen=True)
class Caller:
    """Who asks: what tells this caller from others, the policy that holds, and what is called with whether a request
    was within it."""

    partition: str
    policy: Policy
    counted: Callable[[bool], None] | None = None


@dataclass(frozen=True)
class Standing:
    """How a caller stands: whether the request is within the quota, what is left, seconds until it is renewed."""

    policy: Policy
    allowed: bool
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the headers of the answer, for a refusal with ``Retry-After`` (RFC 9110, section 10.2.3)."""
        found = {
            "RateLimit-Policy": self.policy.header,
            "RateLimit": f'"{self.policy.name}";r={self.remaining};t={self.reset}',
        }
        return found if self.allowed else {**found, "Retry-After": str(self.reset)}


class RefusedCaller(exceptions.APIException):
    """That a caller's key is not valid: 401, or 429 for whom has tried too often; ``standing`` is the caller's."""

    def __init__(self, standing: Standing | None):
        super().__init__()
        self.standing = standing
        self.status_code = 401 if standing is None or standing.allowed else 429


# Each returns the caller of a request, or None; the first that knows one counts. What it raises is answered.
IDENTIFIERS: list[Callable[[HttpRequest], Caller | None]] = []


def caller_of(request: HttpRequest) -> Caller:
    """Return who asks."""
    return next((caller for identify in IDENTIFIERS if (caller := identify(request))), None) or anonymous(request)


def anonymous(request: HttpRequest) -> Caller:
    """Return the caller that is known by its address alone; of an IPv6 address by its network of 64 bits."""
    address = import_string(settings.CLIENT_ADDRESS)(request) or ""
    return Caller(f"address:{network_of(address)}", Policy("anonymous", settings.API_ANONYMOUS_QUOTA))


def network_of(address: str) -> str:
    """Return an address as it is, and of IPv6 its network of 64 bits, the least that one subscriber has (RFC 6177)."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4 or found.ipv4_mapped:
        return str(getattr(found, "ipv4_mapped", found))
    return str(ip_network((found, 64), strict=False))


def count(caller: Caller, *, now: float | None = None) -> Standing | None:
    """Count one request of ``caller`` and return how it stands; ``None`` where there is no limit."""
    policy = caller.policy
    if not policy.quota:
        return None
    now = time.time() if now is None else now
    start = int(now // policy.window) * policy.window
    # Nobody's address is stored, and the same one has another name in the next window.
    name = counter_name(caller.partition, policy.name, start)
    allowed, used = LEDGER.take(name, policy.quota, ends=start + policy.window, now=now)
    reset = max(1, start + policy.window - int(now))
    return Standing(policy, allowed, max(0, policy.quota - used), reset)


@lru_cache(maxsize=1_000)
def counter_name(partition: str, policy: str, start: int) -> str:
    """Return the name under which the requests of a caller are counted in the window that begins at ``start``."""
    return salted_hmac(SALT, f"{partition} {policy} {start}", algorithm="sha256").hexdigest()


@dataclass
class Lease:
    """What a process has taken of a quota: ``left`` of it are not used, ``total`` is what all have taken together."""

    left: int
    total: int
    ends: float


class Ledger:
    """Counts requests across processes.

    While more than half of a quota is left, a process takes some requests of it at once, so most requests cost no
    write; after that each is counted on its own, so the last one within the quota is known exactly.
    """

    def __init__(self):
        self.leases: dict[str, Lease] = {}
        self.lock = Lock()

    def take(self, name: str, quota: int, *, ends: float, now: float) -> tuple[bool, int]:
        """Count one request under ``name``; return whether it is within ``quota``, and how many of it are used."""
        with self.lock:
            lease = self.leases.get(name)
            if lease and lease.left:
                lease.left -= 1
                return True, lease.total - lease.left
            if lease and lease.total >= quota:
                return False, quota
            before = lease.total if lease else 0
        amount = max(1, quota // LEASES) if before < quota // 2 else 1
        try:
            total = add(name, amount, ends=ends, now=now)
        except DatabaseError:
            logger.warning("Requests could not be counted; this one is answered.", exc_info=True)
            return True, before
        granted = amount - max(0, total - quota)
        with self.lock:
            if len(self.leases) > MAX_LEASES:
                self.leases = {key: kept for key, kept in self.leases.items() if kept.ends > now}
            lease = self.leases.setdefault(name, Lease(0, 0, ends))
            lease.total = max(lease.total, min(total, quota))
            lease.left += max(0, granted - 1)
            return granted > 0, lease.total - lease.left


LEDGER = Ledger()


def add(name: str, amount: int, *, ends: float, now: float) -> int:
    """Add to the counter ``name`` for all processes, and return what it is then."""
    if settings.API_COUNTERS == "cache":
        cache.add(name, 0, timeout=int(ends - now) + 1)
        try:
            return cache.incr(name, amount)
        except ValueError:  # dropped in between
            cache.set(name, amount, timeout=int(ends - now) + 1)
            return amount
    return RequestCounter.add(name, amount, ends=int(ends), now=int(now))


def enforce(request: HttpRequest) -> Standing | None:
    """Count ``request`` and return how its caller stands, or ``None`` where nothing is counted."""
    for_people = request.path_info.startswith(tuple(f"{settings.API_PATH}{part}" for part in PAGES))
    if request.method == "OPTIONS" or for_people:
        return None
    caller = caller_of(request)
    standing = count(caller)
    if caller.counted:
        caller.counted(standing is None or standing.allowed)
    return standing
