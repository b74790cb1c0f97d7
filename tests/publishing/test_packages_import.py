"""What an import makes of a package: rows created, changed only where they differ, and left alone elsewhere."""

import json
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from partners.models import Partnership
from priorities.models import Document, FrameworkGoal, Objective, Pillar, Strategy
from publishing.actions import publish, unpublish
from publishing.packages import importing, nodes
from publishing.packages.writing import Writer
from regions.models import Country, Office, Organization, Section
from tests.factories import (
    CountryFactory,
    DocumentFactory,
    OfficeFactory,
    QuotationFactory,
    SectionFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)
from tests.publishing.package_tools import PDF, changes, import_errors, run_import, write

pytestmark = pytest.mark.django_db

AMERICAS = settings.BASE_DIR / "fixtures" / "americas"
WRITES = re.compile("INSERT|UPDATE|DELETE")


def statements(captured):
    return [query["sql"] for query in captured if WRITES.match(query["sql"])]


def content_of(document):
    with document.file.open() as file:
        return file.read()


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


def test_values_stay_the_text_that_was_written(tmp_path):
    OfficeFactory(slug="o")
    path = write(
        tmp_path,
        """
countries:
  - {code: NO, name: {en: on, es: "null", fr: 2020-01-01, pt: 0x10}}
strategies:
  - slug: s
    office: o
    title: {en: yes}
    period_from: 2020
    uploaded_on: 2021-07-15
    reference_number: 007
    outline:
      - {anchor: a, number: 2.10, title: {en: A}}
""",
    )
    run_import(path)
    country, strategy = Country.objects.get(), Strategy.objects.get()
    assert [country.name_en, country.name_es, country.name_fr, country.name_pt] == ["on", "null", "2020-01-01", "0x10"]
    assert (strategy.title_en, strategy.period_from, strategy.reference_number) == ("yes", 2020, "007")
    assert strategy.uploaded_on.isoformat() == "2021-07-15"
    assert strategy.outline.get().number == "2.10"


@pytest.mark.parametrize("loader", [nodes.Loader, yaml.SafeLoader], ids=["C", "Python"])
def test_both_parsers_read_the_same(tmp_path, monkeypatch, loader):
    monkeypatch.setattr(nodes, "Loader", loader)
    write(tmp_path, 'countries:\n  - {code: AR, name: {en: "A\\tB é", es: >-\n  x}}\n')
    path = write(
        tmp_path, "countries:\n  - code: AR\n    name:\n      en: |\n        one\n        two\n\n      es: 'x'\n"
    )
    run_import(path)
    assert (Country.objects.get().name_en, Country.objects.get().name_es) == ("one\ntwo", "x")


def test_json_is_read(tmp_path):
    path = tmp_path / "package.json"
    text = json.dumps(
        {"format": 1, "countries": [{"code": "AR", "name": {"en": 'A 😀 "q" \\u00e9 \\', "es": None}}]}, indent="\t"
    )
    assert "\\ud83d\\ude00" in text
    path.write_text(text.replace("q", "q\\/q") + " " * 20_000)
    run_import(path)
    assert Country.objects.get().name_en == 'A 😀 "q/q" \\u00e9 \\'


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 12, 13, 64])
def test_json_escapes_may_lie_across_the_parts_in_which_a_file_is_read(tmp_path, monkeypatch, size):
    from publishing.packages import sources

    path = tmp_path / "package.json"
    name = "😀\\\\😀\\ud83d é\n" * 5
    path.write_text(json.dumps({"format": 1, "countries": [{"code": "AR", "name": {"en": name}}]}))
    read = sources.PackageStream.read
    monkeypatch.setattr(sources.PackageStream, "read", lambda self, _size: read(self, size))
    run_import(path)
    assert Country.objects.get().name_en == name


def test_json_has_characters_in_it_that_yaml_has_not(tmp_path):
    path = tmp_path / "package.json"
    name = "a\x7fb\x85c\u2028d\ufeff"
    data = {"format": 1, "countries": [{"code": "AR", "name": {"en": name}}]}
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    run_import(path)
    assert Country.objects.get().name_en == name


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "package.yaml"
    path.write_text("format: 1\ncountries:\n  - {code: AR, name: {en: A}}\n", encoding="utf-8-sig")
    assert changes(run_import(path)) == 1


