"""Two saved states of one item, and the item made of both."""

import pytest

from cms.content.merging import MINE, THEIRS, choices, merged
from cms.content.snapshots import snapshot
from regions.models import Office
from tests.factories import OfficeFactory, SectionFactory


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
