"""Commands that keep the tables of publication in order."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import ChangeLogHead, PartVersion, Pin, Release, Revision
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """An office with a published revision, one that was replaced, one that was given up, and a draft."""
    office = OfficeFactory(live=False, name_en="Published")
    actions.publish(item=office, user=None)
    for name in ("Replaced", "Given up"):
        draft(office, name)
    actions.discard(item=office, user=None)
    draft(office, "Drafted")
    return office


def draft(office, name):
    data = snapshot(office)
    data["fields"]["name_en"] = name
    return actions.save_draft(item=office, data=data, user=None, opened_on=None)


def names(office) -> list[str]:
    versions = PartVersion.objects.of(office).filter(part="en").order_by("pk")
    return [version.content["fields"]["name_en"] for version in versions]


def grow_old(office, **age):
    Revision.objects.of(office).update(created_at=timezone.now() - timedelta(**age))


def test_pruning_deletes_what_is_old_and_was_never_public(office, capsys):
    grow_old(office, days=366)
    call_command("prune_revisions")
    assert names(office) == ["Published", "Drafted"]
    assert capsys.readouterr().out == "2 revisions were deleted.\n"


def test_pruning_keeps_what_is_younger(office):
    grow_old(office, days=364)
    call_command("prune_revisions")
    assert len(names(office)) == 4
    call_command("prune_revisions", days=363)
    assert len(names(office)) == 2


def test_pruning_can_say_first_what_it_would_do(office, capsys):
    grow_old(office, days=366)
    call_command("prune_revisions", dry_run=True)
    assert len(names(office)) == 4
    assert capsys.readouterr().out == "2 revisions would be deleted.\n"


def test_pruning_keeps_what_a_release_was_scheduled_with(office):
    release = Release.objects.create(title="Release")
    actions.add_to_release(release=release, items=[office], user=None)
    Pin.objects.filter(part="en").update(version=PartVersion.objects.of(office).get(revision__number=2))
    grow_old(office, days=366)
    call_command("prune_revisions")
    assert names(office) == ["Published", "Replaced", "Drafted"]


def test_renewal_gives_the_log_another_identity_and_says_its_token(capsys):
    before = ChangeLogHead.current().log
    call_command("renew_change_log")
    after = ChangeLogHead.current().log
    assert before != after
    assert after.hex[:12] in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_renewal_whose_cache_cannot_be_emptied_says_that_it_must_be_run_again(monkeypatch):
    def refuse():
        raise OSError("no connection")

    monkeypatch.setattr(cache, "clear", refuse, raising=False)
    with pytest.raises(CommandError, match="run again. no connection"):
        call_command("renew_change_log")


def test_what_is_due_is_applied_and_counted(capsys):
    office = OfficeFactory(live=False)
    due_at = timezone.now() + timedelta(hours=1)
    change = actions.schedule(target=office, operation="publish", due_at=due_at, user=None)
    call_command("publish_due")
    past = timezone.now() - timedelta(seconds=1)
    type(change).objects.update(due_at=past)
    ChangeLogHead.objects.update(next_due_at=past)
    call_command("publish_due")
    assert capsys.readouterr().out == "0 scheduled changes applied.\n1 scheduled changes applied.\n"
    office.refresh_from_db()
    assert office.is_live