def test_text_is_composed_and_blocks_lose_their_last_line_end(tmp_path):
    path = write(tmp_path, "countries:\n  - code: AR\n    name:\n      en: |\n        Me\u0301xico\n")
    run_import(path)
    assert Country.objects.get().name_en == "M\u00e9xico"


def test_hostile_html_is_sanitised_and_stays_unchanged(tmp_path):
    path = write(
        tmp_path,
        """
offices:
  - slug: o
    name: {en: "<script>alert(1)</script>"}
    introduction:
      en: |
        <p onclick="alert(1)">Text &amp; more<script>alert(1)</script></p>
        <p><a href="javascript:alert(1)">x</a></p>
        <img src=x onerror=alert(1)>
""",
    )
    run_import(path)
    office = Office.objects.get()
    assert "script" not in office.introduction_en
    assert "onclick" not in office.introduction_en
    assert "onerror" not in office.introduction_en
    assert office.name_en == "<script>alert(1)</script>"  # plain text: escaped wherever it is shown
    assert changes(run_import(path)) == 0


def test_only_what_is_given_changes(tmp_path):
    office = OfficeFactory(slug="o", name_en="A", name_es="B", phone="1", email="a@example.org")
    SectionFactory(office=office)
    office.countries.add(CountryFactory())
    output = run_import(write(tmp_path, "offices:\n  - {slug: o, name: {es: C}, phone: '2'}\n"), verbosity=2)
    assert "offices “o”: changed: name (es), phone" in output
    office.refresh_from_db()
    assert (office.name_en, office.name_es, office.phone, office.email) == ("A", "C", "2", "a@example.org")
    assert office.sections.count() == office.countries.count() == 1


def test_null_clears_and_an_empty_list_empties(tmp_path):
    office = OfficeFactory(slug="o", name_en="A", name_es="B", phone="1", position=5, parent=OfficeFactory())
    office.countries.add(CountryFactory())
    SectionFactory(office=office)
    run_import(
        write(
            tmp_path,
            "offices:\n  - slug: o\n    name: {es: ~}\n    phone:\n    parent: null\n    position: null\n"
            "    countries: []\n    sections: null\n",
        )
    )
    office.refresh_from_db()
    assert (office.name_en, office.name_es or "", office.phone) == ("A", "", "")
    assert (office.parent, office.position) == (None, 0)
    assert office.countries.count() == office.sections.count() == 0


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_language_of_the_importer_does_not_matter(tmp_path, language):
    CountryFactory(code="AR", name_en="A", name_es="B")
    with override(language):
        run_import(write(tmp_path, "countries:\n  - {code: AR, name: {fr: C}}\n"))
    country = Country.objects.get()
    assert (country.name_en, country.name_es, country.name_fr) == ("A", "B", "C")


def test_children_keep_their_ids_and_follow_the_list(tmp_path):
    office = OfficeFactory(slug="o")
    first, second, gone = (SectionFactory(office=office, anchor=anchor) for anchor in ("a", "b", "c"))
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
    unpublish(items=[office], user=None)
    run_import(write(tmp_path, "offices:\n  - {slug: o, phone: '1'}\n"))
    assert not Office.objects.live().exists()
    run_import(write(tmp_path, "offices:\n  - {slug: o, status: live}\n"))
    assert Office.objects.live().exists()


def test_a_change_of_a_live_item_is_a_publication(tmp_path):
    office = OfficeFactory(slug="o", live=False)
    publish(items=[office], user=None)
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


def test_a_dry_run_says_what_would_change_and_changes_nothing(tmp_path):
    OfficeFactory(slug="o", name_en="A")
    strategy = StrategyFactory(slug="s")
    write(
        tmp_path,
        "offices:\n  - {slug: o, name: {en: B, fr: C}}\n  - {slug: n, name: {en: N}}\n"
        "strategies:\n  - {slug: s, documents: [{language: en, title: T, file: a.pdf}]}\n",
    )
    (tmp_path / "a.pdf").write_bytes(PDF)
    output = run_import(tmp_path, dry_run=True)
    assert "offices “o”: changed: name (en, fr)" in output
    assert "offices “n”: new: slug, name (en)" in output
    assert "strategies “s”: changed: documents +1" in output
    assert "Dry run: 3 changes" in output
    assert Office.objects.filter(name_en="B").count() == 0
    assert not Office.objects.filter(slug="n").exists()
    assert not strategy.documents.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.pdf"))


