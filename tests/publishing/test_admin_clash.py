"""A draft that cannot stand beside what is live any more is opened all the same; nothing of it is lost."""

import pytest
from django.urls import reverse

from publishing import actions
from publishing.models import Release, Revision
from publishing.readiness import problems_of
from publishing.snapshots import snapshot
from tests.admin_forms import page_data
from tests.factories import AlignmentFactory, FrameworkGoalFactory, OfficeFactory

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
    fields = Revision.objects.of(office).open().get().snapshot["fields"]
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
