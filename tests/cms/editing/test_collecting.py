"""Releases by what belongs together: with all that belongs to an item, with what it refers to, whose turn it is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from cms.content.parts import SHARED
from cms.editing.collecting import belonging_to
from cms.publishing import actions
from cms.publishing.models import PartVersion, Pin, Release
from cms.publishing.models.items import refers_to
from tests.cms.editing.test_admin import change_url, run_action, said
from tests.cms.publishing.permission_world import draft
from tests.factories import ObjectiveFactory, OfficeFactory, PartnershipFactory, PillarFactory, StrategyFactory

pytestmark = pytest.mark.django_db


def page(release) -> str:
    return reverse("admin:publishing_release_review", args=[release.pk])


def release_of(*items) -> Release:
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=items, user=None)
    return release


def keys_in(release) -> set:
    return set(release.items.values_list("object_id", flat=True))


@pytest.fixture
def office():
    """An office with a draft of its own, and below it what has one and what has not."""
    office = OfficeFactory()
    draft(office, name_en="New")
    strategy = StrategyFactory(office=office, title_en="Without a draft")
    draft(ObjectiveFactory(strategy=strategy, statement_en="Drafted"), statement_en="Drafted again")
    ObjectiveFactory(strategy=strategy, statement_en="Never public", live=False)
    PartnershipFactory(office=office)
    draft(ObjectiveFactory(statement_en="Elsewhere"), statement_en="Elsewhere again")
    return office


# --- With all that belongs to it ---


def test_what_belongs_to_an_item_and_has_a_draft_is_found_at_any_depth(office, admin_user):
    assert {str(item) for item in belonging_to([office], admin_user)} == {"Drafted", "Never public"}


def test_what_belongs_to_an_item_is_added_with_it(admin_client, office):
    url = reverse("admin:regions_office_changelist")
    response = run_action(admin_client, "add_to_release_selected", office, with_all="on")
    assert "Drafted" in response.text
    assert "Never public" in response.text
    sent = {"action": "add_to_release_selected", "_selected_action": str(office.pk), "with_all": "on"}
    response = admin_client.post(url, {**sent, "release": "", "release_title": "Spring"})
    assert said(response) == ["2 more items were added."]
    assert len(keys_in(Release.objects.get())) == 3


def test_item_is_added_alone_where_no_more_is_wanted(admin_client, office):
    run_action(admin_client, "add_to_release_selected", office, release="", release_title="Spring")
    assert keys_in(Release.objects.get()) == {office.pk}


@pytest.mark.parametrize(("factory", "offered"), [(OfficeFactory, True), (ObjectiveFactory, False)])
def test_page_of_review_offers_what_belongs_to_an_item_where_something_can(admin_client, factory, offered):
    text = admin_client.get(change_url(factory(), "review")).text
    assert ("Add this with all that belongs to it" in text) == offered


def test_what_waits_elsewhere_is_told_and_the_others_are_added(admin_client):
    office = OfficeFactory()
    strategies = [StrategyFactory(office=office, title_en=title) for title in ("One", "Two")]
    for item in (office, *strategies):
        draft(item, **{"name_en" if item == office else "title_en": f"{item} again"})
    release_of(strategies[0])
    run = {"with_all": "on", "release": "", "release_title": "Summer"}
    response = run_action(admin_client, "add_to_release_selected", office, **run)
    assert keys_in(Release.objects.get(title="Summer")) == {office.pk, strategies[1].pk}
    assert said(response) == ["1 more item was added.", "Not added: “One”. “One” waits in “Spring” already."]


def test_what_is_in_the_release_already_stays_as_it_was_pinned(admin_client):
    strategy = StrategyFactory()
    draft(strategy, title_en="Approved")
    release = release_of(strategy)
    actions.submit(item=strategy, user=None)
    actions.approve_release(release=release, user=None)
    draft(strategy, title_en="Saved later")
    run_action(admin_client, "add_to_release_selected", strategy.office, with_all="on", release=str(release.pk))
    assert Pin.objects.get(refers_to(strategy), part="en").version.content["fields"]["title_en"] == "Approved"


def test_what_belongs_to_an_item_but_may_not_be_seen_is_not_listed(client, log_in):
    partnership = PartnershipFactory(live=False, office=OfficeFactory(name_en="Secret office"))
    user = log_in("publisher", OfficeFactory())
    assert belonging_to([partnership.partner], user) == []


def test_queries_for_what_belongs_to_an_item_do_not_grow(office, admin_user):
    counts = []
    for number in (0, 0, 5):
        ObjectiveFactory.create_batch(number, strategy=office.strategies.get(), live=False)
        with CaptureQueriesContext(connection) as captured:
            belonging_to([office], admin_user)
        counts.append(len(captured))
    assert counts[1] == counts[2]


# --- What it refers to ---


def test_what_a_release_refers_to_is_added(admin_client):
    objective = ObjectiveFactory(live=False, strategy=StrategyFactory(live=False))
    release = release_of(objective)
    assert "Add what it refers to" in admin_client.get(page(release)).text
    response = admin_client.post(page(release), {"decision": "add-referred"})
    assert said(response) == ["1 more item was added."]
    assert keys_in(release) == {objective.pk, objective.strategy.pk}
    assert "Add what it refers to" not in admin_client.get(page(release)).text


def test_what_a_release_refers_to_but_has_no_draft_is_told(admin_client):
    objective = ObjectiveFactory(live=False, strategy__title_en="Gone")
    actions.unpublish(item=objective.strategy, user=None)
    release = release_of(objective)
    response = admin_client.post(page(release), {"decision": "add-referred"})
    assert said(response) == ["Not added: “Gone”. “Gone” has no draft to publish."]
    assert keys_in(release) == {objective.pk}


def test_what_a_release_refers_to_but_the_role_does_not_allow_is_told(client, log_in):
    objective = ObjectiveFactory(live=False, pillar=PillarFactory(live=False, name_en="Mobility"))
    release = release_of(objective)
    log_in("publisher", objective.strategy.office)
    response = client.post(page(release), {"decision": "add-referred"})
    assert said(response) == ["Not added: “Mobility”. Your role does not allow it."]


def test_what_a_release_refers_to_has_no_name_for_who_may_not_see_it(client, log_in):
    strategy = StrategyFactory(live=False, predecessor=StrategyFactory(live=False, title_en="Secret plan"))
    release = release_of(strategy)
    log_in("publisher", strategy.office)
    text = client.get(page(release)).text
    assert "an item that you may not see" in text
    assert "Secret plan" not in text


def test_item_of_a_release_is_offered_what_belongs_to_it_for_the_same_one(admin_client, office):
    release = release_of(office)
    text = admin_client.get(change_url(office, "review")).text
    assert f'name="in_release" value="{release.pk}"' in text
    sent = {"with_all": "on", "in_release": str(release.pk)}
    assert run_action(admin_client, "add_to_release_selected", office, **sent).context["chosen"] == str(release.pk)


def queries(act, *args) -> int:
    with CaptureQueriesContext(connection) as captured:
        act(*args)
    return len(captured)


def drafted_strategies(count) -> list:
    """Make strategies in offices that are not live either, all with a history."""
    strategies = [StrategyFactory(live=False, office__live=False) for _ in range(count)]
    offices = [strategy.office for strategy in strategies]
    actions.add_to_release(release=Release.objects.create(title="Before"), items=[*offices, *strategies], user=None)
    Release.objects.all().delete()
    return strategies


MOST_AN_ITEM = {"page": 14, "add": 26}  # queries for an item more; to add it, 12 beside those of the page


@pytest.mark.parametrize("what", MOST_AN_ITEM)
def test_queries_of_a_release_are_a_constant_and_some_an_item(admin_client, what):
    counts = []
    for number in (2, 2, 4, 6):
        release = release_of(*drafted_strategies(number))
        data = [{"decision": "add-referred"}] if what == "add" else []
        counts.append(queries(admin_client.post if data else admin_client.get, page(release), *data))
        drafted_strategies(5)
    an_item = (counts[2] - counts[1]) / 2
    assert counts[3] - counts[2] == counts[2] - counts[1]
    assert an_item <= MOST_AN_ITEM[what]


# --- Whose turn it is ---


def turns(response, item) -> set[tuple]:
    [entry] = [entry for entry in response.context["problems"] if entry["item"] == item]
    return {
        (problem["role"], getattr(problem["person"], "username", None))
        for problem in entry["problems"]
        if "The draft (" in str(problem["text"])
    }


@pytest.mark.parametrize(
    ("part", "state", "turn"),
    [
        (SHARED, "draft", ("editor", "ana")),
        ("en", "draft", ("editor", "ana")),
        ("es", "draft", ("translator", "ana")),
        ("es", "changes-requested", ("translator", "ana")),
        ("en", "submitted", ("publisher", None)),
    ],
)
def test_problem_says_whose_turn_it_is(admin_client, member, part, state, turn):
    office = OfficeFactory()
    draft(office, **({"slug": "new"} if part == SHARED else {f"name_{part}": "New"}))
    PartVersion.objects.open().update(author=member("editor", name="ana"), state=state)
    response = admin_client.get(page(release_of(office)))
    assert turns(response, office) == {turn}
    assert f"Next: {turn[0]}" in response.text


def test_problems_are_grouped_by_item(admin_client):
    strategy = StrategyFactory(live=False, office=OfficeFactory(live=False))
    objective = ObjectiveFactory(live=False, strategy=strategy)
    entries = admin_client.get(page(release_of(strategy, objective))).context["problems"]
    assert [entry["item"] for entry in entries] == [strategy, objective]


def test_approval_of_all_is_offered_only_where_it_would_not_be_refused(client, log_in):
    office = OfficeFactory()
    user = log_in("publisher", office)
    draft(office, name_en="New")
    PartVersion.objects.open().update(author=user, state="submitted")
    release = release_of(office)
    assert "Approve all" in client.get(page(release)).text
    with override_settings(REVIEW_BY_ANOTHER_PERSON=True):
        assert "Approve all" not in client.get(page(release)).text


def test_undo_is_offered_to_who_may_publish_all_of_it(client, admin_client, log_in):
    office = OfficeFactory()
    draft(office, name_en="New")
    release = actions.publish_release(release=release_of(office), user=None)
    assert "Undo this release" in admin_client.get(page(release)).text
    log_in("publisher", office, languages=["es"])
    assert "Undo this release" not in client.get(page(release)).text


# --- Withdrawal of several ---


def test_bulk_withdrawal_counts_what_is_passed_over(admin_client):
    live, other = PillarFactory(), PillarFactory(live=False)
    response = run_action(admin_client, "withdraw_selected", live, other, post="yes")
    assert said(response) == ["1 item was withdrawn. 1 item was not live."]
