"""What an import makes of a package: rows created, changed only where they differ, and left alone elsewhere."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from cms.publishing.actions import publish, unpublish
from priorities.models import FrameworkGoal, Objective, Pillar, Strategy
from regions.models import Country, Office, Organization, Section
from tests.cms.packages.package_tools import changes, import_errors, run_import, write
from tests.factories import (
    CountryFactory,
    OfficeFactory,
    QuotationFactory,
    SectionFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db

AMERICAS = settings.BASE_DIR / "fixtures" / "americas"
WRITES = re.compile("INSERT|UPDATE|DELETE")


def statements(captured):
    return [query["sql"] for query in captured if WRITES.match(query["sql"])]


def test_the_first_content_imports_once():
    assert changes(run_import(AMERICAS)) > 100
    with CaptureQueriesContext(
        connection,
    ) as captured:
        output = run_import(AMERICAS)
    assert changes(output) == 0
    assert statements(captured) == []
    assert Objective.objects.live().count() == Objective.objects.count() > 0


def test_a_package_of_another_organization_imports(tmp_path):
    path = write(
        tmp_path,
        """
organization:
  - name: {fr: Ligue des fleuves, pt: Liga dos Rios}
    about: {fr: "<p>Bonjour.</p>"}
pillars:
  - {slug: eau, name: {fr: Eau, pt: Água}, colour: "#0A0B0C", icon: leaf}
offices:
  - slug: danube
    kind: headquarters
    name: {fr: Danube, pt: Danúbio}
    countries: [NO, AT]
countries:
  - {code: NO, name: {fr: Norvège}}
  - {code: AT, name: {fr: Autriche, pt: Áustria}}
""",
    )
    assert changes(run_import(path)) == 5
    assert Organization.objects.get().name_pt == "Liga dos Rios"
    assert Organization.objects.get().name_en in (None, "")
    assert set(Office.objects.get().countries.values_list("code", flat=True)) == {"NO", "AT"}
    assert Pillar.objects.get().colour == "#0a0b0c"
    assert str(Pillar.objects.get()) == "Eau"
    assert changes(run_import(path)) == 0


def test_references_point_forward_and_across_files(tmp_path):
    write(
        tmp_path,
        """
objectives:
  - {slug: o, strategy: s, pillar: p, statement: {en: O}, alignments: [{goal: f/1, basis: stated}]}
strategies:
  - {slug: s, office: child, title: {en: S}, predecessor: old}
  - {slug: old, office: child, title: {en: Old}}
""",
        "1.yaml",
    )
    write(
        tmp_path,
        """
offices:
  - {slug: child, parent: top, name: {en: C}}
  - {slug: top, name: {en: T}}
pillars:
  - {slug: p, name: {en: P}}
frameworks:
  - {slug: f, name: {en: F}, goals: [{code: 1, title: {en: G}}]}
