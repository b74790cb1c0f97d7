"""What monitoring is told: whether the process lives, whether it can serve, and its figures."""

import json
import logging
import socket
import sys
import time
from collections import namedtuple
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.urls import path
from django.utils import timezone

from cms.publishing.models import Notice
from cms.publishing.models.items import reference
from cms.webhooks.models import WebhookDelivery, WebhookEndpoint
from strategy_site import cache as site_cache
from strategy_site import errors, findings, health
from strategy_site.backups.checking import note
from strategy_site.error_reports import JsonFormatter
from tests.factories import OfficeFactory
from tests.strategy_site.processes import run_python

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def break_down(request):
    raise ValueError("that nobody may read")


urlpatterns = [path("broken", break_down)]
handler500 = errors.server_error


@pytest.fixture(autouse=True)
def var_dir(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path


def checks(client: Client) -> dict:
    return {name: found[0] for name, found in client.get("/readyz").json()["checks"].items()}


def test_livez_asks_the_database_nothing(client):
    response = client.get("/livez")  # pytest-django fails a test that asks it
    assert (response.status_code, response.text, response["Cache-Control"]) == (200, "ok\n", "no-store")


@pytest.mark.parametrize("address", ["/livez", "/metrics"])
def test_probes_refuse_to_be_written_to(client, address):
    assert client.post(address).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/livez", "/readyz"])
def test_probes_need_neither_host_nor_https(client, settings, address):
    settings.ALLOWED_HOSTS = ["strategy.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(address, headers={"Host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.django_db
def test_readyz_looks_for_nothing_that_is_due(client, monkeypatch):
    monkeypatch.setattr("cms.publishing.middleware.publish_due", lambda: pytest.fail("looked for what is due"))
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_readyz_names_every_check(client):
    response = client.get("/readyz")
    assert response["Content-Type"] == "application/health+json"
    assert set(response.json()["checks"]) == {
        "database", "migrations", "schedules", "webhooks", "cache", "disk", "backup",
    }  # fmt: skip


@pytest.mark.django_db
def test_readyz_tells_strangers_states_alone(client):
    found = client.get("/readyz", **ELSEWHERE).json()["checks"]
    assert all(set(check) == {"status"} for [check] in found.values())
    assert "output" in checks(client)["database"]


@pytest.mark.django_db
def test_readyz_that_fails_is_no_error_of_the_log(client, monkeypatch, caplog):
    def away():
        raise OperationalError("connection refused")

    monkeypatch.setattr(findings.of_database, "__defaults__", ((away,),))
    assert client.get("/readyz").status_code == 503
    assert caplog.records == []


@pytest.mark.django_db
def test_readyz_fails_without_the_database_and_tells_the_rest(client, monkeypatch):
    def away():
        raise OperationalError("connection refused")

    monkeypatch.setattr(findings, "OF_DATABASE", (away,))
    monkeypatch.setattr(findings.of_database, "__defaults__", ((away,),))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"][0]["status"] == "fail"
    assert response.json()["checks"]["disk"][0]["status"] == "pass"


@pytest.mark.django_db
def test_readyz_answers_within_a_second_while_database_and_cache_hang(client, monkeypatch, settings):
    monkeypatch.setattr("strategy_site.probes.needs_no_network", lambda: False)
    monkeypatch.setattr("strategy_site.probes.of_database", lambda: time.sleep(3))
    monkeypatch.setattr(site_cache.RedisCache, "away_until", 0.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        settings.CACHES = {"default": {"BACKEND": "strategy_site.cache.RedisCache", "LOCATION": address}}
        began = time.monotonic()
        response = client.get("/readyz")
        seconds = time.monotonic() - began
    assert response.status_code == 503
    assert response.json()["checks"]["cache"][0]["status"] == "warn"
    assert health.ANSWER_SECONDS + site_cache.ANSWER_SECONDS < 1
    assert seconds < 2  # this machine may do other things too
    time.sleep(3)  # the thread that hangs holds the place of the next one


@pytest.mark.django_db(transaction=True)  # a server is asked in a thread of its own
def test_readyz_warns_of_what_waits_for_long(client):
    endpoint = WebhookEndpoint.objects.create(name="Partner", url="https://example.org/")
    WebhookDelivery.objects.create(
        endpoint=endpoint, event="endpoint.test", body="{}", next_attempt_at=timezone.now() - timedelta(hours=1)
    )
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "warn")
    assert "manage.py deliver_webhooks" in checks(client)["webhooks"]["output"]


@pytest.mark.django_db
def test_readyz_warns_of_a_full_disk(client, monkeypatch):
    usage = namedtuple("Usage", "free")
    monkeypatch.setattr(findings.shutil, "disk_usage", lambda path: usage(1_000))
    assert checks(client)["disk"]["status"] == "warn"
    assert client.get("/readyz").status_code == 200  # readers are served


@pytest.mark.django_db
def test_readyz_warns_without_a_backup_and_of_an_old_one(client, settings, tmp_path):
    assert checks(client)["backup"]["status"] == "warn"
    note(tmp_path / "backup.zip", size=5, is_checked=True)
    assert checks(client)["backup"]["status"] == "pass"
    record = json.loads((tmp_path / "last_backup.json").read_text())
    record["at"] = (timezone.now() - timedelta(hours=27)).isoformat()
    (tmp_path / "last_backup.json").write_text(json.dumps(record))
    assert checks(client)["backup"]["status"] == "warn"
    settings.BACKUP_HOURS = 0
    assert checks(client)["backup"]["status"] == "pass"


@pytest.mark.django_db
def test_metrics_count_answers_from_the_store(client, reader):
    for _time in range(2):
        reader.get("/en/partners/")
    assert 'strategy_site_requests_total{kind="stored",status="200"}' in client.get("/metrics").text


@pytest.mark.django_db
def test_metrics_count_answers_and_show_what_the_database_knows(client):
    client.get("/en/")
    text = client.get("/metrics").text
    assert 'strategy_site_requests_total{kind="page",status="200"}' in text
    assert "strategy_site_database_up 1.0" in text
    assert "strategy_site_webhooks_waiting 0.0" in text
    assert "strategy_site_memory_bytes{" in text


@pytest.mark.django_db
def test_metrics_are_for_this_machine_or_the_token(client, settings):
    assert client.get("/metrics", **ELSEWHERE).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404  # a proxy here
    settings.METRICS_TOKEN = "a-token-for-tests"
    bearer = {"Authorization": "Bearer a-token-for-tests"}
    assert client.get("/metrics", headers=bearer, **ELSEWHERE).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404


COUNTING = """
import os, sys, django
django.setup()
from django.http import HttpResponse
from django.test import RequestFactory
from strategy_site import metrics
for _ in range(3):
    if os.fork() == 0:
        metrics.count(RequestFactory().get("/api/v1/"), HttpResponse(), 0.1)
        os._exit(0)
    os.wait()
text = metrics.exposition().decode()
assert 'strategy_site_requests_total{kind="api",status="200"} 3.0' in text, text
assert text.count("strategy_site_memory_bytes{") == 1, "of workers that ended"
"""


def test_metrics_add_up_all_processes(tmp_path):
    result = run_python("-c", COUNTING, VAR_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="strategy_site.settings")
    assert result.returncode == 0, result.stderr


@pytest.mark.urls("tests.strategy_site.test_probes")
def test_error_page_names_the_request_as_the_log_does(db, caplog):
    client = Client(raise_request_exception=False)
    response = client.get("/broken", headers={"X-Request-ID": "a-request-17"})
    assert response.status_code == 500
    assert response["X-Request-ID"] == "a-request-17"


def test_page_that_may_be_stored_names_no_request(db, client):
    assert "X-Request-ID" not in client.get("/en/")


def test_error_page_holds_the_identifier(rf):
    from cms.api.request_ids import identified

    with identified(rf.get("/", headers={"X-Request-ID": "a-request-17"})):
        assert "a-request-17" in errors.server_error(rf.get("/en/")).text


def test_log_may_be_json():
    try:
        raise OperationalError('near "a draft": syntax error')
    except OperationalError:
        record = logging.LogRecord("name", logging.ERROR, "", 0, "Failed: %s", ("ü",), sys.exc_info())
    record.request_id = "a-request-17"
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], line["message"], line["request_id"]) == ("ERROR", "Failed: ü", "a-request-17")
    assert "draft" not in line["traceback"].splitlines()[-1]


