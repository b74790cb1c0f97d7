"""What a request may ask of the API: languages, fields, relations whole, order, filters."""

import datetime

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.publishing.models import Change, ChangeLogHead
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    FrameworkFactory,
    ObjectiveFactory,
    OfficeFactory,
    PartnershipFactory,
    SectionFactory,
    StrategyFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db

AREAS = "/api/v1/thematic_areas/"
OFFICES = "/api/v1/offices/"
OBJECTIVES = "/api/v1/objectives/"
STRATEGIES = "/api/v1/strategies/"


def slugs(answer) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [item["slug"] for item in answer.json()["results"]]


def error_of(answer) -> dict:
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    return answer.json()["errors"][0]


# --- Languages ---------------------------------------------------------------------------------------------------


def test_every_language_gives_each_text_by_language(client):
    area = ThematicAreaFactory(name_en="Name", name_fr="Nom", description_es="Palabras")
    answer = client.get(f"{AREAS}{area.slug}/", {"lang": "*"})
    item = answer.json()
    assert (item["name"], item["description"]) == ({"en": "Name", "fr": "Nom"}, {"es": "Palabras"})
    assert item["languages"] == {"requested": "*", "available": ["en", "fr"], "fallback": {}}
    assert answer["Content-Language"] == "en, es, fr"


def test_every_language_goes_into_relations_and_parts(client):
    office = OfficeFactory(parent=OfficeFactory(name_en="Above", name_pt="Acima"))
    SectionFactory(office=office, heading_en="Title", heading_es="Título")
    item = client.get(f"{OFFICES}{office.slug}/", {"lang": "*"}).json()
    assert item["parent"]["name"] == {"en": "Above", "pt": "Acima"}
    assert item["sections"][0]["heading"] == {"en": "Title", "es": "Título"}


def test_without_fallback_missing_texts_are_null(client):
    area = ThematicAreaFactory(name_en="Name", name_fr="Nom", description_en="Words")
    answer = client.get(f"{AREAS}{area.slug}/", {"lang": "fr", "fallback": "none"})
    item = answer.json()
    assert (item["name"], item["description"], item["languages"]["fallback"]) == ("Nom", None, {})
    assert answer["Content-Language"] == "fr"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("lang=fr&search=words", ["shown"], id="fallback"),
        pytest.param("lang=fr&search=words&fallback=none", [], id="no-fallback"),
        pytest.param("lang=*&search=mots", ["hidden"], id="every-language"),
        pytest.param("lang=*&search=words", ["hidden", "shown"], id="any-of-them"),
    ],
)
def test_search_is_in_what_is_shown(client, query, expected):
    ThematicAreaFactory(slug="shown", name_en="Words")
    ThematicAreaFactory(slug="hidden", name_en="Words", name_fr="Mots")
    assert sorted(slugs(client.get(f"{AREAS}?{query}"))) == expected


def test_sorting_is_by_what_is_shown(client):
    ThematicAreaFactory(slug="one", name_en="B")
    ThematicAreaFactory(slug="two", name_en="Z", name_es="Ábaco")
    ThematicAreaFactory(slug="three", name_en="A", name_es="célula")
    assert slugs(client.get(AREAS, {"lang": "es", "sort": "name"})) == ["two", "one", "three"]
    assert slugs(client.get(AREAS, {"lang": "es", "sort": "name", "fallback": "none"})) == ["two", "three", "one"]


def test_only_the_columns_that_are_needed_are_read(client):
    ObjectiveFactory(statement_fr="Énoncé")
    with CaptureQueriesContext(connection) as context:
        client.get(OBJECTIVES, {"fields": "code", "lang": "fr", "fallback": "none"})
    sql = " ".join(query["sql"] for query in context)
    assert "context_" not in sql
    assert "title_" not in sql
    assert "thematicarea" not in sql


# --- Fields ------------------------------------------------------------------------------------------------------


def test_fields_chooses_and_always_gives_type_identifier_and_languages(client):
    ObjectiveFactory()
    item = client.get(OBJECTIVES, {"fields": "code,strategy.slug"}).json()["results"][0]
    assert set(item) == {"type", "id", "languages", "code", "strategy"}
    assert set(item["strategy"]) == {"type", "id", "slug"}


def test_items_whole_and_in_short_say_of_which_collection_they_are(client):
    ObjectiveFactory()
    item = client.get(OBJECTIVES, {"expand": "strategy"}).json()["results"][0]
    found = [item["type"], item["strategy"]["type"], item["strategy"]["office"]["type"], item["pillar"]["type"]]
    assert found == ["objectives", "strategies", "offices", "pillars"]


