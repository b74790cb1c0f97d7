"""What the pages of confirmation show before something is withdrawn, deleted or moved."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.api.models import ApiKey
from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.links import links_to
from cms.publishing.models import Release
from cms.webhooks.models import WebhookEndpoint
from tests.admin_forms import form_data
from tests.cms.editing.test_admin import change_url, confirm, run_action
from tests.cms.publishing.permission_world import draft
from tests.drafts import drafted, has_draft
from tests.factories import (
    CountryFactory,
    ObjectiveFactory,
    OfficeFactory,
    PartnerFactory,
    PillarFactory,
    SectionFactory,
    StrategyFactory,
)
from tests.files import pdf

pytestmark = pytest.mark.django_db


def ask(client, item, way="withdraw"):
    if way == "withdraw":
        return client.post(change_url(item, "review"), {"decision": "withdraw"})
    return client.get(change_url(item, "delete"))


def impact(response):
    return response.context["impact"]


def linked(response) -> list[tuple]:
    return [(link.item, link.field, link.language, link.target) for link in impact(response).links]


# --- Links from other live texts ---


@pytest.mark.parametrize("way", ["withdraw", "delete"])
@pytest.mark.parametrize(
    "href",
    [
        "/en/pillars/mobility/",
        "/es/pillars/mobility/",
        "/pillars/mobility/",
        "/en/pillars/mobility/#top",
        "/en/pillars/mobility/below/?a=1&amp;b=2",
        f"{settings.SITE_URL}/en/pillars/mobility/",
    ],
)
def test_live_text_that_links_to_what_goes_is_named(admin_client, way, href):
    pillar = PillarFactory(slug="mobility", name_en="Mobility")
    OfficeFactory(name_en="North", introduction_es=f'<p>Lea <a href="{href}">esto</a>.</p>')
    assert linked(ask(admin_client, pillar, way)) == [("North", "Introduction", "es", "Mobility")]


@pytest.mark.parametrize(
    "href", ["https://elsewhere.example/en/pillars/mobility/", "//elsewhere/en/pillars/mobility/", "/en/pillars/mob/"]
)
def test_link_to_another_page_is_not_named(admin_client, href):
    pillar = PillarFactory(slug="mobility")
    OfficeFactory(introduction_en=f'<p><a href="{href}">this</a></p>')
    response = ask(admin_client, pillar)
    assert linked(response) == []
    assert "None." in response.text


def test_link_in_a_row_of_an_item_is_named_with_the_item(admin_client):
    pillar = PillarFactory(slug="mobility", name_en="Mobility")
    office = OfficeFactory(name_en="North")
    SectionFactory(office=office, body_en='<p><a href="/en/pillars/mobility/">this</a></p>')
    assert linked(ask(admin_client, pillar)) == [("North", "Text", "en", "Mobility")]


def test_link_in_a_text_that_is_not_live_or_goes_too_is_not_named(admin_client):
    text = '<p><a href="/en/regions/north/">this</a></p>'
    office = OfficeFactory(slug="north", introduction_en=text)
    StrategyFactory(office=office, summary_en=text)
    StrategyFactory(live=False, summary_en=text)
    StrategyFactory(office=OfficeFactory(live=False), summary_en=text)
    assert linked(ask(admin_client, office)) == []


def test_link_to_what_goes_along_is_named(admin_client):
    strategy = StrategyFactory(slug="plan", title_en="Plan")
    PartnerFactory(name_en="Friend", description_en='<p><a href="/fr/strategies/plan/read/">this</a></p>')
    assert linked(ask(admin_client, strategy.office)) == [("Friend", "Description", "en", "Plan")]


def test_queries_for_links_do_not_grow_with_what_goes_and_what_links():
    offices, counts = [], []
    for number in (0, 1, 5):
        offices += OfficeFactory.create_batch(number)
        for office in offices:
            PartnerFactory(description_en=f'<p><a href="/en/regions/{office.slug}/">this</a></p>')
        with CaptureQueriesContext(connection) as captured:
            assert len(links_to(offices)) >= len(offices)
        counts.append(len(captured))
    assert counts == [0, counts[2], counts[2]]


# --- Pages, what waits, who is told ---


def test_public_pages_are_counted_by_language(admin_client):
    strategy = StrategyFactory(title_en="Plan", title_es="Plan")
    ObjectiveFactory(strategy=strategy, statement_en="One")
    ObjectiveFactory(strategy=strategy, statement_en="Two", live=False)
    # The strategy and its matrix in both languages, the objective in one.
    assert impact(ask(admin_client, strategy)).pages == [("English", 3), ("Español", 2)]


def test_release_and_schedule_that_wait_for_what_goes_are_named(admin_client):
    strategy = StrategyFactory(office=OfficeFactory(name_en="North"), title_en="Plan")
    draft(strategy, title_en="New plan")
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[strategy], user=None)
    due_at = timezone.now() + timedelta(days=1)
    actions.schedule(target=strategy.office, operation="withdraw", due_at=due_at, user=None)
    found = [(each.item, each.place, each.due_at) for each in impact(ask(admin_client, strategy.office)).waiting]
    assert found == [("Plan", "Spring", None), ("North", "withdraw", due_at)]


def test_release_that_may_not_be_seen_has_no_name(client, log_in):
    office, other = OfficeFactory(), OfficeFactory()
    draft(office, name_en="New")
    draft(other, name_en="New")
    release = Release.objects.create(title="Secret release")
    actions.add_to_release(release=release, items=[office, other], user=None)
    log_in("publisher", office)
    assert [each.place for each in impact(ask(client, office)).waiting] == ["a release that you may not see"]


def test_partners_who_are_told_are_counted(admin_client):
    for active in (True, True, False):
        WebhookEndpoint.objects.create(name="Forum", url="https://forum.example/", secret="s", is_active=active)
    for end in (None, timezone.now() - timedelta(days=1)):
        key = ApiKey(name="Forum", expires_at=end)
        key.renew()
        key.save()
    found = impact(ask(admin_client, PillarFactory()))
    assert (found.endpoints, found.keys) == (2, 1)


def test_deletion_of_what_is_not_public_tells_nobody(admin_client):
    WebhookEndpoint.objects.create(name="Forum", url="https://forum.example/", secret="s")
    response = ask(admin_client, PillarFactory(live=False), "delete")
    assert "Who is told" not in response.text


def test_long_lists_show_the_first_and_count_the_others(admin_client):
    strategy = StrategyFactory()
    ObjectiveFactory.create_batch(13, strategy=strategy)
    response = ask(admin_client, strategy)
    [kind] = impact(response).kinds
    assert (kind.items.total, len(kind.items), kind.items.more) == (13, 10, 3)
    assert "and 3 others" in response.text


# --- Deletion ---


def test_bulk_deletion_shows_links_to_what_goes(admin_client):
    pillar = PillarFactory(slug="mobility", name_en="Mobility")
    OfficeFactory(name_en="North", introduction_en='<p><a href="/en/pillars/mobility/">this</a></p>')
    assert linked(run_action(admin_client, "delete_selected", pillar)) == [("North", "Introduction", "en", "Mobility")]


def test_row_that_joins_two_items_is_named_by_both(admin_client):
    office = OfficeFactory(name_en="Southern office")
    office.countries.add(CountryFactory(name_en="Argentina"))
    text = ask(admin_client, office, "delete").text
    assert "Argentina in Southern office" in text
    assert " object (" not in text


def test_queries_of_the_page_of_deletion_do_not_grow_with_its_rows(admin_client):
    office, counts = OfficeFactory(), []
    for number in (1, 1, 6):
        office.countries.add(*CountryFactory.create_batch(number))
        SectionFactory.create_batch(number, office=office)
        with CaptureQueriesContext(connection) as captured:
            ask(admin_client, office, "delete")
        counts.append(len(captured))
    assert counts[1] == counts[2]


def test_item_that_holds_a_deletion_back_has_a_name_only_for_who_may_see_it(client, log_in):
    strategy = StrategyFactory()
    StrategyFactory(predecessor=strategy, title_en="Secret plan", live=False)
    log_in("publisher", strategy.office)
    text = ask(client, strategy, "delete").text
    assert "an item that you may not see" in text
    assert "Secret plan" not in text


# --- Moves ---


@pytest.fixture
def moving():
    """A strategy with an objective, whose draft puts it into another office."""
    strategy = StrategyFactory(office=OfficeFactory(name_en="South"), title_en="Plan")
    ObjectiveFactory(strategy=strategy, statement_en="Goes along")
    ObjectiveFactory(strategy=strategy, statement_en="Never public", live=False)
    draft(strategy, office=str(OfficeFactory(name_en="North").pk))
    return strategy


def office_of(strategy) -> str:
    strategy.refresh_from_db()
    return strategy.office.name_en


@pytest.mark.parametrize("way", ["single", "bulk", "at a set time"])
def test_move_shows_what_goes_along_and_asks_once(admin_client, moving, way):
    url, data = change_url(moving, "review"), {"decision": "publish"}
    if way == "at a set time":
        data = {"decision": "schedule", "due_at_0": "2099-01-01", "due_at_1": "00:00"}
    if way == "bulk":
        url, response = (
            reverse("admin:priorities_strategy_changelist"),
            run_action(admin_client, "publish_selected", moving),
        )
    else:
        response = admin_client.post(url, data)
    for text in ("What moves with it", "Goes along", "South", "North"):
        assert text in response.text
    assert "Never public" not in response.text
    assert office_of(moving) == "South"
    confirm(admin_client, url, response)
    assert office_of(moving) == ("South" if way == "at a set time" else "North")


def test_move_from_the_form_is_saved_and_asked_before_it_is_public(admin_client):
    strategy = ObjectiveFactory(strategy__office__name_en="South").strategy
    url = change_url(strategy)
    values = {"title_en": "New plan", "office": str(OfficeFactory(name_en="North").pk), "_publish": "1"}
    response = admin_client.post(url, form_data(admin_client, url, **values))
    assert "What moves with it" in response.text
    assert drafted(strategy)["fields"]["title_en"] == "New plan"
    assert office_of(strategy) == "South"
    confirm(admin_client, change_url(strategy, "review"), response)
    assert (office_of(strategy), strategy.title_en, has_draft(strategy)) == ("North", "New plan", False)


def test_move_to_what_is_not_public_shows_what_leaves(admin_client, moving):
    data = snapshot(moving)
    data["fields"]["office"] = str(OfficeFactory(name_en="Not yet", live=False).pk)
    actions.save_draft(item=moving, data=data, user=None, opened_on=None)
    response = admin_client.post(change_url(moving, "review"), {"decision": "publish"})
    assert "where it goes is not public: Not yet" in response.text
    assert "What else leaves the public site" in response.text


def test_move_of_an_office_shows_the_offices_below(admin_client):
    office = OfficeFactory(name_en="Region")
    StrategyFactory(office=OfficeFactory(parent=office, name_en="Below"), title_en="Plan below")
    draft(office, parent=str(OfficeFactory(name_en="Top").pk))
    response = admin_client.post(change_url(office, "review"), {"decision": "publish"})
    assert {kind.label: [str(item) for item in kind.items] for kind in impact(response).kinds} == {
        "office": ["Below"],
        "strategy": ["Plan below"],
    }


def test_move_that_takes_nothing_along_is_not_asked(admin_client):
    objective = ObjectiveFactory()
    draft(objective, strategy=str(StrategyFactory().pk))
    admin_client.post(change_url(objective, "review"), {"decision": "publish"})
    assert not has_draft(objective)


def test_publication_of_a_language_is_not_asked_for_the_move_that_stays_a_draft(admin_client, moving):
    draft(moving, title_es="Plan nuevo", office=drafted(moving)["fields"]["office"])
    admin_client.post(change_url(moving, "review"), {"decision": "publish", "parts": "es"})
    assert office_of(moving) == "South"
    assert moving.title_es == "Plan nuevo"


def test_correction_that_moves_asks_once(admin_client):
    strategy = ObjectiveFactory(strategy__office__name_en="South").strategy
    url = f"{change_url(strategy)}?correct=1"
    values = {"office": str(OfficeFactory(name_en="North").pk)}
    response = admin_client.post(url, form_data(admin_client, url, **values))
    assert "What moves with it" in response.text
    assert office_of(strategy) == "South"
    confirm(admin_client, url, response)
    assert office_of(strategy) == "North"


def test_correction_that_moves_and_brings_a_file_asks_once_and_keeps_the_file(admin_client):
    strategy = ObjectiveFactory(strategy__office__name_en="South").strategy
    url = f"{change_url(strategy)}?correct=1"
    values = {"office": str(OfficeFactory(name_en="North").pk), "documents-TOTAL_FORMS": "1"}
    values |= {"documents-0-strategy": str(strategy.pk), "documents-0-title": "Plan", "documents-0-language": "en"}
    values |= {"documents-0-file": SimpleUploadedFile("plan.pdf", pdf("words"), "application/pdf")}
    response = admin_client.post(url, form_data(admin_client, url, **values))
    assert "What moves with it" in response.text
    assert not strategy.documents.exists()
    confirm(admin_client, url, response)
    assert office_of(strategy) == "North"
    with strategy.documents.get().file.open() as file:
        assert file.read() == pdf("words")


@pytest.mark.parametrize("way", ["now", "at a set time"])
def test_release_that_moves_asks_once(admin_client, moving, way):
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[moving], user=None)
    url = reverse("admin:publishing_release_review", args=[release.pk])
    data = {"decision": "publish", "anyway": "on"}
    if way == "at a set time":
        data |= {"decision": "schedule", "due_at_0": "2099-01-01", "due_at_1": "00:00"}
    response = admin_client.post(url, data)
    for text in ("What moves with it", "Goes along", "South", "North"):
        assert text in response.text
    release.refresh_from_db()
    assert (release.state, office_of(moving)) == ("open", "South")
    confirm(admin_client, url, response)
    release.refresh_from_db()
    assert release.state == ("published" if way == "now" else "scheduled")
    assert office_of(moving) == ("North" if way == "now" else "South")


def test_release_that_publishes_where_it_moves_to_says_that_it_stays_public(admin_client):
    strategy = ObjectiveFactory().strategy
    office = OfficeFactory(live=False, name_en="New office")
    draft(strategy, office=str(office.pk))
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[strategy, office], user=None)
    url = reverse("admin:publishing_release_review", args=[release.pk])
    response = admin_client.post(url, {"decision": "publish", "anyway": "on"})
    assert "What moves with it" in response.text
    assert "where it goes is not public" not in response.text


def test_release_in_which_items_take_each_other_s_addresses_asks_once(admin_client):
    north, pillar = OfficeFactory(slug="north"), PillarFactory(slug="one")
    south, other = OfficeFactory(slug="south"), PillarFactory(slug="two")
    for item, slug in ((north, "south"), (south, "north"), (pillar, "two"), (other, "one")):
        draft(item, slug=slug)
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[north, south, pillar, other], user=None)
    url = reverse("admin:publishing_release_review", args=[release.pk])
    response = admin_client.post(url, {"decision": "publish", "anyway": "on"})
    assert [(move.item, move.before, move.after) for move in response.context["moved"]] == [
        (south, "south", "north"),
        (north, "north", "south"),
        (other, "two", "one"),
        (pillar, "one", "two"),
    ]
    confirm(admin_client, url, response)
    north.refresh_from_db()
    assert north.slug == "south"


def test_release_that_moves_nothing_is_not_asked(admin_client):
    office = OfficeFactory(slug="north")
    draft(office, slug="far-north", name_en="Far north")
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[office], user=None)
    url = reverse("admin:publishing_release_review", args=[release.pk])
    admin_client.post(url, {"decision": "publish", "anyway": "on"})
    release.refresh_from_db()
    assert release.state == "published"


def test_correction_that_nobody_was_asked_about_is_not_taken(admin_client):
    strategy = ObjectiveFactory().strategy
    response = admin_client.post(f"{change_url(strategy)}?correct=1", {"post": "yes", "_written": "forged"})
    assert response.status_code == 404


def test_move_that_the_role_does_not_allow_is_refused_and_names_nothing(client, log_in, moving):
    data = snapshot(moving)
    data["fields"]["office"] = str(OfficeFactory(name_en="Secret office", live=False).pk)
    actions.save_draft(item=moving, data=data, user=None, opened_on=None)
    log_in("publisher", moving.office)
    response = client.post(change_url(moving, "review"), {"decision": "publish"})
    assert response.status_code == 403
    assert "Secret office" not in response.text


def test_queries_of_the_page_of_a_move_do_not_grow(admin_client, moving):
    counts = []
    for number in (0, 0, 10):
        ObjectiveFactory.create_batch(number, strategy=moving, pillar=PillarFactory())
        ObjectiveFactory.create_batch(number)
        with CaptureQueriesContext(connection) as captured:
            admin_client.post(change_url(moving, "review"), {"decision": "publish"})
        counts.append(len(captured))
    assert counts[1] == counts[2]
