"""The public versions of an item: what counts as one, what it holds and what belonged to it then."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.history import Dependents, item_from, published_snapshots, version_of, versions_of
from priorities.models import Strategy
from regions.models import Office
from tests.factories import OfficeFactory, PartnershipFactory, PillarFactory, SectionFactory, StrategyFactory

pytestmark = pytest.mark.django_db


def draft(item, **fields):
    data = snapshot(item)
    data["fields"] |= fields
    actions.save_draft(item=item, data=data, user=None, opened_on=None)


@pytest.fixture
def office():
    """An office of which two versions were public, and a draft."""
    office = OfficeFactory(live=False, name_en="First")
    actions.publish(item=office, user=None, note={"en": "Begun", "es": "Empezado"})
    draft(office, name_en="Second", name_es="Segunda")
    actions.publish(item=office, user=None, parts=["en"], note={"es": "Cambiado"})
    draft(office, name_en="Third")
    return office


def test_versions_are_what_was_published_and_no_draft(office):
    PillarFactory()
    assert [(version.number, version.languages) for version in versions_of(office)] == [(1, ()), (2, ("en",))]
    names = [data["fields"]["name_en"] for data in published_snapshots(office, versions_of(office))]
    assert names == ["First", "Second"]


def test_snapshots_come_in_the_order_of_the_versions_that_are_asked_for(office):
    first, second = versions_of(office)
    names = [data["fields"]["name_en"] for data in published_snapshots(office, [second, first])]
    assert names == ["Second", "First"]


def test_note_of_a_version_is_in_the_language_of_the_reader_or_another_that_has_one(office):
    with override("es"):
        assert [(str(v.note), v.note.language) for v in versions_of(office)] == [
            ("Empezado", "es"),
            ("Cambiado", "es"),
        ]
    notes = [(str(version.note), version.note.language, version.note.requested) for version in versions_of(office)]
    assert notes == [("Begun", "en", "en"), ("Cambiado", "es", "en")]


@pytest.mark.parametrize(("number", "found"), [(0, None), (1, 1), (2, 2), (3, None), (-1, None)])
def test_version_is_found_by_its_number(office, number, found):
    versions, version = version_of(office, number)
    assert len(versions) == 2
    assert (version and version.number) == found


def test_item_that_is_live_without_a_revision_has_one_version():
    office = OfficeFactory(name_en="Live")
    (version,) = versions_of(office)
    assert (version.number, version.published_at, version.is_kept) == (1, office.last_published_at, False)
    assert (version.languages, str(version.note)) == ((), "")
    assert published_snapshots(office, [version]) == [snapshot(office)]


def test_item_that_was_never_public_has_no_version():
    office = OfficeFactory(live=False)
    assert version_of(office, 1) == ([], None)


def test_item_is_made_from_a_snapshot_without_a_query(office, django_assert_num_queries):
    SectionFactory(office=office, anchor="b", heading_en="B")
    SectionFactory(office=office, anchor="a", heading_en="A")
    data = snapshot(office)
    office.sections.all().delete()
    with django_assert_num_queries(0):
        made = item_from(Office, office.pk, data)
        assert (made.pk, made.name_en, made._state.adding) == (office.pk, office.name_en, False)
        assert [(row.heading_en, row.position) for row in made.sections.all()] == [("B", 0), ("A", 1)]
        assert {row.office for row in made.sections.all()} == {made}


# --- What belonged to it ---------------------------------------------------------------


def belonging(office, time) -> set:
    return set(Dependents(Strategy, "office", office, last=timezone.now()).at(time))


def test_strategies_of_an_office_are_those_of_that_moment_alone():
    office, other = OfficeFactory(), OfficeFactory()
    strategies = [StrategyFactory(office=each, live=False) for each in (office, office, other)]
    before = timezone.now()
    for strategy in strategies:
        actions.publish(item=strategy, user=None)
    PartnershipFactory(office=office, live=False)
    then = timezone.now()
    first, second, _other = strategies
    draft(first, office=str(other.pk))
    actions.publish(item=first, user=None)
    actions.unpublish(item=second, user=None)
    assert belonging(office, before) == set()
    assert belonging(office, then) == {first.pk, second.pk}
    assert belonging(office, timezone.now()) == set()
    assert belonging(other, timezone.now()) == {first.pk, strategies[2].pk}


def test_what_was_published_after_the_last_moment_is_not_looked_for():
    strategy = StrategyFactory(live=False)
    actions.publish(item=strategy, user=None)
    found = Dependents(Strategy, "office", strategy.office, last=timezone.now() - timedelta(hours=1))
    assert (found.versions, found.changes) == ([], [])
