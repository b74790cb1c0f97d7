"""Publication in the admin: lists, buttons, deletion, and what forms fill in."""

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from cms.content.models import Publishable
from cms.publishing.actions import unpublish
from cms.publishing.models import AuditEntry, Change, Publication, Revision, ScheduledChange
from priorities.models import Pillar
from tests.admin_forms import drafted, form_data
from tests.cms.publishing.permission_world import draft
from tests.drafts import has_draft
from tests.factories import ObjectiveFactory, OfficeFactory, PartnershipFactory, PillarFactory, StrategyFactory

pytestmark = pytest.mark.django_db

PILLARS = "admin:priorities_pillar_changelist"


def change_url(item, action="change") -> str:
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{action}", args=[item.pk])


def pillar_form(**values) -> dict:
    empty = {f"{name}_{code}": "" for name in ("name", "summary") for code in ("en", "es", "fr", "pt")}
    return {**empty, "name_en": "Mobility", "slug": "", "position": "0", "colour": "", "icon": "", **values}


def run_action(client, action, *items, **sent):
    url = reverse(f"admin:{items[0]._meta.app_label}_{items[0]._meta.model_name}_changelist")
    return client.post(url, {"action": action, "_selected_action": [str(item.pk) for item in items], **sent})


def confirm(client, url, response):
    """Say yes on the page of confirmation, as a browser does."""
    [form] = [form for form in html.fromstring(response.text).forms if form.xpath(".//button[@name='post']")]
    return client.post(url, {**multiple(form.form_values()), "post": "yes"})


def multiple(pairs) -> dict[str, list[str]]:
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_publish_action_makes_selected_items_live(admin_client):
    selected, other = PillarFactory(live=False), PillarFactory(live=False)
    response = run_action(admin_client, "publish_selected", selected)
    assert list(Pillar.objects.live()) == [selected]
    assert not Pillar.objects.get(pk=other.pk).is_live
    assert said(response) == ["1 item is live now."]


def test_publish_action_passes_over_what_has_not_changed_and_counts_it(admin_client):
    plain, same, changed, new = *PillarFactory.create_batch(3), PillarFactory(live=False)
    draft(same)
    draft(changed, name_en="Changed")
    response = run_action(admin_client, "publish_selected", plain, same, changed, new)
    assert said(response) == ["2 items are live now. 2 items had nothing to publish."]
    assert set(Publication.objects.filter(published_by__isnull=False).values_list("object_id", flat=True)) == {
        changed.pk,
        new.pk,
    }
    assert set(Change.objects.values_list("object_id", flat=True)) == {changed.pk, new.pk}
    assert said(run_action(admin_client, "publish_selected", changed))[-1] == "1 item had nothing to publish."


# --- Withdrawal asks once, and shows what goes along -----------------------------------


@pytest.fixture
def tree():
    """An office with a strategy, its objectives and a partnership, and a strategy of another office."""
    office = OfficeFactory(name_en="Northern office")
    strategy = StrategyFactory(office=office, title_en="Northern strategy")
    for number in (1, 2):
        ObjectiveFactory(strategy=strategy, statement_en=f"Objective {number}")
    ObjectiveFactory(strategy=strategy, statement_en="Never public", live=False)
    PartnershipFactory(office=office, partner__name_en="Northern partner")
    StrategyFactory(title_en="Southern strategy")
    return office


def kinds(response) -> dict[str, int]:
    return {kind.label: kind.items.total for kind in response.context["impact"].kinds}


@pytest.mark.parametrize("way", ["single", "bulk", "at a set time"])
def test_withdrawal_shows_what_goes_along_and_asks_once(admin_client, tree, way):
    if way == "bulk":
        url = reverse("admin:regions_office_changelist")
        response = run_action(admin_client, "withdraw_selected", tree)
    else:
        url = change_url(tree, "review")
        data = {"decision": "withdraw", "note_en": "A note\nin two lines"}
        if way == "at a set time":
            data |= {"decision": "schedule-withdrawal", "due_at_0": "2099-01-01", "due_at_1": "00:00"}
        response = admin_client.post(url, data)
    assert response.status_code == 200
    assert kinds(response) == {"strategy": 1, "objectives": 2, "partnership": 1}
    for name in ("Northern office", "Northern strategy", "Objective 1", "Objective 2", "Northern partner"):
        assert name in response.text
    assert "Never public" not in response.text
    assert "Southern strategy" not in response.text
    tree.refresh_from_db()
    assert tree.is_live
    confirm(admin_client, url, response)
    tree.refresh_from_db()
    assert tree.is_live == (way == "at a set time")
    if way == "single":
        assert Change.objects.get(object_id=tree.pk).note == {"en": "A note\nin two lines"}
    if way == "at a set time":
        assert ScheduledChange.objects.get().note == {"en": "A note\nin two lines"}


