"""Answers of the API from the store: the same bytes, and every request counted."""

import pytest

from cms.api import limits
from cms.publishing import actions
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/offices/"
OF_EACH_REQUEST = {"X-Request-ID", "ETag", "Content-Length", "Cache-Status", "Last-Modified"}


@pytest.fixture
def quota(settings, monkeypatch):
    settings.API_ANONYMOUS_QUOTA = 5
    monkeypatch.setattr(limits, "LEDGER", limits.Ledger())


def test_answer_is_stored_and_as_a_render_gives_it(reader, client):
    OfficeFactory(slug="office")
    for address in (LIST, f"{LIST}office/", f"{LIST}?lang=fr&fields=name", "/api/v1/"):
        rendered, first, second = client.get(address), reader.get(address), reader.get(address)
        assert second.headers["Cache-Status"] == "site; hit", address
        assert first.content == second.content == rendered.content
        for name, value in rendered.items():
            if name not in OF_EACH_REQUEST:
                assert second.headers[name] == value, (address, name)
        assert set(second.headers) - {"Cache-Status"} == set(rendered.headers)


def test_problem_names_the_request_that_it_answers(reader):
    for _time in range(2):
        answer = reader.get(f"{LIST}nothing/")
        assert answer.status_code == 404
        assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("slug", ["%C4%80", "%E2%82%AC-1", "%FF"])
def test_path_outside_ascii_is_only_not_found(reader, slug):
    assert reader.get(f"{LIST}{slug}/").status_code == 404
    assert reader.get(f"/en/regions/{slug}/").status_code == 404


def test_each_answer_has_an_identifier_of_its_own(reader):
    first, second = reader.get(LIST), reader.get(LIST)
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    chosen = reader.get(LIST, headers={"X-Request-ID": "chosen-by-me"})
    assert chosen.headers["X-Request-ID"] == "chosen-by-me"


def test_requests_are_counted_though_they_are_stored(reader, quota):
    left = [reader.get(LIST).headers["RateLimit"].partition("r=")[2].partition(";")[0] for _time in range(5)]
    assert left == ["4", "3", "2", "1", "0"]
    refused = reader.get(LIST)
    assert (refused.status_code, refused.headers["Content-Type"]) == (429, "application/problem+json")
    assert "Retry-After" in refused.headers
    assert "X-Request-ID" in refused.headers


def test_known_answer_is_counted_too(reader, quota):
    tag = reader.get(LIST).headers["ETag"]
    again = reader.get(LIST, headers={"If-None-Match": tag})
    assert (again.status_code, again.headers["RateLimit"].partition("r=")[2][0]) == (304, "3")


def test_wrong_key_is_refused_though_the_answer_is_stored(reader):
    reader.get(LIST)
    assert reader.get(LIST, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_request_after_a_publication_shows_it(reader):
    office = OfficeFactory(live=False)
    before = reader.get(LIST)
    actions.publish(item=office, user=None)
    after = reader.get(LIST, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json()["count"] == before.json()["count"] + 1


@pytest.mark.parametrize("address", ["/api/v1/exports/", "/api/v1/changes/"])
def test_what_depends_on_more_than_the_content_is_not_stored(reader, address):
    reader.get(address)
    assert "Cache-Status" not in reader.get(address).headers


def test_language_of_the_reader_makes_another_copy(reader):
    OfficeFactory(name_fr="Bureau", name_en="Office")
    assert "Bureau" in reader.get(LIST, headers={"Accept-Language": "fr"}).text
    assert "Bureau" not in reader.get(LIST, headers={"Accept-Language": "en"}).text
