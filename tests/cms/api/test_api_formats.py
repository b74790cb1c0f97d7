"""Lists as CSV, JSON Lines and GeoJSON."""

import csv
import io
import json
import re

import pytest

from tests.factories import AlignmentFactory, ObjectiveFactory, OfficeFactory, ThematicAreaFactory

pytestmark = pytest.mark.django_db

OFFICES, OBJECTIVES = "/api/v1/offices/", "/api/v1/objectives/"


def rows_of(answer) -> list[dict]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_table_has_a_column_a_value_and_a_mark_for_spreadsheets(client):
    OfficeFactory(slug="a", name_en="=A", parent=OfficeFactory(slug="above", name_en="Above"))
    answer = client.get(f"{OFFICES}?format=csv&slug=a&fields=slug,name,parent.name,position")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "text/csv; charset=utf-8",
        'attachment; filename="offices.csv"',
    )
    (row,) = rows_of(answer)
    assert (row["slug"], row["name"], row["parent.name"], row["languages.requested"]) == ("a", "'=A", "Above", "en")


def test_table_without_a_mark_for_programs(client):
    OfficeFactory()
    assert client.get(f"{OFFICES}?format=csv&bom=false").content.startswith(b"type,id,")


def test_columns_are_the_same_for_an_empty_page(client):
    empty = client.get(f"{OBJECTIVES}?format=csv&expand=alignments,strategy.office&lang=*").content
    AlignmentFactory()
    full = client.get(f"{OBJECTIVES}?format=csv&expand=alignments,strategy.office&lang=*").content
    assert full.splitlines()[0] == empty.splitlines()[0]
    assert b"statement.en,statement.es" in empty


def test_values_of_a_list_share_a_cell(client):
    objective = ObjectiveFactory()
    objective.thematic_areas.set(
        [ThematicAreaFactory(slug="a", position=1), ThematicAreaFactory(slug="b", position=2)]
    )
    goals = [AlignmentFactory(objective=objective, position=number).goal for number in (1, 2)]
    (row,) = rows_of(client.get(f"{OBJECTIVES}?format=csv&expand=alignments.goal"))
    assert row["thematic_areas.slug"] == "a; b"
    assert row["alignments.goal.code"] == "; ".join(goal.code for goal in goals)


def test_what_is_missing_stands_in_the_table(client):
    ThematicAreaFactory(name_en="A", description_en="d")
    (row,) = rows_of(client.get("/api/v1/thematic_areas/?format=csv&lang=fr"))
    assert (row["languages.available"], row["languages.fallback"]) == ("en", "name=en; description=en")


def test_json_lines_hold_the_items_of_the_list(client):
    OfficeFactory.create_batch(3, director_name="A\u2028B")
    answer = client.get(f"{OFFICES}?format=jsonl")
    assert answer["Content-Type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answer.content.decode().splitlines()] == client.get(OFFICES).json()["results"]


@pytest.mark.parametrize("name", ["csv", "jsonl", "geojson"])
def test_header_leads_through_all_pages(client, name):
    OfficeFactory.create_batch(5)
    address, pages = f"{OFFICES}?format={name}&limit=2", 0
    while address:
        answer = client.get(address)
        pages += 1
        found = re.search('<([^>]*)>; rel="next"', answer["Link"])
        address = found and found[1]
    assert pages == 3


def test_map_has_a_point_an_office_and_none_where_none_is_known(client):
    OfficeFactory(slug="a", seat_longitude=10.75, seat_latitude=59.91, position=1)
    OfficeFactory(slug="b", position=2)
    answer = client.get(f"{OFFICES}?format=geojson&fields=name")
    features = answer.json()["features"]
    assert (answer["Content-Type"], answer.json()["type"]) == ("application/geo+json", "FeatureCollection")
    assert [feature["geometry"] for feature in features] == [{"type": "Point", "coordinates": [10.75, 59.91]}, None]
    assert "name" in features[0]["properties"]


@pytest.mark.parametrize("name", ["csv", "jsonl", "geojson"])
def test_other_formats_cost_no_query_more(client, django_assert_max_num_queries, name):
    OfficeFactory.create_batch(5)
    with django_assert_max_num_queries(4):
        client.get(f"{OFFICES}?format={name}&fields=name")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("format=xml", "format"),
        ("format=csv&format=csv", "format"),
        ("bom=false", "bom"),
        ("format=csv&bom=0", "bom"),
        ("format=jsonl&bom=true", "bom"),
        ("format=csv&facets=kind", "facets"),
        ("format=csv&colour=red", "colour"),
    ],
)
def test_wrong_format_is_a_problem_in_json(client, query, parameter):
    answer = client.get(f"{OFFICES}?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert parameter in {error["parameter"] for error in answer.json()["errors"]}


def test_collection_without_places_has_no_map(client):
    (error,) = client.get(f"{OBJECTIVES}?format=geojson").json()["errors"]
    assert error["allowed"] == ["json", "csv", "jsonl"]


def test_item_has_no_other_format(client):
    assert client.get(f"{OFFICES}{OfficeFactory().slug}/?format=csv").status_code == 400


@pytest.mark.parametrize("accept", ["text/csv", "*/*", "application/json", "text/html"])
def test_format_in_the_address_goes_before_what_the_client_accepts(client, accept):
    answer = client.get(f"{OFFICES}?format=csv", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")


@pytest.mark.parametrize("name", ["csv", "jsonl", "geojson"])
def test_each_format_has_its_tag_and_is_not_sent_again(client, name):
    OfficeFactory()
    answer = client.get(f"{OFFICES}?format={name}")
    assert answer["ETag"] != client.get(OFFICES)["ETag"]
    for tag in (answer["ETag"], "*"):
        known = client.get(f"{OFFICES}?format={name}", headers={"If-None-Match": tag})
        assert (known.status_code, known.content) == (304, b"")


def test_json_lines_without_a_line_are_json_lines(client):
    answer = client.get("/api/v1/offices/?search=nothing-that-there-is&format=jsonl")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"", "application/x-ndjson")
