"""``/changes``: what changed since a token, for copies that are kept in step."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.publishing import actions
from cms.publishing.models import Change, ChangeLogHead
from cms.publishing.tokens import change_token
from tests.factories import (
    AlignmentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db


def token(sequence: int | None = None) -> str:
    return change_token(ChangeLogHead.current(), sequence)


def changes(client, since: str, **parameters) -> dict:
    response = client.get(reverse("api:changes"), {"since": since, **parameters})
    assert response.status_code == 200, response.content
    return response.json()


def operations(client, since: str) -> list[tuple[str, str, str]]:
    return [(entry["operation"], entry["type"], entry["id"]) for entry in changes(client, since)["results"]]


def save(item, user=None, **fields):
    """Publish ``item`` with other values in ``fields``."""
    from cms.content.snapshots import snapshot

    data = snapshot(item)
    data["fields"] |= fields
    actions.save_draft(item=item, data=data, user=user, opened_on=None)
    return actions.publish(item=item, user=user)


def test_publication_withdrawal_and_deletion_are_told_in_order(client):
    start, office = token(), OfficeFactory(live=False)
    key = str(office.pk)
    actions.publish(item=office, user=None)
    actions.unpublish(item=office, user=None)
    actions.publish_again(item=office, user=None)
    actions.delete(item=office, user=None)
    told = [("upsert", "offices", key), ("delete", "offices", key)]
    assert operations(client, start) == told * 2


def test_changed_languages_are_named(client):
    office = OfficeFactory()
    start = token()
    save(office, name_es="Oficina")
    assert changes(client, start)["results"][0]["languages"] == ["es"]


def test_draft_is_not_told(client):
    office = OfficeFactory()
    start = token()
    from cms.content.snapshots import snapshot

    data = snapshot(office)
    data["fields"]["name_en"] = "Drafted"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    assert operations(client, start) == []


def test_token_of_an_answer_leads_on(client):
    start = token()
    for _number in range(3):
        actions.publish(item=OfficeFactory(live=False), user=None)
    first = changes(client, start, limit=2)
    second = changes(client, first["token"], limit=2)
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert [entry["sequence"] for entry in [*first["results"], *second["results"]]] == [1, 2, 3]


def test_after_a_backup_was_put_back_copies_start_over(client):
    actions.publish(item=OfficeFactory(live=False), user=None)
    export, address = client.get("/api/v1/exports/").json(), "/api/v1/offices/"
    etag = client.get(address)["ETag"]
    call_command("renew_change_log")
    assert client.get("/api/v1/changes/", {"since": export["token"]}).status_code == 410
    assert client.get(address, headers={"if-none-match": etag}).status_code == 200
    anew = client.get("/api/v1/exports/").json()
    assert client.get(anew["changes"]).json()["results"] == []


def test_next_address_keeps_what_was_asked(client):
    body = changes(client, token(), limit=2, include="records")
    assert client.get(body["next"]).status_code == 200
    assert "limit=2" in body["next"]
    assert "include=records" in body["next"]


def test_record_is_included_as_it_is_now(client):
    start, office = token(), OfficeFactory(live=False, name_es="Oficina")
    actions.publish(item=office, user=None)
    record = changes(client, start, include="records")["results"][0]["record"]
    assert record["name"] == {"en": office.name_en, "es": "Oficina"}


def test_record_of_what_is_gone_is_null(client):
    start, office = token(), OfficeFactory(live=False)
    actions.publish(item=office, user=None)
    actions.unpublish(item=office, user=None)
    assert [entry["record"] for entry in changes(client, start, include="records")["results"]] == [None, None]


def test_records_cost_the_same_for_many_changes(client, django_capture_on_commit_callbacks):
    start = token()

    def publish(number: int) -> None:
        with django_capture_on_commit_callbacks(execute=True):  # which leave the mark of the log
            for _number in range(number):
                actions.publish(item=OfficeFactory(live=False), user=None)

    publish(3)
    with CaptureQueriesContext(
        connection,
    ) as few:
        changes(client, start, include="records")
    publish(12)
    with CaptureQueriesContext(connection) as many:
        changes(client, start, include="records")
    assert len(few) == len(many)


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({}, id="no-token"),
        pytest.param({"since": ""}, id="empty"),
        pytest.param({"since": "abc"}, id="no-form"),
        pytest.param({"since": "0" * 12 + "-" + "9" * 40}, id="too-long"),
        pytest.param({"since": "０" * 12 + "-1"}, id="wide-digits"),
        pytest.param({"since": "TOKEN", "limit": "0"}, id="limit-zero"),
        pytest.param({"since": "TOKEN", "limit": "201"}, id="limit-high"),
        pytest.param({"since": "TOKEN", "limit": "²"}, id="limit-superscript"),
        pytest.param({"since": "TOKEN", "include": "drafts"}, id="include-unknown"),
        pytest.param({"since": "TOKEN", "after": "1"}, id="unknown-parameter"),
    ],
)
def test_wrong_request_is_told_what_would_be_right(client, parameters):
    values = {name: token() if value == "TOKEN" else value for name, value in parameters.items()}
    response = client.get(reverse("api:changes"), values)
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: "0" * 12 + "-0", id="other-log"),
        pytest.param(lambda: token(10**9), id="beyond-the-head"),
    ],
)
def test_token_of_another_log_starts_over(client, make):
    response = client.get(reverse("api:changes"), {"since": make()})
    assert response.status_code == 410
    assert response.json()["exports"].endswith(reverse("api:exports"))


def test_token_that_slept_too_long_starts_over(client, settings):
    settings.API_CHANGES_DAYS = 30
    start = token()
    actions.publish(item=OfficeFactory(live=False), user=None)
    change = Change.objects.get()
    Change.objects.update(at=change.at - timedelta(days=31))
    assert client.get(reverse("api:changes"), {"since": start}).status_code == 410


def test_item_that_moves_to_what_is_not_public_is_gone(client):
    """A live objective goes with its strategy when that moves to an office that is not live."""
    objective = ObjectiveFactory()
    strategy, start = objective.strategy, token()
    save(strategy, office=str(OfficeFactory(live=False).pk))
    assert operations(client, start) == [
        ("delete", "strategies", str(strategy.pk)),
        ("delete", "objectives", str(objective.pk)),
    ]


def test_item_that_moves_back_is_there_with_what_belongs_to_it(client):
    office = OfficeFactory(live=False)
    objective = ObjectiveFactory(strategy__office=office)
    start = token()
    save(objective.strategy, office=str(OfficeFactory().pk))
    assert {entry[1] for entry in operations(client, start)} == {"strategies", "objectives"}


def test_withdrawal_tells_of_items_that_showed_it(client):
    framework, strategy = FrameworkFactory(), StrategyFactory()
    strategy.frameworks.add(framework)
    start = token()
    actions.unpublish(item=framework, user=None)
    assert operations(client, start) == [
        ("delete", "frameworks", str(framework.pk)),
        ("upsert", "strategies", str(strategy.pk)),
    ]


def test_item_that_becomes_public_and_shows_another_that_does_is_told_once(client):
    office = OfficeFactory(live=False)
    first = StrategyFactory(office=office)
    second, start = StrategyFactory(office=office, predecessor=first), token()
    actions.publish(item=office, user=None)
    told = [key for _operation, _type, key in operations(client, start)]
    assert told[0] == str(office.pk)
    assert sorted(told[1:]) == sorted([str(first.pk), str(second.pk)])


def test_publication_tells_of_items_whose_children_show_it(client):
    goal = FrameworkGoalFactory(framework=FrameworkFactory(live=False))
    objective = AlignmentFactory(goal=goal).objective
    start = token()
    actions.publish(item=goal.framework, user=None)
    assert ("upsert", "objectives", str(objective.pk)) in operations(client, start)


def test_office_tells_of_those_below_it(client):
    parent = OfficeFactory()
    below, start = OfficeFactory(parent=parent), token()
    actions.unpublish(item=parent, user=None)
    assert ("upsert", "offices", str(below.pk)) in operations(client, start)


def test_wrong_parameter_goes_before_an_expired_token(client):
    response = client.get(reverse("api:changes"), {"since": token(10**9), "limit": "201"})
    assert (response.status_code, response.json()["errors"][0]["parameter"]) == (400, "limit")