def test_withdrawal_of_what_carries_nothing_says_so(admin_client):
    assert "Nothing else." in admin_client.post(change_url(PillarFactory(), "review"), {"decision": "withdraw"}).text


def test_bulk_withdrawal_of_what_is_not_live_has_nothing_to_ask(admin_client):
    response = run_action(admin_client, "withdraw_selected", PillarFactory(live=False))
    assert "no chosen item is live" in said(response)[0]


def test_queries_of_the_page_of_withdrawal_do_not_grow(admin_client, tree):
    counts = []
    for number in (0, 0, 10):  # the first time fills what is read once a process
        for strategy in StrategyFactory.create_batch(number, office=tree):
            ObjectiveFactory(strategy=strategy)
            PartnershipFactory(office=tree)
        with CaptureQueriesContext(connection) as captured:
            run_action(admin_client, "withdraw_selected", tree)
        counts.append(len(captured))
    assert counts[1] == counts[2]


def test_bulk_discarding_of_drafts_asks_first(admin_client):
    pillar = PillarFactory()
    draft(pillar, name_en="Draft")
    response = run_action(admin_client, "discard_selected", pillar)
    assert "Discard 1 draft" in response.text
    assert has_draft(pillar)
    confirm(admin_client, reverse(PILLARS), response)
    assert not has_draft(pillar)


def test_bulk_action_that_is_refused_says_so_in_the_list(client, log_in):
    pillar = PillarFactory(name_en="Mobility")
    draft(pillar, name_en="Somebody else's")
    log_in("translator", languages=["es"])
    response = run_action(client, "discard_selected", pillar, post="yes")
    assert said(response) == ["Your role does not allow this for “Mobility”. Nothing was changed."]
    assert has_draft(pillar)


def test_withdraw_action_withdraws_selected_items(admin_client):
    pillar = PillarFactory()
    run_action(admin_client, "withdraw_selected", pillar, post="yes")
    pillar.refresh_from_db()
    assert pillar.status == Publishable.Status.WITHDRAWN


def test_save_and_publish_saves_publishes_and_stays(admin_client, admin_user):
    pillar = PillarFactory(live=False)
    url = change_url(pillar)
    response = admin_client.post(url, form_data(admin_client, url, _publish="1", name_en="Mobility"))
    pillar.refresh_from_db()
    assert (pillar.name_en, pillar.is_live, response["Location"]) == ("Mobility", True, url)
    entries = AuditEntry.objects.filter(user=admin_user, object_id=str(pillar.pk)).order_by("pk")
    assert [entry.action for entry in entries] == ["save-draft", "publish"]


def test_save_and_publish_of_a_new_item(admin_client):
    admin_client.post(reverse("admin:priorities_pillar_add"), pillar_form(_publish="1"))
    assert Pillar.objects.live().get().slug == "mobility"


def test_review_page_withdraws(admin_client):
    pillar = PillarFactory()
    admin_client.post(change_url(pillar, "review"), {"decision": "withdraw", "post": "yes"})
    pillar.refresh_from_db()
    assert pillar.status == Publishable.Status.WITHDRAWN


@pytest.mark.parametrize("live", [True, False], ids=["live", "never published"])
def test_plain_save_leaves_the_status_as_it_is(admin_client, live):
    pillar = PillarFactory(live=live)
    url = change_url(pillar)
    admin_client.post(url, form_data(admin_client, url, _save="1", name_en="Mobility"))
    with drafted(pillar) as draft:
        assert (draft.name_en, draft.status) == ("Mobility", pillar.status)


def test_status_cannot_be_posted(admin_client):
    pillar = PillarFactory(live=False)
    url = change_url(pillar)
    admin_client.post(url, form_data(admin_client, url, status="live"))
    assert has_draft(pillar)
    assert not Pillar.objects.live().exists()


def test_publishing_under_a_parent_that_is_not_live_says_who_sees_it(admin_client):
    objective = ObjectiveFactory(live=False)
    unpublish(item=objective.strategy.office, user=None)
    response = admin_client.post(
        reverse("admin:priorities_objective_changelist"),
        {"action": "publish_selected", "_selected_action": [str(objective.pk)]},
    )
    assert said(response)[1] == f"Not visible to the public until these are live too: {objective.strategy.office}."


