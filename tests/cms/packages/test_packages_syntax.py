"""What is not a package, or could do harm, is refused with its line."""

import pytest
from django.core.management import CommandError

from cms.packages import nodes, sources
from tests.cms.packages.package_tools import import_errors, run_import, write

pytestmark = pytest.mark.django_db

# label, package after its line "format: 1", line of the error, what the message says
SYNTAX_ERRORS = [
    ("bad indentation", "offices:\n  - slug: a\n kind: regional\n", 4, "not valid YAML"),
    ("open quote", 'offices:\n  - slug: "a\n', 4, "not valid YAML"),
    ("tab", "offices:\n\t- slug: a\n", 3, "not valid YAML"),
    ("anchor", "offices:\n  - slug: &x a\n", 3, "anchors (&x) are not allowed"),
    ("alias", "offices:\n  - slug: *x\n", 3, "aliases (*x) are not allowed"),
    ("merge key", "offices:\n  - <<: {slug: a}\n", 3, "merge keys (<<) are not allowed"),
    ("python tag", "offices:\n  - slug: !!python/object/apply:os.system [ls]\n", 3, "tags ("),
    ("own tag", "offices:\n  - !office\n    slug: a\n", 3, "tags (!office) are not allowed"),
    ("standard tag", "offices:\n  - slug: !!str a\n", 3, "tags ("),
    ("tag where keys are unknown", "office:\n  - slug: !!str a\n", 3, "tags ("),
    ("duplicate key", "offices:\n  - slug: a\n    slug: b\n", 4, "the key “slug” is here twice"),
    ("duplicate collection", "offices: []\noffices: []\n", 3, "the key “offices” is here twice"),
    ("duplicate language", "offices:\n  - slug: a\n    name: {en: A, en: B}\n", 4, "the key “en” is here twice"),
    ("second document", "offices: []\n---\nformat: 1\n", 3, "a second document starts"),
    ("list as a key", "offices:\n  - [a, b]: c\n", 3, "cannot be a key"),
    ("deep nesting", "offices:\n  - slug: " + "[" * 50 + "]" * 50 + "\n", 3, "nested more than 20 deep"),
    ("control character", "offices:\n  - slug: a\x07\n", 3, "U+0007 is not allowed"),
    ("unknown collection", "office:\n  - slug: a\n", 2, "no collection “office”. Did you mean “offices”?"),
    ("collection is a mapping", "offices:\n  slug: a\n", 3, "offices: expects a list"),
    ("item is a word", "offices:\n  - americas\n", 3, "expects items with keys"),
    ("another format", "format: 2\n", 2, "the key “format” is here twice"),
]


@pytest.mark.parametrize(("text", "line", "message"), [pytest.param(*case[1:], id=case[0]) for case in SYNTAX_ERRORS])
def test_what_is_not_a_package_is_refused(tmp_path, text, line, message):
    path = write(tmp_path, text)
    errors = import_errors(path)
    assert any(error.startswith(f"{path}:{line}: ") and message in error for error in errors), errors


def test_a_file_that_breaks_off_does_not_hide_the_errors_of_others(tmp_path):
    write(tmp_path, "offices: [\n", "1.yaml")
    write(tmp_path, "countries:\n  - {code: ar, name: {en: A}}\n", "2.yaml")
    assert len(import_errors(tmp_path)) == 2


def test_a_file_that_breaks_off_does_not_make_its_items_unknown(tmp_path):
    write(tmp_path, "countries: [\n", "1.yaml")
    write(tmp_path, "offices:\n  - {slug: a, name: {en: A}, countries: [AR]}\n", "2.yaml")
    assert not any("there is no" in error for error in import_errors(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "1: the key “format: 1” is missing", id="empty"),
        pytest.param(b"# nothing\n", "1: the key “format: 1” is missing", id="comments only"),
        pytest.param(b"offices: []\n", "1: the key “format: 1” is missing", id="no format"),
        pytest.param(b"format: 2\n", "1: format “2” is not known here", id="other format"),
        pytest.param(b"format: 1\noffices:\n  - slug: caf\xe9\n", "3: the file is not UTF-8", id="Latin-1"),
        pytest.param("format: 1\n".encode("utf-16"), "1: the file is not UTF-8", id="UTF-16"),
        pytest.param(b"- a\n", "1: a package starts with", id="a list"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "1: the file is not UTF-8", id="a picture"),
    ],
)
def test_a_file_that_is_no_package_is_refused(tmp_path, content, message):
    path = tmp_path / "package.yaml"
    path.write_bytes(content)
    assert import_errors(path)[0].startswith(f"{path}:{message}")


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing.yaml", "there is no such file"), ("package.txt", "a package is a .yaml"), ("empty", "has no .yaml")],
)
def test_a_path_without_a_package_is_refused(tmp_path, name, message):
    (tmp_path / "package.txt").write_text("format: 1\n")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match=message):
        run_import(tmp_path / name)


def test_one_endless_value_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_TEXT", 50_000)
    path = write(tmp_path, "offices:\n  - slug: a\n    name:\n      en: " + "x" * 500_000)
    read = []
    original = sources.PackageStream.read
    monkeypatch.setattr(sources.PackageStream, "read", lambda self, size: read.append(size) or original(self, size))
    assert "has more than 50000 characters" in import_errors(path)[0]
    assert sum(read) < 300_000


def test_a_text_over_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(nodes, "MAX_TEXT", 100)
    path = write(tmp_path, f"offices:\n  - slug: a\n    name:\n      en: {'x' * 101}\n")
    assert import_errors(path)[0] == f"{path}:5: this text has more than 100 characters."


def test_an_item_with_too_many_values_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(nodes, "MAX_NODES", 10)
    path = write(tmp_path, "offices:\n  - slug: a\n    countries: [" + "AR, " * 20 + "]\n")
    assert "more than 10 values" in import_errors(path)[0]


def test_an_alias_bomb_costs_nothing(tmp_path):
    bomb = "a0: &a0 [lol, lol]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 15))
    errors = import_errors(write(tmp_path, bomb))
    assert any("aliases" in error for error in errors)


def test_a_file_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    path = write(tmp_path, "")

    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    assert import_errors(path) == [f"{path}:1: the file cannot be read: Permission denied."]
