"""Two saved states of one item, and the item made of both."""

from copy import deepcopy

import pytest

from cms.content.merging import MINE, THEIRS, choices, merged
from cms.content.snapshots import snapshot
from regions.models import Office
from tests.factories import CountryFactory, OfficeFactory, SectionFactory


@pytest.fixture
def states(db):
    """What both began from, what I made of it and what they made of it: three equal snapshots to begin with."""
    office = OfficeFactory(name_en="Base", name_es="Base")
    for anchor in ("a", "b"):
        SectionFactory(office=office, anchor=anchor, heading_en=anchor)
    return [snapshot(office) for _ in range(3)]


def preselected(base, mine, theirs):
    return {choice.path: choice.preselected for choice in choices(Office, base, mine, theirs)}


def merge(base, mine, theirs):
    return merged(mine, theirs, preselected(base, mine, theirs))


def test_choices_between_equal_states_are_none(states):
    assert choices(Office, *states) == []


def test_what_only_one_of_two_changed_is_preselected(states):
    base, mine, theirs = states
    mine["fields"]["name_en"] = "Mine"
    theirs["fields"]["name_es"] = "Suya"
    assert preselected(*states) == {"fields/name_en": MINE, "fields/name_es": THEIRS}
    result = merge(*states)["fields"]
    assert (result["name_en"], result["name_es"]) == ("Mine", "Suya")


def test_what_both_changed_stays_mine_unless_theirs_is_chosen(states):
    base, mine, theirs = states
    mine["fields"]["name_en"], theirs["fields"]["name_en"] = "Mine", "Theirs"
    assert merge(*states)["fields"]["name_en"] == "Mine"
    assert merged(mine, theirs, {"fields/name_en": THEIRS})["fields"]["name_en"] == "Theirs"


def test_row_that_they_added_is_put_where_it_stands_there(states):
    base, mine, theirs = states
    new = {**theirs["children"]["sections"][0], "id": "new", "anchor": "new"}
    theirs["children"]["sections"].insert(1, new)
    assert [row["anchor"] for row in merge(*states)["children"]["sections"]] == ["a", "new", "b"]


def test_row_that_they_removed_is_removed(states):
    base, mine, theirs = states
    theirs["children"]["sections"].pop(0)
    assert [row["anchor"] for row in merge(*states)["children"]["sections"]] == ["b"]


def test_row_that_i_removed_stays_removed(states):
    base, mine, theirs = states
    mine["children"]["sections"].pop(0)
    assert [row["anchor"] for row in merge(*states)["children"]["sections"]] == ["b"]


def test_value_in_a_row_can_be_taken_from_them(states):
    base, mine, theirs = states
    mine["children"]["sections"][0]["heading_en"] = "Mine"
    theirs["children"]["sections"][0]["heading_es"] = "Suya"
    first = merge(*states)["children"]["sections"][0]
    assert (first["heading_en"], first["heading_es"]) == ("Mine", "Suya")


def by_path(base, mine, theirs):
    return {choice.path: choice for choice in choices(Office, base, mine, theirs)}


def test_choice_shows_their_value_before_mine(states):
    base, mine, theirs = states
    mine["fields"]["name_en"], theirs["fields"]["name_en"] = "Mine", "Theirs"
    choice = by_path(*states)["fields/name_en"]
    assert (choice.language, choice.row) == ("en", "")
    assert (choice.difference.before, choice.difference.after) == ("Theirs", "Mine")


def test_related_rows_are_one_choice_named_in_words(states):
    base, mine, theirs = states
    here, there = CountryFactory(name_en="Here"), CountryFactory(name_en="There")
    mine["relations"]["countries"], theirs["relations"]["countries"] = [str(here.pk)], [str(there.pk)]
    choice = by_path(*states)["relations/countries"]
    assert (choice.label, choice.language, choice.row, choice.preselected) == ("Countries covered", None, "", MINE)
    assert (choice.difference.before, choice.difference.after) == ("There", "Here")
    assert (choice.difference.name, choice.difference.is_text) == ("countries", False)
    assert merged(mine, theirs, {choice.path: THEIRS})["relations"] == theirs["relations"]


