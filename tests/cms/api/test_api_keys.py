"""Keys of the API: kept as a hash, limited each for itself, counted by the hour."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from cms.api import keys
from cms.api.models import ApiKey, ApiUsage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def written_at_once(monkeypatch):
    monkeypatch.setattr(keys, "WRITE_EVERY", 0)


def make_key(**values) -> tuple[ApiKey, str]:
    row = ApiKey(name="Partner", **values)
    key = row.renew()
    row.save()
    return row, key


def ask(client, key: str | None = None):
    return client.get(reverse("api:root"), headers={"authorization": f"Bearer {key}"} if key else {})


def test_key_has_a_limit_of_its_own(client):
    _row, key = make_key(quota=7)
    assert ask(client, key)["RateLimit-Policy"] == '"key";q=7;w=60'


def test_key_without_a_limit_has_the_usual_one(client, settings):
    settings.API_KEY_QUOTA = 1234
    _row, key = make_key()
    assert ask(client, key)["RateLimit-Policy"] == '"key";q=1234;w=60'


def test_without_a_key_everybody_may_read(client, settings):
    settings.API_ANONYMOUS_QUOTA = 5
    response = ask(client)
    assert (response.status_code, response["RateLimit-Policy"].partition(";")[0]) == (200, '"anonymous"')


def test_key_past_its_limit_waits_and_another_does_not(client):
    _row, busy = make_key(quota=1)
    _other, quiet = make_key(quota=1)
    answers = [ask(client, busy), ask(client, busy), ask(client, quiet)]
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert int(answers[1]["Retry-After"]) > 0


def test_stored_row_does_not_hold_the_key():
    row, key = make_key()
    stored = ApiKey.objects.filter(pk=row.pk).values().get()
    assert not any(key in str(value) for value in stored.values())


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)}, id="revoked"),
        pytest.param({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, id="expired"),
    ],
)
def test_ended_key_is_refused(client, values):
    _row, key = make_key(**values)
    response = ask(client, key)
    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Bearer", id="empty"),
        pytest.param("Bearer sk_unknown", id="unknown"),
        pytest.param("Bearer " + "sk_" + "x" * 10_000, id="long"),
        pytest.param("Bearer sk_\xe9", id="not-ascii"),
        pytest.param("Bearer sk_a\x00b", id="null"),
        pytest.param("Basic dXNlcjp3b3Jk", id="other-scheme"),
    ],
)
def test_wrong_key_is_refused_with_a_challenge(client, header):
    response = client.get(reverse("api:root"), headers={"authorization": header})
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert response.json()["type"].endswith("/unknown-key/")


def test_guessing_keys_counts_against_the_address(client, settings):
    settings.API_ANONYMOUS_QUOTA = 2
    codes = [ask(client, "sk_guess").status_code for _number in range(3)]
    assert codes == [401, 401, 429]


def test_key_in_the_address_is_an_unknown_parameter(client):
    _row, key = make_key()
    response = client.get(reverse("api:root"), {"access_token": key})
    assert response.status_code == 400
    assert key not in response.content.decode()


def test_last_use_is_noted(client):
    row, key = make_key()
    ask(client, key)
    row.refresh_from_db()
    assert timezone.now() - row.last_used_at < timedelta(seconds=30)


def test_answered_and_refused_requests_are_counted(client):
    row, key = make_key(quota=2)
    for _number in range(3):
        ask(client, key)
    usage = ApiUsage.objects.get(key=row)
    assert (usage.requests, usage.refused) == (3, 1)


def test_busy_key_costs_few_writes(client, monkeypatch):
    monkeypatch.setattr(keys, "WRITE_EVERY", 3600)
    row, key = make_key()
    for _number in range(5):
        ask(client, key)
    assert ApiUsage.objects.get(key=row).requests == 1
    assert keys.USES.uses[row.pk].requests == 4


@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads lock each other out of a database in memory")
@pytest.mark.django_db(transaction=True)
def test_uses_counted_at_once_are_all_counted():
    row, _key = make_key()

    def use():
        try:
            for _number in range(20):
                ApiUsage.add(row.pk, requests=1, refused=0)
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ApiUsage.objects.get().requests == 80


def test_wrong_keys_past_the_quota_are_told_when_to_come_back(client, settings):
    settings.API_ANONYMOUS_QUOTA = 1
    headers = {"authorization": "Bearer wrong"}
    answers = [client.get(reverse("api:root"), headers=headers, REMOTE_ADDR="192.0.2.77") for _number in range(2)]
    assert [answer.status_code for answer in answers] == [401, 429]
    assert answers[0]["RateLimit"].startswith('"anonymous";r=0')
    assert int(answers[1]["Retry-After"]) > 0


def test_key_that_cannot_be_looked_up_is_a_problem(client, monkeypatch):
    def usable():
        raise OperationalError("no connection")

    monkeypatch.setattr(ApiKey.objects, "usable", usable)
    response = ask(client, "any")
    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")
    assert int(response["Retry-After"]) > 0
