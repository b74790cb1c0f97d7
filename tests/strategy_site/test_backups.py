"""``manage.py backup`` and ``restore``: what comes back is what was there, on the other database too."""

import json
import os
import random
import sqlite3
import stat
import threading
import uuid
import zipfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.core.signals import request_started
from django.db import connection, models
from django.db.backends.sqlite3.base import DatabaseWrapper

from cms.publishing.models import AuditEntry
from strategy_site import replaced
from strategy_site.backups import tables
from strategy_site.backups.archive import MANIFEST, Archive
from strategy_site.backups.checking import last_backup, try_out
from strategy_site.backups.making import archives_in, back_up, keep_newest
from tests.content import make_content
from tests.postgresql import NoServerError, private_server
from tests.strategy_site.processes import run_manage

KEY = "another-key-of-fifty-characters-and-more-for-tests-0123456789"
CAMPAIGN = bool(os.environ.get("CAMPAIGN"))
ROUNDS = 50 if CAMPAIGN else 2
# What could be lost on the way: quotes, line ends, scripts, what only looks like a number, the ends of the planes.
PIECES = [
    "'",
    '"',
    "\\",
    "\n",
    "\r\n",
    "\t",
    "é",
    "e\u0301",
    "\u2028",
    "漢字",
    "عربي",
    "🙂",
    "007",
    "1e5",
    "%s",
    "<b>",
    "null",
    "{}",
]
FREE = {"CharField", "TextField"}


def free_texts(model) -> list[models.Field]:
    """Return the text columns of a table that may hold anything."""
    bound = {name for constraint in model._meta.constraints for name in getattr(constraint, "fields", ())}
    bound |= {name for names in model._meta.unique_together for name in names}
    return [
        field
        for field in model._meta.local_concrete_fields
        if field.get_internal_type() in FREE
        and not (field.unique or field.choices or field.name in bound or (field.max_length or 99) < 20)
        and model._meta.app_label not in ("contenttypes", "auth", "sessions", "api", "webhooks")
        and not field.name.endswith(("language", "model", "type", "kind", "state", "status"))
    ]


def some_text(chance: random.Random, longest: int) -> str:
    return "".join(chance.choices(PIECES, k=chance.randrange(1, 8)))[:longest]


def scramble(chance: random.Random) -> None:
    """Write random texts into all tables past every rule, random files, and JSON of any form."""
    for model in tables.tables_at(tables.applied_migrations()).values():
        for key in models.QuerySet(model).values_list("pk", flat=True):
            texts = {field.name: some_text(chance, field.max_length or 2000) for field in free_texts(model)}
            if texts:
                models.QuerySet(model).filter(pk=key).update(**texts)
    for number in range(3):
        detail = {
            some_text(chance, 9): [None, chance.random(), chance.randrange(1 << 40), {"": some_text(chance, 99)}]
        }
        AuditEntry.objects.create(action=AuditEntry.Action.LOGIN, detail=detail)
        default_storage.save(f"documents/{number}/{uuid.uuid4()}.bin", ContentFile(chance.randbytes(70_000 * number)))


@pytest.fixture
def content(db, tmp_path):
    """A site with rows in most tables and files."""
    make_content()
    return tmp_path / "backups"


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_restore_elsewhere_makes_no_difference(content, seed):
    chance = random.Random(seed)  # noqa: S311 - tests
    scramble(chance)
    archive = back_up(content)
    try:
        if seed % 2 and connection.vendor == "sqlite":
            restore_on_postgresql(archive, content)
        else:
            try_out(archive)
    except NoServerError as error:
        pytest.skip(str(error))


def restore_on_postgresql(archive: Path, folder: Path) -> None:
    with private_server() as url:
        result = run_manage("restore", str(archive), DATABASE_URL=url, VAR_DIR=str(folder / "site"), SECRET_KEY=KEY)
        assert result.returncode == 0, result.stderr
        assert "no difference" in result.stdout


def test_archive_holds_rows_and_files_for_its_owner_alone(content):
    path = back_up(content)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Archive(path) as archive:
        assert archive.manifest.tables["regions.office"]["rows"]
        assert any(name.endswith(".pdf") for name in archive.manifest.files)
        assert "search.searchentry" not in archive.manifest.tables  # made anew


def test_exports_are_left_out_since_they_are_made_anew(content):
    default_storage.save("exports/token/all.zip", ContentFile(b"made anew"))
    with Archive(back_up(content)) as archive:
        assert not [name for name in archive.manifest.files if name.startswith("exports/")]


