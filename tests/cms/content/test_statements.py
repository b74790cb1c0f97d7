"""Queries whose SQL is made once: the rows are those of the queryset, whatever the key and the language."""

import pytest
from django.db.models import Prefetch
from django.utils.translation import override

from cms.content.statements import Related, Statement
from regions.models import Country, Office
from tests.factories import CountryFactory, OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db


def offices():
    return Office.objects.live().select_related("seat_country").order_by("slug")


@pytest.fixture
def statement():
    return Statement(lambda slug: offices().filter(slug=slug), str)


def test_statement_gives_the_rows_of_its_queryset(statement):
    seat = CountryFactory(code="AR")
    north, south = OfficeFactory(slug="north", seat_country=seat), OfficeFactory(slug="south")
    assert statement.rows("south") == [south]
    (found,) = statement.rows("north")
    assert found == north
    assert (found.seat_country, found.name_en, found._state.adding) == (seat, north.name_en, False)


@pytest.mark.parametrize("key", ["", "nowhere", "100%", "%s", "' OR 1=1 --"])
def test_statement_finds_nothing_under_a_key_that_is_none(statement, key):
    OfficeFactory(slug="north")
    assert statement.rows(key) == []


def test_statement_builds_its_queryset_once_a_language():
    asked = []

    def build(slug):
        asked.append(slug)
        return offices().filter(slug=slug)

    statement = Statement(build, str)
    for language in ("en", "es", "en", "es"):
        with override(language):
            statement.rows("north")
            statement.rows("south")
    assert len(asked) == 2


def test_statement_orders_by_what_the_language_shows():
    CountryFactory(code="AA", name_en="Zebra", name_es="Alfa")
    CountryFactory(code="BB", name_en="Middle", name_es="Medio")
    statement = Statement(lambda _: Country.objects.for_list())
    with override("en"):
        assert [country.code for country in statement.all()] == ["BB", "AA"]
    with override("es"):
        assert [country.code for country in statement.all()] == ["AA", "BB"]


def test_statement_of_other_languages_of_the_site_is_made_anew(settings):
    CountryFactory(code="AA", name_en="", name_es="Zebra", name_pt="Alfa")
    CountryFactory(code="BB", name_en="", name_es="Medio", name_pt="Medio")
    statement = Statement(lambda _: Country.objects.for_list())
    assert [country.code for country in statement.all()] == ["BB", "AA"]
    settings.LANGUAGES = [("en", "English"), ("pt", "Portuguese"), ("es", "Spanish")]
    assert [country.code for country in statement.all()] == ["AA", "BB"]


def test_statement_takes_any_number_of_keys(django_assert_num_queries):
    made = [OfficeFactory() for _ in range(3)]
    statement = Statement(lambda key: offices().filter(pk__in=[key]))
    assert statement.rows() == []
    with django_assert_num_queries(3):
        for number in (1, 2, 3):
            assert set(statement.rows(*(office.pk for office in made[:number]))) == set(made[:number])


def test_statement_prefetches_what_its_queryset_does(django_assert_num_queries):
    office = OfficeFactory()
    office.countries.set([CountryFactory(code="BB"), CountryFactory(code="AA")])
    named = Prefetch("countries", Country.objects.order_by("code"))
    statement = Statement(lambda key: offices().filter(pk=key).prefetch_related(named))
    (found,) = statement.rows(office.pk)
    with django_assert_num_queries(0):
        assert [country.code for country in found.countries.all()] == ["AA", "BB"]


def test_related_rows_know_their_item_and_are_limited(django_assert_num_queries):
    office = OfficeFactory()
    first, second = (SectionFactory(office=office, position=number) for number in range(2))
    SectionFactory()
    sections = Related("office", lambda: type(first).objects.order_by("position"), limit=1)
    with django_assert_num_queries(1):
        (found,) = sections.of(office)
        assert (found, found.office) == (first, office)
    assert second not in sections.of(office)
