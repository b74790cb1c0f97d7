"""Conditional requests, codings, links, other origins, moved and removed items, and what is to go."""

import datetime
import gzip
import json
import logging

import brotli
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.http import http_date

from cms.api import deprecations
from cms.api.deprecations import Deprecation
from cms.api.problems import MEDIA_TYPE as PROBLEM_TYPE
from cms.api.problems import PROBLEMS
from cms.content.registry import content_models
from cms.content.snapshots import snapshot
from cms.pages.codings import coding_for
from cms.publishing import actions
from cms.publishing.models import Change, ChangeLogHead, ScheduledChange
from cms.publishing.preview import link_url
from cms.publishing.redirects import remember
from priorities.models import ThematicArea
from tests.factories import CountryFactory, ObjectiveFactory, OfficeFactory, StrategyFactory, ThematicAreaFactory

pytestmark = pytest.mark.django_db

AREAS = "/api/v1/thematic_areas/"
EARLIER = datetime.timedelta(minutes=5)


def change(item, *, operation: str = "upsert", at: datetime.datetime | None = None) -> None:
    """Put a change of ``item`` into the log, as publishing does."""
    sequence = (Change.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0) + 1
    Change.objects.create(
        sequence=sequence,
        operation=operation,
        content_type=ContentType.objects.get_for_model(item),
        object_id=item.pk,
        at=at or timezone.now() - EARLIER,
    )
    ChangeLogHead.objects.update_or_create(pk=ChangeLogHead.KEY, defaults={"sequence": sequence})


# --- Conditional requests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [AREAS, "/api/v1/", "/api/v1/openapi.json", f"{AREAS}area/"])
def test_known_tag_is_304_after_one_query(client, address):
    change(ThematicAreaFactory(slug="area"))
    tag = client.get(address)["ETag"]
    with CaptureQueriesContext(connection) as context:
        answer = client.get(address, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert len(context) == 1
    assert "change" in context[0]["sql"]


def test_a_change_makes_another_tag(client):
    area = ThematicAreaFactory()
    tag = client.get(AREAS)["ETag"]
    change(area)
    answer = client.get(AREAS, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer["ETag"] != tag


def test_what_is_due_is_published_before_the_tag_is_compared(client):
    area = ThematicAreaFactory(name_en="Before")
    data = snapshot(area)
    data["fields"]["name_en"] = "After"
    actions.save_draft(item=area, data=data, user=None, opened_on=None)
    due = timezone.now() + datetime.timedelta(hours=1)
    actions.schedule(target=area, operation=ScheduledChange.Operation.PUBLISH, due_at=due, user=None)
    tag = client.get(AREAS)["ETag"]
    ChangeLogHead.objects.update(next_due_at=timezone.now() - EARLIER)
    ScheduledChange.objects.update(due_at=timezone.now() - EARLIER)
    answer = client.get(AREAS, headers={"If-None-Match": tag})
    assert answer.json()["results"][0]["name"] == "After"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Accept-Language": "es"}, id="language"),
        pytest.param({"Accept-Encoding": "br"}, id="brotli"),
        pytest.param({"Accept-Encoding": "gzip"}, id="gzip"),
    ],
)
def test_each_representation_has_its_own_tag(client, headers):
    ThematicAreaFactory()
    plain, other = client.get(AREAS), client.get(AREAS, headers=headers)
    assert plain["ETag"] != other["ETag"]
    assert client.get(AREAS, headers={**headers, "If-None-Match": plain["ETag"]}).status_code == 200


def test_tags_are_strong_and_the_same_for_the_same_bytes(client):
    ThematicAreaFactory()
    first, second = client.get(AREAS), client.get(AREAS)
    assert first["ETag"] == second["ETag"]
    assert first.content == second.content
    assert first["ETag"].startswith('"')