def test_backup_notes_when_it_was_made_and_checked(content, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    call_command("backup", str(content), verify=True, verbosity=0)
    assert last_backup()["checked"] is True


def test_backup_keeps_the_newest(content):
    content.mkdir()
    for day in range(1, 5):
        (content / f"strategy-site-2026010{day}T000000Z.zip").touch()
    assert len(keep_newest(content, 2)) == 2
    assert [path.name[14:22] for path in archives_in(content)] == ["20260104", "20260103"]


def test_backup_removes_what_one_that_was_killed_left(content):
    content.mkdir()
    left = content / ".strategy-site-20260101T000000Z.unfinished"
    left.touch()
    back_up(content)
    assert not left.exists()


def test_backup_among_the_uploaded_files_is_refused(content):
    with pytest.raises(CommandError, match="choose another folder"):
        call_command("backup", str(Path(settings.MEDIA_ROOT) / "backups"))


def test_backup_into_a_file_says_what_is_wrong(content, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", str(tmp_path / "file"))


def test_damaged_archive_is_refused_and_nothing_restored(content, tmp_path):
    archive = back_up(content)
    data = bytearray(archive.read_bytes())
    middle = data.index(b"rows/regions.office.jsonl") + 100
    data[middle : middle + 50] = bytes(50)
    archive.write_bytes(data)
    result = run_manage("restore", str(archive), VAR_DIR=str(tmp_path / "site"))
    assert result.returncode == 1
    assert "is damaged" in result.stderr
    assert "Traceback" not in result.stderr
    with closing(sqlite3.connect(tmp_path / "site/db.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM regions_office").fetchone() == (0,)


def test_archive_whose_rows_were_changed_is_refused(content, tmp_path):
    archive, forged = back_up(content), tmp_path / "forged.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(forged, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b'"office"', b'"0ffice"') if "regions.office.jsonl" in name else data)
    result = run_manage("restore", str(forged), VAR_DIR=str(tmp_path / "site"))
    assert "rows of regions.office" in result.stderr


def test_what_is_no_archive_is_refused(db, tmp_path):
    (tmp_path / "file.zip").write_bytes(b"no zip")
    with pytest.raises(CommandError, match="is no backup"):
        call_command("restore", str(tmp_path / "file.zip"))
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", str(tmp_path / "missing.zip"))


def test_site_that_holds_something_is_left_alone(content, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with pytest.raises(CommandError, match="This site is not empty"):
        call_command("restore", str(back_up(content)))


def test_archive_of_a_later_version_names_it(content, tmp_path):
    archive = back_up(content)
    later = rewritten(archive, tmp_path, migrations=[["regions", "0999_later"]], version="99.0")
    result = run_manage("restore", str(later), VAR_DIR=str(tmp_path / "site"))
    assert "version 99.0" in result.stderr


def test_archive_with_more_languages_names_the_setting(content, tmp_path):
    archive = rewritten(back_up(content), tmp_path, languages=["en", "ar"])
    result = run_manage("restore", str(archive), VAR_DIR=str(tmp_path / "site"))
    assert "add that to LANGUAGES" in result.stderr


def rewritten(archive: Path, folder: Path, **changes) -> Path:
    other = folder / "other.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, json.dumps({**json.loads(data), **changes}) if name == MANIFEST else data)
    return other


def test_restore_says_what_another_secret_key_loses_and_begins_another_history(content, tmp_path):
    archive = back_up(content)
    result = run_manage("restore", str(archive), VAR_DIR=str(tmp_path / "site"), SECRET_KEY=KEY)
    assert result.returncode == 0, result.stderr
    assert "SECRET_KEY is another one" in result.stdout
    with zipfile.ZipFile(archive) as opened:
        before = json.loads(opened.read("rows/publishing.changeloghead.jsonl"))
    with closing(sqlite3.connect(tmp_path / "site/db.sqlite3")) as database:
        log, sequence = database.execute("SELECT log, sequence FROM publishing_changeloghead").fetchone()
    assert sequence in before
    assert str(uuid.UUID(log)) not in before


def test_restore_after_one_that_was_cut_off_goes_through(content, tmp_path):
    archive, site = back_up(content), tmp_path / "site"
    (site / "media/documents").mkdir(parents=True)
    (site / "media/documents/half.pdf").write_bytes(b"%PDF")
    refused = run_manage("restore", str(archive), VAR_DIR=str(site))
    assert "There are uploaded files already (documents/half.pdf)" in refused.stderr
    (site / "media/documents/half.pdf").unlink()
    with Archive(archive) as opened:
        name = next(name for name, file in opened.manifest.files.items() if file["size"])
    (site / "media" / name).parent.mkdir(parents=True, exist_ok=True)
    (site / "media" / name).write_bytes(b"half")
    (site / "restore.unfinished").touch()
    result = run_manage("restore", str(archive), VAR_DIR=str(site))
    assert result.returncode == 0, result.stderr


@pytest.mark.django_db(transaction=True)
def test_backup_is_of_one_moment_while_people_write(tmp_path):
    stop = threading.Event()

    def write():
        while not stop.is_set():
            AuditEntry.objects.create(action=AuditEntry.Action.LOGIN, detail={"a": 1})
        connection.close()

    writer = threading.Thread(target=write)
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("a database in memory has one connection")
    writer.start()
    try:
        archive = back_up(tmp_path / "backups")
    finally:
        stop.set()
        writer.join()
    try_out(archive)


def test_worker_notices_that_the_file_of_the_database_was_replaced(db, tmp_path, monkeypatch):
    for number in (1, 2):
        with closing(sqlite3.connect(tmp_path / str(number))) as database:
            database.execute(f"CREATE TABLE t AS SELECT {number} AS number")
    worker = DatabaseWrapper({**connection.settings_dict, "NAME": str(tmp_path / "1"), "OPTIONS": {}})
    monkeypatch.setattr(replaced, "connections", SimpleNamespace(all=lambda **kwargs: [worker]))
    assert number_in(worker) == 1
    (tmp_path / "2").replace(tmp_path / "1")
    request_started.send(None)
    assert number_in(worker) == 2
    worker.close()


def number_in(wrapper) -> int:
    with wrapper.cursor() as cursor:
        return cursor.execute("SELECT number FROM t").fetchone()[0]
