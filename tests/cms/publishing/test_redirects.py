"""Addresses that changed: one redirect to where the item is now, for ever; 410 when it is not public any more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.content.registry import page_models
from cms.content.snapshots import snapshot
from cms.publishing import actions, redirects
from cms.publishing.actions.imports import ImportRecorder
from cms.publishing.models import FormerSlug
from partners.models import Partnership
from regions.models import Country, Office
from tests.factories import (
    CountryFactory,
    FrameworkFactory,
    ObjectiveFactory,
    OfficeFactory,
    PartnerFactory,
    PillarFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db


def published(factory, **fields):
    item = factory(live=False, **fields)
    actions.publish(item=item, user=None)
    return item


def rename(item, slug):
    data = snapshot(item)
    data["fields"]["slug"] = slug
    actions.save_draft(item=item, data=data, user=None, opened_on=None)
    actions.publish(item=item, user=None)
    item.refresh_from_db()


@pytest.mark.parametrize(
    ("factory", "folder"),
    [
        (OfficeFactory, "regions"),
        (StrategyFactory, "strategies"),
        (ObjectiveFactory, "objectives"),
        (PillarFactory, "pillars"),
        (FrameworkFactory, "frameworks"),
        (PartnerFactory, "partners"),
    ],
    ids=["office", "strategy", "objective", "pillar", "framework", "partner"],
)
def test_former_address_leads_to_the_present_one(client, factory, folder):
    item = published(factory, slug="old")
    rename(item, "new")
    response = client.get(f"/es/{folder}/old/")
    assert (response.status_code, response.headers["Location"]) == (301, f"/es/{folder}/new/")
    assert response.headers["Cache-Control"] == "no-cache"


def test_every_former_address_leads_there_in_one_step(client):
    office = published(OfficeFactory, slug="a")
    for slug in ("b", "c", "d"):
        rename(office, slug)
    assert [client.get(f"/en/regions/{slug}/").headers["Location"] for slug in "abc"] == ["/en/regions/d/"] * 3


def test_redirect_keeps_the_query(client):
    pillar = published(PillarFactory, slug="old")
    rename(pillar, "new")
    assert client.get("/en/pillars/old/?page=2").headers["Location"] == "/en/pillars/new/?page=2"


def test_slug_that_is_taken_back_leads_nowhere_else(client):
    office = published(OfficeFactory, slug="a")
    rename(office, "b")
    rename(office, "a")
    assert client.get("/en/regions/a/").status_code == 200
    assert client.get("/en/regions/b/").headers["Location"] == "/en/regions/a/"


def test_slug_that_another_item_takes_is_that_items(client):
    first = published(OfficeFactory, slug="a")
    rename(first, "b")
    second = published(OfficeFactory, slug="a")
    assert client.get("/en/regions/a/").status_code == 200
    rename(second, "c")
    assert client.get("/en/regions/a/").headers["Location"] == "/en/regions/c/"


def test_slug_of_a_draft_says_nothing_of_it(client):
    first = published(OfficeFactory, slug="a")
    rename(first, "b")
    OfficeFactory(slug="a", live=False)
    assert client.get("/en/regions/a/").headers["Location"] == "/en/regions/b/"


def test_draft_that_changes_the_slug_changes_no_address(client):
    office = published(OfficeFactory, slug="a")
    data = snapshot(office)
    data["fields"]["slug"] = "b"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    assert client.get("/en/regions/a/").status_code == 200
    assert client.get("/en/regions/b/").status_code == 404
    assert not FormerSlug.objects.exists()


@pytest.mark.parametrize("act", [actions.unpublish, actions.delete], ids=["withdrawn", "deleted"])
def test_item_that_is_not_public_any_more_is_gone(client, act):
    office = published(OfficeFactory, slug="a", name_en="Secret name")
    rename(office, "b")
    act(item=office, user=None)
    for slug in "ab":
        response = client.get(f"/fr/regions/{slug}/")
        assert response.status_code == 410
        assert '<html lang="fr"' in response.text
        assert "Secret name" not in response.text


def test_item_in_a_parent_that_was_withdrawn_is_gone(client):
    strategy = published(StrategyFactory, slug="s")
    actions.unpublish(item=strategy.office, user=None)
    assert client.get("/en/strategies/s/").status_code == 410


@pytest.mark.parametrize("path", ["never", "%00", "a" * 300])
def test_address_that_never_was_is_404(client, path):
    assert client.get(f"/en/regions/{path}/").status_code == 404


def test_item_that_was_never_public_is_404_after_its_deletion(client):
    office = OfficeFactory(slug="a", live=False)
    actions.delete(item=office, user=None)
    assert client.get("/en/regions/a/").status_code == 404


def test_page_out_of_range_is_404_and_no_redirect(client):
    published(PillarFactory, slug="a")
    assert client.get("/en/pillars/a/?page=99").status_code == 404


def test_page_that_is_there_asks_for_no_former_slug(client, django_assert_max_num_queries):
    OfficeFactory(slug="a")
    with django_assert_max_num_queries(12) as queries:
        client.get("/en/regions/a/")
    assert not [query for query in queries if "formerslug" in query["sql"]]


def test_code_of_reference_data_leaves_a_redirect(client):
    country = CountryFactory(code="AA")
    country.code = "BB"
    actions.save_reference(item=country, user=None)
    assert client.get("/en/countries/AA/").headers["Location"] == "/en/countries/BB/"
    actions.delete_reference(item=country, user=None)
    assert client.get("/en/countries/BB/").status_code == 410


def test_import_leaves_a_redirect(client):
    office = published(OfficeFactory, slug="a")
    recorder = ImportRecorder(user=None)
    recorder.before(Office, [office.pk])
    Office.objects.filter(pk=office.pk).update(slug="b")
    recorder.published(Office, [office.pk])
    recorder.finish()
    assert client.get("/en/regions/a/").headers["Location"] == "/en/regions/b/"


def test_scheduled_change_of_a_slug_leaves_a_redirect(client):
    office = published(OfficeFactory, slug="a")
    data = snapshot(office)
    data["fields"]["slug"] = "b"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    due = timezone.now() + timedelta(hours=1)
    actions.schedule(target=office, operation="publish", due_at=due, user=None)
    actions.publish_due(now=due)
    assert client.get("/en/regions/a/").headers["Location"] == "/en/regions/b/"


def test_current_address_is_in_the_active_language():
    office = published(OfficeFactory, slug="a")
    rename(office, "b")
    assert redirects.current_address(Office, "a") == "/en/regions/b/"
    assert redirects.current_address(Office, "never") is None
    actions.unpublish(item=office, user=None)
    with pytest.raises(redirects.Gone):
        redirects.current_address(Office, "a")


def test_model_without_a_slug_has_no_address_that_leads_anywhere():
    assert redirects.current_address(Partnership, "a") is None


def test_every_model_with_a_page_has_one_field_in_its_address():
    fields = {model: redirects.address_field(model) for model in page_models()}
    assert fields[Country] == "code"
    assert set(fields.values()) == {"slug", "code"}


def test_slugs_of_two_kinds_are_kept_apart(client):
    pillar, framework = published(PillarFactory, slug="a"), published(FrameworkFactory, slug="a")
    rename(pillar, "p")
    rename(framework, "f")
    assert client.get("/en/pillars/a/").headers["Location"] == "/en/pillars/p/"
    assert client.get("/en/frameworks/a/").headers["Location"] == "/en/frameworks/f/"
    assert [(each.content_type.model, each.until is not None) for each in FormerSlug.objects.order_by("pk")] == [
        ("pillar", True), ("framework", True),
    ]  # fmt: skip


def test_slug_that_another_kind_had_leads_nowhere(client):
    rename(published(PillarFactory, slug="a"), "p")
    assert client.get("/en/frameworks/a/").status_code == 404


def test_former_slug_says_until_when_it_was_used():
    office = published(OfficeFactory, slug="a")
    rename(office, "b")
    former = FormerSlug.objects.get()
    assert (former.slug, former.object_id, str(former)) == ("a", office.pk, "a")
    assert former.until == office.last_published_at


def test_slug_that_passes_on_twice_is_of_the_last_one():
    for slug in ("b", "c"):
        rename(published(OfficeFactory, slug="a"), slug)
    last = Office.objects.get(slug="c")
    former = FormerSlug.objects.get(slug="a")
    assert (former.object_id, former.until) == (last.pk, last.last_published_at)


def test_publication_under_the_same_slug_leaves_no_redirect():
    office = published(OfficeFactory, slug="a")
    data = snapshot(office)
    data["fields"]["name_en"] = "Renamed"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    actions.publish(item=office, user=None)
    assert not FormerSlug.objects.exists()


def test_slug_that_was_never_public_leaves_no_redirect():
    office = OfficeFactory(slug="a", live=False)
    rename(office, "b")
    assert not FormerSlug.objects.exists()
