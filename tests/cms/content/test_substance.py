"""What a text says apart from how it is typed."""

import pytest

from cms.content.parts import parts_of
from cms.content.snapshots import snapshot
from cms.content.substance import key_of, place_of, places_in, reading_order, same_substance, source_language
from priorities.models import Strategy
from regions.models import Office
from tests.factories import OfficeFactory, SectionFactory


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Two  words\n", "Two words", id="white-space"),
        pytest.param("Two\xa0words", "Two words", id="no-break-space"),
        pytest.param("“Say” – it’s…", '"Say" - it\'s...', id="typography"),
        pytest.param("« Bien » !", "«Bien»!", id="french-spaces"),
        pytest.param("co\xadoperate", "cooperate", id="soft-hyphen"),
        pytest.param("cafe\u0301", "café", id="composed"),
        pytest.param("<p>A &amp; B</p>", "<p>A &#38; B</p>", id="references"),
        pytest.param('<a href="/x" rel="nofollow">A</a>', '<a rel="nofollow"  href="/x">A</a>', id="attributes"),
        pytest.param("<p>A</p> <p> B </p>", "<p>A</p><p>B</p>", id="around-blocks"),
    ],
)
def test_key_is_the_same_for_what_says_the_same(one, other):
    assert same_substance(one, other)
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("One word", "One world", id="a-letter"),
        pytest.param("30 offices", "80 offices", id="a-number"),
        pytest.param("<p>A</p>", "<p><strong>A</strong></p>", id="emphasis"),
        pytest.param('<a href="/x">A</a>', '<a href="/y">A</a>', id="a-link"),
        pytest.param("a b", "ab", id="a-space"),
        pytest.param("Polish", "polish", id="a-capital"),
    ],
)
def test_key_is_another_for_what_says_something_else(one, other):
    assert not same_substance(one, other)


def test_key_of_a_text_never_changes():
    """Keys are stored: another one for the same text would make every translation outdated."""
    assert key_of('<p>“Ten – years” &amp; <a rel="x" href="/y">more</a>…</p>') == "820ac1eb5f86d5e4"


@pytest.mark.django_db
def test_texts_stand_in_reading_order():
    office = OfficeFactory(name_en="Office", short_name_en="Of.")
    second, first = SectionFactory(office=office, position=2), SectionFactory(office=office, position=1)
    parts = parts_of(Office, snapshot(office))
    order = [place for place, *_rest in reading_order(Office, parts["shared"])]
    places = [place_of("sections", str(row.pk), "heading") for row in (first, second)]
    assert [place for place in order if place in places] == places
    assert order.index("short_name") < order.index(places[0])
    assert set(places_in("en", parts["en"])) < set(order)


@pytest.mark.parametrize(("own", "expected"), [("es", "es"), ("", "en"), ("de", "en")])
def test_source_language_is_the_original_one_where_the_site_has_it(own, expected):
    assert source_language(Strategy, {"fields": {"original_language": own}}) == expected


def test_source_language_is_the_first_of_the_site_for_other_items():
    assert source_language(Office, {"fields": {}}) == "en"
