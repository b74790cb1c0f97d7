"""The form of the admin says which translations are outdated, and takes two words about them: *Correction only* beside
the buttons, *Still right* beside a text."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from cms.publishing import actions
from cms.publishing.drafts import drafted, drafts_of
from cms.publishing.models import RoleAssignment
from cms.translations.texts import texts_of
from tests.admin_forms import page_data
from tests.factories import OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db


def page(office) -> str:
    return reverse("admin:regions_office_change", args=[office.pk])


def write(item, publish=("en",), **texts):
    data = drafted(item)
    data["fields"].update({name: text for name, text in texts.items() if name in data["fields"]})
    for row in data["children"]["sections"]:
        row.update({name: text for name, text in texts.items() if name in row})
    actions.save_draft(item=item, data=data, user=None, opened_on=None)
    actions.publish(item=item, user=None, parts=publish)


@pytest.fixture
def office():
    office = OfficeFactory(name_en="Office", name_es="Oficina", name_fr="Bureau")
    SectionFactory(office=office, heading_en="One", heading_es="Uno", body_en="")
    write(office, name_en="Agency", heading_en="First")
    return office


def statuses(office, language="es") -> list[str]:
    return [str(text.status) for text in texts_of(office, language)]


def boxes(response) -> list[str]:
    return [part.partition('"')[0] for part in response.text.split('name="_still_right" value="')[1:]]


def test_form_offers_a_box_beside_each_outdated_text(admin_client, office):
    found = [
        (value.split("/")[0], value.split("/")[2].split(":")[-1]) for value in boxes(admin_client.get(page(office)))
    ]
    assert found == [("es", "name"), ("fr", "name"), ("es", "heading")]


def test_ticked_texts_are_still_right(admin_client, office):
    opened = admin_client.get(page(office))
    data = page_data(opened, _still_right=[value for value in boxes(opened) if value.startswith("es/")], _continue="1")
    assert admin_client.post(page(office), data).status_code == 302
    assert statuses(office) == ["current", "current"]
    assert statuses(office, "fr")[0] == "outdated"
    assert set(drafts_of(office).open) == {"es"}


def test_box_is_not_offered_for_a_language_that_one_may_not_write(client, office):
    user = User.objects.create_user("translator", is_staff=True)
    RoleAssignment.objects.create(user=user, role="translator", languages=["es"])
    client.force_login(user)
    assert {value.split("/")[0] for value in boxes(client.get(page(office)))} == {"es"}


def test_source_that_changed_after_the_form_was_opened_is_looked_at_again(admin_client, office):
    opened = admin_client.get(page(office))
    write(office, name_en="Bureau")
    response = admin_client.post(
        page(office), page_data(opened, _still_right=boxes(opened)[:1], _continue="1"), follow=True
    )
    assert "has changed once more" in response.text
    assert statuses(office)[0] == "outdated"


def test_correction_only_leaves_translations_current(admin_client, office):
    write(office, name_es="Agencia", heading_es="Primero", publish=["es"])
    opened = admin_client.get(page(office))
    assert boxes(opened) == boxes(opened)[-1:]  # that of the French name
    admin_client.post(page(office), page_data(opened, name_en="The agency", _correction_only="on", _continue="1"))
    assert statuses(office) == ["current", "current"]


def test_correction_of_what_is_live_may_be_a_correction_only(admin_client, office):
    write(office, name_es="Agencia", heading_es="Primero", publish=["es"])
    address = f"{page(office)}?correct=1"
    opened = admin_client.get(address)
    admin_client.post(address, page_data(opened, name_en="The agency", _correction_only="on", _correct="1"))
    office.refresh_from_db()
    assert (office.name_en, statuses(office)) == ("The agency", ["current", "current"])


@pytest.mark.parametrize("value", ["", "es", "es//", "xx/y/name", "es/0/wrong", "es/0/name"])
def test_box_with_another_value_does_nothing(admin_client, office, value):
    opened = admin_client.get(page(office))
    admin_client.post(page(office), page_data(opened, _still_right=value, _continue="1"))
    assert statuses(office) == ["outdated", "outdated"]
