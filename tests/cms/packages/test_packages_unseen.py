"""What partners are told of an import that changes what only staff see.

The fields of the site are all public, so these tests take the public's sight of some: ``tests/added_model.py`` has a
model with an internal field.
"""

import pytest

from cms.packages import planning
from cms.publishing import changelog
from cms.publishing.models import AuditEntry, Change, Revision
from regions.models import Office
from tests.cms.packages.package_tools import run_import, write
from tests.factories import OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db

INTERNAL = {"phone", "body_en"}  # of offices and of their sections
PHONE = '"+1 202 555 0100"'


@pytest.fixture(autouse=True)
def internal_fields(monkeypatch):
    seen = planning.seen_columns
    monkeypatch.setattr(planning, "seen_columns", lambda model: seen(model) - INTERNAL)


@pytest.fixture
def office():
    office = OfficeFactory(slug="north", name_en="North")
    SectionFactory(office=office, anchor="one", heading_en="One", body_en="<p>Before</p>")
    return office


def told(folder, text):
    """Import offices and return the slugs of those that the change log tells of."""
    run_import(write(folder, f"offices:\n{text}"))
    keys = Change.objects.values_list("object_id", flat=True)
    return sorted(Office.objects.filter(pk__in=keys).values_list("slug", flat=True))


def section(heading="One", body="<p>After</p>"):
    texts = f"        heading: {{en: {heading}}}\n        body: {{en: {body}}}\n"
    return f"  - slug: north\n    sections:\n      - anchor: one\n{texts}"


def test_import_of_an_internal_field_alone_is_told_to_staff_and_not_to_partners(office, tmp_path):
    assert told(tmp_path, f"  - slug: north\n    phone: {PHONE}\n") == []
    office.refresh_from_db()
    assert office.phone == "+1 202 555 0100"
    assert Revision.objects.of(office).exists()
    assert AuditEntry.objects.get(action="import").detail["count"] == 1


@pytest.mark.parametrize(
    "text",
    [
        f"  - slug: north\n    phone: {PHONE}\n    name: {{en: Far north}}\n",
        section(heading="Other"),
        "  - slug: north\n    sections: []\n",
    ],
    ids=["a public field too", "public field of a child", "child that goes"],
)
def test_import_of_what_the_public_sees_is_told(office, tmp_path, text):
    assert told(tmp_path, text) == ["north"]


def test_import_of_an_internal_field_of_a_child_alone_is_not_told(office, tmp_path):
    assert told(tmp_path, section()) == []
    assert "After" in office.sections.get().body_en


def test_import_of_an_internal_field_that_publishes_again_is_told(office, tmp_path):
    Office.objects.update(status="withdrawn")
    assert told(tmp_path, f"  - slug: north\n    phone: {PHONE}\n    status: live\n") == ["north"]


def test_import_that_brings_a_new_item_tells_of_that_alone_and_renews_stored_pages(office, tmp_path, monkeypatch):
    renewed = []
    monkeypatch.setattr(changelog, "UNLOGGED", [lambda: renewed.append(True)])
    text = f"  - slug: north\n    phone: {PHONE}\n  - slug: south\n    name: {{en: South}}\n    phone: {PHONE}\n"
    assert told(tmp_path, text) == ["south"]
    assert renewed == [True]
