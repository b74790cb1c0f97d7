"""Search and order without accents and capitals."""

import pytest

from cms.content.languages import displayed
from cms.content.lookups import Fold, fold
from regions.models import Country
from tests.factories import CountryFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("term", ["equateur", "ÉQUATEUR", "Équa", "teur"])
def test_folded_contains_finds_whatever_the_accents(term):
    CountryFactory(name_fr="Équateur")
    assert Country.objects.filter(name_fr__folded_contains=term).exists()


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Œuvre", "oeuvre"),
        ("Main-d’œuvre", "main-d'oeuvre"),
        ("L'eau", "l’EAU"),
        ("Lærdal", "laerdal"),
        ("Straße", "STRASSE"),
        ("Ørsted", "orsted"),
        ("ΟΔΟΣ", "οδος"),
        ("οδός", "ΟΔΟΣ"),
    ],
)
def test_folded_contains_takes_for_one_what_is_typed_for_another(text, term):
    CountryFactory(name_fr=text)
    assert Country.objects.filter(name_fr__folded_contains=term).exists()


@pytest.mark.parametrize("text", ["Ça c’est l‘œuvre", "ΟΔΟΣ ὁδός", "ŁÓDŹ Đà Nẵng", "Æon ʼn ß", "ıI İi", "plain"])
def test_fold_is_the_same_in_python_and_in_the_database(text):
    country = CountryFactory(name_fr=text)
    (found,) = Country.objects.filter(pk=country.pk).values_list(Fold("name_fr"), flat=True)
    assert found == fold(text)


@pytest.mark.parametrize("term", ["%", "_", "\\", "E%r"])
def test_folded_contains_takes_wildcards_literally(term):
    CountryFactory(name_fr="Équateur")
    assert not Country.objects.filter(name_fr__folded_contains=term).exists()


def test_fold_orders_letters_with_accents_among_those_without():
    for code, name in {"AA": "Zambie", "BB": "Équateur", "CC": "égypte", "DD": "Fidji"}.items():
        CountryFactory(code=code, name_en=None, name_fr=name)
    ordered = Country.objects.order_by(Fold(displayed("name", "fr")))
    assert [country.name_fr for country in ordered] == ["égypte", "Équateur", "Fidji", "Zambie"]