def test_form_of_a_live_item_links_to_each_language(admin_client):
    office = OfficeFactory(slug="africa")
    links = admin_client.get(change_url(office)).context["publication"]["links"]
    assert [(link.name, link.url) for link in links] == [
        ("English", "/en/regions/africa/"),
        ("español", "/es/regions/africa/"),
        ("français", "/fr/regions/africa/"),
        ("Português", "/pt/regions/africa/"),
    ]


@pytest.mark.parametrize("reason", ["never published", "parent withdrawn"])
def test_form_of_an_item_that_is_not_public_has_no_links_to_the_site(admin_client, reason):
    strategy = StrategyFactory(live=reason != "never published")
    if reason == "parent withdrawn":
        unpublish(item=strategy.office, user=None)
    page = admin_client.get(change_url(strategy))
    assert page.context["publication"]["links"] == []
    assert "View on site" not in page.text


def test_deletion_of_a_live_item_asks_first(admin_client):
    pillar = PillarFactory()
    page = admin_client.get(change_url(pillar, "delete"))
    assert "Are you sure" in page.text
    assert Pillar.objects.live().exists()


def test_live_item_that_is_deleted_is_withdrawn_first(admin_client):
    pillar = PillarFactory()
    admin_client.post(change_url(pillar, "delete"), {"post": "yes"})
    assert not Pillar.objects.exists()
    assert [change.operation for change in Change.objects.filter(object_id=pillar.pk)] == ["delete"]
    assert Revision.objects.filter(object_id=pillar.pk).exists()


def test_withdrawn_item_can_be_deleted(admin_client):
    pillar = PillarFactory()
    unpublish(item=pillar, user=None)
    admin_client.post(change_url(pillar, "delete"), {"post": "yes"})
    assert not Pillar.objects.exists()


def test_bulk_deletion_asks_first(admin_client):
    response = run_action(admin_client, "delete_selected", PillarFactory(), PillarFactory(live=False))
    assert response.template_name == "admin/publishing/delete_selected_confirmation.html"
    assert Pillar.objects.count() == 2


def test_bulk_deletion_withdraws_what_is_live(admin_client):
    live, new = PillarFactory(), PillarFactory(live=False)
    keys = [str(item.pk) for item in (live, new)]
    admin_client.post(reverse(PILLARS), {"action": "delete_selected", "_selected_action": keys, "post": "yes"})
    assert not Pillar.objects.exists()
    assert [(change.operation, change.object_id) for change in Change.objects.all()] == [("delete", live.pk)]


@pytest.mark.parametrize(
    ("texts", "slug"),
    [
        ({"name_en": "Safe mobility"}, "safe-mobility"),
        ({"name_en": "", "name_es": "Movilidad segura"}, "movilidad-segura"),
        ({"name_en": "", "name_pt": "Ação"}, "acao"),
        ({"name_en": "تنقل"}, "pillar"),
        ({"name_en": "Given", "slug": "chosen"}, "chosen"),
    ],
    ids=["default language", "another language", "accents", "no Latin letter", "given"],
)
def test_blank_slug_is_made_from_the_name(admin_client, texts, slug):
    admin_client.post(reverse("admin:priorities_pillar_add"), pillar_form(**texts))
    assert Pillar.objects.get().slug == slug


def test_slug_that_is_taken_gets_a_number(admin_client):
    PillarFactory(slug="mobility")
    admin_client.post(reverse("admin:priorities_pillar_add"), pillar_form())
    assert Pillar.objects.filter(slug="mobility-2").exists()


def test_slug_of_a_saved_item_stays_when_it_is_blanked(admin_client):
    pillar = PillarFactory(slug="old")
    url = change_url(pillar)
    admin_client.post(url, form_data(admin_client, url, slug="", name_en="New"))
    with drafted(pillar) as draft:
        assert (draft.slug, draft.name_en) == ("old", "New")


def test_new_item_is_offered_the_last_place(admin_client):
    PillarFactory(position=4)
    form = admin_client.get(reverse("admin:priorities_pillar_add")).context["adminform"].form
    assert form["position"].value() == 5


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "#fff;"])
def test_bad_colour_is_an_error_at_the_field(admin_client, colour):
    response = admin_client.post(reverse("admin:priorities_pillar_add"), pillar_form(colour=colour))
    assert "colour" in response.context["adminform"].form.errors


def test_editor_cannot_publish(client, log_in):
    log_in("editor")
    pillar = PillarFactory(live=False)
    url = change_url(pillar)
    page = client.get(url)
    assert 'name="_continue"' in page.text
    assert 'name="_publish"' not in page.text
    assert client.post(url, form_data(client, url, _publish="1")).status_code == 403
    run_action(client, "publish_selected", pillar)
    assert not Pillar.objects.live().exists()
