"""Which texts are missing in which language."""

import pytest

from publishing.actions import unpublish
from regions.models import Country, Office, Section
from tests.factories import CountryFactory, OfficeFactory, SectionFactory
from translations.status import completeness, incomplete_in, overview, translated_children

pytestmark = pytest.mark.django_db


def by_language(item) -> dict[str, tuple[int, int]]:
    return {state.language: (state.present, state.total) for state in completeness([item])[item.pk]}


def test_translated_children_are_found_by_their_parent():
    assert Section in translated_children(Office)


def test_completeness_counts_texts_that_another_language_has():
    office = OfficeFactory(name_en="Office", name_es="Oficina", short_name_es="Of.")
    assert by_language(office) == {"en": (1, 2), "es": (2, 2), "fr": (0, 2), "pt": (0, 2)}


def test_completeness_includes_children():
    office = OfficeFactory(name_en="Office")
    SectionFactory(office=office, heading_en="One", body_en="", body_es="<p>Dos</p>")
    SectionFactory(office=office, heading_en="Two", body_en=None)
    assert by_language(office) == {"en": (3, 4), "es": (1, 4), "fr": (0, 4), "pt": (0, 4)}


@pytest.mark.parametrize(
    ("present", "total", "state"),
    [(2, 2, "complete"), (1, 2, "partial"), (0, 2, "empty"), (0, 0, "empty")],
)
def test_state_of_a_language(present, total, state):
    from translations.status import Completeness

    assert Completeness("es", present, total).state == state


@pytest.mark.parametrize("number", [1, 6])
def test_completeness_makes_one_query_a_kind_of_children(number, django_assert_num_queries):
    offices = OfficeFactory.create_batch(number)
    for office in offices:
        SectionFactory.create_batch(number, office=office)
    with django_assert_num_queries(2):  # sections and quotations
        completeness(offices)


@pytest.mark.parametrize("empty", [None, ""])
def test_incomplete_in_finds_an_own_text_that_is_missing(empty):
    incomplete = CountryFactory(name_en="Peru", name_fr=empty)
    CountryFactory(name_en="Chile", name_fr="Chili")
    assert list(incomplete_in(Country.objects.all(), "fr")) == [incomplete]


def test_incomplete_in_finds_a_missing_text_of_a_child():
    office = OfficeFactory(name_en="Office", name_es="Oficina")
    SectionFactory(office=office, body_en="")
    assert list(incomplete_in(Office.objects.all(), "es")) == [office]


def test_incomplete_in_leaves_out_texts_that_nobody_has_written():
    OfficeFactory(name_en="Office", short_name_en="", introduction_en=None)
    assert not incomplete_in(Office.objects.all(), "en").exists()


def test_overview_counts_statuses_and_languages_in_one_query(django_assert_num_queries):
    OfficeFactory(name_en="Live", name_es="Viva")
    OfficeFactory(name_en="New", live=False)
    SectionFactory(office=OfficeFactory(name_en="Complete", name_es="Completa"), heading_es="Sí", body_es="<p>Sí</p>")
    unpublish(item=OfficeFactory(name_en="Gone"), user=None)
    with django_assert_num_queries(1):
        found = overview(Office)
    assert found.total == 4
    assert found.by_status == {"unpublished": 1, "live": 2, "withdrawn": 1}
    assert found.incomplete == {"en": 0, "es": 2, "fr": 4, "pt": 4}


def test_overview_of_reference_data_has_no_statuses():
    CountryFactory()
    assert overview(Country).by_status == {}