def test_relation_that_is_named_itself_is_given_as_it_is(client):
    ObjectiveFactory()
    item = client.get(OBJECTIVES, {"fields": "strategy,strategy.slug"}).json()["results"][0]
    assert set(item["strategy"]) == {"type", "id", "slug", "name", "url"}


@pytest.mark.parametrize(
    ("path", "closest", "words"),
    [
        pytest.param("statment", "statement", "no field", id="misspelt"),
        pytest.param("strategy.nam", "name", "no field", id="misspelt-inside"),
        pytest.param("strategy.vision", None, "expand=strategy", id="needs-expand"),
        pytest.param("code.x", None, "no fields of its own", id="inside-a-value"),
        pytest.param("a." * 500 + "a", None, "no field", id="deep"),
    ],
)
def test_unknown_field_is_400_and_says_what_would_be_right(client, path, closest, words):
    error = error_of(client.get(OBJECTIVES, {"fields": path}))
    assert (error["parameter"], error.get("closest")) == ("fields", closest)
    assert words in error["detail"]


@pytest.mark.parametrize("name", ["fields", "expand"])
def test_more_values_than_described_are_400_even_the_same_again(client, name):
    error = error_of(client.get(OBJECTIVES, {name: ",".join(["strategy"] * 51)}))
    assert (error["parameter"], "at most 50" in error["detail"]) == (name, True)


# --- Expand ------------------------------------------------------------------------------------------------------


def test_expand_gives_the_whole_item_and_keeps_what_the_reference_had(client):
    objective = ObjectiveFactory(strategy__vision_en="<p>Far</p>")
    item = client.get(f"{OBJECTIVES}{objective.slug}/", {"expand": "strategy"}).json()
    assert item["strategy"]["vision"] == "<p>Far</p>"
    assert item["strategy"]["name"] == item["strategy"]["title"]
    assert set(item["strategy"]["office"]) == {"type", "id", "slug", "name", "url"}


def test_expand_goes_two_levels(client):
    office = OfficeFactory(parent=OfficeFactory(), seat_city_en="Aville", email="office@example.org")
    office.countries.add(CountryFactory(code="AA"))
    ObjectiveFactory(strategy__office=office)
    item = client.get(OBJECTIVES, {"expand": "strategy.office"}).json()["results"][0]
    shown = item["strategy"]["office"]
    assert (shown["email"], shown["parent"]["slug"]) == ("office@example.org", office.parent.slug)
    assert [country["code"] for country in shown["countries"]] == ["AA"]


def test_each_item_reports_its_own_languages(client):
    objective = ObjectiveFactory(statement_fr="Énoncé", strategy__title_en="Title")
    item = client.get(f"{OBJECTIVES}{objective.slug}/", {"expand": "strategy", "lang": "fr"}).json()
    assert not [path for path in item["languages"]["fallback"] if path.startswith("strategy")]
    assert item["strategy"]["languages"]["fallback"]["title"] == "en"


def test_expand_leads_through_parts(client):
    alignment = AlignmentFactory(goal__framework=FrameworkFactory(description_en="Agreed"))
    answer = client.get(f"{OBJECTIVES}{alignment.objective.slug}/", {"expand": "alignments.goal.framework"})
    assert answer.json()["alignments"][0]["goal"]["framework"]["description"] == "Agreed"


@pytest.mark.parametrize("hidden", ["office", "strategy"])
def test_what_is_not_live_is_not_expanded(client, hidden):
    before = StrategyFactory(office=OfficeFactory(live=hidden != "office"), live=hidden != "strategy")
    StrategyFactory(slug="after", predecessor=before)
    item = next(
        item
        for item in client.get(STRATEGIES, {"expand": "predecessor.office"}).json()["results"]
        if item["slug"] == "after"
    )
    assert item["predecessor"] is None


def test_hidden_relation_of_an_expanded_item_stays_hidden(client):
    office = OfficeFactory(parent=OfficeFactory(live=False))
    StrategyFactory(office=office)
    ObjectiveFactory(strategy=StrategyFactory(office=office))
    for address, path in ((STRATEGIES, ["office"]), (OBJECTIVES, ["strategy", "office"])):
        item = client.get(address, {"expand": ".".join(path)}).json()["results"][0]
        for step in path:
            item = item[step]
        assert item["parent"] is None


