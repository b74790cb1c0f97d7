"""Which texts are missing in which language."""

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType

from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing.actions import discard, save_draft, unpublish
from cms.translations.counts import recount_all
from cms.translations.status import completeness, incomplete_in, overview
from regions.models import Country, Office
from tests.factories import CountryFactory, OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db


def by_language(item) -> dict[str, tuple[int, int]]:
    recount_all()
    return {state.language: (state.present, state.total) for state in completeness([item])[item.pk]}


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
    from cms.translations.status import Completeness

    assert Completeness("es", present, total).state == state


@pytest.mark.parametrize("number", [1, 6])
def test_completeness_makes_one_query(number, django_assert_num_queries):
    offices = OfficeFactory.create_batch(number)
    for office in offices:
        SectionFactory.create_batch(number, office=office)
    with django_assert_num_queries(1):
        completeness(offices)


@pytest.mark.parametrize("empty", [None, ""])
def test_incomplete_in_finds_an_own_text_that_is_missing(empty):
    incomplete = CountryFactory(name_en="Peru", name_fr=empty)
    CountryFactory(name_en="Chile", name_fr="Chili")
    recount_all()
    assert list(incomplete_in(Country.objects.all(), "fr")) == [incomplete]


def test_incomplete_in_finds_a_missing_text_of_a_child():
    office = OfficeFactory(name_en="Office", name_es="Oficina")
    SectionFactory(office=office, body_en="")
    recount_all()
    assert list(incomplete_in(Office.objects.all(), "es")) == [office]


def test_incomplete_in_leaves_out_texts_that_nobody_has_written():
    OfficeFactory(name_en="Office", short_name_en="", introduction_en=None)
    recount_all()
    assert not incomplete_in(Office.objects.all(), "en").exists()


def test_overview_counts_statuses_and_languages_in_one_query(django_assert_num_queries):
    OfficeFactory(name_en="Live", name_es="Viva")
    OfficeFactory(name_en="New", live=False)
    SectionFactory(office=OfficeFactory(name_en="Complete", name_es="Completa"), heading_es="Sí", body_es="<p>Sí</p>")
    unpublish(item=OfficeFactory(name_en="Gone"), user=None)
    recount_all()
    with django_assert_num_queries(1):
        found = overview(Office)
    assert found.total == 4
    assert found.by_status == {"unpublished": 1, "live": 2, "withdrawn": 1}
    assert found.incomplete == {"en": 0, "es": 2, "fr": 4, "pt": 4}


def test_overview_of_reference_data_has_no_statuses():
    CountryFactory()
    assert overview(Country).by_status == {}


# --- Drafts: what is translated there is done --------------------------------------


def draft(item, child=None, **columns):
    """Store a draft of ``item`` with ``columns`` changed, of its first section where ``child`` says so."""
    data = snapshot(item)
    (data["children"]["sections"][0] if child else data["fields"]).update(columns)
    save_draft(item=item, data=data, user=None, opened_on=None)


def missing_in_es() -> dict[str, bool]:
    """Return what each of the three figures says of the only office: the filter, the count and the marks of lists."""
    recount_all(missing_only=True)
    [marks] = completeness([Office.objects.get()]).values()
    return {
        "filter": incomplete_in(Office.objects.all(), "es").exists(),
        "count": overview(Office).incomplete["es"] == 1,
        "marks": next(state.missing > 0 for state in marks if state.language == "es"),
    }


@pytest.mark.parametrize("in_section", [False, True], ids=["of the item", "of a section"])
@pytest.mark.parametrize("live", [True, False], ids=["live", "never published"])
def test_text_that_is_translated_in_a_draft_counts_as_done(in_section, live):
    office = OfficeFactory(name_en="It's “Office”", name_es=None if not in_section else "Oficina", live=live)
    SectionFactory(office=office, heading_en="One", heading_es="" if in_section else "Uno", body_en="", body_es="")
    assert set(missing_in_es().values()) == {True}
    draft(office, in_section, **({"heading_es": "Uno"} if in_section else {"name_es": "Oficina"}))
    assert missing_in_es() == {"filter": False, "count": False, "marks": False}


@pytest.mark.parametrize("in_section", [False, True], ids=["of the item", "of a section"])
def test_text_that_a_draft_has_in_one_language_only_counts_as_missing(in_section):
    office = OfficeFactory(name_en="Office", name_es="Oficina")
    SectionFactory(office=office, heading_en="One", heading_es="Uno", body_en="", body_es="")
    assert set(missing_in_es().values()) == {False}
    draft(office, in_section, **({"body_en": "<p>New</p>"} if in_section else {"short_name_en": "Off."}))
    assert missing_in_es() == {"filter": True, "count": True, "marks": True}


def test_text_that_a_draft_takes_back_everywhere_is_not_missing():
    office = OfficeFactory(name_en="Office", name_es="Oficina", short_name_en="Off.")
    draft(office, short_name_en="")
    assert set(missing_in_es().values()) == {False}


def test_draft_that_was_discarded_does_not_count():
    office = OfficeFactory(name_en="Office")
    draft(office, name_es="Oficina")
    discard(item=office, user=None)
    assert set(missing_in_es().values()) == {True}


@pytest.mark.parametrize("model", [model for model in apps.get_models() if issubclass(model, Publishable)])
def test_every_kind_of_draft_can_be_counted(model, django_assert_num_queries):
    ContentType.objects.get_for_model(model)
    with django_assert_num_queries(1):
        assert set(overview(model).incomplete.values()) <= {0}
