"""An export is the content, byte for byte the same wherever it is imported."""

import json
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.content.characters import looks_blank
from cms.content.models import Publishable
from cms.content.registry import content_models
from cms.packages.emitting import json_lines, yaml_lines
from cms.packages.importing import import_package
from cms.packages.nodes import Mapping, PackageReader, Scalar
from cms.packages.problems import Problems
from cms.packages.sources import Source
from cms.packages.values import normalized, text_of
from cms.publishing.actions import unpublish
from partners.models import Partnership
from priorities.models import Document, Objective, Strategy
from regions.models import Country, Office
from tests.cms.packages.package_tools import changes, run_export, run_import
from tests.cms.packages.test_packages_import import AMERICAS
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    DocumentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OrganizationFactory,
    OutlineEntryFactory,
    PartnerFactory,
    PartnershipFactory,
    PillarFactory,
    QuotationFactory,
    SectionFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)

TEXTS = [
    "no",
    "Yes",
    "null",
    "~",
    "1.10",
    "0x1F",
    "2021-07-15",
    "12:30",
    "- a list?",
    "key: value",
    "# no comment",
    "ends with a colon:",
    " leading and trailing ",
    "two  spaces",
    "\ttab",
    "quote \" and ' and \\",
    "line\nline",
    "line\n\n  indented line\nlast",
    "\nstarts with an empty line",
    "ends with one\n",
    "trailing space \nin a line",
    "{not: a mapping}",
    "[x]",
    "&anchor *alias !tag |> % @ `",
    "---",
    "...",
    "<<",
    "=",
    "مرحبا بالعالم (عربي)",
    "\u202bembedded\u202c",
    "emoji 😀 and 𝒳",
    "next line\u0085separator\u2028end",
    "zero width\u200bspace\ufeff",
    "no-break\u00a0space",
    "bell\x07",
    "a very long text " * 20,
    "averylongword" * 30,
    "windows\r\nline ends\r\n",
    "é composed and e\u0301 not",
]

any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=300)
yaml_like = st.text(st.sampled_from(" \n\t:#-|>'\"\\&*!%@`{}[],?aé1.~\u2028\x85"), min_size=1, max_size=150)


def wipe():
    """Empty the site of its content."""
    for model in reversed(content_models()):
        for name in ("parent", "predecessor"):
            if any(field.name == name for field in model._meta.concrete_fields):
                model.objects.update(**{name: None})
        model.objects.all().delete()


@pytest.fixture
def site(db):
    """A site with a row of every kind, and the texts that are hard to write."""
    OrganizationFactory(name_es="Organización", about_en="<p>Text</p>")
    countries = [CountryFactory(code=code) for code in ("NO", "AR", "ZW")]
    parent = OfficeFactory(slug="zz-parent", cover_alt_en="A picture")
    office = OfficeFactory(slug="office", parent=parent, seat_country=countries[0], kind="country", phone="+41 22")
    office.countries.set(countries)
    for number, text in enumerate(TEXTS):
        SectionFactory(office=office, anchor=f"s{number}", heading_en="H", heading_es=normalized(text)[:200])
        QuotationFactory(office=office, text_en=None, text_pt=text, attributed_to=normalized(text)[:120])
    areas = [ThematicAreaFactory(slug=f"a{number}") for number in range(3)]
    framework = FrameworkFactory(slug="f", link_en="https://example.org/?a=1&b=2#c")
    goals = [FrameworkGoalFactory(framework=framework, code=code) for code in ("1", "P2")]
    strategy = StrategyFactory(
        slug="s",
        office=office,
        period_from=2020,
        uploaded_on="2021-07-15",
        reference_number="007",
        original_language="ar",
    )
    strategy.frameworks.add(framework)
    StrategyFactory(slug="a-successor", office=office, predecessor=strategy, live=False)
    for area in areas[:2]:
        StrategyThematicAreaFactory(strategy=strategy, thematic_area=area, kind="technical-cooperation")
    OutlineEntryFactory(strategy=strategy, number="2.10", level=2, body_fr="<h3>T</h3><p>x</p>")
    DocumentFactory(strategy=strategy)
    DocumentFactory(strategy=strategy, language="ar", title='يوم "1"')
    pillar = PillarFactory(slug="p", summary_en="")
    for number in range(12):
        objective = ObjectiveFactory(strategy=strategy, pillar=pillar, code=str(number), position=number % 3)
        objective.thematic_areas.set(areas[number % 3 :])
        AlignmentFactory(objective=objective, goal=goals[number % 2])
    partnership = PartnershipFactory(office=office, partner=PartnerFactory(slug="pa"), since=0 + 1999)
    partnership.pillars.add(pillar)
    for item in (partnership, parent):
        unpublish(item=item, user=None)


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_export_import_export_is_the_same_byte_for_byte(site, tmp_path, suffix):
    first, second = tmp_path / "one" / f"site.{suffix}", tmp_path / "two" / f"site.{suffix}"
    first.parent.mkdir()
    second.parent.mkdir()
    run_export(output=first)
    assert changes(run_import(first)) == 0
    statuses = sorted(Strategy.objects.values_list("slug", "status"))
    wipe()
    assert changes(run_import(first)) > 20
    assert sorted(Strategy.objects.values_list("slug", "status")) == statuses
    assert Partnership.objects.get().status == Publishable.Status.WITHDRAWN
    run_export(output=second)
    files = sorted(path.relative_to(first.parent) for path in first.parent.rglob("*") if path.is_file())
    assert len(files) == 3
    for path in files:
        assert (first.parent / path).read_bytes() == (second.parent / path).read_bytes()


