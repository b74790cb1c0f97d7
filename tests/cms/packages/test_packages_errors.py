"""What is wrong with a package is named with file, line and field, all at once, and nothing is imported."""

import os

import pytest
from django.core.management import CommandError
from django.db import OperationalError

from cms.packages.writing import Writer
from priorities.models import Strategy
from regions.models import Country, Office
from tests.cms.packages.package_tools import PDF, import_errors, run_import, write
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    PartnershipFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db

# label, package after its line "format: 1", line of the error, what the message says
FIELD_ERRORS = [
    (
        "unknown key",
        "slug: a\n    name: {en: A}\n    nam: {en: A}",
        5,
        "offices “a”: nam: there is no key “nam” here. Did you mean “name”?",
    ),
    ("column as a key", "slug: a\n    name: {en: A}\n    name_en: A", 5, "Did you mean “name”?"),
    ("no slug", "name: {en: A}", 3, "slug: is required"),
    ("empty slug", "slug:\n    name: {en: A}", 3, "slug: cannot be empty"),
    ("bad slug", "slug: Ä ä\n    name: {en: A}", 3, "slug: Enter a valid “slug”"),
    ("text for a translated field", "slug: a\n    name: A", 4, "name: expects a text for each language"),
    ("unknown language", "slug: a\n    name: {en: A, de: B}", 4, "name.de: “de” is not a language of this site"),
    ("list for a language", "slug: a\n    name:\n      en: A\n      es: [B]", 6, "name.es: expects a text"),
    ("too long", f"slug: a\n    name:\n      en: {'A' * 201}", 5, "name.en: Ensure this value has at most 200"),
    ("mapping for a value", "slug: a\n    name: {en: A}\n    phone: {en: 1}", 5, "phone: expects one value"),
    ("list for a value", "slug: a\n    name: {en: A}\n    phone: [1]", 5, "phone: expects one value"),
    ("choice", "slug: a\n    name: {en: A}\n    kind: regionl", 5, "“regionl” is not one of: headquarters, regional"),
    ("status", "slug: a\n    name: {en: A}\n    status: public", 5, "“public” is not one of: unpublished, live"),
    ("number", "slug: a\n    name: {en: A}\n    position: first", 5, "expects a whole number, not “first”"),
    ("negative number", "slug: a\n    name: {en: A}\n    position: -1", 5, "greater than or equal to 0"),
    ("huge number", "slug: a\n    name: {en: A}\n    position: 99999999999999999999", 5, "expects a whole number"),
    ("e-mail", "slug: a\n    name: {en: A}\n    email: nobody", 5, "email: Enter a valid email address"),
    ("address", "slug: a\n    name: {en: A}\n    website: 'javascript:alert(1)'", 5, "website: Enter a valid URL"),
    ("id", "slug: a\n    name: {en: A}\n    id: 12", 5, "id: expects a UUID"),
    ("unknown reference", "slug: a\n    name: {en: A}\n    parent: b", 5, "parent: there is no “b” among the offices"),
    (
        "reference is a list",
        "slug: a\n    name: {en: A}\n    parent: [a]",
        5,
        "parent: expects the name of one of the",
    ),
    ("itself as parent", "slug: a\n    name: {en: A}\n    parent: a", 5, "parent: goes in a circle: a → a"),
    (
        "unknown code in a list",
        "slug: a\n    name: {en: A}\n    countries:\n      - XX",
        6,
        "no “XX” among the countries",
    ),
    ("list that is a word", "slug: a\n    name: {en: A}\n    countries: AR", 5, "countries: expects a list"),
    ("no text in any language", "slug: a", 3, "offices “a”: name: Fill in “Name” in at least one language"),
    ("required text cleared", "slug: a\n    name: {en: ''}", 4, "name: Fill in “Name”"),
    ("NUL", 'slug: a\n    name: {en: "A\\0"}', 4, "name.en: The character U+0000 is not allowed"),
    ("child is a word", "slug: a\n    name: {en: A}\n    sections: [x]", 5, "sections: expects items with the keys"),
    (
        "unknown key of a child",
        "slug: a\n    name: {en: A}\n    sections:\n      - anchor: x\n        heading: {en: X}\n        txt: y",
        8,
        "offices “a”: sections “x”: txt: there is no key",
    ),
    (
        "child twice",
        "slug: a\n    name: {en: A}\n    sections:\n      - {anchor: x, heading: {en: X}}\n"
        "      - {anchor: x, heading: {en: Y}}",
        7,
        "sections “x”: anchor: “x” is in this list twice, first in line 6",
    ),
    (
        "child without its required field",
        "slug: a\n    name: {en: A}\n    quotations:\n      - text: {en: X}",
        6,
        "offices “a”: quotations 1: attributed_to: is required",
    ),
]


