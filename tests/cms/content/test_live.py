"""The one rule of what the public sees."""

import pytest
from django.db import IntegrityError

from cms.publishing.actions import publish, publish_again, unpublish
from cms.publishing.models import AuditEntry
from priorities.models import Objective, Strategy
from tests.factories import ObjectiveFactory, OfficeFactory, PillarFactory, StrategyFactory

pytestmark = pytest.mark.django_db


def test_live_leaves_out_items_never_published():
    StrategyFactory(live=False)
    assert not Strategy.objects.live().exists()


@pytest.mark.parametrize("parent", ["office", "strategy", "pillar"])
def test_live_leaves_out_items_in_a_parent_that_is_not_live(parent):
    objective = ObjectiveFactory()
    item = {"office": objective.strategy.office, "strategy": objective.strategy, "pillar": objective.pillar}
    unpublish(item=item[parent], user=None)
    assert not Objective.objects.live().exists()


def test_publish_makes_an_item_live_and_keeps_its_first_date():
    strategy = StrategyFactory(live=False)
    publish(item=strategy, user=None)
    first = strategy.first_published_at
    unpublish(item=strategy, user=None)
    publish_again(item=strategy, user=None)
    strategy.refresh_from_db()
    assert Strategy.objects.live().get() == strategy
    assert strategy.first_published_at == first
    assert strategy.last_published_at > first


def test_publish_writes_who_did_it(admin_user):
    pillar = PillarFactory(live=False)
    publish(item=pillar, user=admin_user)
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.action, entry.object_id) == (admin_user, "publish", str(pillar.pk))


def test_database_refuses_a_live_item_without_dates():
    with pytest.raises(IntegrityError):
        OfficeFactory(status="live", first_published_at=None)
