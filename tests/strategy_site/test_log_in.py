"""Logging in from outside: what is too long is refused before it is kept, and little is kept of what fails."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth import hashers
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from cms.publishing import audit
from cms.publishing.models import AuditEntry
from strategy_site.lockout import LONGEST_PASSWORD
from strategy_site.proxies import client_network
from strategy_site.request_limits import LARGEST_FORM

pytestmark = pytest.mark.django_db

RESUME = {"_target": "/admin/", "_kept": "[]"}
FAILED = AuditEntry.Action.LOGIN_FAILED


def log_in(client, page: str = "login", *, username: str = "admin", password: str = "wrong", **request):  # noqa: S107
    return client.post(reverse(f"admin:{page}"), {**RESUME, "username": username, "password": password}, **request)


@pytest.mark.parametrize("page", ["login", "resume"])
@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"username": "a" * 151}, id="a character more than a name has"),
        pytest.param({"username": "a" * 300}, id="more than a column holds"),
        pytest.param({"username": "\ufdfa" * 100}, id="a name that grows when it is normalized"),
        pytest.param({"username": "a\x00b"}, id="null in the name"),
        pytest.param({"password": "a\x00b"}, id="null in the password"),
        pytest.param({"password": "a" * (LONGEST_PASSWORD + 1)}, id="password of any length"),
    ],
)
def test_what_no_name_or_password_can_be_is_neither_hashed_nor_kept(client, monkeypatch, page, given):
    monkeypatch.setattr(hashers, "check_password", lambda *args: pytest.fail("it was hashed"))
    monkeypatch.setattr(hashers, "make_password", lambda *args, **kwargs: pytest.fail("it was hashed"))
    response = log_in(client, page, **given)
    assert response.status_code in (200, 401)
    assert "errorlist" in response.text
    assert not AccessAttempt.objects.exists()
    assert not AuditEntry.objects.exists()


def test_longest_name_is_looked_up(client):
    assert log_in(client, username="a" * 150).status_code == 200
    assert AccessAttempt.objects.get().username == "a" * 150


@pytest.mark.parametrize("page", ["login", "resume"])
def test_nothing_of_what_was_posted_is_kept(client, page):
    for _ in range(3):
        address = f"{reverse(f'admin:{page}')}?next=secret"
        client.post(address, {**RESUME, "username": "a", "password": "b", "_kept": '[["title", "secret"]]'})
    kept = AccessAttempt.objects.get()
    assert (kept.failures_since_start, kept.get_data, kept.post_data) == (3, "", "")


def test_address_of_who_logged_in_is_not_kept(client, admin_user):
    assert log_in(client, password="password").status_code == 302
    assert not AccessLog.objects.exists()
    assert AuditEntry.objects.get().action == AuditEntry.Action.LOGIN


def test_trail_has_so_many_failed_log_ins_an_hour_and_says_that_there_were_more(client, monkeypatch):
    monkeypatch.setattr(audit, "MOST_FAILED_LOGINS", 3)
    for number in range(5):
        log_in(client, username=f"name-{number}")
    assert list(AuditEntry.objects.order_by("pk").values_list("actor", "detail")) == [
        ("name-0", {}), ("name-1", {}), ("name-2", {"more": "not recorded"}),
    ]  # fmt: skip
    AuditEntry.objects.update(at=timezone.now() - timedelta(hours=1, seconds=1))
    log_in(client, username="later")
    assert AuditEntry.objects.filter(action=FAILED).count() == 4


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::"),
        ("", None),
        ("socket", None),
    ],
)
def test_log_ins_are_counted_by_what_a_subscriber_has(rf, address, network):
    assert client_network(rf.get("/", REMOTE_ADDR=address)) == network


def test_addresses_of_one_network_close_the_door_together(client, admin_user, settings):
    for number in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, REMOTE_ADDR=f"2001:db8:1:2::{number}")
    assert log_in(client, password="password", REMOTE_ADDR="2001:db8:1:2:ffff::1").status_code == 429
    assert log_in(client, password="password", REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


def test_log_in_works_on_a_connection_without_an_address(client, admin_user):
    assert log_in(client, REMOTE_ADDR="fe80::1%eth0").status_code == 200
    assert log_in(client, REMOTE_ADDR="").status_code == 200


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/admin/logout/", "/i18n/setlang/", "/fr/regions/", "/preview/x/en/"]
)
def test_large_body_is_refused_before_it_is_read(client, path):
    body = "username=" + "a" * LARGEST_FORM
    response = client.post(path, body, "application/x-www-form-urlencoded")
    assert response.status_code == 413
    assert "64" in response.text
    assert not response.wsgi_request._read_started


def test_large_body_is_a_problem_of_the_api(client):
    response = client.post("/api/v1/offices/", "a" * (LARGEST_FORM + 1), "application/json")
    assert (response.status_code, response["Content-Type"]) == (413, "application/problem+json")
    assert response.json()["type"].endswith("/problems/content-too-large/")


@pytest.mark.parametrize("length", ["x", "-1", ""])
def test_length_that_is_none_is_read_as_nothing(client, length):
    assert client.post("/i18n/setlang/", {"language": "fr"}, CONTENT_LENGTH=length).status_code in (302, 400)


def test_large_form_of_staff_is_kept_when_the_session_has_ended(client):
    response = client.post("/admin/regions/office/add/", {"name_en": "a" * (10 * LARGEST_FORM)})
    assert response.status_code == 401
    assert "a" * LARGEST_FORM in response.text


def test_nobody_uploads_files_without_a_session(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
    file = SimpleUploadedFile("a.pdf", b"x" * 1_000_000)
    response = client.post("/admin/regions/office/add/", {"cover": file})
    assert response.status_code == 413
    assert "Log in" in response.text
    assert not response.wsgi_request._read_started


def test_staff_upload_files_larger_than_a_form(admin_client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
    file = SimpleUploadedFile("a.pdf", b"x" * 1_000_000)
    assert admin_client.post("/admin/regions/office/add/", {"cover": file}).status_code == 200


def test_form_of_staff_that_is_too_large_is_told_so(admin_client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    response = admin_client.post("/admin/regions/office/add/", {"name_en": "a" * 1_000})
    assert response.status_code == 413
