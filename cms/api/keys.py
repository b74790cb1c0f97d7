"""Keys in requests: ``Authorization: Bearer <key>`` (RFC 6750), never in an address, where logs would keep it."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Lock
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from cms.api.limits import IDENTIFIERS, Caller, Policy, RefusedCaller, anonymous, count
from cms.api.models import ApiKey, ApiUsage
from cms.api.models.counters import no_long_wait

LAST_USED_EVERY = timedelta(minutes=1)  # no need to write at each request
MAX_KEY_LENGTH = 200  # characters
WRITE_EVERY = 1  # seconds between two writes of the uses of a key by one process


def identify(request: HttpRequest) -> Caller | None:
    """Return the caller that a key stands for, or ``None`` without one.

    Raises ``RefusedCaller`` (401) for what is no usable key; such requests count against the address they come from,
    and past its quota that is 429.
    """
    header = request.headers.get("Authorization")
    if header is None:
        return None
    key = usable_key(header)
    if key is None:
        raise RefusedCaller(count(anonymous(request)))
    policy = Policy("key", settings.API_KEY_QUOTA if key.quota is None else key.quota)
    return Caller(f"key:{key.pk}", policy, counted=partial(USES.add, key.pk))


IDENTIFIERS.append(identify)


def usable_key(header: str) -> ApiKey | None:
    """Return the key that an ``Authorization`` header holds, or ``None``; notes when it was last used."""
    scheme, _space, text = header.partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text.isascii() or len(text) > MAX_KEY_LENGTH:
        return None
    key = ApiKey.objects.usable().filter(digest=ApiKey.digest_of(text)).first()
    if key and (key.last_used_at is None or timezone.now() - key.last_used_at > LAST_USED_EVERY):
        try:
            with no_long_wait():
                ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now())
        except DatabaseError:
            pass  # somebody writes for long; the next use notes it
    return key


@dataclass
class Uses:
    """What a process has counted of one key since it last wrote."""

    requests: int = 0
    refused: int = 0
    written: float = field(default=float("-inf"))  # seconds of the monotonic clock


class UseCounter:
    """Counts the uses of keys by the hour. The database adds, so processes that count at once lose nothing; each
    writes at most once a second for a key, so that a busy partner costs few writes."""

    def __init__(self):
        self.uses: dict[UUID, Uses] = {}
        self.lock = Lock()

    def add(self, key: UUID, allowed: bool) -> None:  # noqa: FBT001 - what a caller's ``counted`` is called with
        """Count one request with ``key``."""
        with self.lock:
            uses = self.uses.setdefault(key, Uses())
            uses.requests += 1
            uses.refused += not allowed
            if time.monotonic() - uses.written < WRITE_EVERY:
                return
            requests, refused = uses.requests, uses.refused
            uses.requests = uses.refused = 0
            uses.written = time.monotonic()
        try:
            with no_long_wait():
                ApiUsage.add(key, requests=requests, refused=refused)
        except DatabaseError:  # somebody writes for long: counted with the next ones
            with self.lock:
                uses.requests += requests
                uses.refused += refused


USES = UseCounter()
