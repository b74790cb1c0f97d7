"""``/gaps``: which public texts are missing or outdated in a language."""

import pytest
from django.urls import reverse

from cms.api.records import records_of
from cms.publishing import actions
from cms.publishing.drafts import drafted
from cms.translations.counts import recount_all
from cms.translations.models import TextCount
from regions.models import Office
from tests.factories import (
    AlignmentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    PillarFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db


def write(item, *, publish=True, **texts):
    data = drafted(item)
    actions.save_draft(item=item, data={**data, "fields": {**data["fields"], **texts}}, user=None, opened_on=None)
    if publish:
        actions.publish(item=item, user=None)


@pytest.fixture
def office():
    office = OfficeFactory(name_en="Office", name_es="Oficina", short_name_en="Of.")
    write(office, name_en="Agency")
    return office


def gaps(client, **query):
    response = client.get(reverse("api:gaps"), {"lang": "es", **query})
    assert response.status_code == 200, response.json()
    return response.json()


def found(client, **query) -> list[tuple[str, str]]:
    return [(each["place"], each["status"]) for each in gaps(client, **query)["results"]]


def test_missing_and_outdated_texts_are_given_with_their_source(client, office):
    outdated, missing = gaps(client)["results"]
    assert {**outdated, "published_at": "", "source_published_at": ""} == {
        "type": "offices",
        "id": str(office.pk),
        "place": "name",
        "label": "Nombre",
        "language": "es",
        "status": "outdated",
        "source_language": "en",
        "source": "Agency",
        "text": "Oficina",
        "format": "text",
        "max_length": 200,
        "provenance": "person",
        "published_at": "",
        "source_published_at": "",
    }
    assert outdated["source_published_at"] > outdated["published_at"]
    assert (missing["place"], missing["source"], missing["text"]) == ("short_name", "Of.", None)


def test_drafts_tell_nothing(client, office):
    write(office, publish=False, name_en="Drafted", name_es="Borrador", short_name_es="B.")
    assert found(client) == [("name", "outdated"), ("short_name", "missing")]
    assert "Drafted" not in str(gaps(client))


def test_items_that_are_not_public_have_no_gaps(client):
    OfficeFactory(name_en="Never published", live=False)
    gone = OfficeFactory(name_en="Withdrawn")
    actions.unpublish(item=gone, user=None)
    recount_all()
    assert gaps(client)["results"] == []


def test_rows_that_point_to_what_is_not_public_are_left_out(client):
    hidden = FrameworkGoalFactory(framework=FrameworkFactory(live=False))
    objective = ObjectiveFactory(statement_es="x")
    AlignmentFactory(objective=objective, goal=hidden, note_en="Secret")
    AlignmentFactory(objective=objective, goal=FrameworkGoalFactory(), note_en="Open")
    recount_all()
    sources = [each["source"] for each in gaps(client, type="objectives")["results"]]
    assert sources == ["Open"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "missing"}, ["short_name"]),
        ({"status": "outdated"}, ["name"]),
        ({"status": "ahead"}, []),
        ({"type": "offices"}, ["name", "short_name"]),
        ({"type": "pillars"}, []),
    ],
)
def test_filters(client, office, query, expected):
    assert [place for place, _status in found(client, **query)] == expected


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"status": "wrong"}, "status"),
        ({"type": "wrong"}, "type"),
        ({"lang": "*"}, "lang"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "wrong"}, "cursor"),
        ({"page": "2"}, "page"),
    ],
)
def test_wrong_parameters_are_named(client, query, name):
    response = client.get(reverse("api:gaps"), {"lang": "es", **query})
    assert response.status_code == 400
    assert [error["parameter"] for error in response.json()["errors"]] == [name]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_pages_give_each_text_once(client, limit):
    for _number in range(3):
        SectionFactory(office=OfficeFactory(), body_en="<p>Body</p>")
    PillarFactory(name_en="Pillar")
    recount_all()
    everything = gaps(client, limit=200)
    page, collected = gaps(client, limit=limit), []
    while True:
        collected += page["results"]
        assert len(page["results"]) <= limit
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    assert collected == everything["results"]
    assert len(collected) == 10


def test_text_that_was_translated_meanwhile_leaves_the_pages_as_they_are(client, office):
    other = OfficeFactory(name_en="Other")
    recount_all()
    first = gaps(client, limit=1)
    write(office, name_es="Agencia", short_name_es="Ag.")
    [rest] = [client.get(first["next"]).json()["results"]]
    assert str(other.pk) in {each["id"] for each in rest} | {first["results"][0]["id"]}


def test_counts_that_promise_too_much_do_not_end_the_list(client, office):
    TextCount.objects.filter(object_id=office.pk).update(live_missing=500)
    PillarFactory(name_en="Pillar")
    recount_all(missing_only=True)
    assert len(gaps(client)["results"]) == 3


@pytest.mark.parametrize("number", [1, 6])
def test_queries_do_not_grow(client, number, django_assert_max_num_queries):
    for office in OfficeFactory.create_batch(number):
        write(office, name_en="Agency", name_fr="Agence")
    gaps(client)
    with django_assert_max_num_queries(6):
        gaps(client)


def test_root_names_the_address(client):
    assert client.get(reverse("api:root")).json()["gaps"].endswith("/api/v1/gaps/")


def test_changes_name_the_languages_that_a_source_leaves_outdated(client, office):
    token = client.get(reverse("api:changes"), {"from": "2020-01-01T00:00:00Z"}).json()["results"]
    assert token[-1]["outdated"] == ["es"]


def test_record_tells_of_texts_that_are_outdated_or_machine_made(office, settings):
    settings.PUBLISH_MACHINE_TRANSLATION = True
    data = drafted(office)
    data["fields"]["name_fr"] = "Bureau"
    actions.save_draft(item=office, data=data, user=None, opened_on=None, provenance={"name": "machine"})
    actions.publish(item=office, user=None)
    [record] = records_of(Office, [office.pk]).values()
    told = [(each["place"], each["language"], each["status"], each["provenance"]) for each in record["translations"]]
    assert told == [("name", "es", "outdated", "person"), ("name", "fr", "current", "machine")]


def test_record_tells_nothing_of_texts_that_are_current():
    office = OfficeFactory(name_es="Oficina")
    recount_all()
    assert records_of(Office, [office.pk])[str(office.pk)]["translations"] == []
