"""The API as a whole: root, description, documentation page, cost, and what hostile clients send."""

import json
from urllib.parse import quote

import jsonschema
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator

from cms.api.openapi_parameters import expand_paths
from cms.api.problems import PROBLEMS
from regions.models import Organization
from strategy_site.api import router
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    DocumentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OrganizationFactory,
    OutlineEntryFactory,
    PartnerFactory,
    PartnershipFactory,
    PillarFactory,
    QuotationFactory,
    SectionFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    SynonymsFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db

COLLECTIONS = [prefix for prefix, viewset, basename in router.registry]
MAX_QUERIES = 4
MAX_QUERIES_EXPANDED = 8  # two levels of relations whole, in a list
MAX_QUERIES_OF_ITEM = 7  # one kind of children more than the list


def fill_every_collection(*, times: int) -> None:
    """Make rows of every kind, with every relation, in some languages."""
    if not Organization.objects.exists():  # of which there is one at most
        OrganizationFactory()
    for number in range(times):
        SynonymsFactory()
        country = CountryFactory(name_fr="Pays")
        parent = OfficeFactory()
        office = OfficeFactory(parent=parent, seat_country=country, name_fr="Bureau", introduction_en="<p>Text</p>")
        office.countries.set([country, CountryFactory()])
        SectionFactory.create_batch(2, office=office)
        QuotationFactory.create_batch(2, office=office)
        pillar, area, framework = PillarFactory(icon=""), ThematicAreaFactory(), FrameworkFactory()
        goals = FrameworkGoalFactory.create_batch(2, framework=framework)
        strategy = StrategyFactory(office=office, predecessor=StrategyFactory(office=office), period_to=2024)
        strategy.frameworks.add(framework)
        StrategyThematicAreaFactory(strategy=strategy, thematic_area=area)
        OutlineEntryFactory.create_batch(2, strategy=strategy)
        DocumentFactory(strategy=strategy, language="fr")
        objective = ObjectiveFactory(strategy=strategy, pillar=pillar, code=f"{number}", statement_pt="Objetivo")
        objective.thematic_areas.add(area)
        for goal in goals:
            AlignmentFactory(objective=objective, goal=goal)
        partner = PartnerFactory(website="https://partner.example.org/")
        partner.countries.add(country)
        for role in ("member", "co-lead"):
            PartnershipFactory(office=office, partner=partner, role=role).pillars.add(pillar)


def queries_of(client, url: str) -> int:
    """Return how many queries a request makes that is answered with 200."""
    with CaptureQueriesContext(connection) as context:
        assert client.get(url).status_code == 200
    return len(context)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_list_costs_the_same_few_queries_for_any_number_of_rows(client, collection):
    url = f"/api/v1/{collection}/?limit=200&lang=fr"
    fill_every_collection(times=1)
    few = queries_of(client, url)
    fill_every_collection(times=4)
    assert queries_of(client, url) == few <= MAX_QUERIES


def every_expand() -> list:
    """Return collection, every path of ``expand``, and whether it is of the list or of an item."""
    found = []
    for prefix, viewset, _basename in router.registry:
        for kind, serializer_class in enumerate((viewset.detail_serializer_class, viewset.serializer_class)):
            if paths := list(expand_paths(serializer_class, kind)):
                found.append(pytest.param(prefix, paths, bool(kind), id=f"{prefix}{'' if kind else '-item'}"))
    return found


@pytest.mark.parametrize(("collection", "paths", "is_list"), every_expand())
def test_each_expand_costs_the_same_few_queries_for_any_number_of_rows(client, collection, paths, is_list):
    fill_every_collection(times=1)
    url = f"/api/v1/{collection}/"
    if not is_list:
        url = client.get(url).json()["results"][-1]["url"]
    few = {path: queries_of(client, f"{url}?expand={path}&lang=fr{'&limit=200' * is_list}") for path in paths}
    fill_every_collection(times=3)
    again = {path: queries_of(client, f"{url}?expand={path}&lang=fr{'&limit=199' * is_list}") for path in paths}
    assert again == few
    assert max(few.values()) <= (MAX_QUERIES_EXPANDED if is_list else MAX_QUERIES_EXPANDED + 4)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_each_field_costs_the_same_queries_for_any_number_of_rows(client, collection):
    fill_every_collection(times=1)
    fields = list(client.get(f"/api/v1/{collection}/").json()["results"][0])
    few = {name: queries_of(client, f"/api/v1/{collection}/?fields={name}") for name in fields}
    fill_every_collection(times=2)
    assert {name: queries_of(client, f"/api/v1/{collection}/?fields={name}&limit=49") for name in fields} == few


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_item_costs_few_queries(client, collection):
    fill_every_collection(times=3)
    url = client.get(f"/api/v1/{collection}/").json()["results"][-1]["url"]
    assert queries_of(client, url.removeprefix("http://testserver")) <= MAX_QUERIES_OF_ITEM


def test_list_reads_no_text_that_it_does_not_serve(client):
    fill_every_collection(times=1)
    with CaptureQueriesContext(connection) as context:
        client.get("/api/v1/objectives/")
    queries = " ".join(query["sql"] for query in context)
    assert "statement_fr" in queries
    assert "vision" not in queries
    assert "introduction" not in queries


def test_root_leads_to_every_collection(client):
    body = client.get("/api/v1/").json()
    assert list(body["collections"]) == COLLECTIONS
    for address in (*body["collections"].values(), body["openapi"], body["documentation"]):
        assert client.get(address).status_code == 200
    assert body["languages"] == ["en", "es", "fr", "pt"]


def test_openapi_is_valid_and_without_warnings(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))


@pytest.fixture(scope="module")
def document():
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))


