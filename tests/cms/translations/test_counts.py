"""The counts of texts are what the texts say, and are kept where those change."""

from io import StringIO

import pytest
from django.core.management import call_command

from cms.publishing import actions
from cms.publishing.drafts import drafted
from cms.publishing.models import Release
from cms.translations.apps import fill_tables
from cms.translations.counts import counted_models, recount, recount_all, words_in
from cms.translations.models import TextCount
from regions.models import Country, Office
from tests.factories import CountryFactory, OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return OfficeFactory(name_en="Office of the North", name_es="Oficina", name_fr="Bureau")


def save(item, **texts):
    data = drafted(item)
    actions.save_draft(item=item, data={**data, "fields": {**data["fields"], **texts}}, user=None, opened_on=None)


def counted(item, language="es") -> dict[str, int]:
    """Return the counts of ``item`` in ``language`` that are not nought."""
    [row] = TextCount.objects.filter(object_id=item.pk, language=language).values()
    return {
        name: value for name, value in row.items() if isinstance(value, int) and value and name[-2:] not in ("id",)
    }


def test_counts_are_kept_by_saving_and_by_publishing(office):
    save(office, name_en="Office of the far South")
    assert counted(office) == {"working_outdated": 1, "words_to_do": 5, "live_current": 1}
    assert counted(office, "pt") == {"working_missing": 1, "words_to_do": 5, "live_missing": 1}
    actions.publish(item=office, user=None)
    assert counted(office) == {"working_outdated": 1, "words_to_do": 5, "live_outdated": 1}


def test_counts_are_kept_by_confirming_and_by_discarding(office):
    save(office, name_en="Agency")
    actions.confirm(item=office, language="es", places=["name"], user=None)
    assert counted(office) == {"working_current": 1, "live_current": 1}
    actions.discard(item=office, user=None, parts=["es"])
    assert counted(office)["working_outdated"] == 1


def test_translation_of_a_draft_that_is_published_first_counts_as_ahead(office):
    save(office, name_en="Agency")
    save(office, name_es="Agencia")
    actions.publish(item=office, user=None, parts=["es"])
    assert counted(office) == {"working_current": 1, "live_ahead": 1}


def test_counts_are_kept_by_releases_and_their_undoing(office):
    release = Release.objects.create(title="June")
    save(office, name_en="Agency")
    actions.add_to_release(release=release, items=[office], user=None)
    actions.publish_release(release=release, user=None)
    assert counted(office)["live_outdated"] == 1
    actions.undo_release(release=release, user=None)
    assert counted(office)["live_current"] == 1


def test_counts_of_what_was_deleted_are_gone(office):
    save(office, name_en="Agency")
    actions.delete(item=office, user=None)
    assert not TextCount.objects.exists()


def test_reference_data_is_counted():
    country = Country(code="PE", name_en="Peru")
    actions.save_reference(item=country, user=None)
    assert counted(country) == {"working_missing": 1, "words_to_do": 1, "live_missing": 1}
    actions.delete_reference(item=country, user=None)
    assert not TextCount.objects.exists()


def test_texts_of_rows_are_counted_with_their_item(office):
    SectionFactory(office=office, heading_en="One", body_en="<p>Two</p><p>three</p>")
    recount_all()
    assert counted(office)["words_to_do"] == 3


def test_everything_is_counted_after_migrating_and_only_what_is_not_counted_yet(office):
    CountryFactory(code="PE", name_en="Peru")
    fill_tables(plan=[])
    assert TextCount.objects.count() == 8
    TextCount.objects.filter(object_id=office.pk).update(words_to_do=99)
    fill_tables(plan=[])
    assert counted(office)["words_to_do"] == 99


def test_command_counts_everything_anew(office):
    call_command("count_texts", stdout=(said := StringIO()))
    assert counted(office) == {"working_current": 1, "live_current": 1}
    assert said.getvalue() == "Counted the texts of 1 item.\n"


@pytest.mark.parametrize("number", [1, 6])
def test_queries_do_not_grow_with_the_number_of_items(number, django_assert_num_queries):
    offices = OfficeFactory.create_batch(number)
    for office in offices:
        save(office, name_es="Oficina")
    with django_assert_num_queries(2):  # what they say, and the counts
        recount([(Office, office.pk) for office in offices])


@pytest.mark.parametrize(("text", "words"), [("", 0), ("One two", 2), ("<p>One</p><p>two <em>three</em></p>", 3)])
def test_words_in_a_text(text, words):
    assert words_in(text) == words


def test_models_with_texts_are_counted_and_parts_of_items_are_not():
    assert {Office, Country} <= set(counted_models())
    assert not any(model.parent_field for model in counted_models())
