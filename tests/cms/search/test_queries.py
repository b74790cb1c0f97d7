"""What can be typed into the search box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.search.queries import LONGEST_QUERY, MOST_TERMS, parse


def terms(text, **options):
    return [str(term) for term in parse(text, "en", **options).terms]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("climate change", ["climate", "change"]),
        ('"climate change" data', ['"climate change"', "data"]),
        ("«climate change» data", ['"climate change"', "data"]),
        ("govern* data", ["govern*", "data"]),
        ("g* data", ["g", "data"]),
        ("the strategy of the office", ["strategy", "office"]),
        ("the of", ["the", "of"]),
        ('climate "change', ["climate", "change"]),
        ('"" climate', ["climate"]),
        ("climate AND change OR NEAR(a, b)", ["climate", "change", "b"]),
        ("title:climate -data ^x", ["title", "climate", "data", "x"]),
        ("climate\x00change\n\tdata", ["climate", "change", "data"]),
        ("data data", ["data"]),
        ("😀 !!!", []),
        ("", []),
        ("SDG10 16.b", ["SDG", "10", "16.b"]),
    ],
    ids=[
        "words", "phrase", "other quotes", "prefix", "one letter", "stop words", "only stop words", "unbalanced",
        "empty phrase", "operators", "columns", "control characters", "twice", "no words", "nothing",
        "codes",
    ],
)  # fmt: skip
def test_terms_of_a_query(text, found):
    assert terms(text) == found


def test_last_word_is_a_beginning_while_one_types():
    assert terms("climate cha", completing=True) == ["climate", "cha*"]


def test_long_query_is_cut_and_says_so():
    query = parse("word " * 2_000, "en")
    assert len(query.text) <= LONGEST_QUERY
    assert query.was_cut


def test_many_words_are_cut_and_say_so():
    query = parse(" ".join(f"w{number}" for number in range(30)), "en")
    assert len(query.terms) == MOST_TERMS
    assert query.was_cut


@given(st.text(), st.booleans())
def test_any_text_is_a_query(text, completing):
    query = parse(text, "en", completing=completing)
    assert bool(query) == bool(query.wanted.condition.parts) == bool(query.wanted.exact.parts)