def test_lists_in_lists_in_lists_are_left_out(client):
    office = OfficeFactory()
    office.countries.add(CountryFactory(code="AA"))
    assert "offices" not in client.get(OFFICES, {"expand": "countries"}).json()["results"][0]["countries"][0]
    item = client.get(f"{OFFICES}{office.slug}/", {"expand": "countries.offices"}).json()
    assert item["countries"][0]["offices"][0]["kind"] == "regional"
    assert "countries" not in item["countries"][0]["offices"][0]


@pytest.mark.parametrize(
    ("path", "closest"),
    [
        pytest.param("strateg", "strategy", id="misspelt"),
        pytest.param("code", None, id="no-relation"),
        pytest.param("strategy.office.parent", None, id="too-deep"),
        pytest.param("strategy.thematic_areas", None, id="part"),
        pytest.param("strategy.offices", "office", id="misspelt-inside"),
    ],
)
def test_wrong_expand_is_400(client, path, closest):
    error = error_of(client.get(OBJECTIVES, {"expand": path}))
    assert (error["parameter"], error.get("closest")) == ("expand", closest)


# --- Sort --------------------------------------------------------------------------------------------------------


def test_sort_by_several_keys_with_nothing_last(client):
    for slug, year in (("a", 2020), ("b", None), ("c", 2024), ("d", 2020)):
        StrategyFactory(slug=slug, period_from=year)
    assert slugs(client.get(STRATEGIES, {"sort": "period_from,-slug"})) == ["d", "a", "c", "b"]
    assert slugs(client.get(STRATEGIES, {"sort": "-period_from,slug"})) == ["c", "a", "d", "b"]


@pytest.mark.parametrize(
    ("sort", "closest"), [("titel", "title"), ("-titel", "title"), ("summary", None), ("title,-title", None)]
)
def test_wrong_sort_is_400(client, sort, closest):
    error = error_of(client.get(STRATEGIES, {"sort": sort}))
    assert error["parameter"] == "sort"
    if closest:
        assert error["closest"] == closest


# --- Filters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("period_from=2021", ["b"], id="exactly"),
        pytest.param("period_from__gte=2021", ["b", "c"], id="from"),
        pytest.param("period_from__gte=2021&period_from__lte=2021", ["b"], id="between"),
        pytest.param("uploaded_on__lte=2020-12-31", ["a"], id="day"),
        pytest.param("period_from__gte=-5", ["a", "b", "c"], id="negative"),
    ],
)
def test_ranges(client, query, expected):
    for slug, year in (("a", 2020), ("b", 2021), ("c", 2022)):
        StrategyFactory(slug=slug, period_from=year, uploaded_on=datetime.date(year, 6, 1))
    StrategyFactory(slug="unknown")
    assert slugs(client.get(f"{STRATEGIES}?{query}&sort=slug")) == expected


def test_times_have_offsets(client):
    moment = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
    StrategyFactory(slug="a", first_published_at=moment, last_published_at=moment)
    assert slugs(client.get(f"{STRATEGIES}?last_published_at__gte=2026-01-01T13:00:00%2B01:00")) == ["a"]
    assert slugs(client.get(f"{STRATEGIES}?last_published_at__gte=2026-01-01T12:00:01Z")) == []


@pytest.mark.parametrize(
    "query",
    [
        "period_from__gte=2020.5",
        "period_from=9999999999",
        "uploaded_on__gte=2020-02-30",
        "uploaded_on__gte=20200101",
        "last_published_at__lte=0001-01-01T00:00:00%2B14:00",
        "last_published_at__lte=9999-12-31T23:59:59-14:00",
        "last_published_at__lte=2020-01-01",
    ],
)
def test_wrong_range_is_400(client, query):
    assert error_of(client.get(f"{STRATEGIES}?{query}"))["parameter"] == query.partition("=")[0]


# --- Cost --------------------------------------------------------------------------------------------------------