@pytest.mark.parametrize(("text", "line", "message"), [pytest.param(*case[1:], id=case[0]) for case in FIELD_ERRORS])
def test_a_wrong_value_is_named_with_its_line(tmp_path, text, line, message):
    path = write(tmp_path, f"offices:\n  - {text}\n")
    errors = import_errors(path)
    assert len(errors) == 1, errors
    assert errors[0].startswith(f"{path}:{line}: offices")
    assert message in errors[0]
    assert not Office.objects.exists()


def test_all_errors_are_named_at_once_by_file_and_line(tmp_path):
    write(tmp_path, "offices:\n  - {slug: a, name: {en: A}, kind: x, parent: y}\n", "1.yaml")
    write(tmp_path, "countries:\n  - {code: ar, name: {en: A}}\n  - {code: BO}\n", "2.yaml")
    places = [error.split(": ")[0].removeprefix(f"{tmp_path}/") for error in import_errors(tmp_path)]
    assert places == ["1.yaml:3", "1.yaml:3", "2.yaml:3", "2.yaml:4"]
    assert not Country.objects.exists()


def test_at_most_200_errors_are_shown_and_the_rest_counted(tmp_path):
    path = write(tmp_path, "countries:\n" + "  - {code: x}\n" * 300)
    errors = import_errors(path)
    assert len(errors) == 201
    assert errors[-1] == "and 100 more errors."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("period_from: 2024\n    period_to: 2020", "The last year is before the first", id="period"),
        pytest.param("period_from: 20", "20 is not a year between", id="year"),
        pytest.param("uploaded_on: 15.7.2021", "invalid date format", id="date"),
        pytest.param("uploaded_on: 2021-02-30", "invalid date", id="day that is not"),
        pytest.param("original_language: xx", "not a known language code", id="language code"),
        pytest.param("office:", "office: cannot be empty", id="required reference cleared"),
        pytest.param("outline:\n      - {anchor: a, title: {en: A}, level: 5}", "“5” is not one of: 1, 2", id="level"),
    ],
)
def test_rules_of_a_model_hold_for_packages(tmp_path, text, message):
    OfficeFactory(slug="o")
    first = "" if text.startswith("office:") else "office: o\n    "
    path = write(tmp_path, f"strategies:\n  - slug: s\n    title: {{en: S}}\n    {first}{text}\n")
    errors = import_errors(path)
    assert len(errors) == 1, errors
    assert message in errors[0]


def test_a_new_row_needs_its_required_references(tmp_path):
    path = write(tmp_path, "strategies:\n  - slug: s\n    title: {en: S}\n")
    assert import_errors(path) == [f"{path}:3: strategies “s”: office: is required."]


def test_an_item_is_in_a_package_once(tmp_path):
    first = write(tmp_path, "countries:\n  - {code: AR, name: {en: A}}\n", "1.yaml")
    second = write(tmp_path, "countries:\n  - {code: AR, name: {en: B}}\n", "2.yaml")
    assert import_errors(tmp_path) == [f"{second}:3: countries “AR”: is in the package twice, first in {first}:3."]


