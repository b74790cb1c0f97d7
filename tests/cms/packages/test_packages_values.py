"""What values mean: text stays what was written, in YAML and in JSON."""

import json

import pytest
import yaml

from cms.packages import nodes, sources
from priorities.models import Strategy
from regions.models import Country, Office
from tests.cms.packages.package_tools import changes, run_import, write
from tests.factories import (
    CountryFactory,
    OfficeFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db


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
