"""Drafts beside the live rows: what a snapshot holds, what an overlay shows, and that nothing of it stays."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.deletion import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.content.parts import changed_parts
from cms.content.snapshots import snapshot
from cms.publishing.overlay import apply_snapshot, overlay
from priorities.models import Framework, FrameworkGoal, Strategy
from regions.models import Country, Office, Section
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    OfficeFactory,
    OutlineEntryFactory,
    QuotationFactory,
    SectionFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    office = OfficeFactory(name_en="Live name", name_es="Nombre público", slug="north")
    office.countries.set([CountryFactory(code="AA"), CountryFactory(code="BB")])
    SectionFactory(office=office, anchor="one", heading_en="One")
    SectionFactory(office=office, anchor="two", heading_en="Two")
    return office


def test_snapshot_holds_columns_relations_and_children(office):
    data = snapshot(office)
    assert data["fields"]["name_es"] == "Nombre público"
    assert "name" not in data["fields"]
    assert "status" not in data["fields"]
    assert len(data["relations"]["countries"]) == 2
    assert [row["anchor"] for row in data["children"]["sections"]] == ["one", "two"]


def test_snapshot_of_an_applied_snapshot_is_the_same(office):
    data = snapshot(office)
    apply_snapshot(Office, office.pk, data)
    assert snapshot(office) == data


def test_overlay_shows_a_draft_and_leaves_nothing(office):
    before = snapshot(office)
    draft = snapshot(office)
    draft["fields"]["name_en"] = "Draft name"
    draft["relations"]["countries"].pop()
    draft["children"]["sections"].pop(0)
    with overlay([(Office, office.pk, draft)]):
        seen = Office.objects.live().get()
        assert seen.name_en == "Draft name"
        assert seen.countries.count() == 1
        assert [section.anchor for section in seen.sections.all()] == ["two"]
    assert snapshot(office) == before


def test_overlay_shows_an_item_that_was_never_published_as_live():
    strategy = StrategyFactory(live=False)
    with overlay([(Strategy, strategy.pk, snapshot(strategy))], as_live=True):
        assert Strategy.objects.live().get() == strategy
    assert not Strategy.objects.live().exists()


def test_overlay_keeps_when_an_item_that_was_withdrawn_was_first_public(office):
    first = timezone.now() - timedelta(days=400)
    Office.objects.update(status="withdrawn", first_published_at=first, last_published_at=first)
    with overlay([(Office, office.pk, snapshot(office))], as_live=True):
        seen = Office.objects.live().get()
        assert seen.first_published_at == first
        assert seen.last_published_at > first


def test_overlay_writes_parents_first_and_then_by_key(monkeypatch):
    """In the one order of everybody who writes, so that two of them never wait for each other."""
    strategies = sorted([StrategyFactory(), StrategyFactory()], key=lambda strategy: strategy.pk)
    offices = sorted([strategy.office for strategy in strategies], key=lambda office: office.pk)
    drafts = [(type(item), item.pk, snapshot(item)) for item in (*offices, *strategies)]
    written = []
    monkeypatch.setattr("cms.publishing.overlay.apply_snapshot", lambda *draft: written.append(draft))
    for given in (drafts, drafts[::-1]):
        with overlay(given):
            pass
    assert written == drafts * 2


def test_overlay_makes_a_row_that_is_not_there(office):
    data = snapshot(office)
    Section.objects.all().delete()
    office.countries.clear()
    Office.objects.all().delete()
    with overlay([(Office, office.pk, data)]):
        assert Office.objects.get().sections.count() == 2
    assert not Office.objects.exists()


def test_apply_snapshot_lets_two_goals_swap_their_codes():
    alignment = AlignmentFactory(goal__code="1")
    framework = alignment.goal.framework
    FrameworkGoalFactory(framework=framework, code="2")
    data = snapshot(framework)
    first, second = data["children"]["goals"]
    first["code"], second["code"] = second["code"], first["code"]
    apply_snapshot(Framework, framework.pk, data)
    alignment.goal.refresh_from_db()
    assert alignment.goal.code == "2"


def test_apply_snapshot_of_one_goal_leaves_the_codes_of_the_others():
    framework = FrameworkFactory()
    first, second = (FrameworkGoalFactory(framework=framework, code=code, position=int(code)) for code in "12")
    data = snapshot(framework)
    data["children"]["goals"][0]["title_en"] = "Changed"
    apply_snapshot(Framework, framework.pk, data)
    assert list(framework.goals.values_list("pk", "code")) == [(first.pk, "1"), (second.pk, "2")]


def test_apply_snapshot_refuses_to_drop_a_goal_that_is_in_use():
    alignment = AlignmentFactory()
    data = snapshot(alignment.goal.framework)
    data["children"]["goals"] = []
    with pytest.raises(ProtectedError):
        apply_snapshot(Framework, alignment.goal.framework_id, data)
    assert FrameworkGoal.objects.exists()


def test_apply_snapshot_leaves_out_related_rows_that_are_gone(office):
    data = snapshot(office)
    gone = Country.objects.get(code="AA")
    kept = Country.objects.get(code="BB")
    office.countries.remove(gone)
    gone.delete()
    apply_snapshot(Office, office.pk, data)
    assert list(Office.countries.through.objects.values_list("country_id", flat=True)) == [kept.pk]


def test_order_of_children_is_no_matter_of_one_language(office):
    """Whoever may write one language only may not put into another order what all of them show."""
    for text in ("One", "Two"):
        QuotationFactory(office=office, text_en=text, attributed_to="")
    before, after = snapshot(office), snapshot(office)
    after["children"]["quotations"].reverse()
    assert changed_parts(Office, before, after) == {"shared"}


def test_text_of_a_child_is_a_matter_of_its_language(office):
    before, after = snapshot(office), snapshot(office)
    after["children"]["sections"][0]["heading_es"] = "Uno"
    assert changed_parts(Office, before, after) == {"es"}


def queries_of(item, data):
    with CaptureQueriesContext(connection) as queries:
        apply_snapshot(type(item), item.pk, data)
    return [query["sql"] for query in queries]


@pytest.fixture
def strategy_with():
    """A function that makes a strategy with some outline entries, and a snapshot in which all of them are changed."""

    def strategy_with(entries):
        strategy = StrategyFactory()
        for position in range(entries):
            OutlineEntryFactory(strategy=strategy, position=position)
        StrategyThematicAreaFactory(strategy=strategy, thematic_area=ThematicAreaFactory(), position=0)
        data = snapshot(strategy)
        for row in data["children"]["outline"]:
            row["title_en"] = "Changed"
        return strategy, data

    return strategy_with


def test_apply_snapshot_writes_a_constant_number_of_queries(strategy_with):
    counts = [len(queries_of(*strategy_with(entries))) for entries in (2, 21)]
    assert counts[0] == counts[1] <= 12


def test_apply_snapshot_does_not_write_rows_that_are_stored_so(strategy_with):
    strategy, data = strategy_with(3)
    apply_snapshot(Strategy, strategy.pk, data)
    data["children"]["outline"][1]["title_en"] = "Changed again"
    written = [sql for sql in queries_of(strategy, data) if not sql.startswith(("SELECT", "UPDATE"))]
    assert len(written) == 2  # one row deleted, one inserted
    assert "Changed again" in written[1]
    assert "'Changed'" not in written[1]
    assert snapshot(strategy) == data


def test_apply_snapshot_keeps_columns_that_a_draft_from_before_them_lacks(strategy_with):
    strategy, data = strategy_with(1)
    data["children"]["outline"][0].pop("anchor")
    before = strategy.outline.get().anchor
    apply_snapshot(Strategy, strategy.pk, data)
    assert (strategy.outline.get().anchor, strategy.outline.get().title_en) == (before, "Changed")