def test_related_rows_that_only_they_changed_are_preselected(states):
    base, mine, theirs = states
    theirs["relations"]["countries"] = [str(CountryFactory().pk)]
    assert preselected(*states) == {"relations/countries": THEIRS}


def test_choice_in_a_row_names_the_row_and_its_field(states):
    base, mine, theirs = states
    row, other = mine["children"]["sections"][0], theirs["children"]["sections"][0]
    row["heading_en"], other["heading_en"] = "Mine", "Theirs"
    choice = by_path(*states)[f"children/sections/{row['id']}/heading_en"]
    assert (choice.row, choice.language, choice.preselected) == ("Mine", "en", MINE)
    assert (choice.difference.before, choice.difference.after) == ("Theirs", "Mine")


@pytest.mark.parametrize("mine_has_it", [True, False])
def test_row_that_one_of_two_has_is_a_choice_as_a_whole(states, mine_has_it):
    base, mine, theirs = states
    removed = (theirs if mine_has_it else mine)["children"]["sections"].pop(1)
    (choice,) = choices(Office, *states)
    assert (choice.path, choice.label, choice.row) == (f"children/sections/{removed['id']}", "Section", "b")
    assert (choice.language, choice.difference, choice.mine_has_it) == (None, None, mine_has_it)
    assert choice.preselected == (THEIRS if mine_has_it else MINE)


def test_rows_of_mine_are_offered_before_those_that_only_they_have(states):
    base, mine, theirs = states
    new = {**theirs["children"]["sections"][0], "id": "new", "anchor": "new"}
    theirs["children"]["sections"].insert(0, new)
    mine["children"]["sections"][1]["heading_en"] = "Mine"
    assert [choice.path.split("/")[2] for choice in choices(Office, *states)] == [
        mine["children"]["sections"][1]["id"], "new",
    ]  # fmt: skip


def test_row_that_is_first_with_them_comes_first(states):
    base, mine, theirs = states
    theirs["children"]["sections"].insert(0, {**theirs["children"]["sections"][0], "id": "new", "anchor": "new"})
    assert [row["anchor"] for row in merge(*states)["children"]["sections"]] == ["new", "a", "b"]


def test_row_that_follows_one_that_i_removed_comes_last(states):
    base, mine, theirs = states
    theirs["children"]["sections"].insert(1, {**theirs["children"]["sections"][0], "id": "new", "anchor": "new"})
    mine["children"]["sections"].pop(0)
    assert [row["anchor"] for row in merge(*states)["children"]["sections"]] == ["b", "new"]


def test_two_rows_that_they_added_keep_their_order(states):
    base, mine, theirs = states
    rows = theirs["children"]["sections"]
    rows[1:1] = [{**rows[0], "id": name, "anchor": name} for name in ("first", "second")]
    assert [row["anchor"] for row in merge(*states)["children"]["sections"]] == ["a", "first", "second", "b"]


def test_merging_changes_neither_of_the_two(states):
    base, mine, theirs = states
    theirs["children"]["sections"][0]["heading_es"] = "Suya"
    theirs["children"]["sections"].append({**theirs["children"]["sections"][0], "id": "new", "anchor": "new"})
    before = deepcopy((mine, theirs))
    result = merge(*states)
    for row in result["children"]["sections"]:
        row["heading_en"] = "Changed afterwards"
    assert (mine, theirs) == before


def test_place_that_they_do_not_have_is_left_as_it_is(states):
    base, mine, theirs = states
    del theirs["fields"]["name_es"]
    assert merged(mine, theirs, {"fields/name_es": THEIRS})["fields"]["name_es"] == "Base"
