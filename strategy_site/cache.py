"""The cache on Redis, which holds nothing that cannot be made again: while Redis is away the site goes on without."""

import logging
import time
from collections.abc import Callable

from django.core.cache.backends import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 0.25  # to be connected, and for each answer: a page waits no longer
AWAY_SECONDS = 5  # Redis is not asked again so soon after it failed


class RedisCache(redis.RedisCache):
    """Django's backend, which answers as an empty cache while Redis is away or does not answer in time.

    Only :meth:`clear` fails then: what was to be forgotten would come again with Redis.
    """

    away_until = 0.0  # by ``time.monotonic()``; of the class, since each thread has a backend of its own

    def __init__(self, server: str, params: dict):
        super().__init__(server, params)
        self._options = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS, **self._options}

    def asked(self, question: Callable, *arguments, otherwise=None):
        """Return ``question(*arguments)``, or ``otherwise`` when Redis does not answer or did not a moment ago."""
        if time.monotonic() < RedisCache.away_until:
            return otherwise
        try:
            return question(*arguments)
        except (RedisError, OSError) as error:
            RedisCache.away_until = time.monotonic() + AWAY_SECONDS
            logger.warning("Redis does not answer; for %s s the site does without: %s", AWAY_SECONDS, error)
            return otherwise

    def get(self, key, default=None, version=None):
        return self.asked(super().get, key, default, version, otherwise=default)

    def get_many(self, keys, version=None):
        return self.asked(super().get_many, keys, version, otherwise={})

    def has_key(self, key, version=None):
        return self.asked(super().has_key, key, version, otherwise=False)

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self.asked(super().add, key, value, timeout, version, otherwise=False)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        self.asked(super().set, key, value, timeout, version)

    def set_many(self, data, timeout=DEFAULT_TIMEOUT, version=None):
        return self.asked(super().set_many, data, timeout, version, otherwise=list(data))

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        return self.asked(super().touch, key, timeout, version, otherwise=False)

    def delete(self, key, version=None):
        return self.asked(super().delete, key, version, otherwise=False)

    def delete_many(self, keys, version=None):
        self.asked(super().delete_many, list(keys), version)

    def incr(self, key, delta=1, version=None):
        count = self.asked(super().incr, key, delta, version)
        if count is None:
            raise ValueError(f"Key {key!r} not found.")  # as where there is none
        return count

    def clear(self):
        """Forget everything; raise ``ConnectionError`` when Redis cannot be told to."""
        try:
            return super().clear()
        except RedisError as error:
            raise ConnectionError(f"Redis does not answer: {error}") from error
