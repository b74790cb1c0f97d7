"""Making a backup while people write, and keeping the newest ones."""

import fcntl
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db import connection

from cms.api.bulk import FOLDER as EXPORTS
from cms.api.bulk import consistent_read
from cms.content.languages import stored_languages
from strategy_site.backups import tables
from strategy_site.backups.archive import MANIFEST, ArchiveError, Manifest, copied, mark_of, now

PATTERN = "strategy-site-*.zip"
UNFINISHED = ".strategy-site-*.unfinished"
MADE_ANEW = {EXPORTS}  # folders of the storage


def back_up(folder: Path) -> Path:
    """Write an archive of the site as it is now into ``folder`` and return its path.

    It has its name when it is whole. Raises :class:`ArchiveError` and ``OSError``.
    """
    with folder_of_one(folder):
        for left_over in folder.glob(UNFINISHED):
            left_over.unlink()
        path = unused_name(folder)
        beside = folder / f".{path.stem}.unfinished"
        try:
            with open(beside, "xb", opener=private) as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(path)
        finally:
            beside.unlink(missing_ok=True)
    return path


def private(name: str, flags: int) -> int:
    """Open a file that its owner alone may read: it holds drafts, accounts and keys."""
    return os.open(name, flags, 0o600)


def unused_name(folder: Path) -> Path:
    stem = f"strategy-site-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (folder / f"{stem}{ending}.zip" for ending in ["", *(f"-{number}" for number in range(1, 1000))])
    return next(path for path in names if not path.exists())


@contextmanager
def folder_of_one(folder: Path) -> Iterator[None]:
    """Hold ``folder``, made where it is missing, so that one backup is written there at a time."""
    if folder.resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve()):
        raise ArchiveError(f"{folder} is among the uploaded files, which are backed up: choose another folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ArchiveError(f"Another backup is being written to {folder}.") from None
    finally:
        os.close(descriptor)


def write(file) -> None:
    """Write all rows, as they are at one moment, and then the files that they speak of.

    A file is there before the row that names it is committed, has a name of its own and is never written again.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with consistent_read():
            manifest = new_manifest()
            for label, model in tables.tables_at(manifest.migrations).items():
                manifest.tables[label] = write_table(archive, label, model)
        for name in stored_files(default_storage):
            write_file(archive, manifest, name)
        archive.writestr(MANIFEST, manifest.as_json())


def new_manifest() -> Manifest:
    return Manifest(
        version=settings.VERSION,
        made_at=now(),
        database=connection.vendor,
        languages=stored_languages(),
        key=mark_of(settings.SECRET_KEY),
        migrations=tables.applied_migrations(),
    )


def write_table(archive: zipfile.ZipFile, label: str, model) -> dict:
    columns, tally = tables.columns_of(model), tables.Tally()
    with archive.open(f"rows/{label}.jsonl", "w", force_zip64=True) as member:
        for line in tables.lines_of(model, columns):
            tally.add(line)
            member.write(line)
    return {"columns": columns, "rows": tally.rows, "digest": tally.digest}


def write_file(archive: zipfile.ZipFile, manifest: Manifest, name: str) -> None:
    """Add an uploaded file, not compressed again; one that is gone by now was of an upload that came to nothing."""
    try:
        source = default_storage.open(name)
    except FileNotFoundError:
        return
    with source, archive.open(zipfile.ZipInfo(f"files/{name}"), "w", force_zip64=True) as member:
        manifest.files[name] = copied(source, member)


def stored_files(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the name of every file in the storage that is not made anew by itself."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from sorted(f"{folder}/{name}" if folder else name for name in names)
    for name in sorted(folders):
        if folder or name not in MADE_ANEW:
            yield from stored_files(storage, f"{folder}/{name}" if folder else name)


def archives_in(folder: Path) -> list[Path]:
    """Return the archives in ``folder``, the newest first."""
    return sorted(folder.glob(PATTERN), reverse=True)


def keep_newest(folder: Path, count: int) -> list[Path]:
    """Delete all archives in ``folder`` but the newest ``count``; return those that went."""
    old = archives_in(folder)[count:]
    for path in old:
        path.unlink(missing_ok=True)
    return old
