"""How each text of an item stands to the source that it is made from."""

import pytest

from cms.publishing import actions
from cms.publishing.drafts import drafted, drafts_of, key_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Change, PartVersion, Release
from cms.translations.texts import Provenance, Status, texts_of, texts_of_items
from tests.factories import OfficeFactory, SectionFactory, StrategyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return OfficeFactory(name_en="Office", name_es="Oficina", name_fr="Bureau")


def write(item, *, publish=True, correction_only=False, provenance=None, **texts):
    """Save ``texts`` of ``item`` as a draft, and publish them."""
    data = drafted(item)
    data = {**data, "fields": {**data["fields"], **texts}}
    actions.save_draft(
        item=item, data=data, user=None, opened_on=None, correction_only=correction_only, provenance=provenance
    )
    if publish:
        actions.publish(item=item, user=None)


def status(item, language="es", place="name", *, is_live=False) -> str:
    return next(text for text in texts_of(item, language, is_live=is_live) if text.place == place).status


def both(item, language="es") -> tuple[str, str]:
    """Return the status of the name as editors see it, and as it is live."""
    return status(item, language), status(item, language, is_live=True)


def test_texts_that_were_never_saved_are_current(office):
    assert both(office) == (Status.CURRENT, Status.CURRENT)


def test_text_that_another_language_has_is_missing(office):
    assert both(office, "pt") == (Status.MISSING, Status.MISSING)


def test_text_that_nobody_wrote_is_none(office):
    assert [text.place for text in texts_of(office, "es")] == ["name"]


def test_source_that_changes_leaves_its_translations_outdated(office):
    write(office, name_en="Agency")
    assert both(office) == (Status.OUTDATED, Status.OUTDATED)
    text = texts_of(office, "es")[0]
    assert (text.source, text.source_then, text.target) == ("Agency", "Office", "Oficina")


def test_source_that_is_drafted_leaves_live_translations_as_they_are(office):
    write(office, name_en="Agency", publish=False)
    assert both(office) == (Status.OUTDATED, Status.CURRENT)


def test_translation_that_is_written_is_current(office):
    write(office, name_en="Agency")
    write(office, name_es="Agencia")
    assert both(office) == (Status.CURRENT, Status.CURRENT)


def test_translation_of_a_drafted_source_is_ahead_of_the_live_one(office):
    write(office, name_en="Agency", publish=False)
    write(office, name_es="Agencia", publish=False)
    actions.publish(item=office, user=None, parts=["es"])
    assert both(office) == (Status.CURRENT, Status.AHEAD)
    actions.publish(item=office, user=None, parts=["en"])
    assert both(office) == (Status.CURRENT, Status.CURRENT)


def test_other_texts_of_a_translation_keep_their_status(office):
    write(office, short_name_en="Of.", short_name_es="Of.")
    write(office, name_en="Agency")
    write(office, short_name_es="Ofic.")
    assert (status(office), status(office, place="short_name")) == (Status.OUTDATED, Status.CURRENT)


def test_correction_leaves_translations_current(office):
    write(office, name_en="Ofice")
    write(office, name_es="Oficina principal")
    write(office, name_en="Office", correction_only=True)
    assert both(office) == (Status.CURRENT, Status.CURRENT)
    write(office, name_en="Agency")
    assert both(office) == (Status.OUTDATED, Status.OUTDATED)


def test_typography_leaves_translations_current(office):
    write(office, name_en="The “Office” – first")
    write(office, name_es="La primera")
    write(office, name_en='The "Office" - first')
    assert both(office) == (Status.CURRENT, Status.CURRENT)


def test_correction_of_an_outdated_translation_leaves_it_outdated(office):
    write(office, name_en="Agency")
    write(office, name_es="Oficinas", correction_only=True)
    assert status(office) == Status.OUTDATED


def test_correction_of_what_is_live_leaves_translations_and_drafts_current(office):
    write(office, short_name_en="Of.")
    write(office, short_name_en="Off.", publish=False)
    data = {**(live := drafted(office)), "fields": {**live["fields"], "name_en": "The office", "short_name_en": "Of."}}
    actions.correct_live(item=office, data=data, user=None, correction_only=True)
    assert both(office) == (Status.CURRENT, Status.CURRENT)


def test_still_right_is_a_draft_that_reaches_the_public_when_it_is_published(office):
    write(office, name_en="Agency")
    actions.confirm(item=office, language="es", places=["name"], user=None)
    assert both(office) == (Status.CURRENT, Status.OUTDATED)
    actions.publish(item=office, user=None, parts=["es"])
    assert both(office) == (Status.CURRENT, Status.CURRENT)
    change = Change.objects.latest("sequence")
    assert (change.languages, change.outdated) == (["es"], [])


def test_still_right_of_what_is_current_changes_nothing(office):
    write(office, name_es="La oficina")
    actions.confirm(item=office, language="es", places=["name"], user=None)
    assert not drafts_of(office).open


