"""Links to items in the texts of packages: by name on the way in and out, by UUID in the database."""

import pytest

from cms.content.links import Reference
from priorities.models import Framework, FrameworkGoal
from regions.models import Office, Section
from tests.cms.packages.package_tools import changes, import_errors, run_export, run_import, write
from tests.factories import DocumentFactory, FrameworkGoalFactory, OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db

TWO = """
offices:
  - slug: north
    name: {en: North}
    introduction: {en: '<p>See <a href="item:offices/south#partners">the south</a>.</p>'}
  - slug: south
    name: {en: South}
"""


def export(folder) -> str:
    """Return the export of the whole site, which then stands in ``folder``."""
    run_export(output=folder / "export.yaml")
    return (folder / "export.yaml").read_text()


def link(row, anchor="") -> str:
    return f'href="{Reference(type(row), row.pk, anchor)}"'


def test_a_link_by_name_becomes_a_reference_to_an_item_of_the_same_package(tmp_path):
    run_import(write(tmp_path, TWO))
    north, south = Office.objects.get(slug="north"), Office.objects.get(slug="south")
    assert link(south, "#partners") in north.introduction_en


def test_importing_the_same_links_again_changes_nothing(tmp_path):
    path = write(tmp_path, TWO)
    run_import(path)
    assert changes(run_import(path)) == 0


def test_a_link_by_name_finds_what_is_there(tmp_path):
    goal = FrameworkGoalFactory(framework__slug="agenda-2030", code="10")
    text = '<p><a href="item:frameworks.goals/agenda-2030/10">goal</a></p>'
    run_import(write(tmp_path, f"offices:\n  - slug: o\n    name: {{en: O}}\n    introduction: {{en: '{text}'}}"))
    assert link(goal) in Office.objects.get().introduction_en


@pytest.mark.parametrize(
    ("href", "message"),
    [
        ("item:offices/sout", "there is no “sout” among the offices. Did you mean “south”?"),
        ("item:ofices/south", "names no kind of item"),
        ("item:frameworks.goals/10", "does not name an item: item:frameworks.goals/framework-slug/code."),
        ("javascript:alert(1)", "begins with what no link may"),
        ("hola mundo", "is not an address"),
        ("http://", "is not a whole web address"),
        ("www.example.org", "Is “https://www.example.org” meant?"),
        ("/en/nowhere/", "leads to no page of this site"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused_with_its_line(tmp_path, href, message):
    text = TWO.replace("item:offices/south#partners", href)
    [error] = import_errors(write(tmp_path, text))
    assert "package.yaml:6: offices “north”: introduction" in error
    assert message in error


def test_an_export_names_what_texts_link_to(tmp_path):
    document = DocumentFactory(strategy__slug="plan", language="en", title="The plan / 2")
    office = OfficeFactory(slug="north")
    text = f"<p><a {link(office)}>a</a> <a {link(document)}>b</a></p>"
    SectionFactory(office=office, body_en=text)
    found = export(tmp_path)
    assert 'href="item:offices/north"' in found
    assert 'href="item:strategies.documents/plan/en/The%20plan%20/%202"' in found


def test_an_export_goes_into_an_empty_site_with_its_links(tmp_path):
    goal = FrameworkGoalFactory(framework__slug="agenda-2030", code="10")
    SectionFactory(office=OfficeFactory(slug="north"), body_en=f"<p><a {link(goal)}>a</a></p>")
    first = export(tmp_path)
    Office.objects.all().delete()
    Framework.objects.all().delete()
    run_import(tmp_path / "export.yaml")
    assert link(FrameworkGoal.objects.get()) in Section.objects.get().body_en
    assert export(tmp_path) == first


def test_a_link_to_what_is_gone_goes_out_and_in_as_it_is(tmp_path):
    gone = OfficeFactory()
    written = link(gone)
    OfficeFactory(slug="north", introduction_en=f"<p><a {written}>a</a></p>")
    gone.delete()
    assert written.removeprefix('href="').removesuffix('"') in export(tmp_path)
    assert changes(run_import(tmp_path / "export.yaml")) == 0