def test_time_of_the_last_change_is_a_validator_too(client):
    at = timezone.now() - EARLIER
    change(ThematicAreaFactory(), at=at)
    modified = client.get(AREAS)["Last-Modified"]
    assert modified == http_date(at.timestamp() + 1)
    assert client.get(AREAS, headers={"If-Modified-Since": modified}).status_code == 304
    earlier = http_date(at.timestamp() - 1)
    assert client.get(AREAS, headers={"If-Modified-Since": earlier}).status_code == 200
    both = {"If-Modified-Since": modified, "If-None-Match": '"other"'}
    assert client.get(AREAS, headers=both).status_code == 200


def test_time_is_not_told_while_its_second_lasts(client):
    change(ThematicAreaFactory(), at=timezone.now() + datetime.timedelta(seconds=1))
    assert "Last-Modified" not in client.get(AREAS)


def test_any_tag_fits_what_is_there_and_nothing_else(client):
    ThematicAreaFactory(slug="area")
    assert client.get(f"{AREAS}area/", headers={"If-None-Match": "*"}).status_code == 304
    assert client.get(f"{AREAS}other/", headers={"If-None-Match": "*"}).status_code == 404


def test_problem_has_no_validator(client):
    answer = client.get(AREAS, {"x": 1})
    assert not answer.has_header("ETag")
    assert not answer.has_header("Last-Modified")


def preview_token(item, users) -> str:
    """Return what opens the preview of the draft of ``item``."""
    link = actions.share(item=item, user=users.objects.create_superuser("owner"))
    return link_url(link).split("/")[2]


def test_answer_in_preview_is_kept_by_nobody(client, django_user_model):
    area = ThematicAreaFactory(slug="area", name_en="Live")
    data = snapshot(area)
    data["fields"]["name_en"] = "Draft"
    actions.save_draft(item=area, data=data, user=None, opened_on=None)
    token = preview_token(area, django_user_model)
    plain = client.get(f"{AREAS}area/")
    answer = client.get(f"/preview/{token}{AREAS}area/", headers={"If-None-Match": plain["ETag"]})
    assert (answer.status_code, answer.json()["name"]) == (200, "Draft")
    assert "no-store" in answer["Cache-Control"]
    assert not answer.has_header("ETag")
    assert not answer.has_header("Last-Modified")
    assert client.get(f"{AREAS}area/").json()["name"] == "Live"


def test_count_in_preview_is_not_kept(client, django_user_model):
    area = ThematicAreaFactory(slug="area", live=False)
    actions.save_draft(item=area, data=snapshot(area), user=None, opened_on=None)
    token = preview_token(area, django_user_model)
    assert client.get(f"/preview/{token}{AREAS}").json()["count"] == 1
    assert client.get(AREAS).json()["count"] == 0


# --- Codings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("gzip;q=0.5, identity", ""),
        ("identity;q=0, *;q=0.1", "br"),
        ("gzip;q=x, br;q=2, ,;", ""),
        ("BR", "br"),
    ],
)
def test_coding_is_the_one_liked_best(header, expected):
    assert coding_for(header) == expected


