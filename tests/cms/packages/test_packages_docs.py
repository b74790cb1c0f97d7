"""The page that explains packages names every key there is, and its example is a package."""

import re

import pytest
from django.conf import settings

from cms.packages.layout import Kind, PackageSchema
from regions.models import Office
from tests.cms.packages.package_tools import PDF, run_import
from tests.factories import CountryFactory, OfficeFactory

PAGE = (settings.BASE_DIR / "docs" / "content-packages.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##)", PAGE, re.DOTALL | re.MULTILINE))
COLLECTIONS = PackageSchema().collections


def test_the_page_has_the_collections_in_their_order():
    assert list(SECTIONS) == list(COLLECTIONS)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_page_names_every_key(name):
    rows = COLLECTIONS[name]
    keys = {
        key.name for each in (rows, *rows.descendants) for key in each.keys.values() if key.kind is not Kind.ID
    } - {"status"}
    assert keys - set(re.findall(r"`(\w+)`", SECTIONS[name])) == set()


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_page_names_every_choice(name):
    rows = COLLECTIONS[name]
    choices = {
        str(choice)
        for each in (rows, *rows.descendants)
        for key in each.of_kind(Kind.VALUE)
        for choice, _label in key.field.flatchoices
        if not isinstance(choice, int)
    }
    assert choices - set(re.findall(r"`([\w-]+)`", SECTIONS[name])) == set()


@pytest.mark.django_db
def test_the_example_is_a_package(tmp_path):
    OfficeFactory(slug="headquarters")
    CountryFactory(code="BR")
    path = tmp_path / "example.yaml"
    path.write_text(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1], encoding="utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "strategy-en.pdf").write_bytes(PDF)
    run_import(path)
    office = Office.objects.get(slug="south-america")
    assert office.introduction_en.endswith("these two lines are one.</p>")
    assert office.sections.count() == 1