def test_error_handler_hears_of_errors(tmp_path):
    code = """
import logging, django
django.setup()
handler = logging.getLogger().handlers[-1]
assert type(handler).__name__ == "Reporter", handler
assert handler.level == logging.ERROR
logging.getLogger("django.request").error("failed")
assert [(record.getMessage(), record.request_id) for record in handler.heard] == [("failed", "-")]
"""
    settings_of = {"DJANGO_SETTINGS_MODULE": "strategy_site.settings", "VAR_DIR": str(tmp_path)}
    result = run_python("-c", code, ERROR_HANDLER="tests.strategy_site.reporting.Reporter", **settings_of)
    assert result.returncode == 0, result.stderr


@pytest.mark.django_db
def test_doctor_says_how_the_site_is_and_what_to_do(tmp_path):
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out, no_color=True)
    assert ended.value.code == 1  # there is no backup
    assert "warn  backup: there is none" in out.getvalue()
    assert "manage.py backup DIR --verify" in out.getvalue()


@pytest.mark.django_db
def test_doctor_ends_with_0_when_all_is_well(tmp_path):
    note(tmp_path / "backup.zip", size=5, is_checked=True)
    call_command("doctor", stdout=StringIO())


@pytest.mark.django_db
def test_doctor_ends_with_2_without_the_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(findings, "OF_DATABASE", (lambda: findings.database_away("gone"),))
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=StringIO())
    assert ended.value.code == 2


@pytest.mark.django_db
def test_doctor_shows_no_secret(tmp_path, settings):
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    assert settings.SECRET_KEY not in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "status"), [(1, "pass"), (3, "warn")])
def test_doctor_says_when_the_mail_of_the_day_is_not_sent(admin_user, days, status):
    notice = {**reference(OfficeFactory()), "recipient": admin_user, "event": "approved"}
    Notice.objects.create(**notice, at=timezone.now() - timedelta(days=days))
    assert findings.digests().status == status
