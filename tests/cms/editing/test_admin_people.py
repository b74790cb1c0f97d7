"""Who manages people and roles, and that nobody rises above themselves by it."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from cms.publishing.models import AuditEntry, RoleAssignment
from tests.admin_forms import page_data
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

ROLES = reverse("admin:publishing_roleassignment_changelist")
ADD_ROLE = reverse("admin:publishing_roleassignment_add")
ADD_PERSON = reverse("admin:auth_user_add")


def person_page(person, name="change"):
    return reverse(f"admin:auth_user_{name}", args=[person.pk])


@pytest.fixture
def owner():
    return User.objects.create_superuser("owner", password="the owner's own password")


@pytest.fixture
def own():
    return OfficeFactory(slug="own", name_en="Own office")


@pytest.fixture
def other():
    return OfficeFactory(slug="other", name_en="Other office")


def test_administrator_adds_a_person_who_can_log_in_and_gives_a_role(client, log_in):
    log_in("administrator")
    data = {
        "username": "new", "email": "new@example.org", "usable_password": "true",
        "password1": "a long pass phrase", "password2": "a long pass phrase",
    }  # fmt: skip
    assert client.post(ADD_PERSON, data).status_code == 302
    person = User.objects.get(username="new")
    assert (person.is_staff, person.is_superuser, person.email) == (True, False, "new@example.org")
    page = page_data(client.get(ADD_ROLE), user=str(person.pk), role="editor", scope="")
    assert client.post(ADD_ROLE, page).status_code == 302
    assert RoleAssignment.objects.get(user=person).role == "editor"
    assert AuditEntry.objects.filter(action="add", object_name__startswith="new").exists()


@pytest.mark.parametrize("field", ["is_superuser", "user_permissions", "groups"])
def test_administrator_makes_nobody_a_superuser(client, log_in, member, field):
    user, person = log_in("administrator"), member("editor", name="somebody")
    for target in (user, person):
        response = client.get(person_page(target))
        assert field not in response.context["adminform"].form.fields
        client.post(person_page(target), {**page_data(response), field: ["on" if field == "is_superuser" else "1"]})
        target.refresh_from_db()
        assert not target.is_superuser
        assert not target.user_permissions.exists()


@pytest.mark.parametrize("name", ["change", "password_change", "delete", "history"])
def test_superusers_are_out_of_an_administrators_reach(client, log_in, owner, name):
    log_in("administrator")
    url = reverse("admin:auth_user_password_change", args=[owner.pk]) if name == "password_change" else None
    url = url or person_page(owner, name)
    data = {"password1": "taken over by me", "password2": "taken over by me", "username": "mine", "post": "yes"}
    assert client.post(url, data).status_code in {302, 403, 404}
    assert client.get(url).status_code in {302, 403, 404}
    owner.refresh_from_db()
    assert owner.username == "owner"
    assert owner.check_password("the owner's own password")


def test_superusers_are_not_deleted_by_a_bulk_action(client, log_in, owner):
    log_in("administrator")
    url = reverse("admin:auth_user_changelist")
    assert "owner" not in client.get(url).text
    client.post(url, {"action": "delete_selected", "_selected_action": [owner.pk], "post": "yes"})
    assert User.objects.filter(pk=owner.pk).exists()


@pytest.mark.parametrize(
    ("role", "scoped"),
    [("translator", False), ("editor", False), ("publisher", False), ("administrator", True), (None, False)],
)
def test_people_are_for_administrators_of_the_whole_organization(client, log_in, own, owner, role, scoped):
    log_in(role, own if scoped else None, ["es"] if role == "translator" else ())
    rows = list(User.objects.order_by("pk").values())
    for url in (reverse("admin:auth_user_changelist"), ADD_PERSON, person_page(owner)):
        assert client.get(url).status_code == 403, url
        assert client.post(url, {"username": "x"}).status_code == 403, url
    url = reverse("admin:auth_user_password_change", args=[owner.pk])
    assert client.post(url, {"password1": "x" * 14, "password2": "x" * 14}).status_code == 403
    assert list(User.objects.order_by("pk").values()) == rows


@pytest.fixture
def office_administrator(log_in, own):
    return log_in("administrator", own)


def test_administrator_of_an_office_gives_roles_there_and_below(client, office_administrator, own, other, member):
    person, below = member(None, name="somebody"), OfficeFactory(parent=own)
    response = client.get(ADD_ROLE)
    offered = {str(key) for key, _ in response.context["adminform"].form.fields["scope"].choices}
    assert offered == {"", str(own.pk), str(below.pk)}
    data = page_data(response, user=str(person.pk), role="editor", scope=str(below.pk))
    assert client.post(ADD_ROLE, data).status_code == 302
    assert RoleAssignment.objects.get(user=person).scope == below


@pytest.mark.parametrize("where", ["other", "everywhere"])
def test_administrator_of_an_office_gives_no_role_elsewhere(client, office_administrator, own, other, where):
    scope = str(other.pk) if where == "other" else ""
    data = {"user": str(office_administrator.pk), "role": "administrator", "scope": scope}
    assert client.post(ADD_ROLE, data).status_code == 200
    mine = RoleAssignment.objects.get()
    url = reverse("admin:publishing_roleassignment_change", args=[mine.pk])
    assert client.post(url, data).status_code == 200
    mine.refresh_from_db()
    assert mine.scope == own


@pytest.mark.parametrize("where", ["other", "everywhere"])
def test_administrator_of_an_office_takes_no_role_elsewhere(client, office_administrator, other, member, where):
    theirs = RoleAssignment.objects.create(
        user=member(None, name="secret-colleague"), role="editor", scope=other if where == "other" else None
    )
    assert "secret-colleague" not in client.get(ROLES).text.split("changelist-form")[1]
    for name in ("change", "delete", "history"):
        url = reverse(f"admin:publishing_roleassignment_{name}", args=[theirs.pk])
        assert client.post(url, {"post": "yes", "role": "translator"}).status_code in {302, 403, 404}
    client.post(ROLES, {"action": "delete_selected", "_selected_action": [theirs.pk], "post": "yes"})
    theirs.refresh_from_db()
    assert theirs.role == "editor"


def test_administrator_of_an_office_gives_no_role_to_a_superuser(client, office_administrator, own, owner):
    data = {"user": str(owner.pk), "role": "editor", "scope": str(own.pk)}
    assert client.post(ADD_ROLE, data).status_code == 200
    assert not RoleAssignment.objects.filter(user=owner).exists()


def test_closed_login_is_opened_in_the_list_of_people(admin_client, client, member):
    person = member("editor", name="forgetful")
    person.set_password("remembered again")
    person.save()
    login = reverse("admin:login")
    for _ in range(6):
        response = client.post(login, {"username": "forgetful", "password": "wrong"})
    assert response.status_code == 429
    admin_client.post(reverse("admin:auth_user_changelist"), {"action": "open_login", "_selected_action": [person.pk]})
    assert client.post(login, {"username": "forgetful", "password": "remembered again"}).status_code == 302
