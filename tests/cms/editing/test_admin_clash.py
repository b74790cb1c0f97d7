"""A draft that cannot stand beside what is live any more is opened all the same; nothing of it is lost."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.urls import reverse

from cms.content.snapshots import snapshot
from cms.editing.forms import ContentForm
from cms.publishing import actions
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Release, Revision, RoleAssignment
from cms.publishing.readiness import problems_of
from regions.models import Country, Office
from tests.admin_forms import form_data, page_data
from tests.drafts import drafted
from tests.factories import AlignmentFactory, CountryFactory, FrameworkGoalFactory, OfficeFactory

pytestmark = pytest.mark.django_db


def draft(item, **columns):
    data = snapshot(item)
    data["fields"].update(columns)
    actions.save_draft(item=item, data=data, user=None, opened_on=None)


@pytest.fixture
def office():
    """An office whose draft has a slug that another office took meanwhile."""
    office = OfficeFactory(slug="mine", name_en="Live name")
    draft(office, slug="taken", name_en="Draft name")
    OfficeFactory(slug="taken")
    return office


def test_form_opens_with_the_live_name_and_says_why(admin_client, office):
    url = reverse("admin:regions_office_change", args=[office.pk])
    response = admin_client.get(url)
    assert "Draft name" in response.content.decode()
    assert "takes a name" in response.content.decode()
    admin_client.post(url, page_data(response, slug="free"))
    fields = drafted(office)["fields"]
    assert (fields["slug"], fields["name_en"]) == ("free", "Draft name")


def test_form_of_a_draft_that_drops_what_others_need_meanwhile_opens(admin_client):
    goal = FrameworkGoalFactory(code="1")
    data = snapshot(goal.framework)
    data["children"]["goals"] = []
    actions.save_draft(item=goal.framework, data=data, user=None, opened_on=None)
    AlignmentFactory(goal=goal)
    response = admin_client.get(reverse("admin:priorities_framework_change", args=[goal.framework.pk]))
    assert response.status_code == 200
    assert "other items need" in response.content.decode()


def test_release_page_lists_it(office):
    release = Release.objects.create(title="R")
    actions.add_to_release(release=release, items=[office], user=None)
    assert any("takes a name" in str(problem.text) for problem in problems_of(release))


# --- Two at the same moment ---------------------------------------------------------------


@pytest.fixture
def at_the_same_moment(monkeypatch):
    """A function that lets the first check of rows of a model see nothing of the others, as if they came after it."""

    def at_the_same_moment(model):
        for name in ("validate_unique", "validate_constraints"):
            monkeypatch.setattr(model, name, blind_once(getattr(model, name)))

    def blind_once(original):
        looked = []

        def check(self, *args, **kwargs):
            if looked:
                original(self, *args, **kwargs)
            looked.append(True)

        return check

    return at_the_same_moment


def test_two_new_items_with_one_slug_get_words(admin_client, at_the_same_moment):
    OfficeFactory(slug="same")
    at_the_same_moment(Office)
    url = reverse("admin:regions_office_add")
    response = admin_client.post(url, form_data(admin_client, url, slug="same", name_en="Typed"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "at the same moment" in page
    assert "already exists" in page
    assert "Typed" in page
    assert Office.objects.count() == 1


def test_new_item_without_a_slug_is_saved_when_it_is_sent_again(admin_client, monkeypatch):
    """The slug that is made from the name is made again, beside what was saved meanwhile."""
    OfficeFactory(slug="typed")
    monkeypatch.setattr(ContentForm, "new_address", lambda form: "typed")
    monkeypatch.setattr(Office, "validate_unique", lambda *args, **kwargs: None)
    url = reverse("admin:regions_office_add")
    data = form_data(admin_client, url, name_en="Typed")
    assert "at the same moment" in admin_client.post(url, data).content.decode()
    monkeypatch.undo()
    assert admin_client.post(url, data).status_code == 302
    assert Office.objects.filter(slug="typed-2").exists()


def test_draft_of_a_live_item_that_takes_a_new_slug_gets_words(admin_client, at_the_same_moment):
    office = OfficeFactory(slug="mine")
    OfficeFactory(slug="same")
    at_the_same_moment(Office)
    url = reverse("admin:regions_office_change", args=[office.pk])
    response = admin_client.post(url, form_data(admin_client, url, slug="same", name_en="Typed"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "at the same moment" in page
    assert "Typed" in page
    assert not Revision.objects.exists()


def test_reference_data_with_one_code_gets_words(admin_client, at_the_same_moment):
    CountryFactory(code="AR")
    at_the_same_moment(Country)
    url = reverse("admin:regions_country_add")
    response = admin_client.post(url, form_data(admin_client, url, code="AR", name_en="Typed"))
    assert response.status_code == 200
    assert "already exists" in response.content.decode()
    assert Country.objects.count() == 1


def test_action_on_reference_data_says_that_the_code_is_taken():
    CountryFactory(code="AR")
    with pytest.raises(PublishingError, match="another item has"):
        actions.save_reference(item=Country(code="AR", name_en="Argentina"), user=None)


def test_role_that_two_give_gets_words(admin_client, member, at_the_same_moment):
    person = member("editor")
    at_the_same_moment(RoleAssignment)
    url = reverse("admin:publishing_roleassignment_add")
    response = admin_client.post(url, {"user": str(person.pk), "role": "editor"})
    assert response.status_code == 200
    assert "at the same moment" in response.content.decode()
    assert RoleAssignment.objects.count() == 1


def test_person_that_two_add_gets_words(admin_client, member, monkeypatch):
    member("editor", name="ada")
    monkeypatch.setattr("django.contrib.auth.forms.UserCreationForm.clean_username", lambda form: "ada")
    monkeypatch.setattr(User, "validate_unique", lambda *args, **kwargs: None)
    url = reverse("admin:auth_user_add")
    data = {"username": "ada", "usable_password": "false", "password1": "", "password2": ""}
    response = admin_client.post(url, data)
    assert response.status_code == 200
    assert "at the same moment" in response.content.decode()


@pytest.mark.parametrize("selected", [False, True], ids=["one", "selected"])
@pytest.mark.parametrize("factory", [OfficeFactory, CountryFactory])
def test_deletion_of_what_something_new_needs_gets_words(admin_client, monkeypatch, factory, selected):
    """PostgreSQL checks foreign keys when a transaction ends, so another one can still need what goes."""
    item = factory()

    def needed(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(type(item), "delete", needed)
    name = f"admin:{item._meta.app_label}_{item._meta.model_name}"
    if selected:
        data = {"action": "delete_selected", "_selected_action": [str(item.pk)], "post": "yes"}
        response = admin_client.post(reverse(f"{name}_changelist"), data, follow=True)
    else:
        response = admin_client.post(reverse(f"{name}_delete", args=[item.pk]), {"post": "yes"}, follow=True)
    assert response.status_code == 200
    assert "at the same moment" in response.content.decode()
    assert type(item).objects.exists()
