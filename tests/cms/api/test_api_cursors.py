"""Cursors: every order is walked through whole, both ways, while the content changes."""

import datetime
import random
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.api.cursors import MAX_LENGTH, Cursor, Order, WrongCursorError, read_cursor, write_cursor
from cms.api.sorting import SortKey, sortable
from priorities.api import StrategyViewSet
from priorities.models import Strategy, ThematicArea
from tests.factories import OfficeFactory, StrategyFactory, ThematicAreaFactory

pytestmark = pytest.mark.django_db

STRATEGIES = "/api/v1/strategies/"
WORDS = st.sampled_from(["", "a", "A", "á", "b b", "é", "z", "Z", "-", "ß", "a" * 150, "a" * 150 + "b"])
YEARS = st.sampled_from([None, 2020, 2021, 2022])
ROWS = st.lists(st.tuples(WORDS, WORDS, YEARS, YEARS), min_size=0, max_size=9)
KEYS = st.lists(
    st.tuples(st.sampled_from(["", "-"]), st.sampled_from(sorted(sortable(StrategyViewSet.serializer_class)))),
    max_size=3,
    unique_by=lambda key: key[1],
)


def walk(client, address: str, direction: str = "next") -> list[str]:
    """Return the slugs on all pages from ``address`` on, each page's turned round going back."""
    found = []
    for _ in range(60):
        body = client.get(address).json()
        page = [item["slug"] for item in body["results"]]
        found += page if direction == "next" else reversed(page)
        address = body[direction]
        if not address:
            return found
    raise AssertionError("The pages do not end.")


def last_page(client, address: str) -> str:
    while following := client.get(address).json()["next"]:
        address = following
    return address


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, keys=KEYS, limit=st.integers(1, 4), language=st.sampled_from(["en", "fr", "*"]))
def test_pages_of_any_order_hold_each_item_once_both_ways(client, rows, keys, limit, language):
    Strategy.objects.all().delete()
    office = OfficeFactory()
    for number, (english, french, since, until) in enumerate(rows):
        since, until = (since, until) if None in (since, until) else sorted((since, until))
        StrategyFactory(
            slug=f"s-{number}", office=office, title_en=english, title_fr=french, period_from=since, period_to=until,
            reference_number=english[:80], uploaded_on=since and datetime.date(since, 1, 1),
        )  # fmt: skip
    sort = "&sort=" + ",".join(sign + name for sign, name in keys) if keys else ""
    address = f"{STRATEGIES}?lang={language}{sort}&fields=slug"
    whole = walk(client, f"{address}&limit=200")
    assert sorted(whole) == sorted(f"s-{number}" for number in range(len(rows)))
    assert walk(client, f"{address}&limit={limit}") == whole
    assert walk(client, last_page(client, f"{address}&limit={limit}"), "previous") == whole[::-1]


@pytest.mark.parametrize("sign", ["", "-"], ids=["upwards", "downwards"])
@pytest.mark.parametrize("name", ["period_from", "period_to", "reference_number", "title", "uploaded_on"])
def test_what_has_no_value_is_last_on_the_pages_of_either_direction(client, name, sign):
    for number, year in enumerate([None, 2021, None, 2022, 2020]):
        StrategyFactory(
            slug=f"{year}-{number}", period_from=year, period_to=year, reference_number=str(year or ""),
            title_en=str(year or ""), uploaded_on=year and datetime.date(year, 1, 1),
        )  # fmt: skip
    address = f"{STRATEGIES}?sort={sign}{name}&fields=slug&limit=1"
    forwards, backwards = walk(client, address), walk(client, last_page(client, address), "previous")
    years = ["2020", "2021", "2022"]
    assert [slug[:4] for slug in forwards] == [*(reversed(years) if sign else years), "None", "None"]
    assert backwards == forwards[::-1]


def test_what_comes_and_goes_neither_repeats_nor_hides_another_item(client):
    for slug in ("b", "c", "d", "e"):
        ThematicAreaFactory(slug=slug, position=1)
    first = client.get("/api/v1/thematic_areas/?limit=2").json()
    ThematicAreaFactory(slug="a", position=1)
    ThematicAreaFactory(slug="cc", position=1)
    type(ThematicAreaFactory()).objects.filter(slug="c").delete()
    second = client.get(first["next"]).json()
    assert [item["slug"] for item in first["results"]] == ["b", "c"]
    assert [item["slug"] for item in second["results"]] == ["cc", "d"]


