"""What is published together must be right together: the models' rules hold for the final state, in every way."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from cms.content.snapshots import snapshot
from cms.packages.importing import import_package
from cms.packages.problems import PackageError
from cms.publishing import actions
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Change, Release, ScheduledChange
from cms.publishing.readiness import problems_of
from cms.publishing.redirects import current_item
from priorities.models import Strategy
from regions.models import Office
from tests.factories import CountryFactory, OfficeFactory, SectionFactory, StrategyFactory

pytestmark = pytest.mark.django_db


def draft(item, **fields):
    data = snapshot(item)
    data["fields"] |= fields
    actions.save_draft(item=item, data=data, user=None, opened_on=None)


def release_of(*items) -> Release:
    release = Release.objects.create(title="Both")
    actions.add_to_release(release=release, items=items, user=None)
    return release


@pytest.fixture(params=[(OfficeFactory, "parent"), (StrategyFactory, "predecessor")], ids=["parent", "predecessor"])
def pair(request):
    """Two items, each with a draft that puts it below the other; each draft is right by itself."""
    factory, field = request.param
    one, other = factory(), factory()
    draft(one, **{field: str(other.pk)})
    draft(other, **{field: str(one.pk)})
    return one, other, field


def related(items, field):
    return [getattr(type(item).objects.get(pk=item.pk), field) for item in items]


def test_second_draft_of_a_circle_is_not_published(pair):
    one, other, field = pair
    actions.publish(item=one, user=None)
    with pytest.raises(PublishingError, match="itself|its own"):
        actions.publish(item=other, user=None)
    assert related((one, other), field) == [other, None]


def test_release_with_a_circle_is_not_published_and_says_so_before(pair):
    one, other, field = pair
    release = release_of(one, other)
    assert any("itself" in str(each.text) or "its own" in str(each.text) for each in problems_of(release))
    with pytest.raises(PublishingError):
        actions.publish_release(release=release, user=None)
    assert related((one, other), field) == [None, None]
    assert not Change.objects.exists()


def test_scheduled_circle_fails_and_says_why(pair):
    one, other, field = pair
    due_at = timezone.now() + timedelta(hours=1)
    for item in (one, other):
        actions.schedule(target=item, operation="publish", due_at=due_at, user=None)
    actions.publish_due(now=due_at)
    assert related((one, other), field) == [other, None]
    failed = ScheduledChange.objects.get(state=ScheduledChange.State.FAILED)
    assert "itself" in failed.error or "its own" in failed.error


def test_circle_in_a_bulk_publication_is_refused_in_words(admin_client, pair):
    one, other, field = pair
    name = f"admin:{one._meta.app_label}_{one._meta.model_name}_changelist"
    selection = {"action": "publish_selected", "_selected_action": [str(one.pk), str(other.pk)]}
    page = admin_client.post(reverse(name), selection, follow=True).content.decode()
    assert "itself" in page or "its own" in page
    assert related((one, other), field) == [None, None]


def test_circle_of_three_strategies_is_refused_by_the_model():
    first = StrategyFactory()
    second = StrategyFactory(predecessor=first)
    first.predecessor = StrategyFactory(predecessor=second)
    with pytest.raises(ValidationError):
        first.clean()


def test_package_that_closes_a_circle_with_what_is_stored_is_refused(tmp_path):
    StrategyFactory(slug="one", predecessor=StrategyFactory(slug="other"))
    package = tmp_path / "package.yaml"
    package.write_text("format: 1\nstrategies:\n  - {slug: other, predecessor: one}\n")
    with pytest.raises(PackageError):
        import_package([package], publish=True)
    assert Strategy.objects.get(slug="other").predecessor is None


def test_publication_of_some_languages_does_not_leave_an_item_without_a_name():
    office = OfficeFactory(name_en="", name_es="Norte")
    draft(office, name_en="North", name_es="")
    with pytest.raises(PublishingError, match="at least one language"):
        actions.publish(item=office, user=None, parts=["es"])
    assert Office.objects.get().name_es == "Norte"


def test_publication_of_some_languages_does_not_leave_a_row_without_its_heading():
    section = SectionFactory(heading_en="", heading_es="Norte")
    data = snapshot(section.office)
    data["children"]["sections"][0] |= {"heading_en": "North", "heading_es": ""}
    actions.save_draft(item=section.office, data=data, user=None, opened_on=None)
    with pytest.raises(PublishingError, match="at least one language"):
        actions.publish(item=section.office, user=None, parts=["es"])


def test_reference_data_that_breaks_a_rule_is_not_saved():
    country = CountryFactory(name_en="Argentina")
    country.name_en = ""
    with pytest.raises(PublishingError, match="at least one language"):
        actions.save_reference(item=country, user=None)


# --- What is right in the end is not refused on the way -------------------------------


def test_release_turns_a_parent_and_what_is_below_it_around():
    above = OfficeFactory()
    below = OfficeFactory(parent=above)
    draft(above, parent=str(below.pk))
    draft(below, parent=None)
    release = release_of(above, below)
    assert not any("itself" in str(each.text) for each in problems_of(release))
    actions.publish_release(release=release, user=None)
    assert related((above, below), "parent") == [below, None]


def test_release_swaps_two_slugs():
    north, south = OfficeFactory(slug="north"), OfficeFactory(slug="south")
    draft(north, slug="south")
    draft(south, slug="north")
    release = release_of(north, south)
    assert not any("another item has" in str(each.text) for each in problems_of(release))
    actions.publish_release(release=release, user=None)
    assert dict(Office.objects.values_list("pk", "slug")) == {north.pk: "south", south.pk: "north"}
    assert current_item(Office, "north") == south


def test_release_that_passes_a_slug_on_leads_the_former_address_to_who_had_it():
    """A redirect names no slug that a row had only on the way."""
    north, south = OfficeFactory(slug="north"), OfficeFactory(slug="south")
    draft(north, slug="south")
    draft(south, slug="deep-south")
    actions.publish_release(release=release_of(north, south), user=None)
    assert current_item(Office, "north") == north
    assert current_item(Office, "south") == north
    assert current_item(Office, str(south.pk)) is None


@pytest.mark.parametrize(
    ("factory", "collection", "field"),
    [(OfficeFactory, "offices", "parent"), (StrategyFactory, "strategies", "predecessor")],
    ids=["parent", "predecessor"],
)
def test_package_turns_what_is_above_and_below_around(tmp_path, factory, collection, field):
    above = factory(slug="above")
    below = factory(slug="below", **{field: above})
    package = tmp_path / "package.yaml"
    package.write_text(
        f"format: 1\n{collection}:\n  - {{slug: above, {field}: below}}\n  - {{slug: below, {field}: null}}\n"
    )
    import_package([package], publish=True)
    assert related((above, below), field) == [below, None]