def test_ids_travel_when_they_are_asked_for(site, tmp_path):
    path = tmp_path / "site.yaml"
    run_export(output=path, with_ids=True)
    ids = set(Objective.objects.values_list("pk", flat=True)) | set(Document.objects.values_list("pk", flat=True))
    wipe()
    run_import(path)
    assert (
        set(Objective.objects.values_list("pk", flat=True)) | set(Document.objects.values_list("pk", flat=True)) == ids
    )
    assert changes(run_import(path)) == 0


@pytest.mark.django_db
def test_the_first_content_survives_a_round_trip(tmp_path):
    run_import(AMERICAS)
    first = run_export()
    path = tmp_path / "site.yaml"
    path.write_text(first, encoding="utf-8")
    wipe()
    run_import(path)
    assert run_export() == first


def values_read(path, text):
    """Return the texts of a package that has only names, as the import reads them."""
    path.write_text(text, encoding="utf-8", newline="")
    problems = Problems()
    problems.files = [str(path)]
    items = [node for _name, node in PackageReader(["countries"], problems).read(0, Source(path, str(path)))]
    assert not problems, problems.lines()
    return [text_of(value) for item in items for value in scalars(item)]


def scalars(node):
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Mapping):
        for value in node.entries.values():
            yield from scalars(value)
    else:
        for value in node.items:
            yield from scalars(value)


@pytest.mark.parametrize(("suffix", "lines"), [("yaml", yaml_lines), ("json", json_lines)])
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(any_text | yaml_like | st.sampled_from(TEXTS), min_size=1, max_size=4))
def test_any_text_reads_back_as_it_was_written(tmp_path, suffix, lines, texts):
    texts = [normalized(text) for text in texts]
    items = [{"code": texts[0], "name": {"en": texts[-1]}, "list": texts, "children": [{"a": text} for text in texts]}]
    written = "".join(lines(iter([("countries", iter(items))])))
    expected = [texts[0], texts[-1], *texts, *texts]
    assert values_read(tmp_path / f"package.{suffix}", written) == expected
    if suffix == "yaml":  # and other readers of YAML understand the same
        loaded = yaml.safe_load(written)["countries"][0]
        assert (loaded["code"], loaded["list"]) == (texts[0], texts)
    else:
        assert json.loads(written)["countries"] == items


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    # What looks blank is no text, and is not taken in as one.
    texts=st.lists((any_text | yaml_like).filter(lambda text: not looks_blank(text[:120])), min_size=4, max_size=4),
    html=st.lists(
        st.sampled_from(["<p>", "</p>", "<b>", "<ul><li>", "&amp;", "<", ">", "é", "\n", " ", "x"]), max_size=30
    ),
)
def test_any_content_survives_a_round_trip(tmp_path, texts, html):
    wipe()
    text, word, quote, role = texts
    office = OfficeFactory(
        slug="o",
        name_en=text[:200],
        name_fr=word[:200],
        address_pt=quote,
        director_name=role[:120],
        introduction_es="".join(html),
    )
    QuotationFactory(office=office, text_en=quote, attributed_to=word[:120], role_fr=role[:120])
    first = run_export()
    path = tmp_path / "site.yaml"
    path.write_text(first, encoding="utf-8", newline="")
    assert sum(count.changed for count in import_package([path], publish=True).values()) == 0
    wipe()
    import_package([path], publish=True)
    assert run_export() == first


