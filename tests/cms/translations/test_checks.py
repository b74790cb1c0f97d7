"""What a machine sees of a translation."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.translations.checks import checks
from cms.translations.glossary import Entry, Glossary

NO_TERMS = Glossary([])


def found(source, target, language="es", source_language="en", terms=NO_TERMS, **kwargs) -> list[str]:
    """Return the keys of the findings."""
    findings = checks(source, target, language=language, source_language=source_language, terms=terms, **kwargs)
    return sorted(finding.key for finding in findings)


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("1,000.5 people", "1.000,5 personas", "es"),
        ("1,000.5 people", "1 000,5 personas", "es"),
        ("1,000.5 people", "1\u202f000,5 personnes", "fr"),
        ("12,500 people", "12 500 personnes", "fr"),
        ("1,000 people", "1000 pessoas", "pt"),
        ("12,500 people", "١٢٬٥٠٠ شخص", "ar"),
        ("1.5 million", "1,5 millones", "es"),
        ("2.50 %", "2,5 %", "es"),
        ("goal 10.7 and 16.b", "meta 10.7 y 16.b", "es"),
        ("2024–2030", "2024-2030", "es"),
        ("in the 21st century", "en el siglo XXI", "es"),
        ("in the 21st century", "au XXIe siècle", "fr"),
        ("5 km² of land", "5 km² de tierra", "es"),
        ("version 1.2.3", "versión 1.2.3", "es"),
    ],
)
def test_numbers_in_the_form_of_the_language_are_right(source, target, language):
    assert found(source, target, language) == []


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("1,000 people", "1,000 personas", ["added-number:1,000", "number:1,000"]),
        ("1.5% of them", "1.5% de ellas", ["number:1.5"]),
        ("$1.5 a day", "$1.5 por día", ["number:1.5"]),
        ("by 2030", "para 2035", ["added-number:2035", "number:2030"]),
        ("30 people", "3 personas", ["added-number:3", "number:30"]),
        ("25 offices", "oficinas", ["number:25"]),
        ("offices", "25 oficinas", ["added-number:25"]),
    ],
)
def test_numbers_that_are_wrong_are_found(source, target, expected):
    assert found(source, target) == expected


def test_numbers_written_with_spaces_are_found_without():
    assert found("12 500 personnes", "12,500 people", "en", "fr") == []
    assert found("le chapitre 12 500 fois", "chapter 12, 500 times", "en", "fr") == []


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ('<p><a href="https://a.example/en/x">a</a></p>', '<p><a href="https://a.example/es/x">a</a></p>', []),
        ('<p><a href="/en/offices/">a</a></p>', '<p><a href="/es/offices/">a</a></p>', []),
        ('<p><a href="https://a.example/x">a</a></p>', "<p>a</p>", ["link:https://a.example/x"]),
        ("<p>a</p>", '<p><a href="https://b.example">a</a></p>', ["added-link:https://b.example"]),
    ],
)
def test_links_of_rich_texts(source, target, expected):
    assert found(source, target, is_rich=True) == expected


def test_links_and_addresses_of_plain_texts():
    assert found("See https://a.example/2024.", "Vea https://a.example/2024.") == []
    assert found("Write to a@b.example", "Escriba a c@b.example") == ["added-link:c@b.example", "link:a@b.example"]


def test_placeholders():
    assert found("Hi {name}, %(count)s", "Hola {name}, %(count)s") == []
    assert found("Hi {name}", "Hola {nombre}") == ["added-placeholder:{nombre}", "placeholder:{name}"]


def test_length_is_that_of_the_field():
    assert found("Title", "Título", max_length=6) == []
    assert found("Title", "Títulos", max_length=6) == ["length:7"]


def test_passage_that_was_not_translated():
    source = "<p>We work together.</p><p>People on the move need protection everywhere.</p>"
    target = "<p>Trabajamos juntas.</p><p>People on the move need protection everywhere.</p>"
    assert found(source, target, is_rich=True) == ["untranslated:People on the move need protection everywhere"]
    assert found(source, target, is_rich=True, language="en-gb") == []


def test_names_may_stay_as_they_are():
    name = "Global Compact for Safe, Orderly and Regular Migration"
    assert found(f"Under the {name} we act.", f"En virtud del {name} actuamos.") == []
    assert found("Kenya", "Kenya") == []


def test_blank_target_has_no_findings():
    assert found("By 2030", "") == []


IRREGULAR = Entry(
    "irregular-migrant",
    "Nobody is illegal.",
    (("en", "irregular migrant"), ("es", "migrante irregular")),
    (("en", ("illegal migrant",)), ("es", ("migrante ilegal", "ilegales"))),
)
MIGRANT = Entry("migrant", "", (("en", "migrant"), ("es", "persona migrante")), ())
TERMS = Glossary([IRREGULAR, MIGRANT])


def test_term_in_either_number_is_right():
    assert found("Irregular migrants return.", "Vuelven migrantes irregulares.", terms=TERMS) == []


def test_term_that_was_called_otherwise_is_found():
    assert found("Irregular migrants return.", "Vuelven sin papeles.", terms=TERMS) == ["term:Irregular migrants"]


def test_forbidden_form_is_found_and_says_what_to_write():
    (finding,) = checks(
        "An irregular migrant.", "Un migrante ilegal.", language="es", source_language="en", terms=TERMS
    )
    assert finding.key == "forbidden-term:migrante ilegal"
    assert "migrante irregular" in finding.message


def test_longest_term_counts():
    assert found("irregular migrant", "migrante irregular", terms=TERMS) == []  # not "persona migrante"


def test_terms_are_found_across_inline_markup_and_not_across_sentences():
    source = "<p>An <strong>irregular</strong> migrant.</p>"
    assert found(source, "<p>Alguien.</p>", terms=TERMS, is_rich=True) == ["term:irregular</strong> migrant"]
    assert found("It is irregular. Migrants", "Es raro. Personas migrantes", terms=TERMS) == []


HOSTILE = [
    "9" * 100_000,
    "1 000" * 20_000,
    "a@" * 50_000,
    "http://" * 15_000,
    "{" * 100_000,
    "<p>" * 30_000,
    "I" * 90_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:8] for text in HOSTILE])
def test_hostile_texts_are_checked_quickly(text):
    start = time.process_time()
    found(text, text + " x", terms=TERMS)
    assert time.process_time() - start < 2


@given(st.text(), st.text(), st.sampled_from(["es", "fr", "ar", "zh-hans", "xx"]), st.booleans())
def test_any_texts_can_be_checked(source, target, language, is_rich):
    checks(source, target, language=language, source_language="en", is_rich=is_rich, terms=TERMS)