""",
        "2.yaml",
    )
    assert changes(run_import(tmp_path / "1.yaml", tmp_path / "2.yaml")) == 7
    assert Office.objects.get(slug="child").parent.slug == "top"
    assert Strategy.objects.get(slug="s").predecessor.slug == "old"
    assert Objective.objects.get().alignments.get().goal == FrameworkGoal.objects.get()


def test_only_what_is_given_changes(tmp_path):
    office = OfficeFactory(slug="o", name_en="A", name_es="B", phone="1", email="a@example.org")
    SectionFactory(office=office)
    office.countries.add(CountryFactory())
    output = run_import(write(tmp_path, "offices:\n  - {slug: o, name: {es: C}, phone: '2'}\n"), verbosity=2)
    assert "offices “o”: changed: name (es), phone" in output
    office.refresh_from_db()
    assert (office.name_en, office.name_es, office.phone, office.email) == ("A", "C", "2", "a@example.org")
    assert office.sections.count() == office.countries.count() == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_language_of_the_importer_does_not_matter(tmp_path, language):
    CountryFactory(code="AR", name_en="A", name_es="B")
    with override(language):
        run_import(write(tmp_path, "countries:\n  - {code: AR, name: {fr: C}}\n"))
    country = Country.objects.get()
    assert (country.name_en, country.name_es, country.name_fr) == ("A", "B", "C")


def test_children_keep_their_ids_and_follow_the_list(tmp_path):
    office = OfficeFactory(slug="o")
    first, second, gone = (SectionFactory(office=office, anchor=anchor, position=9) for anchor in ("a", "b", "c"))
    output = run_import(
        write(
            tmp_path,
            "offices:\n  - slug: o\n    sections:\n      - {anchor: b}\n      - {anchor: new, heading: {en: N}}\n"
            "      - {anchor: a, heading: {es: H}}\n",
        ),
        verbosity=2,
    )
    assert "offices “o”: changed: sections +1 -1 ~2" in output
    assert list(office.sections.values_list("anchor", flat=True)) == ["b", "new", "a"]
    assert {first.pk, second.pk} <= set(office.sections.values_list("pk", flat=True))
    assert not Section.objects.filter(pk=gone.pk).exists()
    first.refresh_from_db()
    assert (first.heading_en, first.heading_es) == ("Heading of a", "H")


def test_children_in_the_same_order_keep_their_positions(tmp_path):
    office = OfficeFactory(slug="o")
    for position in (3, 7):
        SectionFactory(office=office, anchor=f"s{position}", position=position)
    path = write(tmp_path, "offices:\n  - {slug: o, sections: [{anchor: s3}, {anchor: s7}]}\n")
    assert changes(run_import(path)) == 0


def test_children_without_a_key_are_told_apart_by_their_order(tmp_path):
    office = OfficeFactory(slug="o")
    first, second = QuotationFactory(office=office, position=1), QuotationFactory(office=office, position=2)
    path = write(
        tmp_path, "offices:\n  - slug: o\n    quotations:\n      - {text: {en: A}}\n      - {text: {en: B}}\n"
    )
    run_import(path)
    assert list(office.quotations.values_list("pk", "text_en")) == [(first.pk, "A"), (second.pk, "B")]
    assert changes(run_import(path)) == 0


def test_children_may_be_named_by_id(tmp_path):
    office = OfficeFactory(slug="o")
    QuotationFactory(office=office, position=1)
    second = QuotationFactory(office=office, position=2)
    new = "123e4567-e89b-12d3-a456-426614174000"
    run_import(
        write(
            tmp_path,
            f"offices:\n  - slug: o\n    quotations:\n      - {{id: {second.pk}}}\n"
            f"      - {{id: {new}, text: {{en: N}}, attributed_to: X}}\n",
        )
    )
    assert [str(pk) for pk in office.quotations.values_list("pk", flat=True)][0] == str(second.pk)
    assert office.quotations.count() == 2


def test_links_with_a_kind_are_children_under_the_name_of_the_field(tmp_path):
    strategy = StrategyFactory(slug="s")
    area = ThematicAreaFactory(slug="a")
    link = StrategyThematicAreaFactory(strategy=strategy, thematic_area=area)
    path = write(
        tmp_path,
        "strategies:\n  - slug: s\n    thematic_areas:\n"
        "      - {thematic_area: a, kind: carried-out-through}\n"
        "      - {thematic_area: a, kind: technical-cooperation}\n",
    )
    run_import(path)
    assert strategy.area_links.count() == 2
    assert strategy.area_links.filter(pk=link.pk).exists()
    assert changes(run_import(path)) == 0


def test_related_rows_are_added_and_removed(tmp_path):
    office = OfficeFactory(slug="o")
    office.countries.set([CountryFactory(code="AA"), CountryFactory(code="BB")])
    CountryFactory(code="CC")
    output = run_import(write(tmp_path, "offices:\n  - {slug: o, countries: [BB, CC]}\n"), verbosity=2)
    assert "offices “o”: changed: countries +1 -1" in output
    assert set(office.countries.values_list("code", flat=True)) == {"BB", "CC"}


@pytest.mark.parametrize(
    ("given", "status", "has_dates"),
    [("", "live", True), ("status: unpublished", "unpublished", False), ("status: withdrawn", "withdrawn", True)],
    ids=["live by default", "unpublished", "withdrawn"],
)
def test_new_items_have_the_status_that_they_say(tmp_path, given, status, has_dates):
    run_import(write(tmp_path, f"pillars:\n  - slug: p\n    name: {{en: P}}\n    {given}\n"))
    pillar = Pillar.objects.get()
    assert (pillar.status, bool(pillar.first_published_at), bool(pillar.last_published_at)) == (
        status,
        has_dates,
        has_dates,
    )


def test_an_item_that_was_withdrawn_stays_so_unless_the_package_says_otherwise(tmp_path):
    office = OfficeFactory(slug="o")
    unpublish(item=office, user=None)
    run_import(write(tmp_path, "offices:\n  - {slug: o, phone: '1'}\n"))
    assert not Office.objects.live().exists()
    run_import(write(tmp_path, "offices:\n  - {slug: o, status: live}\n"))
    assert Office.objects.live().exists()


def test_a_change_of_a_live_item_is_a_publication(tmp_path):
    office = OfficeFactory(slug="o", live=False)
    publish(item=office, user=None)
    path = write(tmp_path, "offices:\n  - {slug: o, sections: [{anchor: a, heading: {en: A}}]}\n")
    run_import(path)
    changed = Office.objects.get()
    assert changed.first_published_at == office.first_published_at
    assert changed.last_published_at > office.last_published_at
    run_import(path)
    assert Office.objects.get().last_published_at == changed.last_published_at


def test_ids_of_new_rows_are_taken_over(tmp_path):
    item, child = "123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174001"
    path = write(
        tmp_path,
        f"frameworks:\n  - id: {item}\n    slug: f\n    name: {{en: F}}\n"
        f"    goals:\n      - {{id: {child}, code: 1, title: {{en: G}}}}\n",
    )
    run_import(path)
    assert [str(FrameworkGoal.objects.get().pk), str(FrameworkGoal.objects.get().framework_id)] == [child, item]
    assert changes(run_import(path)) == 0


def test_an_id_of_another_row_is_refused_for_a_new_child(tmp_path):
    section = SectionFactory()
    OfficeFactory(slug="o")
    path = write(
        tmp_path,
        f"offices:\n  - slug: o\n    sections:\n      - {{anchor: a, heading: {{en: A}}, id: {section.pk}}}\n",
    )
    assert "another row has this id already" in import_errors(path)[0]
