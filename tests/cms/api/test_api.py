"""Languages, paging and problems of the API, on the collections that are simplest to fill."""

import pytest
from django.http import QueryDict
from django.test import override_settings

from cms.api.filters import api_filterset, repeatable_filters, rounds_of
from cms.api.negotiation import accepted_language
from cms.content.languages import lookup
from strategy_site.api import router
from tests.factories import CountryFactory, OfficeFactory, SectionFactory, ThematicAreaFactory

pytestmark = pytest.mark.django_db

AREAS = "/api/v1/thematic_areas/"


@pytest.mark.parametrize(
    ("language_range", "expected"),
    [
        pytest.param("es", "es", id="exact"),
        pytest.param("ES", "es", id="capitals"),
        pytest.param("es-MX", "es", id="region"),
        pytest.param("pt-Latn-BR-x-own", "pt", id="private-use"),
        pytest.param("de", None, id="unknown"),
        pytest.param("espanol", None, id="not-a-prefix"),
        pytest.param("", None, id="empty"),
    ],
)
def test_lookup_follows_rfc_4647(language_range, expected):
    assert lookup(language_range) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("fr;q=0.5, pt", "pt", id="best-first"),
        pytest.param("de, es-AR;q=0.8", "es", id="first-that-the-site-has"),
        pytest.param("es;q=0, fr;q=0.1", "fr", id="zero-means-no"),
        pytest.param("*", "en", id="any"),
        pytest.param("", "en", id="none"),
        pytest.param("es;q=nan;;,", "en", id="malformed"),
    ],
)
def test_accepted_language_is_the_one_liked_best(header, expected):
    assert accepted_language(header) == expected


def test_lang_goes_before_the_header(client):
    area = ThematicAreaFactory(name_es="Nombre", name_fr="Nom")
    answer = client.get(f"{AREAS}{area.slug}/", {"lang": "es-MX"}, headers={"Accept-Language": "fr"})
    assert (answer.json()["name"], answer["Content-Language"]) == ("Nombre", "es")


def test_language_cookie_counts_for_nothing(client):
    area = ThematicAreaFactory(name_es="Nombre")
    client.cookies["django_language"] = "es"
    assert client.get(f"{AREAS}{area.slug}/").json()["name"] == area.name_en
    assert client.post(AREAS)["Content-Language"] == "en"