def test_still_right_of_a_text_that_is_not_there_is_refused(office):
    with pytest.raises(PublishingError):
        actions.confirm(item=office, language="pt", places=["name"], user=None)


def test_publication_of_a_source_names_the_languages_that_it_leaves_outdated(office):
    write(office, name_en="Agency")
    assert Change.objects.latest("sequence").outdated == ["es", "fr"]
    write(office, name_es="Agencia")
    write(office, name_en="The agency", correction_only=True)
    assert Change.objects.latest("sequence").outdated == []


def test_publication_of_a_source_with_its_translation_names_only_others(office):
    write(office, name_en="Agency", publish=False)
    write(office, name_es="Agencia")
    assert Change.objects.latest("sequence").outdated == ["fr"]


def test_translation_that_had_no_source_gets_the_first_one(office):
    write(office, short_name_es="Of.")
    write(office, short_name_en="Off.")
    assert status(office, place="short_name") == Status.CURRENT
    write(office, short_name_en="Agency")
    assert status(office, place="short_name") == Status.OUTDATED


def test_restored_texts_keep_what_they_were_made_from(office):
    write(office, name_en="Agency")
    write(office, name_es="Agencia")
    actions.restore(item=office, number=2, user=None, parts=["es"])
    assert both(office) == (Status.OUTDATED, Status.CURRENT)
    actions.restore(item=office, number=1, user=None, parts=["en"])
    assert status(office) == Status.CURRENT


def test_discarded_source_leaves_its_translation_outdated(office):
    write(office, name_en="Agency", publish=False)
    write(office, name_es="Agencia", publish=False)
    actions.discard(item=office, user=None, parts=["en"])
    assert status(office) == Status.OUTDATED


def test_undone_release_gives_texts_back_what_they_were_made_from(office):
    release = Release.objects.create(title="June")
    write(office, name_en="Agency", publish=False)
    write(office, name_es="Agencia", publish=False)
    actions.add_to_release(release=release, items=[office], user=None)
    actions.publish_release(release=release, user=None)
    assert both(office) == (Status.CURRENT, Status.CURRENT)
    actions.undo_release(release=release, user=None)
    assert both(office) == (Status.CURRENT, Status.CURRENT)
    actions.discard(item=office, user=None, parts=["en"])
    assert both(office) == (Status.OUTDATED, Status.CURRENT)


def test_source_language_is_that_of_the_item():
    strategy = StrategyFactory(title_en="Plan", title_es="Plan", original_language="es")
    write(strategy, title_es="Estrategia")
    assert (status(strategy, "en", "title"), status(strategy, "es", "title")) == (Status.OUTDATED, Status.CURRENT)


def test_source_that_has_no_text_is_shown_in_another_language(office):
    write(office, short_name_fr="B.")
    text = next(text for text in texts_of(office, "es") if text.place == "short_name")
    assert (text.source_language, text.source, text.status) == ("fr", "B.", Status.MISSING)


def test_texts_of_rows_are_named_after_their_row():
    section = SectionFactory(heading_en="Where we work", body_en="<p>Here.</p>")
    text = next(text for text in texts_of(section.office, "es") if text.place == f"sections:{section.pk}:body")
    assert (str(text.label), text.is_rich, text.max_length) == ("Section 1. Where we work: Text", True, None)


def test_text_that_a_machine_made_says_so_until_somebody_looked_at_it(office, settings):
    settings.PUBLISH_MACHINE_TRANSLATION = True

    def provenance():
        return texts_of(office, "pt")[0].provenance

    write(office, name_pt="Escritorio", provenance={"name": "machine"})
    assert provenance() == Provenance.MACHINE
    actions.confirm(item=office, language="pt", places=["name"], user=None)
    assert provenance() == Provenance.REVIEWED
    write(office, name_es="La oficina")
    assert texts_of(office, "es")[0].provenance == Provenance.PERSON


def test_machine_made_text_that_a_person_changes_is_reviewed(office, settings):
    settings.PUBLISH_MACHINE_TRANSLATION = True
    write(office, name_pt="Escritorio", provenance={"name": "machine"})
    write(office, name_pt="Escritório")
    assert texts_of(office, "pt")[0].provenance == Provenance.REVIEWED


@pytest.mark.parametrize("number", [1, 6])
def test_texts_of_items_are_read_in_as_many_queries_as_of_one(number, django_assert_num_queries):
    offices = OfficeFactory.create_batch(number, name_es="Oficina")
    for office in offices:
        write(office, name_en="Agency")
    with django_assert_num_queries(2):  # what they say, and what was translated
        found = texts_of_items(offices, "es")
    assert [text.status for text in found[key_of(offices[0])]] == [Status.OUTDATED]


def test_versions_hold_keys_only_where_they_are_not_those_of_the_words(office):
    write(office, name_en="Agency")
    write(office, name_en="The agency", correction_only=True)
    substance = PartVersion.objects.of(office).filter(part="en").values_list("substance", flat=True)
    assert [bool(found) for found in substance] == [False, False, True]
