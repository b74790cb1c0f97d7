"""Mail about submissions and decisions: at once, once a day or not at all, in the reader's language, once."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from cms.content.snapshots import snapshot
from cms.publishing import actions, digests, notifications
from cms.publishing.digests import send_digest, send_digests
from cms.publishing.models import MailSettings, Notice, RoleAssignment
from regions.models import Office
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

Frequency = MailSettings.Frequency
SECRET = "Words that nobody approved"


@pytest.fixture
def office():
    return OfficeFactory(name_en="North", name_fr="Nord")


@pytest.fixture
def editor(member):
    return member("editor", name="editor")


@pytest.fixture
def publisher(member):
    return member("publisher", name="publisher")


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """A function that does an action as if it was committed, so that mail goes out."""

    def committed(act, **kwargs):
        with django_capture_on_commit_callbacks(execute=True):
            return act(**kwargs)

    return committed


def choose(person, frequency, language=""):
    MailSettings.objects.update_or_create(user=person, defaults={"frequency": frequency, "language": language})


def drafted_by(person, office, **fields):
    data = snapshot(office)
    data["fields"].update(fields or {"name_en": SECRET})
    actions.save_draft(item=office, data=data, user=person, opened_on=None)


@pytest.fixture
def submit(committed, office, editor):
    """A function that drafts ``office`` and submits it, as the editor."""

    def submit(item=office, comment="Please look", **fields):
        drafted_by(editor, item, **fields)
        committed(actions.submit, item=item, user=editor, comment=comment)

    return submit


def tomorrow(monkeypatch):
    later = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(digests.timezone, "localdate", lambda: later)


# --- When ----------------------------------------------------------------------------


def test_submission_is_told_at_once_to_who_never_chose(submit, publisher, mailoutbox):
    submit()
    (message,) = mailoutbox
    assert message.to == ["publisher@example.org"]
    assert "editor submitted “North” (office) for review: English." in message.body
    assert not Notice.objects.exists()


def test_submission_waits_for_the_mail_of_the_day(submit, publisher, mailoutbox):
    choose(publisher, Frequency.DAILY)
    submit()
    assert mailoutbox == []
    assert send_digests() == 1
    (message,) = mailoutbox
    assert message.to == ["publisher@example.org"]
    assert "editor submitted “North” (office) for review: English." in message.body
    assert "Please look" in message.body
    assert not Notice.objects.exists()


@pytest.mark.parametrize("decide", ["approve", "request_changes", "publish"])
@pytest.mark.parametrize("frequency", Frequency.values)
def test_decision_is_told_as_the_author_chose(
    submit, committed, office, editor, publisher, mailoutbox, frequency, decide
):
    choose(publisher, Frequency.NEVER)
    choose(editor, frequency)
    submit()
    committed(getattr(actions, decide), item=office, user=publisher, comment="Quite so")
    assert len(mailoutbox) == (frequency == Frequency.AT_ONCE)
    assert send_digests() == (frequency == Frequency.DAILY)
    assert all("Quite so" in message.body and "publisher" in message.body for message in mailoutbox)
    assert len(mailoutbox) == (frequency != Frequency.NEVER)


def test_submission_is_not_told_to_who_wants_no_mail(submit, publisher, mailoutbox):
    choose(publisher, Frequency.NEVER)
    submit()
    assert send_digests() == 0
    assert mailoutbox == []


def test_what_waits_is_not_sent_to_who_wants_no_mail_by_then(submit, publisher, mailoutbox):
    choose(publisher, Frequency.DAILY)
    submit()
    choose(publisher, Frequency.NEVER)
    assert send_digests() == 0
    assert mailoutbox == []
    assert not Notice.objects.exists()


def test_what_waits_is_sent_to_who_wants_mail_at_once_by_then(submit, publisher, mailoutbox):
    choose(publisher, Frequency.DAILY)
    submit()
    choose(publisher, Frequency.AT_ONCE)
    assert send_digests() == 1


def test_nothing_waits_of_an_action_that_was_undone(office, editor, publisher):
    choose(publisher, Frequency.DAILY)
    drafted_by(editor, office)
    with transaction.atomic():
        actions.submit(item=office, user=editor)
        assert Notice.objects.exists()
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


# --- What it says --------------------------------------------------------------------


def test_mail_of_the_day_says_all_that_happened_in_order_and_nothing_of_the_draft(submit, publisher, mailoutbox):
    choose(publisher, Frequency.DAILY)
    submit(comment="First")
    submit(OfficeFactory(name_en="South"), comment="Second")
    assert send_digests() == 1
    (message,) = mailoutbox
    assert message.subject == "2 messages about your work"
    assert message.body.index("North") < message.body.index("First") < message.body.index("South")
    assert "/admin/settings/" in message.body
    assert SECRET not in message.body + message.subject


@pytest.mark.parametrize("frequency", [Frequency.AT_ONCE, Frequency.DAILY])
def test_mail_is_in_the_language_that_its_reader_chose(submit, office, publisher, mailoutbox, frequency):
    choose(publisher, frequency, "fr")
    with override("es"):
        submit(slug="north-2")
    send_digests()
    (message,) = mailoutbox
    assert "Nord" in message.body
    with override("fr"):
        assert str(Office._meta.verbose_name) in message.body
        assert notifications.part_label("shared") in message.body


def test_mail_is_in_the_language_of_the_last_submission_where_none_was_chosen(
    submit, committed, office, publisher, mailoutbox
):
    with override("fr"):
        submit()
    mailoutbox.clear()
    with override("es"):
        committed(actions.approve, item=office, user=publisher)
    assert "Nord" in mailoutbox[0].body


def test_language_that_the_site_no_longer_has_is_not_used(publisher):
    choose(publisher, Frequency.DAILY, "xx")
    assert notifications.language_of(publisher) == "en"


# --- Once ----------------------------------------------------------------------------


def test_second_run_sends_nothing_more(submit, publisher, mailoutbox, capsys):
    choose(publisher, Frequency.DAILY)
    submit()
    for _run in range(2):
        call_command("send_digests")
    assert capsys.readouterr().out == "1 mails of the day were sent.\n0 mails of the day were sent.\n"
    assert len(mailoutbox) == 1


def test_run_beside_another_one_sends_nothing(submit, publisher, monkeypatch):
    sent = []

    def send(*args):
        assert send_digests() == 0  # another process looks while this one talks to the mail server
        sent.append(args)

    choose(publisher, Frequency.DAILY)
    submit()
    monkeypatch.setattr(digests, "send_mail", send)
    assert send_digests() == 1
    assert len(sent) == 1


def test_run_that_looked_before_another_one_began_sends_nothing(submit, publisher, mailoutbox):
    choose(publisher, Frequency.DAILY)
    submit()
    today = timezone.localdate()
    assert [send_digest(publisher, today), send_digest(publisher, today)] == [True, False]
    assert len(mailoutbox) == 1


def test_there_is_one_mail_a_day(submit, publisher, mailoutbox, monkeypatch):
    choose(publisher, Frequency.DAILY)
    submit()
    send_digests()
    submit(OfficeFactory())
    assert send_digests() == 0
    assert Notice.objects.count() == 1
    tomorrow(monkeypatch)
    assert send_digests() == 1
    assert len(mailoutbox) == 2


def test_notice_that_comes_while_the_mail_is_sent_waits_for_the_next(submit, publisher, monkeypatch):
    choose(publisher, Frequency.DAILY)
    submit()
    monkeypatch.setattr(digests, "send_mail", lambda *args: submit(OfficeFactory()))
    send_digests()
    assert Notice.objects.count() == 1


# --- What goes wrong -----------------------------------------------------------------


def test_mail_server_that_is_away_loses_nothing_and_the_next_run_sends(
    submit, publisher, mailoutbox, monkeypatch, caplog
):
    def away(*args):
        raise ConnectionRefusedError

    choose(publisher, Frequency.DAILY)
    submit()
    with monkeypatch.context() as patched:
        patched.setattr(digests, "send_mail", away)
        assert send_digests() == 0
    assert Notice.objects.count() == 1
    assert "the next run tries again" in caplog.text
    assert send_digests() == 1
    assert len(mailoutbox) == 1


def test_mail_that_fails_holds_up_no_other(submit, publisher, member, monkeypatch, mailoutbox):
    other = member("publisher", name="other")
    for person in (publisher, other):
        choose(person, Frequency.DAILY)
    submit()

    def send(subject, body, sender, recipients):
        if recipients == ["publisher@example.org"]:
            raise ValueError("a fault of the program")

    monkeypatch.setattr(digests, "send_mail", send)
    assert send_digests() == 1
    assert Notice.objects.get().recipient == publisher


def test_mail_server_that_is_away_costs_no_submission(submit, publisher, monkeypatch, caplog):
    def away(*args):
        raise ConnectionRefusedError

    monkeypatch.setattr(notifications, "send_mail", away)
    submit()
    assert "could not be sent" in caplog.text
    assert "North" not in caplog.text


def lose_role(person, office):
    RoleAssignment.objects.filter(user=person).delete()


def become_translator(person, office):
    RoleAssignment.objects.filter(user=person).update(role="translator", languages=["es"])


def leave(person, office):
    person.is_active = False
    person.save()


def delete_item(person, office):
    actions.delete(item=office, user=None)


def have_no_address(person, office):
    person.email = ""
    person.save()


@pytest.mark.parametrize("lost", [lose_role, become_translator, leave, delete_item, have_no_address])
def test_what_somebody_may_not_see_or_review_any_more_is_left_out(submit, office, publisher, mailoutbox, lost):
    choose(publisher, Frequency.DAILY)
    submit()
    assert Notice.objects.count() == 1
    lost(publisher, office)
    assert send_digests() == 0
    assert mailoutbox == []
    assert not Notice.objects.exists()


def test_the_rest_is_sent_when_an_item_was_deleted(submit, office, publisher, mailoutbox):
    choose(publisher, Frequency.DAILY)
    submit()
    submit(OfficeFactory(name_en="South"))
    actions.delete(item=office, user=None)
    assert send_digests() == 1
    assert "South" in mailoutbox[0].body
    assert "North" not in mailoutbox[0].body


@pytest.mark.parametrize("lost", [lose_role, leave])
def test_author_without_account_or_role_is_not_told_at_once_either(
    submit, committed, office, editor, publisher, mailoutbox, lost
):
    choose(publisher, Frequency.NEVER)
    submit()
    lost(editor, office)
    committed(actions.request_changes, item=office, user=publisher, comment="Too long")
    assert mailoutbox == []


# --- What it costs -------------------------------------------------------------------


def cost_of(act, **kwargs) -> int:
    with CaptureQueriesContext(connection) as queries:
        act(**kwargs)
    return len(queries)


@pytest.mark.parametrize("frequency", [Frequency.AT_ONCE, Frequency.DAILY])
def test_queries_of_submission_and_approval_do_not_grow_with_reviewers(editor, member, frequency):
    found = []
    for number in range(3):  # the first time fills what is read once a process
        for name in range(8 * number):
            choose(member("publisher", name=f"publisher-{number}-{name}"), frequency)
        office = OfficeFactory()
        drafted_by(editor, office)
        found.append(
            (cost_of(actions.submit, item=office, user=editor), cost_of(actions.approve, item=office, user=None))
        )
        if number == 0:
            choose(member("publisher", name="first"), frequency)
    assert found[1] == found[2]


def test_queries_of_the_mail_of_the_day_do_not_grow_with_what_waits(editor, member, submit):
    found = []
    for count in (1, 1, 9):
        person = member("publisher", name=f"publisher-{len(found)}")
        choose(person, Frequency.DAILY)
        for _number in range(count):
            submit(OfficeFactory())
        person = type(person).objects.get(pk=person.pk)  # whose roles are not known
        found.append(cost_of(send_digest, person=person, today=timezone.localdate()))
    assert found[1] == found[2]
