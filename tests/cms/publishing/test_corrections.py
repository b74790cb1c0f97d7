"""Corrections of what is live: what becomes of the drafts beside them, and how two people are asked."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from lxml import html

from cms.content.snapshots import snapshot
from cms.editing.worklist import worklist
from cms.publishing import actions
from cms.publishing.actions.review import authors_of
from cms.publishing.drafts import correction_of, drafts_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Change, MailSettings, Revision
from tests.admin_forms import page_data
from tests.drafts import drafted, states_of
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return OfficeFactory(slug="north", name_en="Live", name_es="Pública")


@pytest.fixture
def two_people(settings):
    settings.REVIEW_BY_ANOTHER_PERSON = True


def draft(office, user, **columns):
    data = drafted(office)
    data["fields"] |= columns
    return actions.save_draft(item=office, data=data, user=user, opened_on=None)


def correct(office, user, **columns):
    data = snapshot(office)
    data["fields"] |= columns
    return actions.correct_live(item=office, data=data, user=user)


def waiting_number(office):
    [number] = {version.revision.number for version in correction_of(office).values()}
    return number


def live(office):
    office.refresh_from_db()
    return office.name_en, office.name_es


# --- The draft beside it ---


def test_draft_that_gets_a_correction_stays_its_author_s_and_says_who_corrected(office, member):
    author, corrector = member("editor"), member("publisher", name="corrector")
    draft(office, author, email="draft@example.org")
    correct(office, corrector, phone="+1 202 555 0100")
    version = drafts_of(office).open["shared"]
    assert (version.author, version.revision.created_by, version.state) == (author, corrector, "draft")
    assert version.content["fields"]["phone"] == "+1 202 555 0100"


def test_page_of_review_names_author_and_corrector(admin_client, office, member):
    draft(office, member("editor"), email="draft@example.org")
    correct(office, member("publisher", name="corrector"), phone="+1 202 555 0100")
    text = " ".join(html.fromstring(admin_client.get(page(office)).text).text_content().split())
    assert "by member" in text
    assert "Corrected by corrector." in text


def test_all_who_wrote_a_corrected_draft_are_still_its_authors(office, member):
    first, second, last = (
        member("editor", name="first"),
        member("editor", name="second"),
        member("editor", name="last"),
    )
    draft(office, first, email="one@example.org")
    draft(office, second, website="https://example.org")
    correct(office, member("publisher", name="corrector"), phone="+1 202 555 0100")
    draft(office, last, director_name="Rosa")
    assert authors_of(drafts_of(office).open["shared"]) == {first.pk, second.pk, last.pk}


def test_author_of_a_draft_that_gets_a_correction_is_told_in_their_language(
    office, member, mailoutbox, django_capture_on_commit_callbacks
):
    author = member("editor")
    MailSettings.objects.create(user=author, language="es")
    draft(office, author, email="draft@example.org")
    with django_capture_on_commit_callbacks(execute=True), override("fr"):
        correct(office, member("publisher", name="corrector"), phone="+1 202 555 0100")
    [message] = mailoutbox
    assert message.to == ["member@example.org"]
    assert "Pública" in message.subject
    assert "corrector" in message.body


# --- Where two people are needed ---


def test_correction_waits_until_another_person_publishes_it(office, member, two_people):
    author, other = member("publisher"), member("publisher", name="other")
    draft(office, author, name_en="Draft")
    assert correct(office, author, name_es="Corregida") is None
    assert live(office) == ("Live", "Pública")
    assert not Change.objects.exists()
    with pytest.raises(PublishingError, match="Somebody else"):
        actions.publish_correction(item=office, number=waiting_number(office), user=author)
    actions.publish_correction(item=office, number=waiting_number(office), user=other)
    assert live(office) == ("Live", "Corregida")
    assert drafts_of(office).live["es"].author == author
    assert not correction_of(office)
    assert (states_of(office), drafted(office)["fields"]["name_en"]) == ({"en": "draft"}, "Draft")


def test_correction_that_waits_is_in_no_draft_and_no_history_of_what_was_public(office, member, two_people):
    correct(office, member("publisher"), name_es="Corregida")
    assert drafted(office)["fields"]["name_es"] == "Pública"
    assert [version.state for version in correction_of(office).values()] == ["correction"]
    assert states_of(office) == {}


def test_correction_of_what_was_published_since_is_refused(office, member, two_people):
    correct(office, member("publisher"), name_es="Corregida")
    draft(office, None, name_es="Nueva")
    actions.publish(item=office, user=None)
    with pytest.raises(PublishingError, match="published since"):
        actions.publish_correction(item=office, number=waiting_number(office), user=None)
    assert live(office) == ("Live", "Nueva")


def test_correction_beside_what_else_was_published_since_goes_live(office, member, two_people):
    correct(office, member("publisher"), name_es="Corregida")
    draft(office, None, name_en="New")
    actions.publish(item=office, user=None)
    actions.publish_correction(item=office, number=waiting_number(office), user=None)
    assert live(office) == ("New", "Corregida")


def test_second_correction_waits_for_the_decision_on_the_first(office, member, two_people):
    user = member("publisher")
    correct(office, user, name_es="Corregida")
    with pytest.raises(PublishingError, match="waits for approval"):
        correct(office, user, name_en="Corrected")


def test_correction_is_declined_and_its_author_told(
    office, member, two_people, mailoutbox, django_capture_on_commit_callbacks
):
    correct(office, member("publisher"), name_es="Corregida")
    number = waiting_number(office)
    with django_capture_on_commit_callbacks(execute=True):
        actions.decline_correction(
            item=office, number=number, user=member("publisher", name="other"), comment="It was right."
        )
    assert not correction_of(office)
    [message] = mailoutbox
    assert message.to == ["member@example.org"]
    assert "It was right." in message.body
    with pytest.raises(PublishingError, match="no such correction"):
        actions.publish_correction(item=office, number=number, user=None)


def test_correction_is_taken_back_by_its_author_and_by_nobody_without_the_right(office, member, two_people):
    author = member("publisher")
    correct(office, author, name_es="Corregida")
    with pytest.raises(PermissionDenied):
        actions.decline_correction(item=office, number=waiting_number(office), user=member("editor", name="editor"))
    actions.decline_correction(item=office, number=waiting_number(office), user=author)
    assert not correction_of(office)


def test_correction_of_an_item_that_is_deleted_waits_no_more(office, member, two_people):
    correct(office, member("publisher"), name_es="Corregida")
    actions.delete(item=office, user=None)
    assert not correction_of(office)


def test_correction_that_waits_is_not_pruned(office, member, two_people):
    correct(office, member("publisher"), name_es="Corregida")
    draft(office, None, name_en="Draft")
    Revision.objects.update(created_at=timezone.now() - timedelta(days=1000))
    call_command("prune_revisions")
    assert correction_of(office)


def test_reviewers_are_told_of_a_correction(
    office, member, two_people, mailoutbox, django_capture_on_commit_callbacks
):
    author, other = member("publisher"), member("publisher", name="other")
    with django_capture_on_commit_callbacks(execute=True):
        correct(office, author, name_es="Corregida")
    assert [message.to for message in mailoutbox] == [["other@example.org"]]
    assert [task.item for task in worklist(other)["to_review"]] == [office]
    assert [task.item for task in worklist(author)["in_review"]] == [office]


# --- In the admin ---


def page(item, name="review"):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{name}", args=[item.pk])


def buttons(response) -> set[str]:
    return set(html.fromstring(response.text).xpath("//main//button[@name='decision']/@value"))


def test_correction_is_written_by_one_and_published_by_another_in_the_admin(client, office, member, two_people):
    author, other = member("publisher"), member("publisher", name="other")
    client.force_login(author)
    address = f"{page(office, 'change')}?correct=1"
    response = client.get(address)
    assert "Submit the correction" in response.text
    response = client.post(address, page_data(response, name_es="Corregida", _correct="1"), follow=True)
    assert "waits until somebody else publishes it" in response.text
    assert live(office) == ("Live", "Pública")
    offered = buttons(client.get(page(office)))
    assert "decline-correction" in offered
    assert "publish-correction" not in offered
    client.force_login(other)
    response = client.get(page(office))
    assert {"publish-correction", "decline-correction"} <= buttons(response)
    assert "Corregida" in response.text
    assert "?correct=1" not in response.text
    data = {"decision": "publish-correction", "correction": waiting_number(office), "comment": "Yes."}
    client.post(page(office), data)
    assert live(office) == ("Live", "Corregida")
    assert "Yes." in client.get(page(office, "history")).text
