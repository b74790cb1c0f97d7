"""Words, stems and tokens: what the index and a query have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.search import tokens


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "strategies", "strategy"),
        ("en", "Migrating", "migrate"),
        ("es", "educación", "educaciones"),
        ("es", "educacion", "educaciones"),
        ("es", "países", "pais"),
        ("fr", "régions", "region"),
        ("fr", "NATIONALES", "nationale"),
        ("pt", "educação", "educacoes"),
        ("pt", "estratégias", "estrategia"),
        ("ar", "المهاجرون", "مهاجرون"),
        ("xx", "word", "WORD"),
    ],
)
def test_forms_of_a_word_share_a_stem(language, one, other):
    assert set(tokens.stems(one, language)) & set(tokens.stems(other, language))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("l’accès à l'eau", ["l", "accès", "à", "l", "eau"]),
        ("co-lead, 2020–2024", ["co", "lead", "2020", "2024"]),
        ("移民与发展", ["移", "民", "与", "发", "展"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("e\u0301cole", ["e\u0301cole"]),
        ("😀 _ ... \x00", []),
        ("SDG10, ODS-3, 10.7 and 16.b.", ["SDG", "10", "ODS", "3", "10.7", "and", "16.b"]),
        ("P1 of 2.500 in 2030.The B2B", ["P1", "of", "2.500", "in", "2030", "The", "B2B"]),
    ],
    ids=["apostrophes", "hyphens", "chinese", "vowel signs", "combining accent", "no words", "codes", "no codes"],
)
def test_words_of_a_text(text, found):
    assert tokens.words(text) == found


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("ÉCOLE", "ecole"),
        ("straße", "strasse"),
        ("e\u0301", "e"),
        ("ﬁn", "fin"),
        ("مُحَمَّد", "محمد"),
        ("½", "12"),
        ("Œuvre", "oeuvre"),
        ("ΟΔΟΣ", "οδοσ"),
        ("10.7", "10.7"),
    ],
    ids=["accents", "sharp s", "combining", "ligature", "arabic vowels", "fraction", "oe", "final sigma", "code"],
)
def test_folding(word, found):
    assert tokens.folded(word) == found


@given(st.text())
def test_no_text_makes_a_token_with_a_space_or_a_quote(text):
    for token in tokens.entry_tokens("en", [("en", text)], [("es", text)], []):
        assert not set(token) & set(" '\"\\\n\t\x00")


@given(st.text())
def test_folding_twice_changes_nothing(text):
    for word in tokens.words(text):
        assert tokens.folded(tokens.folded(word)) == tokens.folded(word)


def test_tokens_of_one_entry_are_limited_in_size():
    text = " ".join(f"{number:x}" * 8 for number in range(12_000))
    found = tokens.entry_tokens("en", [("en", "title")], [("en", text)], [("model", "app.model")])
    assert sum(len(token) for token in set(found)) <= tokens.MOST_TOKEN_BYTES
    assert found[0] == "en:model:app.model"
