"""The file of a backup: a zip of ``manifest.json``, ``rows/<table>.jsonl`` and ``files/<name>``.

The manifest says which version made it, which migrations its tables had, and for each table and file what it holds: a
number and digest by which a restored site is compared with the one that was backed up.
"""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1 << 20  # bytes


class ArchiveError(Exception):
    """What is wrong with an archive, and what to do, in words for operators."""


@dataclass
class Manifest:
    """What an archive holds, and of which site."""

    version: str
    made_at: str
    database: str
    languages: list[str]
    key: str
    migrations: list[tuple[str, str]]
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)  # columns, rows, digest, by label
    files: dict[str, dict[str, Any]] = field(default_factory=dict)  # size, sha256, by name
    format: int = FORMAT

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.tables.values())

    @property
    def made(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def mark_of(key: str) -> str:
    """Return what tells a secret key from another one, and from which it cannot be found."""
    return salted_hmac("strategy_site.backups", "key", secret=key, algorithm="sha256").hexdigest()


def has_key_of(manifest: Manifest) -> bool:
    """Say whether this site can read what the one of the archive signed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(manifest.key, mark_of(key)) for key in keys)


class Archive:
    """An archive that is read. Raises :class:`ArchiveError` where it is none, or damaged."""

    def __init__(self, path: Path):
        self.path = path
        try:
            self.zip = zipfile.ZipFile(path)
            content = json.loads(self.zip.read(MANIFEST))
        except FileNotFoundError:
            raise ArchiveError(f"There is no file {path}.") from None
        except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
            raise ArchiveError(f"{path} is no backup of a site, or not all of one: {error}") from None
        if content.get("format") != FORMAT:
            raise ArchiveError(f"{path} was made by another version ({content.get('version')}); restore it with that.")
        self.manifest = Manifest(**content)

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *exception) -> None:
        self.zip.close()

    def lines(self, label: str) -> Iterator[bytes]:
        """Yield the rows of a table."""
        with self.opened(f"rows/{label}.jsonl") as file:
            yield from file

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Say of what the block finds damaged that it is."""
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, json.JSONDecodeError) as error:
            raise ArchiveError(f"{self.path} is damaged: {error}") from None

    def file(self, name: str) -> BinaryIO:
        """Return an uploaded file, to be read."""
        return self.opened(f"files/{name}")

    def opened(self, member: str) -> BinaryIO:
        try:
            return self.zip.open(member)  # type: ignore[return-value] # it reads like one
        except KeyError:
            raise ArchiveError(f"{self.path} is damaged: it has no {member}.") from None


def copied(source: BinaryIO, target: BinaryIO) -> dict[str, Any]:
    """Copy a file and return its size in bytes and its SHA-256."""
    digest, size = sha256(), 0
    while block := source.read(BLOCK):
        digest.update(block)
        size += len(block)
        target.write(block)
    return {"size": size, "sha256": digest.hexdigest()}