def test_an_export_has_no_empty_keys(db):
    PillarFactory(slug="p", name_en="P", summary_en="", icon="", colour="", position=0)
    assert run_export("pillars") == ("format: 1\n\npillars:\n  - slug: p\n    name:\n      en: P\n    position: 0\n")


def test_an_export_of_nothing_imports(db, tmp_path):
    path = tmp_path / "nothing.json"
    run_export(output=path)
    assert json.loads(path.read_text()) == {"format": 1}
    assert "no items" in run_import(path)


def test_collections_can_be_chosen(db):
    CountryFactory(code="AR")
    OfficeFactory()
    assert yaml.safe_load(run_export("countries")) == {
        "format": 1,
        "countries": [{"code": "AR", "name": {"en": "Country AR"}}],
    }


def test_an_unknown_collection_is_refused(db):
    with pytest.raises(CommandError, match="no collection “office”.*Did you mean “offices”"):
        run_export("office")


def test_files_need_a_place(site):
    with pytest.raises(CommandError, match="name a file with --output"):
        run_export()


def test_a_lost_file_is_named_and_leaves_no_half_package(db, tmp_path):
    document = DocumentFactory()
    document.file.storage.delete(document.file.name)
    with pytest.raises(CommandError, match="is not in the storage"):
        run_export(output=tmp_path / "site.yaml")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_place_that_is_not_there_is_named(db, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run_export(output=tmp_path / "missing" / "site.yaml")


def test_items_come_in_the_order_of_what_they_belong_to(db):
    for office in ("b", "a"):
        strategy = StrategyFactory(slug=f"s-{office}", office=OfficeFactory(slug=office, position=1))
        for number in (2, 1):
            ObjectiveFactory(
                slug=f"{office}{number}", strategy=strategy, pillar__slug=f"p{office}{number}", position=9
            )
    loaded = yaml.safe_load(run_export())
    assert [item["slug"] for item in loaded["offices"]] == ["a", "b"]
    assert [item["slug"] for item in loaded["objectives"]] == ["a1", "a2", "b1", "b2"]


def test_order_does_not_depend_on_the_language_of_the_database(db):
    for slug in ("a-b", "ab", "A-c", "a_d"):
        OfficeFactory(slug=slug, position=0)
    assert [item["slug"] for item in yaml.safe_load(run_export())["offices"]] == ["A-c", "a-b", "a_d", "ab"]


def test_queries_do_not_grow_with_the_rows(db):
    counts = []
    for _round in range(2):
        for _number in range(6 if counts else 1):
            partnership = PartnershipFactory()
            partnership.pillars.add(PillarFactory())
            objective = ObjectiveFactory(strategy__office=partnership.office)
            objective.thematic_areas.add(ThematicAreaFactory())
            objective.strategy.frameworks.add(FrameworkFactory())
            StrategyThematicAreaFactory(strategy=objective.strategy)
            AlignmentFactory(objective=objective)
            SectionFactory(office=partnership.office)
            partnership.office.countries.add(CountryFactory())
        with CaptureQueriesContext(connection) as captured:
            run_export()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_registered_models_come_after_what_they_point_to():
    order = content_models()
    for earlier, later in [(Country, Office), (Office, Strategy), (Strategy, Objective), (Office, Partnership)]:
        assert order.index(earlier) < order.index(later)


def test_output_is_written_as_it_is_made(db, monkeypatch):
    from django.core.management import call_command

    OfficeFactory(slug="o")
    stream = StringIO()
    call_command("export_content", "offices", format="json", stdout=stream)
    assert json.loads(stream.getvalue())["offices"][0]["slug"] == "o"


def test_output_without_an_ending_is_a_folder_that_import_reads(db, tmp_path):
    OfficeFactory(slug="americas")
    call_command("export_content", output=tmp_path / "pkg")
    assert (tmp_path / "pkg/content.yaml").exists()
    call_command("import_content", str(tmp_path / "pkg"), dry_run=True, verbosity=0)


def test_output_of_another_ending_is_refused(db, tmp_path):
    with pytest.raises(CommandError, match="a package is a"):
        call_command("export_content", output=tmp_path / "pkg.txt")
    assert list(tmp_path.iterdir()) == []
