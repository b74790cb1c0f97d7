"""The permission table: every action, role, place and language, asked directly and through the actions."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.drafts import correction_of, drafts_of
from cms.publishing.models import Release, Revision, RoleAssignment
from cms.publishing.permissions import Action, Grants, forget_grants, may
from regions.models import Office
from tests.cms.publishing.permission_world import MAY, PLACES, World, allowed, draft, everything, fresh, make_world
from tests.drafts import drafted, states_of
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def translated(item) -> dict:
    data = snapshot(item)
    name = "name_es" if "name_es" in data["fields"] else "title_es"
    data["fields"][name] = "Otro texto"
    return data


@pytest.mark.parametrize("role", MAY, ids=str)
def test_table_is_what_is_asked(world, role):
    languages = ["es"] if role == "translator" else None
    cases = [(action, place) for action in Action for place in PLACES]
    answers = {case: may(world.people[role], case[0], world.items[case[1]], languages=languages) for case in cases}
    assert answers == {(action, place): allowed(role, action, place) for action, place in cases}


def test_translator_is_held_to_languages(world):
    cases = [(["es"], True), ([], True), (["fr"], False), (["es", "en"], False), (None, False)]
    for action in (Action.SAVE, Action.SUBMIT):
        for languages, expected in cases:
            answer = may(world.people["translator"], action, world.items["own"], languages=languages)
            assert answer is expected, (action, languages)


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}], ids=["inactive", "no staff"])
def test_who_left_may_nothing(world, change):
    user = world.people["administrator"]
    for name, value in change.items():
        setattr(user, name, value)
    user.is_superuser = True
    assert not any(may(user, action, item) for action in Action for item in world.items.values())


# --- The actions -----------------------------------------------------------------


def submitted(world, place):
    actions.submit(item=world.items[place], user=None)


def withdrawn(world, place):
    actions.unpublish(item=world.items[place], user=None)


def scheduled(world, place):
    due_at = timezone.now() + timedelta(days=1)
    return actions.schedule(target=world.items[place], operation="publish", due_at=due_at, user=None)


def owner():
    return User.objects.filter(username="owner").first() or User.objects.create_superuser("owner")


def shared(world, place):
    return actions.share(item=world.items[place], user=owner())


def corrected(world, place):
    """Return the revision in which a correction waits."""
    item = world.items[place]
    with override_settings(REVIEW_BY_ANOTHER_PERSON=True):
        actions.correct_live(item=item, data=translated(item), user=owner())
    return next(iter(correction_of(item).values())).revision


def rewritten(world, place):
    """Let the Spanish of an item be outdated."""
    data = drafted(item := world.items[place])
    name = place_of_name(item)
    data["fields"][f"{name}_en"] = "Something else"
    actions.save_draft(item=item, data=data, user=None, opened_on=None)


def place_of_name(item):
    return "name" if "name_en" in snapshot(item)["fields"] else "title"


def another(item):
    """Return the snapshot of an item like ``item`` at an address of its own."""
    data = drafted(item)
    return {**data, "fields": {**data["fields"], "slug": "another"}}


def tomorrow():
    return timezone.now() + timedelta(days=1)


# Name -> what permission it asks for, what is there before (as the system), the call.
ACTIONS = {
    "save_draft": (
        "save",
        None,
        lambda item, user, made: actions.save_draft(item=item, data=translated(item), user=user, opened_on=None),
    ),
    "create_from": (
        "create",
        None,
        lambda item, user, made: actions.create_from(item=item, data=another(item), user=user),
    ),
    "set_aside": (
        "save",
        None,
        lambda item, user, made: actions.set_aside(item=item, data=translated(item), user=user, opened_on="0"),
    ),
    "discard": ("save", None, lambda item, user, made: actions.discard(item=item, user=user)),
    "submit": ("submit", None, lambda item, user, made: actions.submit(item=item, user=user)),
    "approve": ("review", submitted, lambda item, user, made: actions.approve(item=item, user=user)),
    "request_changes": (
        "review",
        submitted,
        lambda item, user, made: actions.request_changes(item=item, user=user, comment="Shorter."),
    ),
    "confirm": (
        "save",
        rewritten,
        lambda item, user, made: actions.confirm(item=item, language="es", places=[place_of_name(item)], user=user),
    ),
    "restore": ("restore", None, lambda item, user, made: actions.restore(item=item, number=1, user=user)),
    "share": ("share", None, lambda item, user, made: actions.share(item=item, user=user)),
    "revoke": ("share", shared, lambda item, user, made: actions.revoke(link=made, user=user)),
    "comment": (
        "comment",
        None,
        lambda item, user, made: actions.comment(item=item, part="es", user=user, text="Which word?"),
    ),
    "publish": ("publish", None, lambda item, user, made: actions.publish(item=item, user=user)),
    "publish_again": ("publish", withdrawn, lambda item, user, made: actions.publish_again(item=item, user=user)),
    "correct_live": (
        "publish",
        None,
        lambda item, user, made: actions.correct_live(item=item, data=translated(item), user=user),
    ),
    "publish_correction": (
        "publish",
        corrected,
        lambda item, user, made: actions.publish_correction(item=item, number=made.number, user=user),
    ),
    "decline_correction": (
        "review",
        corrected,
        lambda item, user, made: actions.decline_correction(item=item, number=made.number, user=user),
    ),
    "unpublish": ("publish", None, lambda item, user, made: actions.unpublish(item=item, user=user)),
    "delete": ("delete", None, lambda item, user, made: actions.delete(item=item, user=user)),
    "schedule": (
        "publish",
        None,
        lambda item, user, made: actions.schedule(target=item, operation="publish", due_at=tomorrow(), user=user),
    ),
    "cancel_schedule": (
        "publish",
        scheduled,
        lambda item, user, made: actions.cancel_schedule(change=made, user=user),
    ),
    "add_to_release": (
        "publish",
        lambda world, place: Release.objects.create(title="Empty"),
        lambda item, user, made: actions.add_to_release(release=made, items=[item], user=user),
    ),
    "remove_from_release": (
        "publish",
        lambda world, place: world.release(place),
        lambda item, user, made: actions.remove_from_release(release=made, key=str(item.pk), user=user),
    ),
    "publish_release": (
        "publish",
        lambda world, place: world.release(place),
        lambda item, user, made: actions.publish_release(release=made, user=user),
    ),
    "approve_release": (
        "review",
        lambda world, place: submitted(world, place) or world.release(place),
        lambda item, user, made: actions.approve_release(release=made, user=user),
    ),
    "undo_release": (
        "publish",
        lambda world, place: actions.publish_release(release=world.release(place), user=None),
        lambda item, user, made: actions.undo_release(release=made, user=user),
    ),
}
NOT_ASKED_BY_ANYBODY = {"publish_due"}  # the clock
OF_REFERENCE_DATA = {"save_reference", "delete_reference"}  # tested in test_reference.py
SAYS_WHAT_IT_MAY_NOT = {"add_what_fits"}  # and adds the rest: tested in cms/editing/test_collecting.py


def test_every_action_is_in_the_table():
    others = NOT_ASKED_BY_ANYBODY | OF_REFERENCE_DATA | SAYS_WHAT_IT_MAY_NOT
    assert set(ACTIONS) | others == set(actions.__all__)


@pytest.mark.parametrize("name", ACTIONS)
def test_action_asks_the_table_and_changes_nothing_without_rights(world, name):
    action, before, call = ACTIONS[name]
    for place in PLACES:
        with transaction.atomic():
            made = before(world, place) if before else None
            rows = everything()
            for role, user in world.people.items():
                with transaction.atomic():
                    try:
                        call(fresh(world.items[place]), fresh(user), made)
                    except PermissionDenied:
                        assert not allowed(role, action, place), (role, place)
                        assert everything() == rows, (role, place)
                    else:
                        assert allowed(role, action, place), (role, place)
                        assert everything() != rows, (role, place)
                    transaction.set_rollback(True)
                if made is not None:
                    made.refresh_from_db()
            transaction.set_rollback(True)


def moved_once_more(item):
    data = drafted(item)
    return {**data, "fields": {**data["fields"], "slug": "moved"}}


def given_up(item) -> int:
    """Return the number of the revision that moves ``item``, after its drafts were given up."""
    actions.discard(item=item, user=None)
    return Revision.objects.of(item).first().number


MOVES = {
    "save_draft": lambda item, user: actions.save_draft(
        item=item, data=moved_once_more(item), user=user, opened_on=None
    ),
    "restore": lambda item, user: actions.restore(item=item, number=given_up(item), user=user),
    "approve": lambda item, user: (actions.submit(item=item, user=None), actions.approve(item=item, user=user)),
    "publish": lambda item, user: actions.publish(item=item, user=user),
    "schedule": lambda item, user: actions.schedule(target=item, operation="publish", due_at=tomorrow(), user=user),
    "add_to_release": lambda item, user: actions.add_to_release(
        release=Release.objects.create(title="Move"), items=[item], user=user
    ),
    "publish_release": lambda item, user: publish_release_with(item, user),
    "schedule_release": lambda item, user: actions.schedule(
        target=release_with(item), operation="publish", due_at=tomorrow(), user=user
    ),
}


def release_with(item):
    release = Release.objects.create(title="Move")
    actions.add_to_release(release=release, items=[item], user=None)
    return release


def publish_release_with(item, user):
    actions.publish_release(release=release_with(item), user=user)


@pytest.mark.parametrize("name", MOVES)
def test_nobody_moves_an_item_to_an_office_that_they_have_no_part_in(world, name):
    item = world.items["own"]
    draft(item, office=str(world.offices["other"].pk))
    with pytest.raises(PermissionDenied):
        MOVES[name](item, fresh(world.people["administrator"]))


@pytest.mark.parametrize("name", [name for name in MOVES if name != "save_draft"])
def test_nobody_moves_an_office_under_one_that_they_have_no_part_in(world, name):
    office = world.offices["below"]
    draft(office, parent=str(world.offices["other"].pk))
    with pytest.raises(PermissionDenied):
        MOVES[name](office, fresh(world.people["administrator"]))


@pytest.mark.parametrize("parent", ["other", None], ids=str)
def test_nobody_drafts_an_office_under_one_that_they_have_no_part_in(world, parent):
    office = world.offices["below"]
    data = snapshot(office)
    data["fields"]["parent"] = parent and str(world.offices[parent].pk)
    with pytest.raises(PermissionDenied):
        actions.save_draft(item=office, data=data, user=fresh(world.people["administrator"]), opened_on=None)


MORE_THAN_SPANISH = [{"title_en": "New"}, {"title_es": "Nuevo", "title_fr": "Nouveau"}, {"slug": "x"}]


@pytest.mark.parametrize("columns", MORE_THAN_SPANISH)
def test_translator_does_not_give_up_a_draft_of_more_than_their_languages(world, columns):
    item = world.items["own"]
    draft(item, **columns)
    rows = everything()
    with pytest.raises(PermissionDenied):
        actions.discard(item=item, user=fresh(world.people["translator"]))
    assert everything() == rows


@pytest.mark.parametrize("columns", MORE_THAN_SPANISH)
def test_translator_submits_what_they_may_change(world, columns):
    item, user = world.items["own"], fresh(world.people["translator"])
    draft(item, **columns)
    actions.save_draft(item=item, data=translated_draft(item), user=user, opened_on=None)
    actions.submit(item=item, user=user)
    states = {part: state for part, state in states_of(item).items() if state == "submitted"}
    assert states == {"es": "submitted"}
    assert drafts_of(item).open["es"].submitted_by == user


def translated_draft(item) -> dict:
    data = drafted(item)
    data["fields"]["title_es"] = "Otro texto"
    return data


@pytest.mark.parametrize("in_office", [True, False], ids=["for-an-office", "everywhere"])
def test_nobody_has_a_role_twice(in_office):
    person = User.objects.create(username="twice")
    scope = OfficeFactory() if in_office else None
    RoleAssignment.objects.create(user=person, role="editor", scope=scope)
    with pytest.raises(ValidationError):
        RoleAssignment(user=person, role="editor", scope=scope).full_clean()


@pytest.mark.parametrize(
    ("role", "languages"),
    [
        pytest.param("translator", [], id="translator-of-none"),
        pytest.param("editor", ["es"], id="editor-of-some"),
        pytest.param("translator", ["tlh"], id="of-one-the-site-lacks"),
    ],
)
def test_languages_of_a_role_that_do_not_fit_are_refused(role, languages):
    person = User.objects.create(username="one")
    with pytest.raises(ValidationError) as refusal:
        RoleAssignment(user=person, role=role, languages=languages).full_clean()
    assert list(refusal.value.message_dict) == ["languages"]


@pytest.mark.parametrize(("role", "languages"), [("translator", ["es", "fr"]), ("editor", [])])
def test_languages_of_a_role_that_fit_are_accepted(role, languages):
    RoleAssignment(user=User.objects.create(username="one"), role=role, languages=languages).full_clean()


# --- Where somebody may do something ---------------------------------------------------


@pytest.fixture
def tree():
    """Three offices, one below the other, and one beside them."""
    top = OfficeFactory(slug="top")
    middle = OfficeFactory(slug="middle", parent=top)
    return top, middle, OfficeFactory(slug="bottom", parent=middle), OfficeFactory(slug="beside")


def staff(django_user_model, name="somebody", **fields):
    return django_user_model.objects.create_user(name, **{"is_staff": True, **fields})


def test_part_of_the_organization_reaches_all_below_it(django_user_model, tree):
    top, middle, bottom, _beside = tree
    user = staff(django_user_model)
    RoleAssignment.objects.create(user=user, role="publisher", scope=middle)
    grants = Grants(user)
    assert grants.scopes(Action.PUBLISH) == {middle.pk, bottom.pk}
    assert [grants.may(Action.PUBLISH, office.pk) for office in tree] == [False, True, True, False]
    assert grants.anywhere(Action.PUBLISH)
    assert not grants.anywhere(Action.ADMINISTER)


def test_role_for_everywhere_has_no_limits(django_user_model, tree):
    user = staff(django_user_model)
    RoleAssignment.objects.create(user=user, role="editor")
    assert Grants(user).scopes(Action.SAVE) is None
    assert Grants(user).scopes(Action.PUBLISH) == set()


@pytest.mark.parametrize(
    ("is_staff", "is_active", "is_superuser", "everywhere"),
    [(True, True, True, True), (True, True, False, False), (True, False, True, False), (False, True, True, False)],
    ids=["superuser", "nobody", "left", "no-staff"],
)
def test_only_a_superuser_who_is_here_may_all_without_a_role(
    django_user_model, tree, is_staff, is_active, is_superuser, everywhere
):
    user = staff(django_user_model, is_staff=is_staff, is_active=is_active, is_superuser=is_superuser)
    assert Grants(user).scopes(Action.VIEW) == (None if everywhere else set())
    assert Grants(user).may(Action.DELETE, tree[0].pk) is everywhere
    assert Grants(user).may(Action.DELETE, None) is everywhere


def test_offices_that_are_below_each_other_are_no_endless_way_up(django_user_model, tree):
    top, _middle, bottom, beside = tree
    Office.objects.filter(pk=top.pk).update(parent=bottom)
    user = staff(django_user_model)
    RoleAssignment.objects.create(user=user, role="editor", scope=beside)
    assert Grants(user).scopes(Action.SAVE) == {beside.pk}


def test_what_belongs_to_no_part_is_seen_by_all_and_changed_by_who_may_everywhere(django_user_model, tree):
    user = staff(django_user_model)
    RoleAssignment.objects.create(user=user, role="publisher", scope=tree[0])
    assert Grants(user).may(Action.VIEW, None)
    assert not Grants(user).may(Action.SAVE, None)


def test_translator_saves_in_the_languages_of_all_their_roles_there(django_user_model, tree):
    top, middle, bottom, beside = tree
    user = staff(django_user_model)
    RoleAssignment.objects.create(user=user, role="translator", scope=top, languages=["es"])
    RoleAssignment.objects.create(user=user, role="translator", scope=middle, languages=["fr"])
    grants = Grants(user)
    assert grants.languages(top.pk) == {"es"}
    assert grants.languages(bottom.pk) == {"es", "fr"}
    assert grants.languages(beside.pk) == set()
    assert not grants.may(Action.SAVE, bottom.pk, languages=["es", "pt"])
    assert not grants.may(Action.SAVE, bottom.pk)
    assert grants.may(Action.VIEW, bottom.pk)


def test_publisher_of_some_languages_is_asked_to_create_and_delete_nowhere(django_user_model, tree):
    user = django_user_model.objects.create_user("pat", is_staff=True)
    RoleAssignment.objects.create(user=user, role="publisher", languages=["es"])
    assert [Grants(user).anywhere(action) for action in (Action.CREATE, Action.DELETE)] == [False, False]
    assert Grants(user).anywhere(Action.PUBLISH)
    assert Grants(user).anywhere(Action.VIEW)


def test_editor_saves_everything_of_an_item(django_user_model, tree):
    user = staff(django_user_model)
    RoleAssignment.objects.create(user=user, role="editor", scope=tree[0])
    assert Grants(user).languages(tree[0].pk) is None


def test_grants_are_read_once_and_anew_after_they_were_forgotten(django_user_model, tree):
    user = staff(django_user_model)
    assert not may(user, Action.SAVE, tree[0])
    RoleAssignment.objects.create(user=user, role="editor", scope=tree[0])
    assert not may(user, Action.SAVE, tree[0])
    forget_grants(user)
    assert may(user, Action.SAVE, tree[0])
    forget_grants(staff(django_user_model, "another"))
