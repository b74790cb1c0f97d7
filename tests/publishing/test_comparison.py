"""Differences between two snapshots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.comparison import ADDED, REMOVED, SAME, compare, moved_keys, word_diff
from publishing.snapshots import snapshot
from regions.models import Office
from tests.factories import CountryFactory, OfficeFactory, SectionFactory


@pytest.fixture
def office(db):
    office = OfficeFactory(name_en="Office of the North", introduction_en="<p>One two three.</p>")
    for anchor in ("a", "b", "c"):
        SectionFactory(office=office, anchor=anchor, heading_en=f"Heading {anchor}")
    return office


def test_word_diff_names_the_words_that_changed():
    segments = word_diff("Migration is large.", "Migration is very large.")
    assert [(s.kind, s.text.strip()) for s in segments if s.kind != SAME] == [(ADDED, "very")]


@given(st.text(), st.text())
def test_word_diff_holds_both_texts_whole(before, after):
    segments = word_diff(before, after)
    assert "".join(s.text for s in segments if s.kind != ADDED) == before
    assert "".join(s.text for s in segments if s.kind != REMOVED) == after


def test_compare_of_equal_snapshots_is_false(office):
    assert not compare(Office, snapshot(office), snapshot(office))


def test_compare_names_field_and_language(office):
    after = snapshot(office)
    after["fields"]["name_es"] = "Oficina del Norte"
    (difference,) = compare(Office, snapshot(office), after).fields
    assert (difference.name, difference.language, difference.after) == ("name_es", "es", "Oficina del Norte")


def test_compare_can_be_limited_to_languages(office):
    after = snapshot(office)
    after["fields"].update(name_es="Norte", name_fr="Nord")
    (difference,) = compare(Office, snapshot(office), after, languages=["fr"]).fields
    assert difference.language == "fr"


def test_compare_of_rich_text_reads_words_and_says_when_only_the_markup_changed(office):
    after = snapshot(office)
    after["fields"]["introduction_en"] = "<p>One <strong>two</strong> three.</p>"
    (difference,) = compare(Office, snapshot(office), after).fields
    assert difference.markup_only


def test_compare_of_a_relation_names_what_came_and_went(office):
    north, south = CountryFactory(name_en="Northland"), CountryFactory(name_en="Southland")
    office.countries.set([north])
    before = snapshot(office)
    office.countries.set([south])
    (difference,) = compare(Office, before, snapshot(office)).fields
    assert (difference.before, difference.after) == ("Northland", "Southland")


def test_compare_tells_children_added_removed_moved_and_changed(office):
    before = snapshot(office)
    after = snapshot(office)
    first, second, third = after["children"]["sections"]
    first["heading_en"] = "New heading"
    fourth = {**third, "id": "0" * 32, "anchor": "d", "heading_en": "Heading d"}
    after["children"]["sections"] = [third, first, fourth]
    found = {(child.name, child.kind, child.moved) for child in compare(Office, before, after).children}
    assert found == {
        ("Heading c", "changed", True),
        ("New heading", "changed", False),
        ("Heading d", ADDED, False),
        ("Heading b", REMOVED, False),
    }


@given(st.permutations(range(6)))
def test_moved_keys_leaves_an_ascending_run(order):
    after = [str(number) for number in order]
    kept = [key for key in after if key not in moved_keys(sorted(after), after)]
    assert kept == sorted(kept)
    assert kept
