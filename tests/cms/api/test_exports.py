"""Bulk exports: complete, consistent, checkable, and served in parts."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import jsonschema
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from cms.api.bulk import is_current, make_export
from cms.api.models import ContentExport
from cms.api.records import all_records, records_of
from cms.content.registry import content_models
from cms.publishing import actions
from cms.publishing.preview import preview_url
from regions.models import Office
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    DocumentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    SectionFactory,
    StrategyFactory,
)
from tests.strategy_site.test_api import fill_every_collection

pytestmark = pytest.mark.django_db


def file_of(client, name: str, **headers):
    """Return the answer to a request for a file of the newest export, read to its end as ``body``."""
    export = client.get(reverse("api:exports")).json()
    address = next(file["url"] for file in export["files"] if file["name"] == name)
    response = client.get(address, headers=headers)
    response.body = response.getvalue()
    return response


def lines(client, name: str) -> list[dict]:
    return [json.loads(line) for line in file_of(client, name).body.decode().splitlines()]


def rows(client, name: str) -> Iterator[dict]:
    return csv.DictReader(io.StringIO(file_of(client, name).body.decode("utf-8-sig"), newline=""))


def test_export_holds_every_public_item_and_no_other(client):
    office, hidden = OfficeFactory(), OfficeFactory(live=False)
    keys = {record["id"] for record in lines(client, "offices.jsonl")}
    assert (str(office.pk) in keys, str(hidden.pk) in keys) == (True, False)


def test_export_has_records_and_a_table_for_each_list_of_a_collection(client):
    files = client.get(reverse("api:exports")).json()["files"]
    names = [file["name"] for file in files if file["collection"] == "objectives"]
    assert names == [
        "objectives.jsonl",
        "objectives.csv",
        "objectives_alignments.csv",
        "objectives_thematic_areas.csv",
    ]
    assert {file["collection"] for file in files} == {model.collection for model in content_models()} | {None}
    assert [file["name"] for file in files if file["collection"] is None] == ["datapackage.json", "all.zip"]


def test_size_and_sum_are_those_of_the_file(client):
    OfficeFactory()
    for file in client.get(reverse("api:exports")).json()["files"]:
        content = client.get(file["url"]).getvalue()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])


def test_zip_holds_the_same_files(client):
    OfficeFactory()
    archive = zipfile.ZipFile(io.BytesIO(file_of(client, "all.zip").body))
    assert archive.read("offices.jsonl") == file_of(client, "offices.jsonl").body


def test_records_say_of_which_collection_they_are(client):
    AlignmentFactory()
    for model in content_models():
        records = lines(client, f"{model.collection}.jsonl")
        assert {record["type"] for record in records} <= {model.collection}
        assert {row["type"] for row in rows(client, f"{model.collection}.csv")} <= {model.collection}
    assert "type" not in lines(client, "objectives.jsonl")[0]["alignments"][0]


def test_csv_has_a_column_a_language_and_neutral_formulas(client):
    OfficeFactory(name_en="=1+1", name_es="Oficina")
    content, row = file_of(client, "offices.csv").body.decode(), next(rows(client, "offices.csv"))
    assert (row["name.en"], row["name.es"]) == ("'=1+1", "Oficina")
    assert content.splitlines(keepends=True)[0].endswith("\r\n")


def test_children_stand_in_their_item(client):
    section = SectionFactory(heading_en="First")
    record = lines(client, "offices.jsonl")[0]
    assert [(child["id"], child["heading"]) for child in record["sections"]] == [(str(section.pk), {"en": "First"})]


def test_references_to_what_is_not_public_are_left_out(client):
    strategy = StrategyFactory(office=OfficeFactory(parent=OfficeFactory(live=False)))
    strategy.frameworks.add(FrameworkFactory(live=False))
    AlignmentFactory(objective=ObjectiveFactory(strategy=strategy), goal=FrameworkGoalFactory(framework__live=False))
    assert lines(client, "strategies.jsonl")[0]["frameworks"] == []
    assert [record["parent"] for record in lines(client, "offices.jsonl")] == [None]
    assert lines(client, "objectives.jsonl")[0]["alignments"] == []


def test_export_is_made_once_for_a_state_of_the_content():
    OfficeFactory()
    assert make_export() == make_export()


def test_new_form_of_records_gets_a_new_export(client, settings):
    office = OfficeFactory()
    old = make_export()
    settings.SITE_URL = "https://moved.example.org"  # which stands in the addresses of files
    assert not is_current(old)
    new = make_export()
    assert (new.token, ContentExport.objects.get()) == (old.token, new)
    assert [default_storage.exists(file["path"]) for file in (old.files[0], new.files[0])] == [False, True]
    assert [record["id"] for record in lines(client, "offices.jsonl")] == [str(office.pk)]


def test_new_state_gets_a_new_export():
    first = make_export()
    actions.publish(item=OfficeFactory(live=False), user=None)
    assert make_export().token != first.token


def test_export_that_is_behind_is_given_with_its_token(client):
    before = client.get(reverse("api:exports")).json()
    office = OfficeFactory(live=False)
    actions.publish(item=office, user=None)
    after = client.get(reverse("api:exports")).json()
    changes = client.get(after["changes"]).json()["results"]
    assert after["token"] == before["token"]
    assert [change["id"] for change in changes] == [str(office.pk)]


def test_command_makes_an_export(capsys):
    call_command("make_export")
    assert ContentExport.objects.get().token in capsys.readouterr().out


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("bytes=0-3", slice(0, 4), id="first"),
        pytest.param("bytes=4-", slice(4, None), id="rest"),
        pytest.param("bytes=-3", slice(-3, None), id="last"),
        pytest.param("bytes=2-999999", slice(2, None), id="past-the-end"),
    ],
)
def test_part_of_a_file(client, header, expected):
    OfficeFactory()
    whole = file_of(client, "offices.jsonl").body
    part = file_of(client, "offices.jsonl", range=header)
    assert (part.status_code, part.body) == (206, whole[expected])
    assert part["Content-Length"] == str(len(whole[expected]))


@pytest.mark.parametrize(
    "header", ["bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=x", "bytes=" + "9" * 5000]
)
def test_senseless_range_gets_the_whole_file(client, header):
    OfficeFactory()
    assert file_of(client, "offices.jsonl", range=header).status_code == 200


def test_range_past_the_end_is_a_problem(client):
    response = file_of(client, "offices.jsonl", range="bytes=99999999-")
    assert (response.status_code, response["Content-Type"]) == (416, "application/problem+json")
    assert response["Content-Range"] == "bytes */0"


def test_range_of_another_state_gets_the_whole_file(client):
    OfficeFactory()
    response = file_of(client, "offices.jsonl", **{"range": "bytes=4-", "if-range": '"other"'})
    assert response.status_code == 200


def test_unknown_file_is_not_found(client):
    export = make_export()
    response = client.get(reverse("api:export-file", args=[export.token, "secrets.txt"]))
    assert response.status_code == 404


def test_old_exports_go_with_their_files():
    from cms.api import bulk as exports

    tokens = []
    for _number in range(exports.KEPT + 1):
        actions.publish(item=OfficeFactory(live=False), user=None)
        tokens.append(make_export().token)
    ContentExport.objects.update(made_at="2020-01-01T00:00:00Z")
    actions.publish(item=OfficeFactory(live=False), user=None)
    make_export()
    assert not default_storage.exists(f"{exports.FOLDER}/{tokens[0]}/offices.jsonl")


def test_file_of_a_public_item_is_served_at_the_records_address(client):
    document = DocumentFactory(file=ContentFile(b"%PDF-1.7", name="strategy.pdf"))
    address = lines(client, "strategies.jsonl")[0]["documents"][0]["file"]
    response = client.get(address)
    assert (response.getvalue(), response["Content-Type"]) == (b"%PDF-1.7", "application/pdf")
    assert response["Content-Disposition"].startswith("attachment")
    actions.unpublish(item=document.strategy, user=None)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "path", ["document/{key}/title", "strategy/{key}/file", "user/{key}/password", "x/{key}/file"]
)
def test_no_other_field_is_served(client, path):
    document = DocumentFactory(file=ContentFile(b"%PDF-1.7", name="strategy.pdf"))
    address = reverse("api:root") + "files/" + path.format(key=document.pk)
    assert client.get(address).status_code == 404


def test_export_costs_the_same_queries_for_many(django_assert_max_num_queries):
    for _number in range(30):
        AlignmentFactory()
    with django_assert_max_num_queries(43):  # three tell what translations were made from
        for model in content_models():
            list(all_records(model))


def test_known_file_is_not_sent_again(client):
    OfficeFactory()
    etag = file_of(client, "offices.jsonl")["ETag"]
    answer = file_of(client, "offices.jsonl", **{"if-none-match": f'"other", {etag}'})
    assert (answer.status_code, answer.body, answer["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize("path", ["exports/", "changes/", "exports/{token}/offices.jsonl"])
def test_preview_has_no_exports(client, path):
    office = OfficeFactory(live=False)
    token = make_export().token
    client.force_login(get_user_model().objects.create_superuser("administrator"))
    with override("en"):
        page = preview_url(office)
    address = page.split("/en/")[0] + "/api/v1/"
    assert client.get(f"{address}offices/{office.pk}/").status_code == 200
    assert client.get(address + path.format(token=token)).status_code == 404


def test_export_whose_files_were_lost_is_made_anew(client):
    OfficeFactory()
    lost = make_export()
    for file in lost.files:
        default_storage.delete(file["path"])
    assert file_of(client, "offices.jsonl").status_code == 200


@pytest.mark.parametrize("way", ["unpublish", "delete"])
def test_export_that_holds_what_was_withdrawn_is_gone_at_once(client, way):
    office = OfficeFactory()
    old = client.get(reverse("api:exports")).json()
    getattr(actions, way)(item=office, user=None)
    for file in old["files"]:
        answer = client.get(file["url"])
        assert (answer.status_code, answer.json()["exports"]) == (410, f"http://testserver{reverse('api:exports')}")
    assert str(office.pk) not in {record["id"] for record in lines(client, "offices.jsonl")}


def test_files_of_an_export_that_is_gone_are_deleted_with_the_next(client):
    office = OfficeFactory()
    old = make_export()
    actions.unpublish(item=office, user=None)
    make_export()
    assert [default_storage.exists(file["path"]) for file in old.files] == [False] * len(old.files)
    assert client.get(reverse("api:export-file", args=[old.token, "offices.jsonl"])).status_code == 410


def test_withdrawal_has_the_next_export_made_beside(monkeypatch, django_capture_on_commit_callbacks):
    started = []
    monkeypatch.setattr("cms.api.bulk.exporting.start", lambda: started.append(True))
    with django_capture_on_commit_callbacks(execute=True):
        office = OfficeFactory(live=False)
        make_export()
        actions.publish(item=office, user=None)
    assert started == []
    with django_capture_on_commit_callbacks(execute=True):
        actions.unpublish(item=office, user=None)
    assert started == [True]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85"])
def test_record_is_one_line_whatever_its_reader_takes_for_an_end(client, character):
    OfficeFactory(director_name=f"A.{character}Person")
    (record,) = lines(client, "offices.jsonl")
    assert record["director_name"] == f"A.{character}Person"


@pytest.mark.parametrize("name", ["offices.csv", "offices.jsonl", "all.zip"])
@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, br"])
def test_parts_put_together_are_the_file_whatever_codings_the_reader_takes(client, name, coding):
    OfficeFactory.create_batch(3)
    whole = file_of(client, name).body
    first = file_of(client, name, **{"Accept-Encoding": coding, "Range": "bytes=0-99"})
    rest = file_of(client, name, **{"Accept-Encoding": coding, "Range": "bytes=100-"})
    assert (first.body + rest.body, first.get("Content-Encoding"), rest["ETag"][0]) == (whole, None, '"')
    at_once = file_of(client, name, **{"Accept-Encoding": coding})
    assert (at_once.body, at_once["ETag"], at_once["Content-Length"]) == (whole, first["ETag"], str(len(whole)))


# --- Tables ------------------------------------------------------------------------------------------------------


def test_tables_begin_with_the_mark_that_spreadsheets_need(client):
    assert file_of(client, "offices.csv").body.startswith(b"\xef\xbb\xbftype,id,")


def test_no_cell_holds_a_list(client):
    alignment = AlignmentFactory(note_en="Why")
    office = OfficeFactory()
    office.countries.set([country := CountryFactory()])
    row = next(rows(client, "objectives.csv"))
    assert [value for value in row.values() if value.startswith(("[", "{"))] == []
    (link,) = rows(client, "objectives_alignments.csv")
    names = ("objective", "position", "id", "goal", "note.en")
    values = [str(alignment.objective.pk), "1", str(alignment.pk), str(alignment.goal.pk), "Why"]
    assert [link[name] for name in names] == values
    (link,) = rows(client, "offices_countries.csv")
    assert link == {"office": str(office.pk), "country": str(country.pk)}


def test_record_has_its_addresses_and_dates(client):
    office = OfficeFactory(slug="north", live=False)
    actions.publish(item=office, user=None)
    record = next(record for record in lines(client, "offices.jsonl") if record["slug"] == "north")
    base = "http://testserver"
    assert client.get(record["url"].replace(settings.SITE_URL, base)).json()["id"] == str(office.pk)
    with override("fr"):
        assert record["web_url"]["fr"] == settings.SITE_URL + office.get_absolute_url()
    assert record["changed_at"] == record["first_published_at"] is not None
    row = next(rows(client, "offices.csv"))
    assert [row["url"], row["web_url.fr"]] == [record["url"], record["web_url"]["fr"]]


def test_record_is_the_same_after_a_publication_of_what_only_staff_see(client):
    """The change log does not tell of one, so a copy could not follow it."""
    office = OfficeFactory(last_published_at=timezone.now() - timedelta(hours=1))
    before = records_of(Office, [office.pk])
    Office.objects.update(last_published_at=timezone.now())
    assert records_of(Office, [office.pk]) == before


@pytest.mark.parametrize("model", content_models(), ids=lambda model: model.collection)
def test_addresses_of_records_are_those_of_the_api(client, model):
    fill_every_collection(times=1)
    for item in client.get(reverse(f"api:{model.collection}-list"), {"lang": "fr"}).json()["results"]:
        record = records_of(model, [UUID(item["id"])])[item["id"]]
        assert record["url"].removeprefix(settings.SITE_URL) == item["url"].removeprefix("http://testserver")
        if "web_url" in record:
            assert (
                record["web_url"]["fr"].removeprefix(settings.SITE_URL) == item["web_url"][len("http://testserver") :]
            )
    assert "web_url" in record or model.collection == "partnerships"


TABULAR_DATA_PACKAGE = Path(__file__).parent / "standards" / "tabular-data-package.json"
# What the cells of a column hold, by Table Schema 1; an empty cell is no value, of whatever type.
FORMS = {
    ("string", None): r"(?s).*",
    ("string", "uuid"): r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ("string", "uri"): r"https?://[!-~]+",
    ("number", None): r"-?\d+(\.\d+)?",
    ("integer", None): r"-?\d+",
    ("boolean", None): r"true|false",
    ("date", None): r"\d{4}-\d\d-\d\d",
    ("datetime", None): r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
}


@pytest.mark.parametrize("licence", ["", "https://example.org/licence"])
def test_description_of_the_tables_is_a_tabular_data_package(client, settings, licence):
    settings.CONTENT_LICENCE_URL = licence
    package = json.loads(file_of(client, "datapackage.json").body)
    errors = jsonschema.Draft4Validator(json.loads(TABULAR_DATA_PACKAGE.read_text())).iter_errors(package)
    assert [(list(error.path), error.message) for error in errors] == []


def test_cells_of_the_tables_are_of_the_types_that_are_described(client):
    fill_every_collection(times=2)
    package = json.loads(file_of(client, "datapackage.json").body)
    for resource in package["resources"]:
        forms = {field["name"]: FORMS[field["type"], field.get("format")] for field in resource["schema"]["fields"]}
        for row in rows(client, resource["path"]):
            wrong = {name: value for name, value in row.items() if value and not re.fullmatch(forms[name], value)}
            assert wrong == {}, resource["name"]


def test_every_reference_of_the_tables_names_a_row(client):
    fill_every_collection(times=2)
    package = json.loads(file_of(client, "datapackage.json").body)
    tables = {resource["name"]: list(rows(client, resource["path"])) for resource in package["resources"]}
    for resource in package["resources"]:
        schema, found = resource["schema"], tables[resource["name"]]
        assert all(list(row) == [each["name"] for each in schema["fields"]] for row in found)
        assert len({tuple(row[name] for name in schema["primaryKey"]) for row in found}) == len(found)
        for key in schema.get("foreignKeys", []):
            target = {row["id"] for row in tables[key["reference"]["resource"] or resource["name"]]}
            assert {row[key["fields"]] for row in found} - {""} <= target
    assert all(tables.values()), "a table without rows proves nothing"
