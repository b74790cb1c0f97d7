"""The fair limit: counted across processes, told in headers, and open to policies of others."""

import pytest
from django.db import OperationalError

from cms.api import limits
from cms.api.limits import Caller, Ledger, Policy, network_of
from cms.api.models import RequestCounter
from cms.publishing import actions
from cms.publishing.preview import link_url
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

AREAS = "/api/v1/thematic-areas/"


@pytest.fixture(autouse=True)
def ledger(monkeypatch):
    monkeypatch.setattr(limits, "LEDGER", Ledger())


@pytest.fixture(params=["database", "cache"])
def counters(request, settings):
    settings.API_COUNTERS = request.param


@pytest.fixture
def still(monkeypatch):
    """A clock that stands 10 seconds after a window began."""
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_010.0)


@pytest.mark.usefixtures("counters", "still")
def test_requests_over_the_quota_are_429(client, settings):
    settings.API_ANONYMOUS_QUOTA = 3
    answers = [client.get(AREAS) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer["RateLimit"] for answer in answers] == [f'"anonymous";r={left};t=50' for left in (2, 1, 0, 0, 0)]
    assert answers[0]["RateLimit-Policy"] == '"anonymous";q=3;w=60'
    assert (answers[-1]["Retry-After"], answers[-1]["Content-Type"]) == ("50", "application/problem+json")
    assert not answers[0].has_header("Retry-After")


@pytest.mark.usefixtures("counters", "still")
def test_each_address_has_its_own_quota(client, settings):
    settings.API_ANONYMOUS_QUOTA = 1
    assert [client.get(AREAS, REMOTE_ADDR=f"10.0.0.{n}").status_code for n in (1, 2, 1)] == [200, 200, 429]


@pytest.mark.usefixtures("counters")
def test_next_window_begins_anew(client, settings, monkeypatch):
    settings.API_ANONYMOUS_QUOTA = 1
    found = []
    for now in (1_800_000_000.0, 1_800_000_059.9, 1_800_000_060.0):
        monkeypatch.setattr(limits.time, "time", lambda now=now: now)
        found.append(client.get(AREAS).status_code)
    assert found == [200, 429, 200]


@pytest.mark.parametrize("quota", [1, 7, 30, 100, 601])
def test_processes_together_stay_within_the_quota_and_use_it_whole(quota):
    processes = [Ledger() for _ in range(4)]
    allowed = [processes[n % 4].take("a" * 64, quota, ends=60, now=0)[0] for n in range(2 * quota + 200)]
    assert sum(allowed) == quota


def test_most_requests_cost_no_write(django_assert_num_queries):
    process = Ledger()
    with django_assert_num_queries(10):
        for _ in range(200):
            process.take("a" * 64, 600, ends=60, now=0)


def test_preflight_is_not_counted(client, settings):
    settings.API_ANONYMOUS_QUOTA = 1
    assert [client.options(AREAS).status_code for _ in range(3)] == [204] * 3


@pytest.mark.parametrize("page", ["/api/v1/docs/", "/api/v1/problems/too-many-requests/"])
def test_who_is_refused_can_read_why(client, settings, page):
    settings.API_ANONYMOUS_QUOTA = 1
    assert [client.get(AREAS).status_code for _ in range(2)] == [200, 429]
    assert client.get(page).status_code == 200


def test_no_address_is_stored(client, settings):
    settings.API_ANONYMOUS_QUOTA = 1
    client.get(AREAS, REMOTE_ADDR="192.0.2.77")
    assert RequestCounter.objects.count() == 1
    assert "192.0.2.77" not in str(RequestCounter.objects.values())


def test_what_is_over_is_cleared_away(settings):
    RequestCounter.add("f" * 64, 1, ends=100, now=0)
    RequestCounter.add("0" * 64, 1, ends=200, now=150)
    assert list(RequestCounter.objects.values_list("name", flat=True)) == ["0" * 64]


def test_request_is_answered_when_it_cannot_be_counted(client, settings, monkeypatch):
    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    settings.API_ANONYMOUS_QUOTA = 1
    monkeypatch.setattr(RequestCounter, "add", locked)
    assert [client.get(AREAS).status_code for _ in range(3)] == [200] * 3


@pytest.mark.usefixtures("still")
def test_policy_of_another_caller_counts_first(client, settings, monkeypatch):
    def identify(request):
        key = request.headers.get("Authorization")
        return Caller(f"key:{key}", Policy("partner", 2)) if key else None

    settings.API_ANONYMOUS_QUOTA = 1
    monkeypatch.setattr(limits, "IDENTIFIERS", [identify])
    answers = [client.get(AREAS, headers={"Authorization": "Bearer x"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"partner";q=2;w=60'
    assert client.get(AREAS).status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no:address", "no:address"),
    ],
)
def test_subscriber_of_ipv6_is_its_network(address, network):
    assert network_of(address) == network


@pytest.mark.usefixtures("counters", "still")
def test_data_of_a_preview_counts_as_well(client, settings, admin_user):
    settings.API_ANONYMOUS_QUOTA = 2
    link = link_url(actions.share(item=OfficeFactory(live=False), user=admin_user))
    inside = f"/preview/{link.split('/')[2]}/api/v1/offices/?lang=en"
    answers = [client.get(inside) for _each in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert "Access-Control-Allow-Origin" not in answers[0]
    assert client.get(AREAS).status_code == 429  # the same quota
