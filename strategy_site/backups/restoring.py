"""Putting an archive back onto an empty site of either database, and comparing what is there with it."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from cms.content.languages import stored_languages
from cms.publishing.log_mark import begin_another_log
from cms.publishing.models import ChangeLogHead
from cms.search import index
from strategy_site.backups import tables
from strategy_site.backups.archive import Archive, ArchiveError, Manifest, copied
from strategy_site.backups.making import stored_files
from strategy_site.exclusive import exclusively

# What a site writes before anybody has done anything on it; the archive has its own.
WRITTEN_BY_ITSELF = {
    "contenttypes.contenttype",
    "auth.permission",
    "sessions.session",
    "publishing.changeloghead",
    "api.requestcounter",
}
SHOWN = 5  # tables or files that a message names


def restore(archive: Archive, say: Callable[[str], object]) -> None:
    """Put everything back, in one transaction; a difference to the archive undoes all of it.

    Raises :class:`ArchiveError` and ``OSError``; nothing is written then.
    """
    manifest = archive.manifest
    with exclusively("migrate"):
        require_known(manifest)
        prepare_tables(manifest)
        say(f"Restoring {manifest.rows:,} rows, {len(manifest.files):,} files of {manifest.made:%Y-%m-%d %H:%M} UTC.")
        with archive.in_words(), unfinished(), transaction.atomic():
            found = tables.tables_at(manifest.migrations)
            write_rows(archive, found)
            write_files(archive)
            if found_wrong := differences(manifest):
                raise ArchiveError("Not restored, since what was written differs: " + "; ".join(found_wrong))
            # Another history from the first moment on: what the site published since is undone.
            heads = found[ChangeLogHead._meta.label_lower]
            models.QuerySet(heads).update(log=uuid4())
    say("Preparing the database and the search index.")
    finish()


def finish() -> None:
    """Bring the tables up to this version and make anew what is derived from them."""
    ContentType.objects.clear_cache()
    call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic():
        begin_another_log(ChangeLogHead.locked(), robust=True)
    index.rebuild()


def require_known(manifest: Manifest) -> None:
    """Raise :class:`ArchiveError` where this version or its settings have no place for what the archive holds."""
    known = set(MigrationExecutor(connection).loader.disk_migrations)
    if unknown := [node for node in map(tuple, manifest.migrations) if node not in known]:
        raise ArchiveError(
            f"The backup is of version {manifest.version}, which has tables that this one ({settings.VERSION}) does "
            f"not know ({'.'.join(unknown[0])}). Install that version or a later one."
        )
    if lacking := [code for code in manifest.languages if code not in stored_languages()]:
        raise ArchiveError(
            f"The backup has texts in {', '.join(lacking)}: add that to LANGUAGES ({','.join(manifest.languages)})."
        )


def prepare_tables(manifest: Manifest) -> None:
    """Make the tables as they were at the time of the archive; raise :class:`ArchiveError` where something is kept."""
    there = tables.applied_migrations()
    if there and set(there) != set(map(tuple, manifest.migrations)):
        raise ArchiveError(
            "The tables of this database are those of another version than the backup's. Name an empty database in "
            "DATABASE_URL, or an empty folder in VAR_DIR: the tables are made, and then migrated."
        )
    if not there:
        migrate_to(set(map(tuple, manifest.migrations)))
    kept = [label for label, model in tables.tables_at(manifest.migrations).items() if is_kept(label, model)]
    if kept:
        raise ArchiveError(
            f"This site is not empty: there are rows in {', '.join(kept[:SHOWN])}. Nothing was changed. Name an empty "
            "database in DATABASE_URL, or an empty folder in VAR_DIR."
        )


def migrate_to(migrations: set[tuple[str, str]]) -> None:
    """Apply ``migrations`` and no others to an empty database."""
    executor = MigrationExecutor(connection)
    nodes = executor.loader.graph.node_map
    executor.migrate(
        [node for node in migrations if not any(child.key in migrations for child in nodes[node].children)]
    )


def is_kept(label: str, model: type[models.Model]) -> bool:
    return label not in WRITTEN_BY_ITSELF and models.QuerySet(model).exists()


def write_rows(archive: Archive, found: dict[str, type[models.Model]]) -> None:
    tables.empty(found[label] for label in WRITTEN_BY_ITSELF if label in found)
    for label, table in archive.manifest.tables.items():
        if table["rows"]:
            try:
                tables.insert(found[label], table["columns"], archive.lines(label))
            except DatabaseError as error:
                raise ArchiveError(f"The database refuses rows of {label}: {error}") from error
    tables.set_counters(found.values())


class unfinished:  # noqa: N801 - used as a function is
    """Whether the last restore was cut off: the files that are there are its own then, half of one perhaps."""

    def __init__(self) -> None:
        self.path = Path(settings.VAR_DIR) / "restore.unfinished"

    def __enter__(self) -> None:
        if not self.path.exists() and (name := next(stored_files(default_storage), None)):
            raise ArchiveError(
                f"There are uploaded files already ({name}). Nothing was changed. Move away {settings.MEDIA_ROOT}."
            )
        self.path.touch()

    def __exit__(self, kind, *exception) -> None:
        for name in list(stored_files(default_storage)) if kind else []:
            default_storage.delete(name)
        self.path.unlink(missing_ok=True)


def write_files(archive: Archive) -> None:
    for name in archive.manifest.files:
        default_storage.delete(name)
        with archive.file(name) as source:
            stored = default_storage.save(name, File(source, name))
        if stored != name:
            raise ArchiveError(f"The storage has kept {name} as {stored}.")


def differences(manifest: Manifest) -> list[str]:
    """Compare every row and file of this site with what the archive says of them; return what differs, in words."""
    found = tables.tables_at(manifest.migrations)
    return [
        *(wrong for label, table in manifest.tables.items() for wrong in wrong_rows(label, table, found)),
        *(f"the file {name} is another" for name, file in manifest.files.items() if file_of(name) != file),
        *(f"the file {name} is new" for name in stored_files(default_storage) if name not in manifest.files),
    ]


def wrong_rows(label: str, table: dict, found: dict[str, type[models.Model]]) -> list[str]:
    tally = tables.tally_of(tables.lines_of(found[label], table["columns"]))
    if (tally.rows, tally.digest) == (table["rows"], table["digest"]):
        return []
    return [f"{label} has {tally.rows} rows of {table['rows']}" if tally.rows != table["rows"] else f"rows of {label}"]


class Nowhere:
    """A file that forgets what is written to it."""

    def write(self, block: bytes) -> int:
        return len(block)


def file_of(name: str) -> dict | None:
    """Return size and digest of a file in the storage, ``None`` where there is none."""
    try:
        with default_storage.open(name) as source:
            return copied(source, Nowhere())  # type: ignore[arg-type] # it is only written to
    except FileNotFoundError:
        return None
