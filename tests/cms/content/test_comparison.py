"""Differences between two snapshots."""

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from cms.content.comparison import ADDED, REMOVED, SAME, compare, formatting_differences, moved_keys, word_diff
from cms.content.snapshots import snapshot
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


def formatting(before: str, after: str) -> list[tuple[str, str, str]]:
    """The words whose formatting differs, with what they have now and what they had."""
    found = formatting_differences(before, after)
    return [(note.quoted, ", ".join(map(str, note.gained)), ", ".join(map(str, note.lost))) for note in found]


@pytest.mark.parametrize(
    ("before", "after", "notes"),
    [
        pytest.param(
            '<p>See <a href="https://a.example/">the plan</a>.</p>',
            '<p>See <a href="https://b.example/">the plan</a>.</p>',
            [("the plan", "Link: https://b.example/", "Link: https://a.example/")],
            id="address of a link",
        ),
        pytest.param(
            '<p>See the old <a href="https://a.example/">plan</a>.</p>',
            '<p>See the new <a href="https://b.example/">plan</a>.</p>',
            [("plan", "Link: https://b.example/", "Link: https://a.example/")],
            id="address of a link while words change",
        ),
        pytest.param("<p>a b</p>", '<p>a <a href="/x">b c</a></p>', [("b c", "Link: /x", "")], id="link on new words"),
        pytest.param('<p>a <a href="/x">b c</a></p>', "<p>a</p>", [("b c", "", "Link: /x")], id="link on words gone"),
        pytest.param("<p>a b c</p>", "<p>a <strong>b c</strong></p>", [("b c", "Bold", "")], id="bold"),
        pytest.param("<p><em>a b</em></p>", "<p><strong>a b</strong></p>", [("a b", "Bold", "Italic")], id="emphasis"),
        pytest.param("<p>CO2</p>", "<p>CO<sub>2</sub></p>", [], id="a word that falls apart shows as words"),
        pytest.param("<p>A b</p>", "<h3>A b</h3>", [("A b", "Heading", "")], id="heading"),
        pytest.param("<h3>A b</h3>", "<h4>A b</h4>", [("A b", "Subheading", "Heading")], id="level of a heading"),
        pytest.param(
            "<ul><li><p>a</p></li><li><p>b</p></li></ul>",
            "<ol><li><p>a</p></li><li><p>b</p></li></ol>",
            [("a b", "Numbered list", "List")],
            id="kind of a list",
        ),
        pytest.param(
            "<p>a</p><p>b</p>", "<p>a</p><blockquote><p>b</p></blockquote>", [("b", "Quotation", "")], id="quote"
        ),
        pytest.param(
            "<p>a b</p>", "<p>a</p><p>b</p>", [("b", "Start of a paragraph or line", "")], id="paragraph split"
        ),
        pytest.param("<p>a<br>b</p>", "<p>a b</p>", [("b", "", "Start of a paragraph or line")], id="line joined"),
        pytest.param(
            "<table><tr><td>a</td></tr></table>",
            '<table><tr><th colspan="2">a</th></tr></table>',
            [("a", "Header cell, Merged cell", "")],
            id="cells",
        ),
        pytest.param("<p>one two</p>", "<p>one three</p>", [], id="words alone"),
        pytest.param("", "<p><strong>new</strong></p>", [], id="emphasis of new words is theirs"),
        pytest.param(
            "<p>x &amp; y</p>", "<p>x &amp; <em>y</em></p>", [("y", "Italic", "")], id="signs that are escaped"
        ),
    ],
)
def test_formatting_that_differs_is_said_in_words(before, after, notes):
    assert formatting(before, after) == notes


def test_long_runs_of_formatting_are_quoted_in_part():
    text = " ".join(f"w{number}" for number in range(100))
    ((quoted, gained, _lost),) = formatting(f"<p>{text}</p>", f"<p><em>{text}</em></p>")
    assert (quoted[:5], quoted[-2:], gained) == ("w0 w1", " …", "Italic")
    assert len(quoted) < 100


@given(st.text(alphabet="ab <>/&;pli\"='", max_size=40), st.text(alphabet="ab <>/&;pli\"='", max_size=40))
def test_formatting_of_any_text_is_read(before, after):
    formatting_differences(before, after)
    assert formatting_differences(before, before) == []


def test_comparison_of_a_rich_text_says_how_its_formatting_differs(office):
    after = snapshot(office)
    after["fields"]["introduction_en"] = '<p>One <a href="https://a.example/">two</a> three.</p>'
    (difference,) = compare(Office, snapshot(office), after).fields
    assert [(note.quoted, [str(gain) for gain in note.gained]) for note in difference.formatting] == [
        ("two", ["Link: https://a.example/"])
    ]


@pytest.mark.parametrize(
    "template", ["admin/publishing/includes/difference.html", "priorities/includes/_difference.html"]
)
def test_pages_show_old_and_new_address_of_a_link(office, template):
    before, after = snapshot(office), snapshot(office)
    before["fields"]["introduction_en"] = '<p>One <a href="https://a.example/?x=1&amp;y">two</a></p>'
    after["fields"]["introduction_en"] = '<p>Only <a href="https://b.example/">two</a></p>'
    (difference,) = compare(Office, before, after).fields
    page = render_to_string(template, {"difference": difference})
    assert "https://a.example/?x=1&amp;y" in page
    assert "https://b.example/" in page
    assert "<ins>Only</ins>" in page


