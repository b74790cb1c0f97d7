"""What each action does to live rows, revisions, change log and audit trail."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.drafts import drafts_by_key, latest_revision
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.models import (
    AuditEntry,
    Change,
    Comment,
    PartVersion,
    Publication,
    Release,
    Revision,
    RoleAssignment,
    ScheduledChange,
    content_version,
)
from priorities.models import Objective, Strategy
from regions.models import Office
from tests.drafts import drafted, has_draft, states_of, token_of
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    FrameworkFactory,
    ObjectiveFactory,
    OfficeFactory,
    SectionFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db


def draft_of(item, user=None, **fields):
    data = snapshot(item)
    data["fields"].update(fields)
    return actions.save_draft(item=item, data=data, user=user, opened_on=None)


def changes():
    return [(change.operation, change.object_id) for change in Change.objects.all()]


def test_save_draft_leaves_the_live_row_as_it_is():
    office = OfficeFactory(name_en="Live")
    draft_of(office, name_en="Draft")
    office.refresh_from_db()
    assert office.name_en == "Live"
    assert drafted(office)["fields"]["name_en"] == "Draft"


def test_save_draft_of_an_item_never_published_is_its_row():
    office = OfficeFactory(live=False)
    draft_of(office, name_en="Draft")
    office.refresh_from_db()
    assert office.name_en == "Draft"
    assert not Office.objects.live().exists()


def test_save_draft_writes_who_did_it(admin_user):
    office = OfficeFactory()
    draft_of(office, admin_user, name_en="Draft")
    assert latest_revision(office).created_by == admin_user


def test_save_draft_replaces_the_open_draft():
    office = OfficeFactory()
    draft_of(office, name_en="First")
    draft_of(office, name_en="Second")
    versions = PartVersion.objects.of(office).filter(part="en").values_list("revision__number", "state")
    assert list(versions) == [(1, "live"), (2, "superseded"), (3, "draft")]


def save(item, opened_on, data=None, **fields):
    data = data or snapshot(item)
    data["fields"].update(fields)
    return actions.save_draft(item=item, data=data, user=None, opened_on=opened_on)


def test_save_draft_of_a_part_that_somebody_else_saved_is_a_conflict_and_saves_nothing():
    office = OfficeFactory()
    opened_on = token_of(office)
    theirs = draft_of(office, name_en="Theirs", name_es="Suyo")
    with pytest.raises(EditConflict) as conflict:
        save(office, opened_on, name_en="Mine", name_fr="Le mien")
    assert (conflict.value.current, conflict.value.parts) == (theirs, {"en"})
    assert latest_revision(office) == theirs


def test_save_draft_of_another_part_than_somebody_else_saved_is_no_conflict():
    office = OfficeFactory()
    opened_on = token_of(office)
    draft_of(office, name_en="Theirs", kind="regional")
    save(office, opened_on, name_es="Mío")
    fields = drafted(office)["fields"]
    assert (fields["name_en"], fields["name_es"], fields["kind"]) == ("Theirs", "Mío", "regional")


def test_save_draft_of_the_same_text_that_somebody_else_saved_is_no_conflict():
    office = OfficeFactory()
    opened_on = token_of(office)
    theirs = draft_of(office, name_en="Both")
    assert save(office, opened_on, name_en="Both") == theirs


def test_save_draft_of_a_draft_that_was_published_meanwhile_is_no_conflict():
    office = OfficeFactory()
    draft_of(office, name_en="Draft")
    opened_on, data = token_of(office), drafted(office)
    actions.publish(item=office, user=None)
    save(office, opened_on, data, name_en="Next")
    assert drafted(office)["fields"]["name_en"] == "Next"


def test_save_draft_of_a_draft_that_was_discarded_meanwhile_is_a_conflict():
    office = OfficeFactory()
    draft_of(office, name_en="Draft")
    opened_on, data = token_of(office), drafted(office)
    actions.discard(item=office, user=None)
    with pytest.raises(EditConflict):
        save(office, opened_on, data, name_en="Next")


def test_save_draft_that_is_as_it_is_live_closes_the_draft():
    office = OfficeFactory(name_en="Live")
    draft_of(office, name_en="Draft")
    draft_of(office, name_en="Live")
    assert not has_draft(office)
    assert drafted(office)["fields"]["name_en"] == "Live"


def test_save_draft_that_changes_nothing_stores_nothing():
    office = OfficeFactory()
    first = draft_of(office, name_en="Draft")
    assert draft_of(office, name_en="Draft") == first


def test_text_of_a_row_that_was_taken_out_waits_for_it():
    """What all languages share is a part of its own: to take a row out takes no text out of a language."""
    section = SectionFactory(heading_es="Encabezado")
    office, kept = section.office, snapshot(section.office)
    data = snapshot(office)
    data["children"]["sections"] = []
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    assert states_of(office) == {"shared": "draft"}
    actions.save_draft(item=office, data=kept, user=None, opened_on=None)
    assert drafted(office) == kept


def test_publish_makes_the_draft_live_and_logs_it():
    office = OfficeFactory(name_en="Live")
    draft_of(office, name_en="Draft", name_es="Borrador")
    publication = actions.publish(item=office, user=None, note={"en": "New name."})
    office.refresh_from_db()
    change = Change.objects.get()
    assert office.name_en == "Draft"
    assert (publication.number, publication.parts) == (2, ["en", "es"])
    assert (change.operation, change.object_id, change.languages, change.note) == (
        "upsert",
        office.pk,
        ["en", "es"],
        {"en": "New name."},
    )
    assert content_version() == change.sequence == 1


def test_publish_without_any_draft_is_refused_and_makes_no_version():
    office = OfficeFactory()
    with pytest.raises(PublishingError) as refused:
        actions.publish(item=office, user=None)
    assert refused.value.code == "unchanged"
    assert (content_version(), Publication.objects.of(office).count()) == (0, 0)


def test_publish_of_some_languages_leaves_the_others_and_keeps_the_draft():
    office = OfficeFactory(name_en="Live", name_es="Público")
    draft_of(office, name_en="Draft", name_es="Borrador")
    actions.publish(item=office, user=None, parts=["es"])
    office.refresh_from_db()
    assert (office.name_en, office.name_es) == ("Live", "Borrador")
    assert drafted(office)["fields"]["name_en"] == "Draft"
    assert Change.objects.get().languages == ["es"]


def test_first_publication_of_some_languages_keeps_the_others_back():
    office = OfficeFactory(live=False, name_en="Name", name_es="Nombre")
    actions.publish(item=office, user=None, parts=["en"])
    office.refresh_from_db()
    assert (office.status, office.name_en, office.name_es or "") == ("live", "Name", "")
    assert states_of(office) == {"es": "draft"}
    assert drafted(office)["fields"]["name_es"] == "Nombre"


def test_first_publication_always_has_what_all_languages_share():
    office = OfficeFactory(live=False, name_en="Name", name_es="Nombre")
    assert actions.publish(item=office, user=None, parts=["es"]).parts == ["es", "shared"]


def test_first_publication_without_a_name_in_a_language_that_is_published_is_refused():
    office = OfficeFactory(live=False, name_en="Name")
    with pytest.raises(PublishingError, match="Name") as refused:
        actions.publish(item=office, user=None, parts=["shared"])
    assert refused.value.code == "rules"
    assert not Office.objects.live().exists()


@pytest.mark.parametrize(
    "act",
    [
        lambda item: actions.publish(item=item, user=None),
        lambda item: actions.publish(item=item, user=None, parts=["es"]),
    ],
    ids=["all", "some"],
)
def test_publication_of_a_part_never_brings_back_what_was_withdrawn(act):
    office = OfficeFactory(name_en="Name")
    actions.unpublish(item=office, user=None)
    draft_of(office, name_es="Nombre")
    with pytest.raises(PublishingError) as refused:
        act(office)
    assert refused.value.code == "withdrawn"
    assert not Office.objects.live().exists()


def test_publish_again_brings_back_what_was_public_and_leaves_the_draft_a_draft():
    office = OfficeFactory(name_en="Name")
    actions.unpublish(item=office, user=None)
    draft_of(office, name_en="Draft")
    actions.publish_again(item=office, user=None)
    assert Office.objects.live().get().name_en == "Name"
    assert states_of(office) == {"en": "draft"}
    assert [operation for operation, _key in changes()] == ["delete", "upsert"]


def test_publish_again_of_what_was_not_withdrawn_is_refused():
    with pytest.raises(PublishingError, match="not withdrawn"):
        actions.publish_again(item=OfficeFactory(), user=None)


def test_publish_of_an_item_in_a_parent_that_is_not_live_is_told_when_the_parent_goes_live():
    strategy = StrategyFactory(live=False)
    objective = ObjectiveFactory(strategy=strategy, live=False)
    actions.publish(item=objective, user=None)
    assert changes() == []
    actions.publish(item=strategy, user=None)
    assert changes() == [("upsert", strategy.pk), ("upsert", objective.pk)]


def test_unpublish_tells_of_everything_that_goes_with_it():
    objective = ObjectiveFactory()
    actions.unpublish(item=objective.strategy.office, user=None)
    assert changes() == [
        ("delete", objective.strategy.office.pk),
        ("delete", objective.strategy.pk),
        ("delete", objective.pk),
    ]
    assert not Objective.objects.live().exists()


def test_delete_leaves_what_was_public_in_the_history():
    office = OfficeFactory(live=False)
    actions.publish(item=office, user=None)
    draft_of(office, name_en="Draft")
    actions.delete(item=office, user=None)
    versions = PartVersion.objects.filter(object_id=office.pk).order_by("pk").values_list("part", "state")
    assert [state for part, state in versions if part == "en"] == ["live", "discarded"]
    assert Publication.objects.filter(object_id=office.pk).count() == 1


def test_unpublish_of_what_is_not_live_is_refused():
    with pytest.raises(PublishingError, match="not live"):
        actions.unpublish(item=OfficeFactory(live=False), user=None)


def test_delete_withdraws_first_and_keeps_the_history():
    office = OfficeFactory()
    draft_of(office, name_en="Draft")
    key = office.pk
    actions.delete(item=office, user=None)
    assert not Office.objects.exists()
    assert changes() == [("delete", key)]
    assert Revision.objects.filter(object_id=key).exists()


def test_delete_tells_of_items_that_lose_a_reference():
    framework = FrameworkFactory()
    strategy = StrategyFactory()
    strategy.frameworks.add(framework)
    hidden = StrategyFactory(live=False)
    hidden.frameworks.add(framework)
    key = framework.pk
    actions.delete(item=framework, user=None)
    assert changes() == [("delete", key), ("upsert", strategy.pk)]
    assert drafted(strategy) == snapshot(strategy)


def test_delete_of_reference_data_tells_of_items_that_lose_it():
    country = CountryFactory()
    office = OfficeFactory()
    office.countries.add(country)
    key = country.pk
    actions.delete_reference(item=country, user=None)
    assert changes() == [("delete", key), ("upsert", office.pk)]


@pytest.mark.parametrize(
    "act",
    [
        lambda item: actions.publish(item=item, user=None),
        lambda item: actions.unpublish(item=item, user=None),
        lambda item: actions.delete(item=item, user=None),
        lambda item: actions.save_draft(item=item, data={}, user=None, opened_on=None),
        lambda item: actions.submit(item=item, user=None),
        lambda item: actions.restore(item=item, number=1, user=None),
        lambda item: actions.schedule(target=item, operation="publish", due_at=soon(), user=None),
        lambda item: actions.share(item=item, user=None),
        lambda item: actions.discard(item=item, user=None),
    ],
    ids=["publish", "unpublish", "delete", "save", "submit", "restore", "schedule", "share", "discard"],
)
def test_action_on_an_item_that_somebody_deleted_says_so(act):
    office = OfficeFactory()
    Office.objects.filter(pk=office.pk).delete()
    with pytest.raises(PublishingError, match="deleted"):
        act(office)


def test_save_draft_after_somebody_published_leaves_the_live_row_as_it_is():
    office = OfficeFactory(live=False, name_en="First")
    opened = Office.objects.get(pk=office.pk)
    data = snapshot(office)
    actions.publish(item=office, user=None)
    data["fields"]["name_en"] = "Draft"
    actions.save_draft(item=opened, data=data, user=None, opened_on=None)
    assert Office.objects.live().get().name_en == "First"


def test_publish_after_somebody_published_keeps_the_first_date():
    office = OfficeFactory(live=False)
    opened = Office.objects.get(pk=office.pk)
    actions.publish(item=office, user=None)
    draft_of(office, name_en="Draft")
    actions.publish(item=opened, user=None)
    opened.refresh_from_db()
    assert opened.first_published_at == office.first_published_at


def test_delete_of_what_others_need_changes_nothing_and_names_them():
    strategy = StrategyFactory(title_en="The plan")
    with pytest.raises(PublishingError, match="The plan"):
        actions.delete(item=strategy.office, user=None)
    assert Office.objects.live().exists()
    assert changes() == []


def test_delete_names_in_their_order_the_first_five_that_need_it():
    office = OfficeFactory()
    for letter in "fedcba":
        StrategyFactory(office=office, title_en=f"Plan {letter}")
    with pytest.raises(PublishingError) as refused:
        actions.delete(item=office, user=None)
    named = [name for name in refused.value.messages[0].split("“") if name.startswith("Plan")]
    assert refused.value.code == "needed"
    assert (len(named), named) == (5, sorted(named))


def test_publication_beside_others_that_are_public_tells_of_itself_alone():
    OfficeFactory()
    office = OfficeFactory(live=False)
    actions.publish(item=office, user=None)
    actions.unpublish(item=office, user=None)
    assert changes() == [("upsert", office.pk), ("delete", office.pk)]


def test_item_that_moves_out_of_what_is_not_public_tells_of_what_begins_with_it():
    StrategyFactory(office=(office := OfficeFactory()))
    objective = ObjectiveFactory(strategy=StrategyFactory(office=OfficeFactory(live=False)))
    draft_of(objective.strategy, office=str(office.pk))
    actions.publish(item=objective.strategy, user=None)
    assert changes() == [("upsert", objective.strategy_id), ("upsert", objective.pk)]


def test_publish_refuses_to_drop_a_part_that_another_item_needs():
    goal = AlignmentFactory().goal
    data = snapshot(goal.framework)
    data["children"]["goals"] = []
    actions.save_draft(item=goal.framework, data=data, user=None, opened_on=None)
    with pytest.raises(PublishingError, match="other items need") as refused:
        actions.publish(item=goal.framework, user=None)
    assert refused.value.code == "needed"


def test_drafts_of_no_item_are_none():
    draft_of(OfficeFactory(), name_en="Draft")
    assert drafts_by_key([]) == {}


def test_publish_refuses_a_slug_that_another_item_has():
    OfficeFactory(slug="taken")
    office = OfficeFactory(slug="mine")
    draft_of(office, slug="taken")
    with pytest.raises(PublishingError, match="slug") as refused:
        actions.publish(item=office, user=None)
    assert refused.value.code == "unique"
    office.refresh_from_db()
    assert office.slug == "mine"


def test_restore_makes_an_old_revision_the_draft():
    office = OfficeFactory(name_en="First")
    draft_of(office, name_en="Second")
    actions.publish(item=office, user=None)
    draft_of(office, name_en="Third")
    actions.restore(item=office, number=2, user=None)
    assert drafted(office)["fields"]["name_en"] == "Second"


# --- Review -----------------------------------------------------------------


def test_review_goes_from_submission_to_approval(admin_user):
    office = OfficeFactory()
    draft_of(office, name_en="Draft")
    actions.submit(item=office, user=admin_user, comment="Please look.")
    actions.request_changes(item=office, user=admin_user, comment="Shorter.")
    assert list(Comment.objects.of(office).values_list("kind", "text")) == [
        ("submission", "Please look."),
        ("changes-requested", "Shorter."),
    ]
    actions.submit(item=office, user=admin_user)
    assert {part: version.state for part, version in actions.approve(item=office, user=admin_user).items()} == {
        "en": "approved"
    }
    assert AuditEntry.objects.get(action="submit", detail__comment="Please look.").user == admin_user
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "save-draft",
        "submit",
        "request-changes",
        "submit",
        "approve",
    ]


def test_approve_of_what_one_submitted_is_refused_where_two_people_are_wanted(settings, admin_user):
    settings.REVIEW_BY_ANOTHER_PERSON = True
    office = OfficeFactory()
    draft_of(office, name_en="Draft")
    actions.submit(item=office, user=admin_user)
    with pytest.raises(PublishingError, match="Somebody else"):
        actions.approve(item=office, user=admin_user)
    with pytest.raises(PublishingError, match="Somebody else"):
        actions.publish(item=office, user=admin_user)


def test_request_changes_tells_the_author_by_mail(
    admin_user, django_user_model, mailoutbox, django_capture_on_commit_callbacks
):
    author = django_user_model.objects.create_user("author", "author@example.org", is_staff=True, is_superuser=True)
    office = OfficeFactory(name_en="North")
    draft_of(office, user=author, name_en="Draft")
    actions.submit(item=office, user=author)
    with django_capture_on_commit_callbacks(execute=True):
        actions.request_changes(item=office, user=admin_user, comment="Too long.")
    (message,) = mailoutbox
    assert message.to == ["author@example.org"]
    assert "Too long." in message.body


@pytest.mark.parametrize(("first_name", "named"), [("Rosa", "Rosa"), ("", "reviewer")], ids=["name", "account"])
def test_author_is_told_who_decided(
    django_user_model, mailoutbox, django_capture_on_commit_callbacks, first_name, named
):
    author = django_user_model.objects.create_superuser("author", "author@example.org")
    reviewer = django_user_model.objects.create_superuser("reviewer", first_name=first_name)
    office = OfficeFactory()
    draft_of(office, user=author, name_en="Draft")
    actions.submit(item=office, user=author)
    with django_capture_on_commit_callbacks(execute=True):
        actions.request_changes(item=office, user=reviewer, comment="Too long.")
    assert named in mailoutbox[0].body


# --- Schedules and releases ---------------------------------------------------


def test_decision_of_the_system_itself_is_told_to_the_author(
    admin_user, mailoutbox, django_capture_on_commit_callbacks
):
    admin_user.email = "author@example.org"
    admin_user.save()
    office = OfficeFactory(name_en="North")
    draft_of(office, user=admin_user, name_en="Draft")
    actions.submit(item=office, user=admin_user)
    with django_capture_on_commit_callbacks(execute=True):
        actions.approve(item=office, user=None)
    (message,) = mailoutbox
    assert message.body.startswith("The site approved your draft")


def soon():
    return timezone.now() + timedelta(hours=1)


def test_schedule_publishes_what_was_scheduled_when_it_is_due():
    office = OfficeFactory(name_en="Live")
    draft_of(office, name_en="Scheduled")
    actions.schedule(target=office, operation="publish", due_at=soon(), user=None)
    draft_of(office, name_en="Later draft")
    assert actions.publish_due(now=timezone.now()) == 0
    assert actions.publish_due(now=soon() + timedelta(minutes=1)) == 1
    office.refresh_from_db()
    assert office.name_en == "Scheduled"
    assert drafted(office)["fields"]["name_en"] == "Later draft"


def test_schedule_is_applied_once():
    office = OfficeFactory()
    actions.schedule(target=office, operation="withdraw", due_at=soon(), user=None)
    later = soon() + timedelta(minutes=1)
    assert (actions.publish_due(now=later), actions.publish_due(now=later)) == (1, 0)
    office.refresh_from_db()
    assert office.status == Publishable.Status.WITHDRAWN
    assert changes() == [("delete", office.pk)]


def test_schedule_that_cannot_be_applied_says_why_and_holds_up_no_other():
    blocked, other = OfficeFactory(slug="blocked"), OfficeFactory(name_en="Live")
    draft_of(blocked, slug="taken")
    draft_of(other, name_en="New")
    for office in (blocked, other):
        actions.schedule(target=office, operation="publish", due_at=soon(), user=None)
    OfficeFactory(slug="taken")
    actions.publish_due(now=soon() + timedelta(minutes=1))
    failed = ScheduledChange.objects.get(state=ScheduledChange.State.FAILED)
    other.refresh_from_db()
    assert "slug" in failed.error
    assert other.name_en == "New"
    assert changes() == [("upsert", other.pk)]
    assert has_draft(blocked)


def test_schedule_in_the_past_is_refused():
    with pytest.raises(PublishingError, match="future"):
        actions.schedule(target=OfficeFactory(), operation="publish", due_at=timezone.now(), user=None)


def test_cancel_schedule_opens_the_draft_again():
    office = OfficeFactory()
    draft_of(office, name_en="Draft")
    change = actions.schedule(target=office, operation="publish", due_at=soon(), user=None)
    actions.cancel_schedule(change=change, user=None)
    assert actions.publish_due(now=soon() + timedelta(days=1)) == 0
    assert has_draft(office)


def test_publish_release_puts_all_items_live_parents_first():
    objective = ObjectiveFactory(live=False, strategy__live=False)
    strategy = objective.strategy
    release = Release.objects.create(title="New strategy")
    actions.add_to_release(release=release, items=[objective, strategy], user=None)
    actions.publish_release(release=release, user=None)
    assert changes() == [("upsert", strategy.pk), ("upsert", objective.pk)]
    assert Objective.objects.live().get() == objective


def test_publish_release_is_all_or_nothing():
    good, bad = OfficeFactory(name_en="Live"), OfficeFactory(slug="bad")
    draft_of(good, name_en="New")
    draft_of(bad, slug="taken")
    OfficeFactory(slug="taken")
    release = Release.objects.create(title="Both")
    actions.add_to_release(release=release, items=[good, bad], user=None)
    with pytest.raises(PublishingError):
        actions.publish_release(release=release, user=None)
    good.refresh_from_db()
    release.refresh_from_db()
    assert (good.name_en, release.state, changes()) == ("Live", Release.State.OPEN, [])


def test_add_to_release_refuses_a_part_that_waits_in_another_release():
    office = OfficeFactory()
    draft_of(office, name_en="Draft")
    actions.add_to_release(release=Release.objects.create(title="One"), items=[office], user=None)
    with pytest.raises(PublishingError, match="One"):
        actions.add_to_release(release=Release.objects.create(title="Two"), items=[office], user=None)


def test_remove_from_release_leaves_the_others_in_it():
    office, other = OfficeFactory(), OfficeFactory()
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[office, other], user=None)
    actions.remove_from_release(release=release, key=str(office.pk), user=None)
    assert [entry.object_id for entry in release.items.all()] == [other.pk]


def test_remove_from_release_of_what_is_not_in_it_is_refused():
    release = Release.objects.create(title="Spring")
    with pytest.raises(PublishingError) as refusal:
        actions.remove_from_release(release=release, key="1", user=None)
    assert refusal.value.code == "item"


def test_publish_release_without_an_item_is_refused():
    with pytest.raises(PublishingError) as refusal:
        actions.publish_release(release=Release.objects.create(title="Empty"), user=None)
    assert refusal.value.code == "empty"


@pytest.mark.parametrize("parts", [["tlh"], ["en", "tlh"]], ids=["unknown", "one-unknown"])
@pytest.mark.parametrize("action", [actions.publish, actions.submit, actions.approve, actions.discard])
def test_part_that_items_do_not_have_is_refused(action, parts):
    office = OfficeFactory()
    draft_of(office, name_en="Draft")
    with pytest.raises(PublishingError) as refusal:
        action(item=office, user=None, parts=parts)
    assert refusal.value.code == "parts"


def test_discard_of_what_was_never_published_is_refused():
    office = OfficeFactory(live=False)
    draft_of(office, name_en="Draft")
    with pytest.raises(PublishingError) as refusal:
        actions.discard(item=office, user=None)
    assert refusal.value.code == "unpublished"


def test_restore_of_a_revision_that_there_is_not_is_refused():
    office = OfficeFactory()
    with pytest.raises(PublishingError) as refusal:
        actions.restore(item=office, number=99, user=None)
    assert refusal.value.code == "number"


# --- Roles ------------------------------------------------------------------


@pytest.fixture
def staff(django_user_model):
    def make(role, scope=None, languages=()):
        user = django_user_model.objects.create_user(f"{role}-{scope}", is_staff=True)
        RoleAssignment.objects.create(user=user, role=role, scope=scope, languages=list(languages))
        return user

    return make


def test_role_reaches_offices_below_its_own(staff):
    top = OfficeFactory()
    below = OfficeFactory(parent=top)
    strategy = StrategyFactory(office=below)
    draft_of(strategy, user=staff("editor", top), title_en="Draft")
    assert has_draft(strategy)


def test_role_of_another_office_changes_nothing(staff):
    strategy = StrategyFactory()
    with pytest.raises(PermissionDenied):
        draft_of(strategy, user=staff("editor", OfficeFactory()), title_en="Draft")
    assert not Revision.objects.exists()


def test_translator_saves_their_languages_only(staff):
    strategy = StrategyFactory(title_es="Título")
    translator = staff("translator", strategy.office, ["es"])
    draft_of(strategy, user=translator, title_es="Nuevo")
    with pytest.raises(PermissionDenied):
        draft_of(strategy, user=translator, title_en="New")
    with pytest.raises(PermissionDenied):
        draft_of(strategy, user=translator, reference_number="1")


def test_editor_may_not_publish(staff):
    strategy = StrategyFactory(live=False)
    with pytest.raises(PermissionDenied):
        actions.publish(item=strategy, user=staff("editor", strategy.office))
    assert not Strategy.objects.live().exists()