def test_there_can_be_only_one_organization(tmp_path):
    path = write(tmp_path, "organization:\n  - name: {en: A}\n  - name: {en: B}\n")
    assert "is in the package twice" in import_errors(path)[0]


def test_references_are_offered_a_similar_name(tmp_path):
    OfficeFactory(slug="americas")
    path = write(tmp_path, "strategies:\n  - {slug: s, title: {en: S}, office: america}\n")
    assert "there is no “america” among the offices. Did you mean “americas”?" in import_errors(path)[0]


@pytest.mark.parametrize(
    ("goal", "message"),
    [("gcm", "expects the name of one of the goals: framework-slug/code"), ("gcm/9", "there is no “gcm/9”")],
)
def test_a_goal_is_named_by_framework_and_code(tmp_path, goal, message):
    FrameworkGoalFactory(framework=FrameworkFactory(slug="gcm"), code="1")
    ObjectiveFactory(slug="o")
    path = write(tmp_path, f"objectives:\n  - slug: o\n    alignments:\n      - goal: {goal}\n")
    errors = import_errors(path)
    assert errors[0].startswith(f"{path}:5: objectives “o”: alignments “{goal}”: goal: ")
    assert message in errors[0]


def test_uniqueness_is_checked_in_the_package(tmp_path):
    strategy = StrategyFactory(slug="s")
    ObjectiveFactory(slug="x", strategy=strategy, pillar__slug="p")
    path = write(
        tmp_path,
        "objectives:\n"
        "  - {slug: a, strategy: s, pillar: p, kind: main, statement: {en: A}}\n"
        "  - {slug: b, strategy: s, pillar: p, kind: main, statement: {en: B}}\n",
    )
    errors = import_errors(path)
    assert len(errors) == 1
    assert errors[0].startswith(f"{path}:4: objectives “b”: pillar: This strategy already has a main objective")
    assert "See “a”." in errors[0]


def test_uniqueness_is_checked_against_the_database(tmp_path):
    ObjectiveFactory(slug="x", strategy__slug="s", pillar__slug="p", code="a")
    path = write(tmp_path, "objectives:\n  - {slug: y, strategy: s, pillar: p, code: a, statement: {en: A}}\n")
    assert "This strategy already has an objective with this code" in import_errors(path)[0]


def test_what_one_row_gives_up_another_may_have(tmp_path):
    old = ObjectiveFactory(slug="old", strategy__slug="s", pillar__slug="p", kind="main")
    ObjectiveFactory(slug="heir", strategy=old.strategy, pillar=old.pillar)
    path = write(tmp_path, "objectives:\n  - {slug: heir, kind: main}\n  - {slug: old, kind: priority}\n")
    run_import(path)
    old.refresh_from_db()
    assert old.kind == "priority"


def test_rows_that_exchange_unique_values_are_refused_without_a_traceback(tmp_path):
    first = ObjectiveFactory(slug="x", code="a")
    ObjectiveFactory(slug="y", code="b", strategy=first.strategy, pillar=first.pillar)
    path = write(tmp_path, "objectives:\n  - {slug: x, code: b}\n  - {slug: y, code: a}\n")
    with pytest.raises(CommandError, match="import that in two steps"):
        run_import(path)
    first.refresh_from_db()
    assert first.code == "a"


def test_a_circle_over_the_database_is_found(tmp_path):
    top = OfficeFactory(slug="top")
    OfficeFactory(slug="middle", parent=top)
    path = write(
        tmp_path, "offices:\n  - slug: top\n    parent: low\n  - {slug: low, name: {en: L}, parent: middle}\n"
    )
    errors = import_errors(path)
    assert len(errors) == 1
    assert "goes in a circle" in errors[0]