def test_unknown_language_is_400_and_names_the_right_ones(client):
    answer = client.get(AREAS, {"lang": "de"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "lang"
    assert answer.json()["errors"][0]["allowed"] == ["en", "es", "fr", "pt", "*"]


def test_item_reports_what_stands_in_for_a_missing_text(client):
    area = ThematicAreaFactory(name_en="Name", description_en="Words", name_fr="Nom", name_es="")
    answer = client.get(f"{AREAS}{area.slug}/", {"lang": "fr"})
    assert answer.json()["languages"] == {
        "requested": "fr",
        "available": ["en", "fr"],
        "fallback": {"description": "en"},
    }
    assert answer["Content-Language"] == "en, fr"


def test_item_reports_fallbacks_in_its_children_and_relations_by_path(client):
    office = OfficeFactory(name_fr="Bureau", parent=OfficeFactory(name_en="Parent"))
    SectionFactory(office=office, heading_fr="Titre", body_en="<p>Text</p>")
    answer = client.get(f"/api/v1/offices/{office.slug}/", {"lang": "fr"})
    assert answer.json()["languages"]["fallback"] == {"parent/name": "en", "sections/0/body": "en"}


def test_fallbacks_belong_to_their_own_item(client):
    ThematicAreaFactory(name_en="Name", position=1)
    ThematicAreaFactory(name_en="Name", name_fr="Nom", position=2)
    reports = [item["languages"]["fallback"] for item in client.get(AREAS, {"lang": "fr"}).json()["results"]]
    assert reports == [{"name": "en"}, {}]


def test_addresses_are_in_the_language_asked_for(client):
    office = OfficeFactory()
    item = client.get(f"/api/v1/offices/{office.slug}/", {"lang": "pt"}).json()
    assert item["web_url"] == f"http://testserver/pt/regions/{office.slug}/"
    assert item["url"] == f"http://testserver/api/v1/offices/{office.slug}/"


@pytest.mark.parametrize("key", ["slug", "pk"])
def test_item_is_found_by_slug_and_by_identifier(client, key):
    office = OfficeFactory()
    assert client.get(f"/api/v1/offices/{getattr(office, key)}/").json()["id"] == str(office.pk)


def test_item_that_is_not_live_is_404_by_either_name(client):
    office = OfficeFactory(live=False)
    assert client.get(f"/api/v1/offices/{office.slug}/").status_code == 404
    assert client.get(f"/api/v1/offices/{office.pk}/").status_code == 404


def test_empty_values_are_null_and_dates_are_in_utc(client):
    office = OfficeFactory()
    with override_settings(TIME_ZONE="America/Lima"):
        item = client.get(f"/api/v1/offices/{office.slug}/").json()
    assert (item["introduction"], item["email"], item["parent"]) == (None, None, None)
    assert item["first_published_at"].endswith("Z")
    assert item["first_published_at"].startswith(office.first_published_at.isoformat()[:19])


def test_pages_follow_each_other_without_gap_or_repetition(client):
    slugs = [ThematicAreaFactory(position=0).slug for _ in range(5)]
    address, found = f"{AREAS}?limit=2", []
    while address:
        body = client.get(address).json()
        found += [item["slug"] for item in body["results"]]
        address = body["next"]
    assert found == sorted(slugs)
    assert body["count"] == 5


def test_empty_list_has_one_page(client):
    assert client.get(AREAS).json() == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *[pytest.param("limit", value, id=f"limit-{value}") for value in ("0", "201", "-1", "1.5", "x", "٣")],
        pytest.param("format", "xml", id="unknown-parameter"),
        pytest.param("page", "2", id="pages-have-cursors"),
        pytest.param("search", "a" * 201, id="search-too-long"),
        pytest.param("search", "", id="no-value"),
        pytest.param("search", "a\x00b", id="null-character"),
        pytest.param("x" * 8_000, "1", id="overlong-name"),
    ],
)
def test_wrong_parameter_is_400_and_named(client, parameter, value):
    answer = client.get(AREAS, {parameter: value})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    error = answer.json()["errors"][0]
    assert error["parameter"][:70] == parameter[:70]
    assert len(answer.content) < 2000


def test_all_that_is_wrong_is_said_at_once(client):
    answer = client.get("/api/v1/offices/", {"kind": "castle", "country": "XX", "limit": "many"})
    assert [error["parameter"] for error in answer.json()["errors"]] == ["kind", "country", "limit"]


def test_single_parameter_given_twice_is_400(client):
    assert client.get(f"{AREAS}?lang=es&lang=fr").status_code == 400


def test_unknown_parameter_names_the_known_ones(client):
    error = client.get(AREAS, {"serch": "x"}).json()["errors"][0]
    assert {"lang", "fallback", "fields", "expand", "sort", "limit", "cursor", "search"} <= set(error["allowed"])
    assert error["closest"] == "search"


def test_values_separated_by_commas_mean_any(client):
    for kind in ("regional", "country", "liaison"):
        OfficeFactory(kind=kind)
    kinds = [item["kind"] for item in client.get("/api/v1/offices/?kind=regional,country").json()["results"]]
    assert kinds == ["regional", "country"]


@pytest.mark.parametrize("query", ["kind=regional&kind=country", "kind=regional,country&kind=country"])
def test_repeated_filter_of_which_an_item_has_one_value_means_any(client, query):
    for kind in ("regional", "country", "liaison"):
        OfficeFactory(kind=kind)
    kinds = [item["kind"] for item in client.get(f"/api/v1/offices/?{query}").json()["results"]]
    assert kinds == ["regional", "country"]


def test_repeated_filter_may_have_as_many_values_as_one_with_commas(client):
    OfficeFactory(kind="regional")
    assert client.get("/api/v1/offices/?" + "&".join(["kind=regional"] * 50)).json()["count"] == 1
    answer = client.get("/api/v1/offices/?" + "&".join(["kind=regional"] * 51))
    assert "at most 50" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("viewset", [viewset for _, viewset, _ in router.registry])
def test_no_filter_can_be_repeated_so_that_nothing_ever_fits(viewset):
    """Of what an item has one value, two that are asked for one after the other never fit it both."""
    filterset = api_filterset(viewset.filterset_class, viewset.serializer_class)
    for name in repeatable_filters(filterset):
        if leads_through_columns(viewset.model, filterset.base_filters[name].field_name):
            assert len(rounds_of(QueryDict(f"{name}=a&{name}=b"), filterset)) == 1, name


