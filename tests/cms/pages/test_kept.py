"""What many pages share is made once a content version, and never from what is not public."""

import pytest
from django.db import transaction
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import override

from cms.content.snapshots import snapshot
from cms.pages.kept import forget, kept
from cms.pages.stored.touches import forget_all
from cms.publishing import actions
from cms.publishing.overlay import overlay
from priorities.models import Pillar
from tests.factories import ObjectiveFactory, OfficeFactory, PillarFactory, StrategyFactory

committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_kept():
    forget()
    yield
    forget()


def published(item):
    """Publish an item, so that the change log has a change."""
    actions.publish(item=item, user=None)
    return item


def numbers():
    """Return a function that returns 1, 2, 3 ..."""
    found = []

    def make():
        found.append(len(found) + 1)
        return found[-1]

    return make


@committed
def test_value_is_made_once_a_content_version():
    published(PillarFactory(live=False))
    make = numbers()
    assert [kept(RequestFactory().get("/"), "key", make) for _ in range(3)] == [1, 1, 1]
    published(PillarFactory(live=False))
    assert [kept(RequestFactory().get("/"), "key", make) for _ in range(3)] == [2, 2, 2]


@committed
def test_value_is_made_anew_when_everything_is_to_be_forgotten():
    """Of what no entry of the change log tells: SQL by hand, a new index of the search."""
    published(PillarFactory(live=False))
    make = numbers()
    assert kept(RequestFactory().get("/"), "key", make) == 1
    forget_all()
    assert kept(RequestFactory().get("/"), "key", make) == 2


@committed
def test_value_is_kept_for_each_language():
    published(PillarFactory(live=False))
    make = numbers()
    assert kept(RequestFactory().get("/"), "key", make) == 1
    with override("es"):
        assert kept(RequestFactory().get("/"), "key", make) == 2
    assert kept(RequestFactory().get("/"), "key", make) == 1


@committed
def test_nothing_is_kept_before_the_first_change():
    make = numbers()
    assert [kept(RequestFactory().get("/"), "key", make) for _ in range(2)] == [1, 2]


@committed
def test_nothing_is_kept_or_taken_inside_a_transaction():
    published(PillarFactory(live=False))
    request, make = RequestFactory().get("/"), numbers()
    assert kept(request, "key", make) == 1
    with transaction.atomic():
        assert [kept(request, "key", make) for _ in range(2)] == [2, 3]
    assert kept(request, "key", make) == 1


def shown(client, path="/en/"):
    return client.get(path).content.decode()


@committed
def test_menu_shows_what_was_published_on_the_next_request(client):
    pillar = published(PillarFactory(live=False, name_en="Old name"))
    assert "Old name" in shown(client)
    data = snapshot(pillar)
    data["fields"]["name_en"] = "New name"
    actions.save_draft(item=pillar, data=data, user=None, opened_on=None)
    assert "New name" not in shown(client)
    actions.publish(item=pillar, user=None)
    assert "New name" in shown(client)
    assert "Old name" not in shown(client)
    actions.unpublish(item=pillar, user=None)
    assert "New name" not in shown(client)


@committed
@pytest.mark.parametrize("is_filled_before", [True, False])
def test_overlay_shows_drafts_and_leaves_none_behind(client, is_filled_before):
    pillar = published(PillarFactory(live=False, name_en="Public name"))
    if is_filled_before:
        shown(client)
    data = snapshot(pillar)
    data["fields"]["name_en"] = "Draft name"
    with overlay([(Pillar, pillar.pk, data)]):
        inside = shown(client)
        assert "Draft name" in inside
        assert "Public name" not in inside
    assert "Draft name" not in shown(client)
    assert "Public name" in shown(client)


@committed
@pytest.mark.parametrize("path", ["/en/", "/es/", "/en/regions/", "/es/regions/", "/es/objectives/", "/en/partners/"])
def test_page_is_the_same_whether_its_fragments_were_kept_or_not(client, path):
    office = OfficeFactory(name_en="Only English", name_es="")
    ObjectiveFactory(strategy=StrategyFactory(office=office), statement_en="Only English", statement_es="")
    published(PillarFactory(live=False, name_en="Pillar", name_es=""))
    first, second = shown(client, path), shown(client, path)
    with transaction.atomic():
        assert first == second == shown(client, path)


@committed
def test_list_costs_fewer_queries_once_its_filters_are_kept(client, django_assert_max_num_queries):
    published(PillarFactory(live=False))
    ObjectiveFactory()
    shown(client, reverse("priorities:objectives"))
    with django_assert_max_num_queries(6):
        shown(client, reverse("priorities:objectives"))


@committed
def test_filtered_list_shows_its_own_filters(client):
    pillar = published(PillarFactory(live=False, slug="one"))
    ObjectiveFactory(pillar=pillar)
    path = reverse("priorities:objectives")
    assert " checked" not in shown(client, path)
    assert " checked" in shown(client, f"{path}?pillar=one")
    assert " checked" not in shown(client, path)
    assert client.get(f"{path}?pillar=nowhere").status_code == 400
