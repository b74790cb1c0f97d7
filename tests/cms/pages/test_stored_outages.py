"""While the database is away: what is stored is served and marked, the rest says within a second that it cannot."""

import socket

import pytest

from cms.pages.stored.version import AwayError
from cms.publishing import actions
from tests.factories import OfficeFactory, PartnerFactory
from tests.front import Reader
from tests.strategy_site.processes import run_python

ADDRESS = "/en/partners/"


@pytest.fixture
def away(monkeypatch):
    """Take the database away from readers, and give back what brings it back."""

    def go(reader: Reader) -> None:
        reader.site.reader.is_away = True

    return go


@pytest.mark.django_db
def test_stored_page_is_served_and_marked(reader, away):
    stored = reader.get(ADDRESS)
    away(reader)
    kept = reader.get(ADDRESS)
    assert (kept.status_code, kept.content) == (200, stored.content)
    assert kept.headers["Age"].isdigit()
    assert kept.headers["Cache-Status"].startswith("site; hit; ttl=-")
    assert "detail=database-away" in kept.headers["Cache-Status"]
    known = reader.get(ADDRESS, headers={"If-None-Match": stored.headers["ETag"]})
    assert known.status_code == 304


@pytest.mark.django_db
def test_page_that_is_stale_is_served_rather_than_none(reader, away):
    stored = reader.get(ADDRESS)
    actions.publish(item=PartnerFactory(live=False), user=None)
    away(reader)
    assert reader.get(ADDRESS).content == stored.content


@pytest.mark.django_db
def test_store_survives_a_restart_without_database(reader, away):
    stored = reader.get(ADDRESS)
    again = Reader()
    away(again)
    assert again.get(ADDRESS).content == stored.content


@pytest.mark.parametrize(
    ("address", "language", "words"),
    [
        ("/es/partners/", "", "503"),
        ("/documents/1/", "fr", "503"),
        ("/admin/", "pt", "503"),
    ],
)
def test_what_is_not_stored_is_refused_in_the_readers_language(reader, away, address, language, words):
    away(reader)
    answer = reader.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"].isdigit()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Language"] == (language or "es")
    assert words in answer.text


@pytest.mark.parametrize(("address", "status"), [("/livez", 200), ("/readyz", 200), ("/metrics", 200)])
@pytest.mark.django_db
def test_probes_answer_for_themselves(reader, away, address, status):
    away(reader)
    answer = reader.get(address)
    assert answer.status_code == status
    assert "Retry-After" not in answer.headers


def test_api_refuses_with_a_problem(reader, away):
    away(reader)
    answer = reader.get("/api/v1/offices/", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.headers["Retry-After"].isdigit()
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.django_db
def test_answers_of_the_api_that_are_stored_are_served(reader, away):
    OfficeFactory()
    stored = reader.get("/api/v1/offices/")
    away(reader)
    assert reader.get("/api/v1/offices/").content == stored.content


@pytest.mark.django_db
def test_page_that_fails_because_the_database_went_is_served_as_it_was(reader, monkeypatch):
    stored = reader.get(ADDRESS)
    actions.publish(item=PartnerFactory(live=False), user=None)
    real, asked = reader.site.reader.read, []

    def read():
        asked.append(1)
        if len(asked) > 2:  # the version was read, and then the database went
            raise AwayError
        return real()

    monkeypatch.setattr(reader.site.reader, "read", read)
    assert reader.get(ADDRESS).content == stored.content


@pytest.mark.django_db
def test_due_change_that_cannot_be_applied_leaves_the_page_standing(reader, monkeypatch):
    from django.db import DatabaseError

    stored = reader.get(ADDRESS)
    real = reader.site.reader.read

    def fail():
        raise DatabaseError("read-only")

    monkeypatch.setattr("cms.pages.stored.front.publish_due", fail)
    monkeypatch.setattr(reader.site.reader, "read", lambda: real()._replace(due=1.0))
    assert reader.get(ADDRESS).content == stored.content


ON_A_FILE = """
import os, time, django
django.setup()
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
call_command("migrate", verbosity=0)
from tests.front import Reader

reader = Reader(raise_request_exception=False, headers={"host": "127.0.0.1"})
page = reader.get("/en/partners/")
assert page.headers["Cache-Status"] == "site; fwd=miss; stored", page.headers
assert reader.get("/en/partners/").headers["Cache-Status"] == "site; hit"

database = settings.DATABASES["default"]["NAME"]
os.rename(database, str(database) + ".away")
time.sleep(0.2)
began = time.monotonic()
kept = reader.get("/en/partners/")
assert kept.content == page.content and "database-away" in kept.headers["Cache-Status"], kept.headers
assert reader.get("/fr/partners/").status_code == 503
assert reader.get("/admin/").status_code == 503
assert time.monotonic() - began < 3
os.rename(str(database) + ".away", database)
end = time.monotonic() + 10
while reader.get("/en/partners/").headers["Cache-Status"] != "site; hit":
    assert time.monotonic() < end
    time.sleep(0.05)
assert reader.get("/fr/partners/").status_code == 200
"""


def test_database_file_that_goes_and_comes_back(tmp_path):
    result = run_python("-c", ON_A_FILE, VAR_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="strategy_site.settings")
    assert result.returncode == 0, result.stderr


WITHOUT = """
import time, django
django.setup()
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
from tests.front import Reader
reader = Reader(raise_request_exception=False, headers={"host": "127.0.0.1"})
for address in ("/en/", "/en/partners/", "/api/v1/offices/", "/admin/"):
    began = time.monotonic()
    status = reader.get(address).status_code
    assert (status, time.monotonic() - began < 1.5) == (503, True), (address, status, time.monotonic() - began)
"""


@pytest.mark.parametrize("listening", [False, True], ids=["away", "frozen"])
def test_every_address_says_within_a_second_that_postgresql_is_gone(tmp_path, listening):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listening:
            silent.listen(16)
        url = f"postgres://tests:secret@127.0.0.1:{silent.getsockname()[1]}/postgres"
        settings = {"DATABASE_URL": url, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "strategy_site.settings"}
        result = run_python("-c", WITHOUT, **settings)
    assert result.returncode == 0, result.stderr
    assert "secret" not in result.stderr
