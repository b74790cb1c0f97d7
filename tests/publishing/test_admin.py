"""Publication in the admin: lists, buttons, deletion, and what forms fill in."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from priorities.models import Pillar
from publishing.actions import unpublish
from publishing.models import AuditEntry, Change, Publishable, Revision
from tests.admin_forms import drafted, form_data
from tests.factories import ObjectiveFactory, OfficeFactory, PillarFactory, StrategyFactory

pytestmark = pytest.mark.django_db

PILLARS = "admin:priorities_pillar_changelist"


def change_url(item, action="change") -> str:
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{action}", args=[item.pk])


def pillar_form(**values) -> dict:
    empty = {f"{name}_{code}": "" for name in ("name", "summary") for code in ("en", "es", "fr", "pt")}
    return {**empty, "name_en": "Mobility", "slug": "", "position": "0", "colour": "", "icon": "", **values}


def run_action(client, action, *items):
    return client.post(reverse(PILLARS), {"action": action, "_selected_action": [str(item.pk) for item in items]})


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_publish_action_makes_selected_items_live(admin_client):
    selected, other = PillarFactory(live=False), PillarFactory(live=False)
    response = run_action(admin_client, "publish_selected", selected)
    assert list(Pillar.objects.live()) == [selected]
    assert not Pillar.objects.get(pk=other.pk).is_live
    assert said(response) == ["1 item is live now."]


def test_withdraw_action_withdraws_selected_items(admin_client):
    pillar = PillarFactory()
    run_action(admin_client, "withdraw_selected", pillar)
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
    admin_client.post(change_url(pillar, "review"), {"decision": "withdraw"})
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
    assert Revision.objects.of(pillar).open().exists()
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