def test_word_diff_tells_more_words_apart_than_the_first_private_use_area_holds():
    words = [f"w{number}" for number in range(7_000)]
    after = [*words[:6_500], "other", *words[6_501:]]
    segments = word_diff(" ".join(words), " ".join(after))
    assert [(s.kind, s.text) for s in segments if s.kind != SAME] == [(REMOVED, "w6500"), (ADDED, "other")]


def difference_of(office, **fields):
    after = snapshot(office)
    after["fields"].update(fields)
    (difference,) = compare(Office, snapshot(office), after).fields
    return difference


def test_difference_of_a_text_is_told_word_by_word(office):
    difference = difference_of(office, name_en="Office of the South")
    assert (difference.label, difference.is_text, difference.markup) == ("Name", True, ("", ""))
    assert not difference.markup_only
    assert [(s.kind, s.text) for s in difference.segments] == [
        (SAME, "Office of the "), (REMOVED, "North"), (ADDED, "South"),
    ]  # fmt: skip


def test_difference_of_a_rich_text_is_of_its_lines_and_keeps_its_markup(office):
    difference = difference_of(office, introduction_en="<p>One two.</p>\n  <ul><li>Three<br>four</li></ul>")
    assert (difference.before, difference.after) == ("One two three.", "One two.\nThree\nfour")
    assert difference.markup[0] == "<p>One two three.</p>"
    assert not difference.markup_only


def test_difference_of_a_choice_is_in_words_and_told_whole(office):
    difference = difference_of(office, kind="country")
    assert (difference.language, difference.is_text) == (None, False)
    assert [(s.kind, s.text) for s in difference.segments] == [
        (REMOVED, "regional office"), (ADDED, "country office"),
    ]  # fmt: skip


def test_choice_that_there_is_no_more_is_shown_as_it_was_stored(office):
    assert difference_of(office, kind="vanished").after == "vanished"


def test_difference_to_nothing_has_one_side(office):
    difference = difference_of(office, seat_latitude=1.5)
    assert [(s.kind, s.text) for s in difference.segments] == [(ADDED, "1.5")]


def test_related_row_is_named_and_one_that_is_gone_keeps_its_key(office):
    country, gone = CountryFactory(name_en="Northland"), "5f9c9b1e-0000-4000-8000-000000000000"
    assert difference_of(office, seat_country=str(country.pk)).after == "Northland"
    assert difference_of(office, seat_country=gone).after == gone


def test_relation_names_several_rows_and_not_those_that_stay(office):
    north, south, gone = CountryFactory(name_en="N"), CountryFactory(name_en="S"), "gone"
    before, after = snapshot(office), snapshot(office)
    before["relations"]["countries"] = [str(north.pk)]
    after["relations"]["countries"] = [str(north.pk), str(south.pk)]
    (difference,) = compare(Office, before, after).fields
    assert (difference.name, difference.label, difference.language) == ("countries", "Countries covered", None)
    assert (difference.before, difference.after, difference.is_text) == ("", "S", False)
    assert gone not in difference.after


def test_child_that_was_added_or_removed_shows_all_that_it_holds(office):
    before, after = snapshot(office), snapshot(office)
    removed = after["children"]["sections"].pop()
    for changed, kind, side in (
        (compare(Office, before, after), REMOVED, 0),
        (compare(Office, after, before), ADDED, 1),
    ):
        (child,) = changed.children
        assert (child.kind, child.label, child.accessor, child.key) == (kind, "Section", "sections", removed["id"])
        values = {field.name: (field.before, field.after)[side] for field in child.fields}
        assert values == {"anchor": "c", "heading_en": "Heading c", "body_en": "Text of the section."}
        assert {(field.before, field.after)[1 - side] for field in child.fields} == {""}


def test_child_that_only_moved_has_no_differing_field(office):
    before, after = snapshot(office), snapshot(office)
    after["children"]["sections"].insert(0, after["children"]["sections"].pop())
    ((name, moved, fields),) = [(c.name, c.moved, c.fields) for c in compare(Office, before, after).children]
    assert (name, moved, fields) == ("Heading c", True, [])


@pytest.mark.parametrize(
    ("before", "after", "notes"),
    [
        pytest.param(
            "<ol><li>a</li></ol>", '<ol start="3"><li>a</li></ol>', [("a", "First number: 3", "")], id="first number"
        ),
        pytest.param(
            '<ol start="1"><li>a</li></ol>', "<ol><li>a</li></ol>", [], id="first number that is meant anyway"
        ),
        pytest.param(
            "<table><tr><td>a</td></tr></table>",
            '<table><tr><td rowspan="2">a</td></tr></table>',
            [("a", "Merged cell", "")],
            id="rows of a cell",
        ),
        pytest.param(
            '<p><a href="/x">a</a></p>', '<p><a href="/x" title="T">a</a></p>', [("a", "Title: T", "")], id="title"
        ),
        pytest.param(
            "<p>a b c</p>", "<p><em>a</em> b <em>c</em></p>", [("a", "Italic", ""), ("c", "Italic", "")], id="two"
        ),
        pytest.param("<p>a (b)</p>", "<p>a <em>(b)</em></p>", [("(b)", "Italic", "")], id="signs without space"),
    ],
)
def test_details_of_formatting_are_said_in_words(before, after, notes):
    assert formatting(before, after) == notes


@pytest.mark.parametrize(("length", "quoted"), [(80, "x" * 80), (81, "…")])
def test_quotation_of_formatted_words_has_eighty_characters_at_most(length, quoted):
    text = "x" * length
    ((found, *_rest),) = formatting(f"<p>{text}</p>", f"<p><em>{text}</em></p>")
    assert found.endswith(quoted)
    assert len(found) <= 82
