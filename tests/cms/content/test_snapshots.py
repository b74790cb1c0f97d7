"""Snapshots held against each other: what is the same, what is missing, and which languages differ."""

from copy import deepcopy

import pytest

from cms.content.snapshots import children_name, completed, same_content, snapshot
from priorities.models import Strategy, StrategyThematicArea
from regions.models import Office, Section
from tests.factories import CountryFactory, OfficeFactory, QuotationFactory, SectionFactory

OTHER = "5f9c9b1e-0000-4000-8000-000000000000"


@pytest.fixture
def data(db):
    office = OfficeFactory(name_en="Name", seat_country=CountryFactory())
    SectionFactory(office=office, anchor="a", heading_en="A")
    SectionFactory(office=office, anchor="b", heading_en="B")
    return snapshot(office)


def test_content_is_the_same_whatever_the_keys_of_its_children(data):
    other = deepcopy(data)
    other["children"]["sections"][0]["id"] = OTHER
    assert same_content(data, other)


@pytest.mark.parametrize("part", ["fields", "relations", "children"])
def test_content_that_differs_anywhere_is_not_the_same(data, part):
    other = deepcopy(data)
    {
        "fields": lambda: other["fields"].update(name_en="Another"),
        "relations": lambda: other["relations"]["countries"].append(OTHER),
        "children": lambda: other["children"]["sections"][1].update(heading_en="Another"),
    }[part]()
    assert not same_content(data, other)


@pytest.mark.parametrize("part", ["fields", "relations", "children"])
def test_old_snapshot_takes_what_it_lacks_from_the_present_one(data, part):
    old = deepcopy(data)
    del old[part][next(iter(data[part]))]
    assert completed(data, old) == data
    del old[part]
    assert completed(data, old) == data


def test_old_snapshot_keeps_what_it_has(data):
    old = deepcopy(data)
    old["fields"]["name_en"] = "Old"
    old["children"]["sections"] = []
    assert completed(data, old) == old


def test_snapshot_keeps_keys_of_related_rows_in_order(data):
    office = Office.objects.get(slug=data["fields"]["slug"])
    QuotationFactory(office=office)
    office.countries.set(CountryFactory.create_batch(4))
    keys = snapshot(office)["relations"]["countries"]
    assert keys == sorted(keys)
    assert keys != []


@pytest.mark.parametrize(
    ("model", "child", "name"), [(Office, Section, "sections"), (Strategy, StrategyThematicArea, "thematic_areas")]
)
def test_children_are_called_by_the_relation_that_they_carry(model, child, name):
    assert children_name(model, child) == name