def errors_of(document: dict, value, schema: dict) -> list[str]:
    """Return how ``value`` breaks ``schema`` of the OpenAPI document (JSON Schema 2020-12)."""
    validator = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def answer_schema(operation: dict) -> dict:
    return operation["responses"]["200"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize("query", [{"lang": "fr"}, {"lang": "*"}, {"lang": "pt", "fallback": "none"}])
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_answers_are_as_described(client, document, collection, query):
    fill_every_collection(times=2)
    page = client.get(f"/api/v1/{collection}/", query).json()
    operation = document["paths"][f"/api/v1/{collection}/"]["get"]
    assert errors_of(document, page, answer_schema(operation)) == []
    operation = document["paths"][f"/api/v1/{collection}/{{key}}/"]["get"]
    viewset = next(viewset for prefix, viewset, _basename in router.registry if prefix == collection)
    expand = ",".join(expand_paths(viewset.detail_serializer_class, 0))
    for item in page["results"]:
        answer = client.get(item["url"], query | ({"expand": expand} if expand else {})).json()
        assert errors_of(document, answer, answer_schema(operation)) == []


def test_examples_are_as_described(document):
    for path, methods in document["paths"].items():
        if content := methods["get"]["responses"]["200"]["content"].get("application/json"):  # else a file
            assert errors_of(document, content["example"], answer_schema(methods["get"])) == [], path


def test_everything_in_openapi_is_described(document):
    schemas = document["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, part in schema.get("properties", {}).items()
        if not part.get("description")
    ]
    silent += [
        f"{path} {parameter['name']}"
        for path, methods in document["paths"].items()
        for parameter in methods["get"]["parameters"]
        if not parameter.get("description")
    ]
    silent += [path for path, methods in document["paths"].items() if not methods["get"].get("summary")]
    assert silent == []


def test_openapi_names_every_filter_and_problem(document):
    for prefix, viewset, _basename in router.registry:
        operation = document["paths"][f"/api/v1/{prefix}/"]["get"]
        named = {parameter["name"] for parameter in operation["parameters"]}
        assert {*viewset.filterset_class.base_filters, "lang", "fields", "sort", "limit", "cursor"} <= named
        assert set(operation["responses"]) == {"200", "304", "400", "401", "406", "414", "429", "500", "503"}
        operation = document["paths"][f"/api/v1/{prefix}/{{key}}/"]["get"]
        assert {"308", "404", "410"} <= set(operation["responses"])


def test_documentation_page_explains_every_operation_and_problem(client):
    answer = client.get("/api/v1/docs/", {"lang": "es"})
    page = answer.content.decode()
    assert answer["Content-Language"] == "es"
    assert '<html lang="es"' in page
    for name in PROBLEMS:
        assert f'id="problem-{name}"' in page
    for collection in COLLECTIONS:
        assert f"/api/v1/{collection}/{{key}}/" in page


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("operation=offices_list&kind=regional&lang=&limit=5", "/api/v1/offices/?kind=regional&limit=5"),
        ("operation=offices_retrieve&key=a%2Fb", "/api/v1/offices/a%2Fb/"),
        ("operation=offices_list&next=//evil.example", "/api/v1/offices/"),
    ],
)
def test_form_of_the_documentation_page_leads_to_the_answer(client, query, location):
    answer = client.get(f"/api/v1/docs/try/?{query}")
    assert (answer.status_code, answer["Location"]) == (302, location)


def test_form_with_an_unknown_operation_is_404(client):
    assert client.get("/api/v1/docs/try/?operation=x").status_code == 404


HOSTILE = {
    "null": "\x00",
    "long": "a" * 10_000,
    "unicode": "Z̷̡̢͇̥̹" * 50 + "\U0001f4a9\ud83d",
    "negative": "-1",
    "float": "1.0",
    "huge": "9" * 400,
    "broken-identifier": "12345678-1234-1234-1234-1234567890zz",
    "sql": "' OR 1=1 --",
    "percent": "%_\\%",
    "commas": "," * 2500,
    "terms": "a " * 4000,
    "list": "[]",
    "date": "0001-01-01T00:00:00+14:00",
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_parameters_are_4xx_or_an_empty_result(client, hostile):
    value = HOSTILE[hostile].encode("utf-8", "surrogatepass")
    for prefix, viewset, _basename in router.registry:
        for name in ("lang", "limit", "cursor", "fields", "expand", "sort", *viewset.filterset_class.base_filters):
            answer = client.get(f"/api/v1/{prefix}/", {name: value})
            allowed = {200, 400, 414} if name == "search" else {400, 414}
            assert answer.status_code in allowed, (prefix, name)


@pytest.mark.parametrize("collection", ["offices", "countries", "partnerships"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_addresses_are_404(client, collection, hostile):
    value = quote(HOSTILE[hostile].encode("utf-8", "surrogatepass"), safe="")
    answer = client.get(f"/api/v1/{collection}/{value}/")
    assert (answer.status_code in {404, 414}, answer["Content-Type"]) == (True, "application/problem+json")


@pytest.mark.parametrize("header", ["Accept", "Accept-Language"])
@pytest.mark.parametrize("value", [",;;/;q=", "*/*;q=x", "a" * 10_000, "en;q=1e999", "\xff\xfe"])
def test_hostile_headers_are_no_fault_of_the_site(client, header, value):
    assert client.get("/api/v1/offices/", headers={header: value}).status_code in {200, 406}


@pytest.mark.parametrize(("number", "status"), [(1_000, 400), (21_000, 414)])
def test_thousands_of_parameters_are_a_problem(client, number, status):
    answer = client.get("/api/v1/offices/?" + "&".join(f"x{key}=1" for key in range(number)))
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert len(answer.content) < 20_000
