"""Keys of the API: shown once, kept as a hash, counted by the hour."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from publishing.api.keys import KeyAuthentication, count_use
from publishing.models import ApiKey, ApiUsage

pytestmark = pytest.mark.django_db


def make_key(**values) -> tuple[ApiKey, str]:
    row = ApiKey(name="Partner", **values)
    key = row.renew()
    row.save()
    return row, key


def authenticate(header: str | None):
    headers = {"authorization": header} if header is not None else {}
    return KeyAuthentication().authenticate(Request(APIRequestFactory().get("/api/v1/offices/", headers=headers)))


def test_key_is_recognised():
    row, key = make_key()
    assert authenticate(f"Bearer {key}") == (None, row)


def test_without_a_key_everybody_may_read():
    assert authenticate(None) is None


def test_stored_row_does_not_hold_the_key():
    row, key = make_key()
    stored = ApiKey.objects.filter(pk=row.pk).values().get()
    assert not any(key in str(value) for value in stored.values())


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"revoked_at": timezone.now()}, id="revoked"),
        pytest.param({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, id="expired"),
    ],
)
def test_ended_key_is_refused(values):
    _row, key = make_key(**values)
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {key}")


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Bearer", id="empty"),
        pytest.param("Bearer sk_unknown", id="unknown"),
        pytest.param("Bearer " + "sk_" + "x" * 10_000, id="long"),
        pytest.param("Bearer sk_é", id="not-ascii"),
        pytest.param("Bearer sk_a\x00b", id="null"),
        pytest.param("Basic dXNlcjp3b3Jk", id="other-scheme"),
    ],
)
def test_wrong_key_is_refused(header):
    with pytest.raises(AuthenticationFailed):
        authenticate(header)


def test_last_use_is_noted():
    row, key = make_key()
    authenticate(f"Bearer {key}")
    row.refresh_from_db()
    assert timezone.now() - row.last_used_at < timedelta(seconds=30)


def test_last_use_is_not_written_at_each_request(django_assert_num_queries):
    _row, key = make_key()
    authenticate(f"Bearer {key}")
    with django_assert_num_queries(1):
        authenticate(f"Bearer {key}")


def test_uses_are_counted_by_the_hour():
    row, _key = make_key()
    now = datetime(2026, 5, 1, 10, 59, tzinfo=UTC)
    counts = [count_use(row, now=now), count_use(row, now=now), count_use(row, now=now + timedelta(minutes=1))]
    assert counts == [1, 2, 1]


def test_refused_uses_are_counted_apart():
    row, _key = make_key()
    count_use(row, now=timezone.now())
    count_use(row, now=timezone.now(), refused=True)
    usage = ApiUsage.objects.get()
    assert (usage.requests, usage.refused) == (2, 1)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads lock each other out of a database in memory")
@pytest.mark.django_db(transaction=True)
def test_uses_counted_at_once_are_all_counted():
    row, _key = make_key()
    now = timezone.now()

    def use():
        try:
            for _number in range(20):
                count_use(row, now=now)
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ApiUsage.objects.get().requests == 80
