"""Headers of every response, log-in attempts, what is told of errors, and whether the site is up."""

import logging
import shutil
from unittest.mock import patch

import pytest
from django.contrib.staticfiles import finders
from django.core import mail
from django.db import DatabaseError
from django.test import Client
from django.urls import path

from strategy_site.alarms import AlarmHandler
from strategy_site.proxies import client_address
from strategy_site.urls import urlpatterns as site_urls

HEADERS = [
    "Content-Security-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "Cross-Origin-Opener-Policy",
]


def break_down(request):
    draft = "a text that nobody may read"
    raise ValueError(f"broken by {draft}")


urlpatterns = [*site_urls, path("broken", break_down)]


@pytest.fixture
def static_file(settings, tmp_path):
    """A static file as it is served after collectstatic; its address."""
    settings.STATIC_ROOT = tmp_path / "static"
    (settings.STATIC_ROOT / "admin").mkdir(parents=True)
    shutil.copy(finders.find("admin/css/base.css"), settings.STATIC_ROOT / "admin")
    return "/static/admin/base.css"


@pytest.mark.django_db
@pytest.mark.urls("tests.strategy_site.test_security")
@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("/", 302, id="redirect"),
        pytest.param("/admin/login/", 200, id="page"),
        pytest.param("/healthz", 200, id="health"),
        pytest.param("/no-such-page", 404, id="not found"),
        pytest.param("/broken", 500, id="error"),
    ],
)
def test_response_carries_the_security_headers(address, status):
    response = Client(raise_request_exception=False).get(address)
    assert response.status_code == status
    assert [name for name in HEADERS if name not in response] == []


@pytest.mark.django_db  # the end of a response looks at the connection
def test_static_file_carries_the_policies(static_file):
    response = Client().get(static_file)
    assert response.status_code == 200
    assert "Content-Security-Policy" in response
    assert "Permissions-Policy" in response
    response.close()


@pytest.mark.django_db
def test_policy_allows_nothing_inline_and_no_foreign_host(client):
    policy = client.get("/admin/login/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.django_db
def test_unknown_host_is_refused_with_the_policies(client):
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "Content-Security-Policy" in response


@pytest.mark.parametrize(
    ("count", "forwarded", "expected"),
    [
        pytest.param(0, "203.0.113.9", "192.0.2.1", id="no proxy of ours: the header is the reader's own"),
        pytest.param(1, "203.0.113.9", "203.0.113.9", id="one proxy"),
        pytest.param(1, "1.1.1.1, 203.0.113.9", "203.0.113.9", id="an entry that the reader invented"),
        pytest.param(2, "203.0.113.9, 10.0.0.1", "203.0.113.9", id="two proxies"),
        pytest.param(2, "10.0.0.1", "192.0.2.1", id="fewer entries than proxies"),
        pytest.param(1, "", "192.0.2.1", id="no header"),
        pytest.param(1, "not an address", "192.0.2.1", id="no address"),
        pytest.param(1, "2001:db8::1", "2001:db8::1", id="IPv6"),
    ],
)
def test_client_address_believes_only_our_own_proxies(rf, settings, count, forwarded, expected):
    settings.TRUSTED_PROXY_COUNT = count
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(rf.get("/", REMOTE_ADDR="192.0.2.1", **headers)) == expected


def log_in(client, address: str, password: str):
    return client.post(
        "/admin/login/", {"username": "admin", "password": password}, headers={"x-forwarded-for": address}
    )


@pytest.mark.django_db
def test_five_wrong_passwords_close_the_door_for_that_address_only(client, admin_user, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, "203.0.113.9", "wrong")
    assert log_in(client, "203.0.113.9", "password").status_code == 429
    assert log_in(client, "203.0.113.10", "password").status_code == 302


@pytest.mark.django_db
@pytest.mark.urls("tests.strategy_site.test_security")
def test_error_is_mailed_as_a_traceback_without_data(settings, tmp_path):
    settings.ADMINS = [("", "operator@example.org")]
    settings.VAR_DIR = tmp_path
    handler = next(handler for handler in logging.getLogger().handlers if isinstance(handler, AlarmHandler))
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "secret-cookie"
    client.get("/broken?email=reader@example.org", REMOTE_ADDR="203.0.113.9")
    handler.flush()
    assert handler.level == logging.ERROR
    (message,) = mail.outbox
    text = f"{message.subject}\n{message.body}"
    assert "in break_down" in text
    assert "ValueError" in text
    for secret in ("secret-cookie", "reader@example.org", "203.0.113.9", "that nobody may read"):
        assert secret not in text


@pytest.mark.django_db
def test_health_is_503_when_the_database_does_not_answer(client, caplog):
    with patch("strategy_site.health.ask", side_effect=DatabaseError("gone")):
        response = client.get("/healthz")
    assert (response.status_code, response["Cache-Control"]) == (503, "no-store")
    assert response.text.startswith("database unavailable\n")
    assert "The database does not answer." in caplog.text


@pytest.mark.django_db
def test_health_refuses_to_be_written_to(client):
    assert client.post("/healthz").status_code == 405
