"""What saving, previewing and publishing cost: as many queries with much other content as with none.

Of a strategy of 30 objectives and 21 outline entries with texts in every language.
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import Release, ScheduledChange
from cms.publishing.preview import preview_url
from tests.admin_forms import form_data
from tests.drafts import drafted, token_of
from tests.factories import ObjectiveFactory, OfficeFactory, OutlineEntryFactory, PillarFactory, StrategyFactory

pytestmark = pytest.mark.django_db

OBJECTIVES, ENTRIES = 30, 21


def texts(name, text):
    return {f"{name}_{code}": f"{text} {code}" for code in site_languages()}


def large_strategy():
    strategy = StrategyFactory(**texts("title", "Strategy"))
    pillar = PillarFactory()
    for number in range(OBJECTIVES):
        ObjectiveFactory(strategy=strategy, pillar=pillar, **texts("statement", f"Objective {number}"))
    for number in range(ENTRIES):
        OutlineEntryFactory(strategy=strategy, position=number, **texts("title", f"Entry {number}"))
    return strategy


def other_content(count):
    """Make other items, with drafts of their own."""
    for _ in range(count):
        objective = ObjectiveFactory(strategy__office=OfficeFactory())
        for item in (objective, objective.strategy, objective.strategy.office):
            draft(item)


def draft(item: Publishable):
    """Store a draft of ``item`` that changes every row it has."""
    data = snapshot(item)
    for row in [data["fields"], *data["children"].get("outline", [])]:
        for name in row:
            if name.startswith(("name_", "title_", "statement_")):
                row[name] += "!"
    actions.save_draft(item=item, data=data, user=None, opened_on=None)


def counted(act, *args, **kwargs) -> int:
    with CaptureQueriesContext(connection) as queries:
        act(*args, **kwargs)
    return len(queries)


def address(strategy):
    return reverse("admin:priorities_strategy_change", args=[strategy.pk])


def open_form(client, strategy):
    return counted(client.get, address(strategy))


def save_form(client, strategy):
    data = form_data(client, address(strategy), title_en="Typed", _continue="1")
    count = counted(client.post, address(strategy), data)
    assert drafted(strategy)["fields"]["title_en"] == "Typed"
    return count


def see_preview(client, strategy):
    return counted(client.get, preview_url(strategy))


def save_draft(client, strategy):
    data, opened_on = snapshot(strategy), token_of(strategy)
    return counted(actions.save_draft, item=strategy, data=data, user=None, opened_on=opened_on)


def publish(client, strategy):
    return counted(actions.publish, item=strategy, user=None)


def publish_release(client, strategy):
    release = Release.objects.create(title="Release")
    actions.add_to_release(release=release, items=[strategy], user=None)
    return counted(actions.publish_release, release=release, user=None)


def publish_when_due(client, strategy):
    due_at = timezone.now() + timedelta(hours=1)
    actions.schedule(target=strategy, operation="publish", due_at=due_at, user=None)
    count = counted(actions.publish_due, now=due_at)
    assert ScheduledChange.objects.filter(state=ScheduledChange.State.DONE).exists()
    return count


# In this order, one after the other on the same item.
MOST = {
    open_form: 30,
    see_preview: 30,
    save_form: 132,  # Django's formsets check each of the 21 rows
    save_draft: 20,
    # Three of these write the search index too, of the strategy and of its objectives: a dozen more.
    # Two count the texts anew.
    publish: 58,
    publish_release: 59,
    publish_when_due: 59,
}


def test_queries_are_few_and_do_not_grow_with_other_content(admin_client):
    counts = []
    for others in (0, 0, 10):  # the first time fills what is read once a process
        other_content(others)
        strategy = large_strategy()
        found = {}
        for act in MOST:
            draft(strategy)
            found[act] = act(admin_client, strategy)
        counts.append(found)
    assert counts[1] == counts[2]
    assert {act.__name__: count for act, count in counts[2].items() if count > MOST[act]} == {}
