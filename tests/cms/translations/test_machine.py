"""Machine translation: off until somebody switches it on, and nothing of it is public before a person looked at it."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from cms.publishing import actions
from cms.publishing.drafts import drafted, drafts_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import AuditEntry, Release
from cms.translations.counts import recount_all
from cms.translations.machine import machine_translate
from cms.translations.texts import texts_of
from tests.factories import OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db


class Backwards:
    """A stand-in for a service: it turns words round."""

    def translate(self, texts, source, target):
        return [
            f"{target}: {text[::-1]}" if "<" not in text else f"<p>{target}</p><script>x</script>" for text in texts
        ]


class Forgetful:
    def translate(self, texts, source, target):
        return []


@pytest.fixture
def office():
    office = OfficeFactory(name_en="Office", name_es="Oficina")
    SectionFactory(office=office, heading_en="One", heading_pt="Um", body_en="<p>Body</p>")
    return office


@pytest.fixture
def service(settings):
    settings.MACHINE_TRANSLATION = f"{__name__}.Backwards"


def translate(office, **options):
    return machine_translate(item=office, language="pt", user=None, **options)


def found(office) -> list[tuple[str, str]]:
    return [(text.target, str(text.provenance)) for text in texts_of(office, "pt")]


def test_site_has_no_machine_translation_by_itself(office):
    with pytest.raises(PublishingError):
        translate(office)
    assert not AuditEntry.objects.exists()


def test_missing_texts_are_drafted_and_say_that_a_machine_made_them(office, service):
    translate(office)
    assert found(office) == [("pt: eciffO", "machine"), ("Um", "person"), ("<p>pt</p>", "machine")]
    assert set(drafts_of(office).open) == {"pt"}


def test_audit_has_what_was_sent(office, service):
    translate(office, places=["name"])
    detail = AuditEntry.objects.get(action="machine-translate").detail
    assert (detail["source"], detail["target"], detail["sent"]) == ("en", "pt", {"name": "Office"})
    assert detail["service"] == f"{__name__}.Backwards"


def test_nothing_is_sent_where_nothing_is_missing(office, service):
    assert machine_translate(item=office, language="en", user=None) is None
    assert not AuditEntry.objects.exists()


def test_answer_of_another_number_of_texts_is_refused(office, settings):
    settings.MACHINE_TRANSLATION = f"{__name__}.Forgetful"
    with pytest.raises(PublishingError):
        translate(office)
    assert not drafts_of(office).open


def test_who_may_not_write_the_language_may_not_have_it_translated(office, service):
    with pytest.raises(PermissionDenied):
        machine_translate(item=office, language="pt", user=User.objects.create_user("visitor", is_staff=True))


def corrected(office):
    data = drafted(office)
    actions.discard(item=office, user=None)
    actions.save_draft(item=office, data=data, user=None, opened_on=None, provenance={"name": "machine"})
    actions.publish(item=office, user=None)


def released(office):
    release = Release.objects.create(title="June")
    actions.add_to_release(release=release, items=[office], user=None)
    actions.publish_release(release=release, user=None)


@pytest.mark.parametrize("way", [lambda office: actions.publish(item=office, user=None), released, corrected])
def test_nothing_that_a_machine_made_is_published_unless_the_site_allows_it(office, service, settings, way):
    translate(office)
    with pytest.raises(PublishingError, match="machine"):
        way(office)
    settings.PUBLISH_MACHINE_TRANSLATION = True
    actions.publish(item=office, user=None)
    office.refresh_from_db()
    assert office.name_pt == "pt: eciffO"


def test_what_a_person_confirmed_is_published(office, service):
    translate(office)
    places = [text.place for text in texts_of(office, "pt")]
    actions.confirm(item=office, language="pt", places=places, user=None)
    actions.publish(item=office, user=None)
    assert [how for _text, how in found(office)] == ["reviewed", "person", "reviewed"]


def test_other_languages_are_published_beside_what_a_machine_made(office, service):
    translate(office)
    data = drafted(office)
    data["fields"]["name_es"] = "La oficina"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    actions.publish(item=office, user=None, parts=["es"])
    assert set(drafts_of(office).open) == {"pt"}


def test_command_drafts_what_is_missing_in_a_language(office, service):
    recount_all()
    call_command("machine_translate", "pt", collection="offices", stdout=(said := StringIO()))
    assert said.getvalue() == "Drafted texts of 1 items.\n"
    assert found(office)[0] == ("pt: eciffO", "machine")


def test_command_says_what_is_wrong(office):
    recount_all()
    with pytest.raises(CommandError, match="no machine translation"):
        call_command("machine_translate", "pt")
    with pytest.raises(CommandError, match="no collection"):
        call_command("machine_translate", "pt", collection="wrong")