def test_addresses_that_go_through_relations_cost_no_query_a_row(client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            assert client.get("/api/v1/partnerships/", {"fields": "web_url"}).status_code == 200
        return len(context)

    PartnershipFactory()
    one = queries()
    PartnershipFactory.create_batch(5)
    assert queries() == one


@pytest.mark.parametrize("digits", ["5", "500000", "5000001", "500000123", "500000999999999999"])
def test_time_may_have_any_fraction_of_a_second(client, digits):
    """RFC 3339, section 5.6: ``time-secfrac = "." 1*DIGIT``; .NET writes seven, Go nine."""
    StrategyFactory(slug="now", first_published_at="2026-01-01T10:00:00.500000Z")
    answer = client.get(f"/api/v1/strategies/?first_published_at__lte=2026-01-01T10:00:00.{digits}Z")
    assert [item["slug"] for item in answer.json()["results"]] == ["now"]


def test_each_field_that_cannot_be_sorted_by_is_named(client):
    errors = client.get("/api/v1/objectives/?sort=code,password,-secret").json()["errors"]
    assert ["“password”" in errors[0]["detail"], "“secret”" in errors[1]["detail"]] == [True, True]


@pytest.mark.parametrize("number", ["9999999999", "-1000000000", "1e3"])
def test_number_that_is_too_large_is_told_what_fits(client, number):
    (error,) = client.get(f"/api/v1/strategies/?period_from={number}").json()["errors"]
    assert error["detail"] == "Give a whole number from -999999999 to 999999999."


@pytest.mark.parametrize("blank", ["%20", "%20%09", "%C2%A0", "%E2%80%8B", ",", "%20,"])
@pytest.mark.parametrize("name", ["search", "kind"])
def test_value_of_which_nothing_is_seen_is_none(client, name, blank):
    (error,) = client.get(f"/api/v1/objectives/?{name}={blank}").json()["errors"]
    assert (error["parameter"], error["detail"].startswith("It has no value.")) == (name, True)


# --- Time --------------------------------------------------------------------------------------------------------


def changed(item, at: str, sequence: int) -> None:
    """Put a change of ``item`` into the log."""
    kind = ContentType.objects.get_for_model(item)
    Change.objects.create(sequence=sequence, operation="upsert", content_type=kind, object_id=item.pk, at=at)
    ChangeLogHead.objects.update_or_create(pk=ChangeLogHead.KEY, defaults={"sequence": sequence})


@pytest.mark.parametrize("factory", [CountryFactory, OfficeFactory])
def test_item_says_when_it_changed_last(client, factory):
    item, other = factory(), factory()
    changed(item, "2026-01-01T00:00:00Z", 1)
    changed(item, "2026-01-02T00:00:00Z", 2)
    changed(other, "2026-01-03T00:00:00Z", 3)
    address = f"/api/v1/{item.collection}/"
    assert client.get(f"{address}{item.pk}/").json()["changed_at"] == "2026-01-02T00:00:00Z"
    times = [found["changed_at"] for found in client.get(f"{address}?fields=changed_at").json()["results"]]
    assert sorted(times) == ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]


def test_item_given_whole_inside_another_says_when_it_changed_too(client):
    strategy = StrategyFactory()
    changed(strategy.office, "2026-01-02T00:00:00Z", 1)
    (item,) = client.get("/api/v1/strategies/?expand=office").json()["results"]
    assert (item["changed_at"], item["office"]["changed_at"]) == (None, "2026-01-02T00:00:00Z")


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        pytest.param("2025-12-31T00:00:00Z", [1, 2, 3], id="before"),
        pytest.param("2026-01-01T12:00:00Z", [2, 3], id="between"),
        pytest.param("2026-01-02T01:00:00%2B01:00", [2, 3], id="exactly"),
        pytest.param("2026-01-02T00:00:00.0000001Z", [2, 3], id="finer-than-is-kept"),
        pytest.param("2026-01-04T00:00:00Z", [], id="after"),
    ],
)
def test_changes_from_a_time_on(client, settings, time, expected):
    settings.API_CHANGES_DAYS = 36_500
    item = OfficeFactory()
    for day in (1, 2, 3):
        changed(item, f"2026-01-0{day}T00:00:00Z", day)
    answer = client.get(f"/api/v1/changes/?from={time}&limit=200").json()
    assert [change["sequence"] for change in answer["results"]] == expected
    assert client.get(answer["next"]).json()["results"] == []


def test_changes_from_a_time_lead_on_by_tokens(client, settings):
    settings.API_CHANGES_DAYS = 36_500
    item = OfficeFactory()
    for day in (1, 2, 3):
        changed(item, f"2026-01-0{day}T00:00:00Z", day)
    first = client.get("/api/v1/changes/?from=2026-01-01T00:00:00Z&limit=2").json()
    assert [change["sequence"] for change in client.get(first["next"]).json()["results"]] == [3]


@pytest.mark.parametrize("query", ["from=yesterday", "from=2026-01-01", "from=2026-01-01T00:00:00Z&since=a", "from="])
def test_wrong_time_is_400(client, query):
    answer = client.get(f"/api/v1/changes/?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "from")


def test_time_before_what_is_kept_leads_to_the_exports(client):
    changed(OfficeFactory(), "2020-01-01T00:00:00Z", 1)
    answer = client.get("/api/v1/changes/?from=2019-01-01T00:00:00Z")
    assert (answer.status_code, "exports" in answer.json()) == (410, True)
