"""What the site does while a service that it uses is away, or does not answer."""

import logging
import socket
import time

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from publishing.api import limits
from strategy_site import cache as site_cache

FEW_SECONDS = 3  # time limits of ours are below one; this machine may do other things too


@pytest.fixture(params=["away", "frozen"])
def redis_gone(request, settings, monkeypatch):
    """Set a Redis that refuses connections, or takes them and says nothing."""
    monkeypatch.setattr(site_cache.RedisCache, "away_until", 0.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if request.param == "frozen":
            silent.listen(16)
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        settings.CACHES = {"default": {"BACKEND": "strategy_site.cache.RedisCache", "LOCATION": address}}
        settings.API_COUNTERS = "cache"
        settings.API_ANONYMOUS_QUOTA = 60
        monkeypatch.setattr(limits, "LEDGER", limits.Ledger())
        yield


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/api/v1/offices/", "/sitemap.xml", "/en/updates.atom", "/en/", "/admin/login/"],
)
def test_pages_are_answered_without_redis(client, redis_gone, address):
    began = time.monotonic()
    assert client.get(address, follow=True).status_code == 200
    assert client.get(address, follow=True).status_code == 200
    assert time.monotonic() - began < FEW_SECONDS


def test_every_use_of_the_cache_is_answered_as_by_an_empty_one(redis_gone):
    began = time.monotonic()
    cache.set("key", 1)
    assert cache.get("key") is None
    assert cache.get("key", "other") == "other"
    assert cache.get_or_set("key", "made") == "made"
    assert cache.add("key", 1) is False
    assert cache.touch("key") is False
    assert cache.delete("key") is False
    assert cache.has_key("key") is False
    assert "key" not in cache
    assert cache.get_many(["key"]) == {}
    assert cache.set_many({"key": 1}) == ["key"]
    assert cache.delete_many(["key"]) is None
    with pytest.raises(ValueError, match="key"):
        cache.incr("key")
    with pytest.raises(ValueError, match="key"):
        cache.decr("key")
    assert time.monotonic() - began < 1


def test_no_method_of_the_cache_is_left_to_fail():
    """What Django's backend for Redis asks of it, ours asks in its own way."""
    asking = {
        name
        for name, method in vars(site_cache.RedisCache.__base__).items()
        if callable(method) and "_cache" in method.__code__.co_names
    }
    assert "get" in asking
    assert asking <= set(vars(site_cache.RedisCache))


def test_that_redis_is_gone_is_said_once_in_a_while(redis_gone, caplog):
    for _ in range(3):
        cache.get("key")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.mark.django_db
def test_operator_is_told_that_the_cache_was_not_emptied(redis_gone):
    with pytest.raises(CommandError, match="cache could not be emptied"):
        call_command("renew_change_log")


@pytest.mark.django_db
def test_requests_are_not_refused_while_they_cannot_be_counted(client, redis_gone, settings):
    settings.API_ANONYMOUS_QUOTA = 2
    assert {client.get("/api/v1/offices/").status_code for _ in range(5)} == {200}
