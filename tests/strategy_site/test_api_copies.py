"""What copies are made of is what the OpenAPI document says: records, exports, changes, files and their headers."""

import json

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from cms.api.openapi import openapi
from cms.api.records import all_records
from cms.content.registry import content_models
from cms.publishing import actions
from tests.factories import DocumentFactory, OfficeFactory, OrganizationFactory
from tests.strategy_site.test_api import answer_schema, errors_of, fill_every_collection

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def document():
    return json.loads(json.dumps(openapi("en")))


@pytest.mark.parametrize("model", content_models(), ids=lambda model: model.collection)
def test_records_are_as_described(document, model):
    OrganizationFactory()
    fill_every_collection(times=2)
    DocumentFactory(file=ContentFile(b"%PDF-1.7", name="strategy.pdf"))
    schema = {"$ref": f"#/components/schemas/{model.__name__}Record"}
    records = list(all_records(model))
    assert records
    assert [errors_of(document, record, schema) for record in records] == [[]] * len(records)
    described = document["components"]["schemas"][f"{model.__name__}Record"]["properties"]
    assert set(records[0]) == set(described)


def test_changes_with_records_are_as_described(client, document):
    start = client.get(reverse("api:exports")).json()
    for office in OfficeFactory.create_batch(2, live=False, name_fr="Bureau"):
        actions.publish(item=office, user=None)
    actions.unpublish(item=office, user=None)
    answer = client.get(start["changes"] + "&include=records").json()
    assert {change["record"] is None for change in answer["results"]} == {True, False}
    assert errors_of(document, answer, answer_schema(document["paths"]["/api/v1/changes/"]["get"])) == []


def test_expired_token_is_as_described(client, document):
    answer = client.get(reverse("api:changes"), {"since": "000000000000-0"})
    assert answer.status_code == 410
    assert "410" in document["paths"]["/api/v1/changes/"]["get"]["responses"]
    schema = {"$ref": "#/components/schemas/Problem", "required": ["exports"]}
    assert errors_of(document, answer.json(), schema) == []


def headers_of(document: dict, operation: dict, status: int) -> tuple[set[str], set[str]]:
    """Return the names of the headers that an answer must have, and of those that it may have."""
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    parts = {
        name: document["components"]["headers"][part["$ref"].rpartition("/")[2]]
        for name, part in response["headers"].items()
    }
    return {name for name, part in parts.items() if part.get("required")}, set(parts)


@pytest.mark.parametrize(
    ("path", "make"),
    [
        pytest.param("/api/v1/exports/{token}/{name}", "export", id="export"),
        pytest.param("/api/v1/files/{type}/{key}/{field}", "upload", id="upload"),
    ],
)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="whole"),
        pytest.param({"range": "bytes=1-2"}, 206, id="part"),
        pytest.param({"if-none-match": "*"}, 304, id="known"),
        pytest.param({"range": "bytes=999999-"}, 416, id="no-such-part"),
    ],
)
def test_files_have_the_headers_that_are_described(client, document, path, make, headers, status):
    record_file = DocumentFactory(file=ContentFile(b"%PDF-1.7", name="strategy.pdf"))
    if make == "export":
        files = client.get(reverse("api:exports")).json()["files"]
        address = next(file["url"] for file in files if file["name"] == "strategies.jsonl")
    else:
        address = reverse("api:file", args=["document", record_file.pk, "file"])
    answer = client.get(address, headers=headers)
    operation = document["paths"][path]["get"]
    required, _known = headers_of(document, operation, status)
    answer.close()
    assert answer.status_code == status
    assert required - set(answer.headers) == set()
    if status in (200, 206):
        assert "Content-Language" not in answer
        assert answer["Content-Type"].partition(";")[0] in operation["responses"][str(status)]["content"]
