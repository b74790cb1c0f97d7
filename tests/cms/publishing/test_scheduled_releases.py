"""A release at a set time publishes what was scheduled, by people who still may, or fails whole and says why."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.actions.imports import ImportRecorder
from cms.publishing.drafts import drafts_in
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Pin, Release, Revision, RoleAssignment, ScheduledChange
from cms.publishing.preview import preview_url
from cms.publishing.readiness import problems_of
from regions.models import Office
from tests.drafts import drafted
from tests.factories import CountryFactory, ObjectiveFactory, OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db

DUE = timedelta(hours=1)


@pytest.fixture
def people(member):
    """An editor, and two publishers."""
    roles = {"editor": "editor", "publisher": "publisher", "reviewer": "publisher"}
    return {name: member(role, name=name) for name, role in roles.items()}


def draft(item, user=None, **fields):
    data = drafted(item)
    data["fields"] |= fields
    return actions.save_draft(item=item, data=data, user=user, opened_on=None)


def approved(item, people, **fields):
    draft(item, people["editor"], **fields)
    actions.submit(item=item, user=people["editor"])
    return actions.approve(item=item, user=people["reviewer"])


@pytest.fixture
def office():
    return OfficeFactory(slug="north", name_en="Live", name_es="Norte", name_fr="Nord", name_pt="Norte")


@pytest.fixture
def release(office, people):
    """A scheduled release of the approved draft of ``office``."""
    approved(office, people, name_en="Approved")
    return scheduled([office], people["publisher"])


def scheduled(items, user, **options):
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=items, user=user)
    due_at = timezone.now() + DUE
    actions.schedule(target=release, operation="publish", due_at=due_at, user=user, **options)
    return release


def when_due() -> ScheduledChange:
    """Let what is scheduled happen, and return it."""
    actions.publish_due(now=timezone.now() + 2 * DUE)
    return ScheduledChange.objects.get()


def failed_whole(*, because: str) -> None:
    change = when_due()
    assert because in change.error
    assert (change.state, Release.objects.get().state) == (ScheduledChange.State.FAILED, Release.State.OPEN)
    assert set(Office.objects.values_list("name_en", flat=True)) == {"Live"}


def test_release_publishes_what_was_scheduled_and_leaves_what_is_newer_a_draft(office, release, people):
    draft(office, people["editor"], name_en="Saved after the approval")
    assert when_due().state == ScheduledChange.State.DONE
    office.refresh_from_db()
    assert office.name_en == "Approved"
    assert drafted(office)["fields"]["name_en"] == "Saved after the approval"
    assert [publication.parts for publication in release.publications.all()] == [["en"]]
    assert not Pin.objects.exists()


def test_release_of_what_was_never_published_does_not_take_what_is_newer(people):
    office = OfficeFactory(live=False, slug="new", name_en="Written first")
    scheduled([office], people["publisher"], anyway=True)
    draft(office, people["editor"], name_en="Written later")
    when_due()
    assert Office.objects.live().get().name_en == "Written first"
    assert drafted(office)["fields"]["name_en"] == "Written later"


def test_release_of_several_items_publishes_each_as_it_was_scheduled(people):
    offices = [OfficeFactory(slug=slug) for slug in ("a", "b")]
    for office in offices:
        draft(office, people["editor"], name_en=f"Scheduled {office.slug}")
    scheduled(offices, people["publisher"], anyway=True)
    for office in offices:
        draft(office, people["editor"], name_en="Written later")
    when_due()
    names = dict(Office.objects.live().filter(slug__in=["a", "b"]).values_list("slug", "name_en"))
    assert names == {"a": "Scheduled a", "b": "Scheduled b"}


def test_release_with_review_by_two_publishes_only_what_was_approved(settings, office, people):
    settings.REVIEW_BY_ANOTHER_PERSON = True
    draft(office, people["publisher"], name_en="Written by the publisher")
    with pytest.raises(PublishingError, match="Somebody else"):
        scheduled([office], people["publisher"], anyway=True)
    release = Release.objects.get()
    actions.submit(item=office, user=people["publisher"])
    actions.approve(item=office, user=people["reviewer"])
    due_at = timezone.now() + DUE
    actions.schedule(target=release, operation="publish", due_at=due_at, user=people["publisher"])
    draft(office, people["publisher"], name_en="Saved after the approval")
    assert when_due().state == ScheduledChange.State.DONE
    assert Office.objects.live().get().name_en == "Written by the publisher"


def test_release_fails_whole_when_something_stands_in_its_way_by_then(release):
    items = [ObjectiveFactory(live=False)]
    actions.cancel_schedule(change=ScheduledChange.objects.get(), user=None)
    ScheduledChange.objects.all().delete()
    actions.add_to_release(release=release, items=items, user=None)
    actions.submit(item=items[0], user=None)
    actions.approve(item=items[0], user=None)
    due_at = timezone.now() + DUE
    actions.schedule(target=release, operation="publish", due_at=due_at, user=None)
    Office.objects.update(name_en="Live")
    actions.unpublish(item=items[0].strategy, user=None)
    failed_whole(because="not live and not in this release")


def test_release_with_a_draft_that_nobody_approved_is_not_scheduled(office, people):
    draft(office, people["editor"], name_en="Unapproved")
    with pytest.raises(PublishingError, match="in the way"):
        scheduled([office], people["publisher"])
    assert Release.objects.get().state == Release.State.OPEN


def test_part_waits_in_one_place(office, release, people):
    with pytest.raises(PublishingError, match="Spring") as refused:
        actions.schedule(target=office, operation="publish", due_at=timezone.now() + DUE, user=None)
    assert refused.value.code == "elsewhere"


def test_parts_of_one_item_wait_in_two_places(office, release, people):
    approved(office, people, name_es="Aprobado")
    actions.schedule(target=office, operation="publish", due_at=timezone.now() + DUE, user=None, parts=["es"])
    actions.publish_due(now=timezone.now() + 2 * DUE)
    office.refresh_from_db()
    assert (office.name_en, office.name_es) == ("Approved", "Aprobado")


def test_release_that_was_scheduled_although_something_stood_in_its_way_goes_live(office, people):
    draft(office, people["editor"], name_en="Unapproved")
    scheduled([office], people["publisher"], anyway=True)
    assert when_due().state == ScheduledChange.State.DONE


def test_publication_by_hand_of_a_part_that_waits_asks_what_becomes_of_that(office, release, people):
    draft(office, people["editor"], name_en="Newer")
    with pytest.raises(PublishingError, match="Spring") as refused:
        actions.publish(item=office, user=people["publisher"])
    assert refused.value.code == "pinned"
    actions.publish(item=office, user=people["publisher"], drop_pins=True)
    assert Office.objects.get().name_en == "Newer"
    assert not Pin.objects.exists()


def test_publication_by_hand_of_another_part_leaves_what_waits(office, release, people):
    draft(office, people["editor"], name_es="Nuevo")
    actions.publish(item=office, user=people["publisher"], parts=["es"])
    assert when_due().state == ScheduledChange.State.DONE
    office.refresh_from_db()
    assert (office.name_en, office.name_es) == ("Approved", "Nuevo")


def test_publication_by_hand_of_just_what_waits_takes_it_out(office, release, people):
    other = OfficeFactory(name_en="Other", name_es="Otra", name_fr="Autre", name_pt="Outra")
    change = ScheduledChange.objects.get()
    actions.cancel_schedule(change=change, user=None)
    change.delete()
    approved(other, people, name_en="Other, approved")
    actions.add_to_release(release=release, items=[other], user=None)
    actions.schedule(target=release, operation="publish", due_at=timezone.now() + DUE, user=None)
    actions.publish(item=office, user=people["publisher"])
    assert when_due().state == ScheduledChange.State.DONE
    assert Office.objects.get(pk=other.pk).name_en == "Other, approved"


def test_release_never_goes_backwards(office, release, people):
    """An import makes something else live, and asks nobody what waits."""
    Office.objects.update(name_en="Live")
    recorder = ImportRecorder(user=None)
    recorder.before(Office, [office.pk])
    Office.objects.filter(pk=office.pk).update(slug="north-2", name_en="Imported")
    recorder.published(Office, [office.pk])
    recorder.finish()
    Office.objects.update(name_en="Live")
    failed_whole(because="published")


def test_shared_part_that_moved_on_does_not_hold_up_a_text(office, release, people):
    draft(office, None, kind="regional", slug="south")
    actions.publish(item=office, user=None, parts=["shared"])
    assert when_due().state == ScheduledChange.State.DONE
    office.refresh_from_db()
    assert (office.slug, office.name_en) == ("south", "Approved")


def test_text_of_a_row_that_is_gone_waits_for_it(people):
    section = SectionFactory(heading_es="Encabezado")
    office = section.office
    data = snapshot(office)
    data["children"]["sections"][0]["heading_es"] = "Aprobado"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    scheduled([office], people["publisher"], anyway=True)
    data["children"]["sections"] = []
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    actions.publish(item=office, user=None, parts=["shared"])
    assert when_due().state == ScheduledChange.State.DONE
    assert not office.sections.exists()


def test_release_of_an_item_that_was_withdrawn_fails_whole_and_does_not_bring_it_back(office, release, people):
    actions.unpublish(item=office, user=None)
    failed_whole(because="withdrawn")
    assert not Office.objects.live().exists()


def test_release_of_an_item_that_was_deleted_publishes_the_others(office, release, people):
    other = OfficeFactory(name_en="Other", name_es="Otra", name_fr="Autre", name_pt="Outra")
    change = ScheduledChange.objects.get()
    actions.cancel_schedule(change=change, user=None)
    change.delete()
    approved(other, people, name_en="Other, approved")
    actions.add_to_release(release=release, items=[other], user=None)
    actions.schedule(target=release, operation="publish", due_at=timezone.now() + DUE, user=None)
    actions.delete(item=office, user=None)
    assert when_due().state == ScheduledChange.State.DONE
    assert Office.objects.get().name_en == "Other, approved"


def test_items_swap_their_slugs_in_one_release(people):
    one, other = OfficeFactory(slug="one"), OfficeFactory(slug="other")
    release = Release.objects.create(title="Swap")
    draft(one, None, slug="other")
    draft(other, None, slug="one")
    actions.add_to_release(release=release, items=[one, other], user=None)
    actions.publish_release(release=release, user=None)
    assert dict(Office.objects.values_list("slug", "pk")) == {"other": one.pk, "one": other.pk}


def test_translation_of_somebody_who_left_goes_live(office, release, member):
    translator = member("translator", languages=["es"], name="translator")
    draft(office, translator, name_es="Traducido")
    change = ScheduledChange.objects.get()
    actions.cancel_schedule(change=change, user=None)
    change.delete()
    actions.submit(item=office, user=translator)
    actions.approve(item=office, user=None)
    actions.add_to_release(release=release, items=[office], user=None)
    actions.schedule(target=release, operation="publish", due_at=timezone.now() + DUE, user=None)
    translator.delete()
    when_due()
    assert Office.objects.get().name_es == "Traducido"


def test_save_over_an_unapproved_draft_is_followed_by_a_release_in_preparation(office, people):
    draft(office, people["editor"], name_en="First")
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[office], user=None)
    draft(office, people["editor"], name_en="Second")
    actions.publish_release(release=release, user=None)
    assert Office.objects.get().name_en == "Second"


def test_save_over_an_approved_draft_leaves_that_in_a_release_in_preparation(office, people):
    approved(office, people, name_en="Approved")
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[office], user=None)
    draft(office, people["editor"], name_en="Newer")
    (entry,) = drafts_in(release)
    assert list(entry.newer) == ["en"]
    actions.publish_release(release=release, user=None)
    assert Office.objects.get().name_en == "Approved"


def test_newest_draft_is_taken_into_a_release_in_preparation(office, people):
    approved(office, people, name_en="Approved")
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[office], user=None)
    draft(office, people["editor"], name_en="Newer")
    actions.add_to_release(release=release, items=[office], user=None)
    assert any("not approved" in problem.text for problem in problems_of(release))
    actions.publish_release(release=release, user=None)
    assert Office.objects.get().name_en == "Newer"


@pytest.mark.parametrize(
    "take_back",
    [
        lambda item, user: actions.request_changes(item=item, user=user, comment="Shorter."),
        lambda item, user: actions.discard(item=item, user=user),
    ],
    ids=["sent back", "discarded"],
)
def test_draft_that_waits_for_its_release_is_not_taken_back_before_the_schedule_is(office, release, people, take_back):
    with pytest.raises(PublishingError, match="Spring"):
        take_back(office, people["publisher"])
    actions.cancel_schedule(change=ScheduledChange.objects.get(), user=people["publisher"])
    take_back(office, people["publisher"])


def test_draft_newer_than_what_waits_can_be_discarded(office, release, people):
    draft(office, people["editor"], name_en="Saved after the approval")
    actions.discard(item=office, user=people["editor"])
    assert when_due().state == ScheduledChange.State.DONE


# --- People ------------------------------------------------------------------------


def loses_role(person):
    RoleAssignment.objects.filter(user=person).delete()


def is_deactivated(person):
    type(person).objects.filter(pk=person.pk).update(is_active=False)


def is_deleted(person):
    person.delete()


LOSSES = pytest.mark.parametrize("loss", [loses_role, is_deactivated, is_deleted])


@LOSSES
def test_release_of_somebody_who_may_not_publish_any_more_fails_whole(office, release, people, loss):
    loss(people["publisher"])
    failed_whole(because="Who scheduled it")


@LOSSES
def test_approval_outlives_the_role_of_who_gave_it(office, release, people, loss):
    loss(people["reviewer"])
    assert when_due().state == ScheduledChange.State.DONE


@LOSSES
@pytest.mark.parametrize("operation", ["publish", "withdraw"])
def test_schedule_of_somebody_who_may_not_publish_any_more_fails(office, people, loss, operation):
    draft(office, people["editor"], name_en="Draft")
    due_at = timezone.now() + DUE
    actions.schedule(target=office, operation=operation, due_at=due_at, user=people["publisher"])
    loss(people["publisher"])
    assert "Who scheduled it" in when_due().error
    assert Office.objects.live().get().name_en == "Live"


def test_schedule_of_an_item_that_moves_where_the_publisher_has_no_role_fails(member):
    objective = ObjectiveFactory()
    strategy, other = objective.strategy, OfficeFactory()
    person = member("publisher", strategy.office)
    elsewhere = RoleAssignment.objects.create(user=person, role="publisher", scope=other)
    draft(strategy, office=str(other.pk))
    actions.schedule(target=strategy, operation="publish", due_at=timezone.now() + DUE, user=person)
    elsewhere.delete()
    assert "Who scheduled it" in when_due().error


# --- What is shown of it, and what must not remove it ------------------------------------


def test_scheduled_release_is_judged_and_shown_as_it_was_scheduled(admin_client, office, release, people):
    draft(office, people["editor"], name_en="Saved after the approval")
    assert problems_of(release) == []
    with_home = f"{preview_url(release)}regions/north/"
    page = admin_client.get(with_home).content.decode()
    assert "Approved" in page
    assert "Saved after the approval" not in page


def test_cancelled_release_keeps_what_was_approved(office, release, people):
    draft(office, people["editor"], name_en="Saved after the approval")
    actions.cancel_schedule(change=ScheduledChange.objects.get(), user=people["publisher"])
    release.refresh_from_db()
    actions.publish_release(release=release, user=people["publisher"])
    assert Office.objects.live().get().name_en == "Approved"


def test_pruning_keeps_what_waits_for_its_release(office, release, people):
    draft(office, people["editor"], name_en="Saved after the approval")
    Revision.objects.update(created_at=timezone.now() - timedelta(days=1000))
    call_command("prune_revisions")
    assert when_due().state == ScheduledChange.State.DONE


def test_page_of_the_release_schedules_although_something_stands_in_the_way(admin_client, office, people):
    draft(office, people["editor"], name_en="Unapproved")
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[office], user=None)
    data = {"decision": "schedule", "due_at_0": "2099-01-01", "due_at_1": "00:00"}
    url = reverse("admin:publishing_release_review", args=[release.pk])
    assert "Something stands in the way" in admin_client.post(url, data).content.decode()
    assert not ScheduledChange.objects.exists()
    admin_client.post(url, {**data, "anyway": "on"})
    assert ScheduledChange.objects.get().anyway


def test_reference_data_in_a_scheduled_draft_may_go(office, people):
    country = CountryFactory()
    data = snapshot(office)
    data["relations"]["countries"] = [str(country.pk)]
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    scheduled([office], people["publisher"], anyway=True)
    actions.delete_reference(item=country, user=None)
    assert when_due().state == ScheduledChange.State.DONE
