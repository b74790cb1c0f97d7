"""What tells the pages of this code and these settings from those of any other."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise

PLAIN = (str, int, float, bool, type(None), Path, Promise)
SUFFIXES = {".py", ".html", ".txt", ".xml", ".svg", ".mo", ".json", ".css", ".js", ".R", ".sh", ".woff2"}


@cache
def code_version() -> str:
    """Return a digest of all that an answer is made of besides the content, read once a process: code, templates,
    catalogues, data files, pinned libraries, the names of static files, and the settings."""
    found = hashlib.blake2b(digest_size=8)
    for path in sorted(files()):
        found.update(str(path).encode() + path.read_bytes())
    for name in sorted(dir(settings)):
        if name.isupper():
            found.update(f"{name}={plain(getattr(settings, name))}".encode())
    return found.hexdigest()


def files() -> Iterator[Path]:
    """Yield the files of the project that answers are made of."""
    root = Path(settings.BASE_DIR)
    own = (root, root / "cms")
    folders = [path for config in apps.get_app_configs() if (path := Path(config.path)).parent in own]
    for folder in [*folders, root / "templates", *map(Path, settings.LOCALE_PATHS)]:
        yield from (path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    others = (root / "requirements.txt", Path(settings.STATIC_ROOT) / "staticfiles.json")
    yield from (path for path in others if path.is_file())


def plain(value: Any) -> str:
    """Return a setting as text that is the same in every process; what is no plain value is left out."""
    if isinstance(value, dict):
        return repr(sorted((str(key), plain(each)) for key, each in value.items()))
    if isinstance(value, set | frozenset):
        return repr(sorted(map(plain, value)))
    if isinstance(value, list | tuple):
        return repr([plain(each) for each in value])
    return repr(str(value)) if isinstance(value, PLAIN) else ""