def test_files_are_stored_once_and_compared_by_content(tmp_path):
    StrategyFactory(slug="s")
    path = write(tmp_path, "strategies:\n  - {slug: s, documents: [{language: en, title: T, file: files/a.pdf}]}\n")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.pdf").write_bytes(PDF)
    assert changes(run_import(path)) == 1
    assert content_of(Document.objects.get()) == PDF
    assert changes(run_import(path)) == 0
    (tmp_path / "files" / "a.pdf").write_bytes(PDF + b"more")
    assert changes(run_import(path)) == 1
    assert content_of(Document.objects.get()) == PDF + b"more"


def test_a_file_that_is_lost_is_stored_again(tmp_path):
    document = DocumentFactory(strategy__slug="s", title="T")
    document.file.storage.delete(document.file.name)
    (tmp_path / "a.pdf").write_bytes(PDF)
    path = write(tmp_path, "strategies:\n  - {slug: s, documents: [{language: en, title: T, file: a.pdf}]}\n")
    assert changes(run_import(path)) == 1
    assert content_of(Document.objects.get()) == PDF


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt], ids=["error", "interrupted"])
def test_a_failure_while_writing_leaves_nothing(tmp_path, monkeypatch, error):
    (tmp_path / "a.pdf").write_bytes(PDF)
    write(
        tmp_path,
        "offices:\n  - {slug: o, name: {en: O}}\nstrategies:\n"
        "  - {slug: s, office: o, title: {en: S}, documents: [{language: en, title: T, file: a.pdf}]}\n",
    )

    def fail(self):
        raise error

    monkeypatch.setattr(Writer, "finish", fail)
    with pytest.raises(error):
        run_import(tmp_path)
    assert not Office.objects.exists()
    assert not Document.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.pdf"))


def items_of_all_kinds(folder, count):
    lines = ["frameworks:", "  - {slug: f, name: {en: F}, goals: [{code: 1, title: {en: G}}]}", "pillars:"]
    lines.append("  - {slug: p, name: {en: P}}")
    lines.append("thematic_areas:\n  - {slug: t, name: {en: T}}\noffices:")
    lines += [
        f"  - {{slug: o{n}, name: {{en: O}}, sections: [{{anchor: a, heading: {{en: A}}}}]}}" for n in range(count)
    ]
    lines.append("strategies:")
    lines += [
        f"  - {{slug: s{n}, office: o{n}, title: {{en: S}}, frameworks: [f], "
        f"thematic_areas: [{{thematic_area: t, kind: carried-out-through}}]}}"
        for n in range(count)
    ]
    lines.append("objectives:")
    lines += [
        f"  - {{slug: b{n}, strategy: s{n}, pillar: p, statement: {{en: B}}, kind: main, code: a, "
        f"thematic_areas: [t], alignments: [{{goal: f/1}}]}}"
        for n in range(count)
    ]
    lines.append("partners:\n  - {slug: p, name: {en: P}, kind: academia}\npartnerships:")
    lines += [f"  - {{office: o{n}, partner: p, role: member, pillars: [p]}}" for n in range(count)]
    return write(folder, "\n".join(lines) + "\n")


@pytest.mark.parametrize("again", [False, True], ids=["new", "unchanged"])
def test_queries_do_not_grow_with_the_rows_of_a_batch(tmp_path, again):
    counts = []
    for number, count in enumerate((2, 15)):
        path = items_of_all_kinds(tmp_path / str(number), count)
        for model in (Partnership, Objective, Strategy, Office):
            model.objects.all().delete()
        if again:
            run_import(path)
        with CaptureQueriesContext(connection) as captured:
            run_import(path)
        counts.append(len(captured))
    # The first package makes rows that the second finds; nothing else may differ.
    assert abs(counts[1] - counts[0]) <= 3, counts


def test_many_items_go_in_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_SIZE", 4)
    path = items_of_all_kinds(tmp_path, 10)
    assert changes(run_import(path)) == 44
    assert changes(run_import(path)) == 0
    assert Partnership.objects.live().count() == 10


def test_progress_goes_to_the_error_stream(tmp_path, capfd):
    from django.core.management import call_command

    call_command("import_content", str(items_of_all_kinds(tmp_path, 3)), verbosity=2)
    out, err = capfd.readouterr()
    assert "Written: 16 of 16 items" in err
    assert "Written" not in out
