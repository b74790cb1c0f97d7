"""Complete, consistent copies of the public content: JSON Lines and tables for each collection, and one zip of all.

All files of an export are read from the database as it was at one moment, so together they are the content at one
change token. They are made once for a state of the content, kept in the site's file storage, and served whole.
"""

import csv
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cms.api.formats import json_line
from cms.api.models import ContentExport
from cms.api.records import all_records, schema_of
from cms.api.tables import datapackage, tables_of
from cms.content.background import BackgroundTask
from cms.content.models import ContentModel
from cms.content.registry import content_models
from cms.pages.spreadsheets import harmless
from cms.publishing.models import Change, ChangeLogHead
from cms.publishing.tokens import change_token
from cms.publishing.visibility import Item

FOLDER = "exports"
JSON_LINES, CSV, ZIP = "application/x-ndjson", "text/csv; charset=utf-8", "application/zip"
JSON = "application/vnd.datapackage+json"  # https://www.iana.org/assignments/media-types
FORM_VERSION = 2  # of what the description of the tables does not tell: how values are written
KEPT = 3  # exports whose files stay, for downloads that go on
KEPT_FOR = timedelta(days=1)  # and those of the last day


def latest_export() -> ContentExport | None:
    """Return the newest export, if it may be given and its files are there; a restored database may have none."""
    export = ContentExport.objects.first()
    return export if export and not holds_withdrawn(export) and has_files(export) else None


def holds_withdrawn(export: ContentExport) -> bool:
    """Say whether something was withdrawn or deleted since ``export``, which holds it still.

    That it was published again since makes no difference: then it is in the next export.
    """
    later = Change.objects.filter(sequence__gt=export.sequence)
    return later.filter(operation=Change.Operation.DELETE).exists()


def has_files(export: ContentExport) -> bool:
    """Say whether all files of ``export`` are in the storage."""
    return all(default_storage.exists(file["path"]) for file in export.files)


def is_current(export: ContentExport) -> bool:
    """Say whether nothing public has changed since ``export`` was made, and records still have the same form."""
    return export.token == change_token(ChangeLogHead.current()) and has_form(export)


def has_form(export: ContentExport) -> bool:
    """Say whether the records of ``export`` have the form of today, and not that of a version or setting before."""
    form = record_form()
    return all(file.get("form") == form for file in export.files)


def record_form() -> str:
    """Return what tells one form of the records from another: a digest of all that they may hold."""
    members = [datapackage(""), FORM_VERSION, settings.SITE_URL]
    return hashlib.blake2b(json.dumps(members).encode(), digest_size=8).hexdigest()


def make_export() -> ContentExport:
    """Return an export of the content as it is now, made unless there is one."""
    ChangeLogHead.current()  # a site on which nothing was ever published has a head from now on
    with consistent_read():
        head = ChangeLogHead.current()
        token = change_token(head)
        known = ContentExport.objects.filter(token=token).first()
        if known and has_files(known) and has_form(known):
            return known
        with tempfile.TemporaryDirectory() as folder:
            written = write_files(Path(folder), token)
            form = record_form()
            files = [store(path, token, kind, media_type, form) for path, kind, media_type in written]
    if known:  # its files are lost, or have the form of a version before
        known.delete()
        taken = {file["path"] for file in files}
        discard([file for file in known.files if file["path"] not in taken])
    try:
        with transaction.atomic():
            export = ContentExport.objects.create(
                token=token, sequence=head.sequence, made_at=timezone.now(), files=files
            )
    except IntegrityError:  # another process made the same meanwhile; its files are the same, under other names
        discard(files)
        return ContentExport.objects.get(token=token)
    remove_old_exports()
    return export


@contextmanager
def consistent_read() -> Iterator[None]:
    """Have every query of the block see the database as it was at its first, without holding up anybody's writes.

    Inside a transaction that one is all there is: tests, and callers that hold the change log.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN DEFERRED" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with unmapped(), connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


@contextmanager
def unmapped() -> Iterator[None]:
    """Keep the pages of an SQLite database that is read from end to end out of the memory of this process."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        size = cursor.execute("PRAGMA mmap_size").fetchone()  # none for a database in memory
        cursor.execute("PRAGMA mmap_size = 0")
        try:
            yield
        finally:
            if size:
                cursor.execute(f"PRAGMA mmap_size = {size[0]:d}")


def write_files(folder: Path, token: str) -> Iterator[tuple[Path, str, str]]:
    """Write the files of an export into ``folder`` and yield the path, collection and media type of each."""
    paths = []
    for model in content_models():
        written = write_collection(model, folder)
        paths += written
        for path in written:
            yield path, model.collection, JSON_LINES if path.suffix == ".jsonl" else CSV
    description = folder / "datapackage.json"
    description.write_text(json.dumps(datapackage(token), ensure_ascii=False, indent=1), encoding="utf-8")
    yield description, "", JSON
    archive = folder / "all.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in [*paths, description]:
            file.write(path, path.name)
    yield archive, "", ZIP


def write_collection(model: type[ContentModel], folder: Path) -> list[Path]:
    """Write the public items of ``model`` as JSON Lines and, at the same time, into their tables; return the paths."""
    tables = tables_of(schema_of(model))
    lines, paths = folder / f"{model.collection}.jsonl", [folder / table.file_name for table in tables]
    with ExitStack() as stack:
        json_file = stack.enter_context(lines.open("w", encoding="utf-8"))
        # With a byte order mark, without which Excel does not see UTF-8; CRLF and doubled quotes, as RFC 4180 has it.
        files = [stack.enter_context(path.open("w", encoding="utf-8-sig", newline="")) for path in paths]
        writers = [csv.writer(file) for file in files]
        for table, writer in zip(tables, writers, strict=True):
            writer.writerow([column.name for column in table.columns])
        for record in all_records(model):
            json_file.write(json_line(record))
            for table, writer in zip(tables, writers, strict=True):
                writer.writerows([harmless(cell) for cell in row] for row in table.rows(record))
    return [lines, *paths]


def store(path: Path, token: str, collection: str, media_type: str, form: str) -> dict[str, Any]:
    """Put a file into the storage and return its description."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
        file.seek(0)
        stored = default_storage.save(f"{FOLDER}/{token}/{path.name}", File(file))
    return {
        "name": path.name,
        "collection": collection,
        "media_type": media_type,
        "size": path.stat().st_size,
        "sha256": digest.hexdigest(),
        "path": stored,
        "form": form,
    }


def remove_old_exports() -> None:
    """Delete exports that are neither among the last few nor of the last day, and those that hold what was withdrawn,
    with their files."""
    kept, since = ContentExport.objects.all()[:KEPT], timezone.now() - KEPT_FOR
    for export in ContentExport.objects.all():
        if (export not in kept and export.made_at < since) or holds_withdrawn(export):
            export.delete()
            discard(export.files)


exporting = BackgroundTask("exports", make_export)


def replace_export(_items: list[Item], _latest: int) -> None:
    """Have a new export made at once where the newest holds what was just withdrawn. Subscribes to the change log."""
    transaction.on_commit(replace_if_withdrawn, robust=True)


def replace_if_withdrawn() -> None:
    export = ContentExport.objects.first()
    if export and holds_withdrawn(export):
        exporting.start()


def discard_exports() -> None:
    """Delete all exports: they are of a change log that is gone. Subscribes to the beginning of another."""
    files = [file for export in ContentExport.objects.all() for file in export.files]
    ContentExport.objects.all().delete()
    transaction.on_commit(partial(discard, files), robust=True)


def discard(files: list[dict[str, Any]]) -> None:
    for file in files:
        default_storage.delete(file["path"])
