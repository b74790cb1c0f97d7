"""An import is all or nothing, in bulk: dry runs, failures, files, batches and queries."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.content.registry import content_models
from cms.packages import importing
from cms.packages.writing import Writer
from cms.publishing.models import ChangeLogHead
from partners.models import Partnership
from priorities.models import Document
from regions.models import Office
from tests.cms.packages.package_tools import PDF, changes, run_import, write
from tests.factories import (
    DocumentFactory,
    OfficeFactory,
    StrategyFactory,
)
from tests.files import pdf

pytestmark = pytest.mark.django_db


def content_of(document):
    with document.file.open() as file:
        return file.read()


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
    other = pdf("other")
    (tmp_path / "files" / "a.pdf").write_bytes(other)
    assert changes(run_import(path)) == 1
    assert content_of(Document.objects.get()) == other


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
    ContentType.objects.get_for_models(*content_models())  # looked up once a process
    ChangeLogHead.objects.get_or_create(pk=ChangeLogHead.KEY)  # made by the first change ever
    counts = []
    for number, count in enumerate((2, 15)):
        path = items_of_all_kinds(tmp_path / str(number), count)
        for model in reversed(content_models()):
            model.objects.all().delete()
        if again:
            run_import(path)
        with CaptureQueriesContext(connection) as captured:
            run_import(path)
        counts.append(len(captured))
    assert counts[1] <= counts[0]


def test_many_items_go_in_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_SIZE", 4)
    path = items_of_all_kinds(tmp_path, 10)
    assert changes(run_import(path)) == 44
    assert changes(run_import(path)) == 0
    assert Partnership.objects.live().count() == 10


def test_progress_goes_to_the_error_stream(tmp_path, capfd):
    call_command("import_content", str(items_of_all_kinds(tmp_path, 3)), verbosity=2, publish=True)
    out, err = capfd.readouterr()
    assert "Written: 16 of 16 items" in err
    assert "Written" not in out
