"""The comparison of two states of the site finds what differs, and takes nothing for a difference that is none."""

import pytest
from django.core import signing

from cms.api.cursors import Cursor, write_cursor
from tests.answers import comparing, evening

PAGE = 'GET /en/regions/\n200\nContent-Type: text/html\n\n<p>Of the <a href="/en/">home</a></p>\n'


def folder(path, **files):
    """Write ``files`` (name with two underscores for a slash -> text) below ``path`` and return it."""
    for name, text in files.items():
        file = path / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return path


def differences(tmp_path, before: dict, after: dict, **renamed):
    return comparing.compare(folder(tmp_path / "a", **before), folder(tmp_path / "b", **after), renamed=renamed)


def test_same_answers_have_no_difference(tmp_path):
    files = {"public__home__en": PAGE}
    assert differences(tmp_path, files, files) == []


def test_changed_answer_is_found_with_its_lines(tmp_path):
    after = PAGE.replace("Of the", "Of a")
    found = differences(tmp_path, {"public__home__en": PAGE}, {"public__home__en": after})
    assert [(each.what, each.kind) for each in found] == [("changed", "public/home")]
    assert [line[:11] for line in found[0].lines[1:]] == ["-<p>Of the ", "+<p>Of a <a"]


@pytest.mark.parametrize(
    ("before", "after"), [(PAGE, PAGE.replace("200", "404", 1)), (PAGE, PAGE.replace("text/html", "text/plain"))]
)
def test_changed_status_or_header_is_found(tmp_path, before, after):
    assert differences(tmp_path, {"public__home__en": before}, {"public__home__en": after})


def test_answers_on_one_side_alone_are_found(tmp_path):
    found = differences(tmp_path, {"public__home__en": PAGE}, {"public__home__es": PAGE})
    assert [(each.name, each.what) for each in found] == [("public/home/en", "gone"), ("public/home/es", "new")]


def test_model_in_another_app_is_the_same(tmp_path):
    link = (
        'GET /admin/{0}/release/\n200\n\n<body class="app-{0} model-release"><a href="/admin/{0}/release/add/">\n'
        '<a href="/admin/{0}/">Publishing</a><div class="app-{0} module">\n'
    )
    name = "admin__release_changelist__admin!{}!release"
    before = {name.format("publishing"): link.format("publishing")}
    after = {name.format("cms_publishing"): link.format("cms_publishing")}
    assert differences(tmp_path, before, after) == []


def test_another_model_in_the_admin_is_a_difference(tmp_path):
    before, after = '<a href="/admin/publishing/release/">', '<a href="/admin/publishing/revision/">'
    assert differences(tmp_path, {"admin__index__-": before}, {"admin__index__-": after})


def test_name_that_was_changed_on_purpose_is_the_same(tmp_path):
    files = {"api__root__old-name": "an old-name here"}, {"api__root__new-name": "an new-name here"}
    assert differences(tmp_path, *files, **{"old-name": "new-name"}) == []


def test_change_that_many_answers_have_is_shown_once(tmp_path):
    before = {f"public__page__{number}": PAGE for number in range(3)}
    found = differences(tmp_path, before, dict.fromkeys(before, PAGE.replace("Of", "At")))
    lines = list(comparing.report(found, lines=5))
    assert "changed: public/page/0 and 2 more alike" in lines
    assert len([line for line in lines if line.startswith("    +")]) == 1


def test_difference_far_along_a_line_is_shown(tmp_path):
    before, after = ("x" * 1000 + word for word in ("before", "after"))
    found = differences(tmp_path, {"public__page__1": before}, {"public__page__1": after})
    assert any("after" in line for line in comparing.report(found, lines=5))


@pytest.mark.parametrize(
    "template",
    [
        pytest.param('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', id="csrf"),
        pytest.param('<script nonce="{}">', id="nonce"),
        pytest.param("Content-Security-Policy: script-src 'nonce-{}'", id="policy"),
        pytest.param('<a href="/preview/{}/en/">', id="preview"),
        pytest.param('ETag: W/"{}"', id="etag"),
        pytest.param("/share/{}/en/regions.png", id="share"),
    ],
)
def test_what_each_run_makes_anew_is_made_even(template):
    one, other = (evening.even(template.format(digits * 16)) for digits in "ab")
    assert one == other != ""


def test_digest_of_a_zip_is_made_even_and_that_of_a_table_is_not():
    described = '{{"media_type": "{}",\n "size": 3,\n "sha256": "{}"\n}}'
    zips, tables = (
        {evening.even(described.format(media_type, digit * 64)) for digit in "ab"}
        for media_type in ("application/zip", "text/csv")
    )
    assert (len(zips), len(tables)) == (1, 2)


def test_random_identifier_is_made_even_and_that_of_content_is_not():
    random = ["6f1c2f5e-33a2-4b53-9d1e-4cf4f5b0a001", "0b9f2f5e-33a2-4b53-9d1e-4cf4f5b0a002"]
    assert len({evening.even(text) for text in random}) == 1
    assert evening.even("6f1c2f5e-33a2-5b53-9d1e-4cf4f5b0a001") == "6f1c2f5e-33a2-5b53-9d1e-4cf4f5b0a001"


def test_cursor_says_where_it_stands_whenever_it_was_signed(monkeypatch):
    cursors = []
    for time in ("000001", "zzzzzz"):
        monkeypatch.setattr(signing.TimestampSigner, "timestamp", lambda self, time=time: time)
        cursors.append(f"?cursor={write_cursor(Cursor(('Name of it', 3)), 'query', 'fr')}")
    assert cursors[0] != cursors[1]
    assert [evening.even(cursor) for cursor in cursors] == ["?cursor=[0,['Name of it',3]]"] * 2


def test_time_of_a_run_is_made_even_and_that_of_content_is_not():
    for name in ("Last-Modified", "Expires"):
        assert evening.even(f"{name}: Mon, 02 Nov 2026 10:00:00 GMT") == f"{name}: -"
    assert "15 Feb 2024" in evening.even("Last-Modified: Thu, 15 Feb 2024 09:30:00 GMT")