def leads_through_columns(model, path: str) -> bool:
    """Say whether each step of ``path`` is a column, which has one value; an office's countries, e.g., are rows."""
    for step in path.split("__"):
        columns = {field.name: field for field in model._meta.concrete_fields}
        if step not in columns:
            return False
        model = columns[step].related_model
    return True


def test_range_that_is_given_twice_is_400(client):
    answer = client.get("/api/v1/strategies/?period_from=2025&period_from=2026")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "period_from")


def test_filter_that_is_given_twice_must_fit_both_times(client):
    both, one = CountryFactory(code="AA"), CountryFactory(code="BB")
    OfficeFactory(slug="both").countries.set([both, one])
    OfficeFactory(slug="one").countries.set([one])
    found = client.get("/api/v1/offices/?country=AA,BB&country=AA").json()
    assert (found["count"], [item["slug"] for item in found["results"]]) == (1, ["both"])


def test_too_many_values_are_refused_before_they_are_looked_up(client):
    answer = client.get("/api/v1/offices/", {"country": ",".join(["AA"] * 51)})
    assert "at most 50" in answer.json()["errors"][0]["detail"]


def test_search_is_in_the_text_that_is_shown(client):
    ThematicAreaFactory(slug="shown", name_en="Only English éducation")
    ThematicAreaFactory(slug="hidden", name_en="Education", name_fr="Autre")
    found = client.get(AREAS, {"lang": "fr", "search": "EDUCATION"}).json()["results"]
    assert [item["slug"] for item in found] == ["shown"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/api/", 404, id="above"),
        pytest.param("/api/v2/offices/", 404, id="other-version"),
        pytest.param("/api/v1/nothing/", 404, id="unknown-collection"),
        pytest.param("/api/v1/offices/a/b/", 404, id="too-deep"),
        pytest.param("/api/v1/offices/%00/", 404, id="null-character"),
        pytest.param(f"/api/v1/offices/{'a' * 8_000}/", 404, id="overlong"),
        pytest.param(f"/api/v1/offices/{'a' * 10_000}/", 414, id="longer-than-any-address"),
        pytest.param("/api", 404, id="without-slash"),
        pytest.param("/api/v1/offices/%F0%9F%92%A9%CC%81/", 404, id="unicode"),
        pytest.param("/api/v1/partnerships/no-uuid/", 404, id="not-an-identifier"),
        pytest.param("/api/v1/offices/12345678-1234-1234-1234-1234567890ab/", 404, id="unknown-identifier"),
    ],
)
def test_address_of_nothing_is_a_problem(client, path, status):
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_writing_is_405_and_says_what_is_allowed(client, method):
    answer = getattr(client, method)(AREAS)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer["Content-Type"] == "application/problem+json"


def test_other_format_is_406(client):
    answer = client.get(AREAS, headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


def test_unexpected_fault_is_a_problem_without_particulars(client, monkeypatch):
    def fail(*args):
        raise RuntimeError("secret particulars")

    monkeypatch.setattr("cms.api.views.public_rows", fail)
    client.raise_request_exception = False
    answer = client.get(AREAS)
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert b"secret" not in answer.content


def test_refused_host_is_a_problem(client):
    answer = client.get(AREAS, headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_head_has_the_headers_of_get_and_no_body(client):
    CountryFactory()
    head, get = client.head("/api/v1/countries/"), client.get("/api/v1/countries/")
    assert head.content == b""
    own = {"Content-Length": "", "X-Request-ID": ""}
    assert {**head.headers, **own} == {**get.headers, **own}


def test_options_answers_without_body(client):
    answer = client.options(f"{AREAS}?x=1")
    assert (answer.status_code, answer.content, answer["Allow"]) == (204, b"", "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("query", "vary"), [("", {"Accept-Encoding", "Accept-Language"}), ("?lang=es", {"Accept-Encoding"})]
)
def test_answer_carries_no_cookie_and_varies_only_by_what_it_depends_on(client, query, vary):
    answer = client.get(f"{AREAS}{query}")
    assert not answer.cookies
    assert (set(answer["Vary"].split(", ")), answer["Cache-Control"]) == (vary, "no-cache")