@pytest.mark.parametrize(("coding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_body_is_coded(reader, coding, decode):
    ThematicAreaFactory.create_batch(3)
    plain = reader.get(AREAS)
    answer = reader.get(AREAS, headers={"Accept-Encoding": coding})
    assert answer["Content-Encoding"] == coding
    assert int(answer["Content-Length"]) == len(answer.content) < len(plain.content)
    assert decode(answer.content) == plain.content
    assert "Accept-Encoding" in answer["Vary"]


# --- Links, origins, identifiers ---------------------------------------------------------------------------------


def test_links_lead_on_back_and_to_licence_and_pages(client, settings):
    settings.CONTENT_LICENCE_URL = "https://licence.example.org/"
    for name in "abc":
        OfficeFactory(slug=name)
    first = client.get("/api/v1/offices/?limit=1")
    second = client.get(first.json()["next"])
    assert f'<{second.json()["next"]}>; rel="next"' in second["Link"]
    assert f'<{second.json()["previous"]}>; rel="prev"' in second["Link"]
    assert '<https://licence.example.org/>; rel="license"' in second["Link"]
    assert '<http://testserver/es/regions/>; rel="alternate"; type="text/html"; hreflang="es"' in second["Link"]


def test_item_links_to_its_page_in_the_languages_that_it_has(client):
    OfficeFactory(slug="north", name_fr="Nord")
    answer = client.get("/api/v1/offices/north/")
    assert '<http://testserver/fr/regions/north/>; rel="alternate"; type="text/html"; hreflang="fr"' in answer["Link"]
    assert "/es/" not in answer["Link"]


def test_without_a_licence_the_documentation_says_so(client, settings):
    settings.CONTENT_LICENCE_URL = ""
    assert '/api/v1/docs/#licence>; rel="license"' in client.get(AREAS)["Link"]


@pytest.mark.parametrize("path", [AREAS, "/api/v1/nothing/", "/.well-known/api-catalog"])
def test_every_origin_may_read(client, path):
    answer = client.get(path, headers={"Origin": "https://elsewhere.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in answer["Access-Control-Expose-Headers"]
    assert not answer.has_header("Access-Control-Allow-Credentials")


def test_preflight_is_answered(client):
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    answer = client.options(AREAS, headers=headers)
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in answer["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("given", "kept"), [("partner-call-17", True), ("short", False), ("a" * 65, False), ("line\tof a log", False)]
)
def test_request_has_an_identifier(client, given, kept):
    answer = client.get(AREAS, {"x": 1}, headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is kept
    assert answer.json()["request_id"] == answer["X-Request-ID"]


def test_identifier_stands_in_the_log(client, monkeypatch, caplog):
    def fail(*args):
        raise RuntimeError

    from cms.api.request_ids import RequestIdFilter

    monkeypatch.setattr("cms.api.views.public_rows", fail)
    client.raise_request_exception = False
    caplog.handler.addFilter(RequestIdFilter())
    with caplog.at_level(logging.ERROR):
        client.get(AREAS, headers={"X-Request-ID": "partner-call-17"})
    assert {record.request_id for record in caplog.records} == {"partner-call-17"}


def test_database_that_does_not_answer_is_503(client, monkeypatch):
    def fail(*args):
        raise OperationalError("secret particulars")

    monkeypatch.setattr("cms.api.views.public_rows", fail)
    answer = client.get(AREAS)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert int(answer["Retry-After"]) > 0
    assert b"secret" not in answer.content


# --- Moved and removed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["slug", "pk"])
def test_withdrawn_item_is_410_by_either_name(client, key):
    area = ThematicAreaFactory(live=False)
    change(area, operation="delete")
    answer = client.get(f"{AREAS}{getattr(area, key)}/")
    assert (answer.status_code, answer["Content-Type"]) == (410, "application/problem+json")


def test_deleted_item_is_410_by_its_identifier(client):
    country = CountryFactory()
    change(country, operation="delete")
    key = country.pk
    country.delete()
    assert client.get(f"/api/v1/countries/{key}/").status_code == 410


def test_item_whose_parent_was_withdrawn_is_410(client):
    objective = ObjectiveFactory(strategy=StrategyFactory(live=False))
    change(objective, operation="delete")
    assert client.get(f"/api/v1/objectives/{objective.slug}/").status_code == 410


def test_item_that_never_was_public_is_404(client):
    area = ThematicAreaFactory(live=False)
    change(OfficeFactory())
    assert client.get(f"{AREAS}{area.slug}/").status_code == 404


def test_identifier_of_another_collection_is_404(client):
    office = OfficeFactory()
    change(office)
    assert client.get(f"{AREAS}{office.pk}/").status_code == 404


def test_item_with_a_former_name_is_308_and_keeps_the_question(client):
    area = ThematicAreaFactory(slug="new")
    remember(ThematicArea, {area.pk: "old"}, at=timezone.now())
    answer = client.get(f"{AREAS}old/?lang=fr&fields=name")
    assert (answer.status_code, answer["Location"]) == (308, f"{AREAS}new/?lang=fr&fields=name")
    assert client.get(f"{AREAS}older/").status_code == 404


def test_former_name_of_a_withdrawn_item_is_410(client):
    area = ThematicAreaFactory(live=False)
    change(area, operation="delete")
    remember(ThematicArea, {area.pk: "old"}, at=timezone.now())
    assert client.get(f"{AREAS}old/").status_code == 410


# --- What is to go -----------------------------------------------------------------------------------------------

SINCE = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SUNSET = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        pytest.param({"path": "/api/v1/thematic_areas/.*"}, True, id="path"),
        pytest.param({"path": "/api/v1/offices/.*"}, False, id="another-path"),
        pytest.param({"path": "/api/v1/.*", "parameter": "search"}, True, id="parameter"),
        pytest.param({"path": "/api/v1/.*", "parameter": "sort"}, False, id="another-parameter"),
    ],
)
def test_what_is_to_go_says_so(client, monkeypatch, entry, told):
    declared = Deprecation(since=SINCE, sunset=SUNSET, link="https://site.example/changes", **entry)
    monkeypatch.setattr(deprecations, "DEPRECATIONS", [declared])
    answer = client.get(AREAS, {"search": "x"})
    assert (answer.get("Deprecation"), answer.get("Sunset")) == (
        ("@1767225600", "Fri, 01 Jan 2027 00:00:00 GMT") if told else (None, None)
    )
    assert ('<https://site.example/changes>; rel="deprecation"' in answer["Link"]) is told


def test_sunset_before_deprecation_is_refused():
    with pytest.raises(ValueError, match="sunset"):
        Deprecation("/api/v1/", SUNSET, "https://site.example/", SINCE)


# --- Problems and the catalogue ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_page_stands_behind_the_type_of_each_problem(client, name):
    page = client.get(f"/api/v1/problems/{name}/", {"lang": "es"})
    assert (page.status_code, page["Content-Language"]) == (200, "es")
    with translation.override("es"):
        assert str(PROBLEMS[name][1]) in page.content.decode()


def test_type_of_a_problem_leads_to_its_page(client, settings):
    kind = client.get("/api/v1/nothing/").json()["type"]
    assert client.get(kind.removeprefix(settings.SITE_URL)).status_code == 200
    assert client.get("/api/v1/problems/").status_code == 200
    assert client.get("/api/v1/problems/none/")["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["get", "head"])
def test_catalogue_leads_to_the_api_and_its_descriptions(client, settings, method):
    answer = getattr(client, method)("/.well-known/api-catalog")
    assert answer["Content-Type"].startswith("application/linkset+json; profile=")
    assert 'rel="api-catalog"' in answer["Link"]
    if method == "get":
        [catalog, entry] = json.loads(answer.content)["linkset"]
        assert catalog["item"] == [{"href": entry["anchor"]}]
        for address in (
            entry["anchor"],
            *(entry[rel][0]["href"] for rel in ("service-desc", "service-doc", "status")),
        ):
            assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200


def test_errors_of_the_catalogue_are_problems_too(client):
    assert client.post("/.well-known/api-catalog")["Content-Type"] == "application/problem+json"


# --- Readers of every kind ---------------------------------------------------------------------------------------

ERRORS = [
    pytest.param({"path": "/api/nothing/"}, 404, id="outside-all-views"),
    pytest.param({"path": "/api/v1/docs/", "method": "POST"}, 405, id="page-that-is-written-to"),
    pytest.param({"path": AREAS, "host": "elsewhere.example.org"}, 400, id="other-host"),
    pytest.param({"path": f"{AREAS}?x=1"}, 400, id="parameter"),
    pytest.param({"path": AREAS, "method": "DELETE"}, 405, id="method"),
    pytest.param({"path": AREAS, "Accept": "text/html"}, 406, id="format"),
    pytest.param({"path": AREAS, "Authorization": "Bearer none"}, 401, id="key"),
    pytest.param({"path": f"{AREAS}{'a' * 9_000}/"}, 414, id="address"),
    pytest.param({"path": "/api/v1/problems/none/"}, 404, id="problem"),
    pytest.param({"path": "/api/v1/changes/?since=000000000000-1"}, 410, id="token"),
]


@pytest.mark.parametrize(("asked", "status"), ERRORS)
@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, br", "br;q=0.5, gzip"])
def test_every_error_can_be_read_in_every_coding(client, asked, status, coding):
    asked = dict(asked)
    path, method = asked.pop("path"), asked.pop("method", "GET")
    headers = {"Accept-Encoding": coding, "Host": asked.pop("host", "testserver"), **asked}
    answer = client.generic(method, path, headers=headers)
    decode = {"gzip": gzip.decompress, "br": brotli.decompress}.get(answer.get("Content-Encoding"), bytes)
    problem = json.loads(decode(answer.content))
    assert (answer.status_code, problem["status"], answer["Content-Type"]) == (status, status, PROBLEM_TYPE)


BESIDE = [
    "/en/updates.atom",
    "/sitemap.xml",
    "/en/index.md",
    "/en/alignment.csv",
    "/developers/strategy_site_client.py",
]


@pytest.mark.parametrize("wanted", ["content-type", "cache-control", "pragma", "authorization", "if-none-match"])
@pytest.mark.parametrize(
    "path", [AREAS, "/en/updates.atom", "/en/alignment.csv", "/developers/strategy_site_client.py"]
)
def test_web_page_of_any_origin_may_send_usual_headers(client, path, wanted):
    asked = {"Origin": "https://a.example.org", "Access-Control-Request-Headers": wanted}
    answer = client.options(path, headers={**asked, "Access-Control-Request-Method": "GET"})
    allowed = {name.strip().lower() for name in answer["Access-Control-Allow-Headers"].split(",")}
    assert (answer.status_code, answer["Access-Control-Allow-Origin"], wanted in allowed) == (204, "*", True)


@pytest.mark.parametrize("path", BESIDE)
def test_what_programs_read_beside_the_api_is_open_to_every_origin(client, path):
    assert client.get(path, headers={"Origin": "https://a.example.org"})["Access-Control-Allow-Origin"] == "*"


# --- One thing, one name -----------------------------------------------------------------------------------------


def test_collection_is_named_alike_in_addresses_and_types(client):
    addresses = client.get("/api/v1/").json()["collections"]
    assert set(addresses) == {model.collection for model in content_models()}
    assert all(address.endswith(f"/{name}/") for name, address in addresses.items())


@pytest.mark.parametrize("rest", ["", "area/", "area/?lang=fr", "?limit=1&sort=name"])
def test_collection_written_with_hyphens_leads_to_the_one_that_there_is(client, rest):
    ThematicAreaFactory(slug="area")
    answer = client.get(f"/api/v1/thematic-areas/{rest}")
    assert (answer.status_code, answer["Location"]) == (308, f"{AREAS}{rest}")
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("collection", ["of-fices", "none-such", "offices-"])
def test_other_names_with_hyphens_are_unknown(client, collection):
    assert client.get(f"/api/v1/{collection}/").status_code == 404


@pytest.mark.parametrize(
    ("address", "right"),
    [("countries/no", "countries/NO"), ("offices/North", "offices/north"), ("offices/NORTH", "offices/north")],
)
def test_other_capitals_lead_to_the_item(client, address, right):
    CountryFactory(code="NO")
    OfficeFactory(slug="north")
    answer = client.get(f"/api/v1/{address}/?lang=fr")
    assert (answer.status_code, answer["Location"]) == (308, f"/api/v1/{right}/?lang=fr")