def test_a_goal_that_is_still_needed_cannot_be_left_out(tmp_path):
    alignment = AlignmentFactory(goal__framework__slug="f", goal__code="1", objective__slug="ob")
    FrameworkGoalFactory(framework=alignment.goal.framework, code="2")
    path = write(tmp_path, "frameworks:\n  - slug: f\n    goals:\n      - code: '2'\n")
    errors = import_errors(path)
    assert len(errors) == 1
    assert errors[0].startswith(f"{path}:3: frameworks “f”: ")
    assert "cannot be removed" in errors[0]
    alignment.goal.refresh_from_db()


def test_partnerships_are_named_by_their_parts(tmp_path):
    PartnershipFactory(office__slug="o", partner__slug="p", role="member")
    path = write(tmp_path, "partnerships:\n  - {office: o, partner: p, role: member, since: 2020, until: 2010}\n")
    errors = import_errors(path)
    assert errors[0].startswith(f"{path}:3: partnerships “o/p/member”: ")
    assert "The last year is before the first" in errors[0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("/etc/passwd", "is not a path inside the folder", id="absolute"),
        pytest.param("../secret.pdf", "is not a path inside the folder", id="parent"),
        pytest.param("a/../../secret.pdf", "is not a path inside the folder", id="parent in the middle"),
        pytest.param("C:secret.pdf", "is not a path inside the folder", id="drive"),
        pytest.param("link.pdf", "is a link that leads out", id="link"),
        pytest.param("missing.pdf", "there is no file “missing.pdf”", id="missing"),
        pytest.param("files", "is not a file", id="folder"),
        pytest.param("text.pdf", "content of this file is not what its name says", id="content"),
        pytest.param("text.txt", "Upload a PDF", id="extension"),
        pytest.param("[a.pdf]", "expects the path of a file", id="list"),
        pytest.param("", "cannot be empty", id="nothing"),
    ],
)
def test_files_come_from_the_package_and_are_checked(tmp_path, name, message):
    StrategyFactory(slug="s")
    (tmp_path / "secret.pdf").write_bytes(PDF)
    folder = tmp_path / "package"
    path = write(
        folder,
        f"strategies:\n  - slug: s\n    documents:\n      - language: en\n        title: T\n        file: {name}\n",
    )
    (folder / "files").mkdir()
    (folder / "text.pdf").write_text("no PDF")
    (folder / "text.txt").write_text("text")
    os.symlink(tmp_path / "secret.pdf", folder / "link.pdf")
    errors = import_errors(path)
    assert errors[0].startswith(f"{path}:7: strategies “s”: documents “en/T”: file: ")
    assert message in errors[0]


def test_ids_must_agree_with_the_rows_that_are_there(tmp_path):
    office = OfficeFactory(slug="a")
    other = "123e4567-e89b-12d3-a456-426614174000"
    path = write(
        tmp_path,
        f"offices:\n  - {{slug: a, id: {other}}}\n"
        f"  - {{slug: b, name: {{en: B}}, id: {office.pk}}}\n"
        f"  - {{slug: c, name: {{en: C}}, id: {office.pk}}}\n",
    )
    errors = import_errors(path)
    assert f"{path}:3: offices “a”: id: this row is here under the id {office.pk}" in errors[0]
    assert any("this id belongs to “a”" in error for error in errors)
    assert any("has this id too" in error for error in errors)


def test_an_error_in_the_last_item_leaves_nothing_of_the_first(tmp_path):
    CountryFactory(code="AR")
    path = write(tmp_path, "countries:\n  - {code: BO, name: {en: B}}\nstrategies:\n  - {slug: s, title: {en: S}}\n")
    import_errors(path)
    assert Country.objects.count() == 1
    assert not Strategy.objects.exists()


def test_what_the_database_says_is_no_traceback(tmp_path, monkeypatch):
    def fail(self):
        raise OperationalError("disk is full")

    monkeypatch.setattr(Writer, "finish", fail)
    with pytest.raises(CommandError, match="Nothing was imported: the database said “disk is full”"):
        run_import(write(tmp_path, "countries:\n  - {code: AR, name: {en: A}}\n"))
    assert not Country.objects.exists()