def test_page_before_a_position_whose_rows_are_gone_is_empty_and_leads_on(client):
    for slug in ("a", "b"):
        ThematicAreaFactory(slug=slug, position=1)
    second = client.get(client.get("/api/v1/thematic_areas/?limit=1").json()["next"]).json()
    type(ThematicAreaFactory(position=2)).objects.filter(slug="a").delete()
    before = client.get(second["previous"]).json()
    assert (before["results"], before["previous"]) == ([], None)
    assert client.get(before["next"]).json()["results"][0]["slug"] == "b"


def test_limit_and_fields_may_change_from_page_to_page(client):
    ThematicAreaFactory.create_batch(5, position=1)
    following = client.get("/api/v1/thematic_areas/?limit=1").json()["next"]
    body = client.get(following.replace("limit=1", "limit=3") + "&fields=slug").json()
    assert len(body["results"]) == 3


def test_pages_keep_the_language_that_the_header_found(client):
    ThematicAreaFactory.create_batch(2, name_fr="Nom", position=1)
    following = client.get("/api/v1/thematic_areas/?limit=1", headers={"Accept-Language": "fr"}).json()["next"]
    assert client.get(following).json()["results"][0]["name"] == "Nom"


def forged(cursor: str) -> dict[str, str]:
    return {
        "empty-text": "x",
        "cut": cursor[:-1],
        "turned-letter": cursor[:10] + ("A" if cursor[10] != "A" else "B") + cursor[11:],
        "unsigned": cursor.rpartition(":")[0],
        "signed-for-something-else": signing.dumps([1], salt="other"),
        "overlong": cursor * 25,
        "null": "\x00",
        "unicode": "\U0001f4a9",
    }


@pytest.mark.parametrize("kind", list(forged("0123456789abc:d")))
def test_forged_cursor_is_400(client, kind):
    ThematicAreaFactory.create_batch(2, position=1)
    address = client.get("/api/v1/thematic_areas/?limit=1").json()["next"]
    cursor = forged(dict(part.split("=") for part in address.partition("?")[2].split("&"))["cursor"])[kind]
    answer = client.get("/api/v1/thematic_areas/", {"limit": 1, "lang": "en", "cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "cursor")


@pytest.mark.parametrize("change", ["&sort=slug", "&search=a", "&lang=fr", "&fallback=none", "&position=1"])
def test_cursor_of_another_question_is_400(client, change):
    for slug in ("a", "b"):
        ThematicAreaFactory(slug=slug, position=1)
    address = client.get("/api/v1/thematic_areas/?limit=1").json()["next"]
    if "lang" in change:
        address = address.replace("lang=en", "lang=fr")
    else:
        address += change
    answer = client.get(address)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "cursor")


def test_cursor_of_another_list_is_400(client):
    ThematicAreaFactory.create_batch(2, position=1)
    address = client.get("/api/v1/thematic_areas/?limit=1").json()["next"]
    assert client.get(address.replace("thematic_areas", "pillars")).status_code == 400


POSITION = SortKey(F("position"), descending=False, nullable=False)
PK = SortKey(F("pk"), descending=False, nullable=False)


def test_cursor_that_is_longer_than_any_of_ours_is_not_read():
    text = random.Random(1).randbytes(MAX_LENGTH).hex()  # noqa: S311 - which nothing makes shorter
    with pytest.raises(WrongCursorError):
        read_cursor(write_cursor(Cursor((text,)), "question", "en"), "question", "en")


@pytest.mark.parametrize("backwards", [True, False])
def test_cursor_is_read_as_it_was_written(backwards):
    written = write_cursor(Cursor((1, "a", None), backwards), "question", "en")
    assert read_cursor(written, "question", "en") == Cursor((1, "a", None), backwards)


@pytest.mark.parametrize("values", [(1,), (1, "x"), (1, 2, 3)], ids=["too-few", "of-another-kind", "too-many"])
def test_cursor_that_does_not_fit_the_order_is_wrong(values):
    with pytest.raises(WrongCursorError):
        Order((POSITION, PK)).beyond(ThematicArea.objects.all(), Cursor(values))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param({"lang": "fr"}, "“lang=en”", id="language"),
        pytest.param({"lang": "en", "search": "a"}, "other filters", id="filters"),
        pytest.param({"lang": "en", "sort": "name"}, "another order", id="order"),
    ],
)
def test_cursor_of_another_question_says_which(client, query, words):
    ThematicAreaFactory.create_batch(2)
    following = client.get("/api/v1/thematic_areas/?limit=1&lang=en").json()["next"]
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    (error,) = client.get("/api/v1/thematic_areas/", {"limit": 1, "cursor": cursor, **query}).json()["errors"]
    assert (error["parameter"], words in error["detail"]) == ("cursor", True)
