"""What is known of the last backup, and trying one: it is restored into a scratch place and compared there."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings

from strategy_site.backups.archive import ArchiveError, now
from strategy_site.setup import write_whole

# What the scratch place must not share with the site; empty variables count as not set (environment.py).
SCRATCH = dict.fromkeys(("REDIS_URL", "ADMINS", "EMAIL_URL", "ERROR_HANDLER"), "") | {"ENVIRONMENT": "development"}


def try_out(path: Path) -> None:
    """Restore the archive on an SQLite database in a temporary folder and compare every row and file with it.

    Raises :class:`ArchiveError` with what was wrong.
    """
    with tempfile.TemporaryDirectory(prefix="strategy-site-check-") as folder:
        places = {
            "VAR_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "SECRET_KEY": settings.SECRET_KEY,
        }
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(path.absolute())]
        result = subprocess.run(  # noqa: S603 - our own command
            command, env=os.environ | SCRATCH | places, cwd=settings.BASE_DIR, capture_output=True, text=True
        )
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise ArchiveError(f"{path} cannot be restored: {reason}")


def record_path() -> Path:
    return Path(settings.VAR_DIR) / "last_backup.json"


def note(path: Path, *, size: int, is_checked: bool) -> None:
    """Keep when the last backup was made and checked, for health and doctor."""
    record = {"at": now(), "path": str(path), "bytes": size, "checked": is_checked}
    write_whole(record_path(), json.dumps(record).encode())


def last_backup() -> dict | None:
    """Return what :func:`note` kept last, ``at`` as a time; ``None`` where there never was a backup."""
    try:
        record = json.loads(record_path().read_bytes())
        return {**record, "at": datetime.fromisoformat(record["at"])}
    except (OSError, ValueError, KeyError):
        return None
