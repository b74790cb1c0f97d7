"""The steps that make a checkout a running site. Each may be interrupted and repeated: it does what is missing."""

import hashlib
import inspect
import os
import secrets
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import transaction

from cms.content.models import ContentModel

ADMINISTRATOR = "admin"
PASSWORD_BYTES = 12  # 96 bits, 16 characters


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that another process finds the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def compile_translations(folders: list[Path] | None = None) -> list[Path]:
    """Compile the interface's ``.po`` files whose ``.mo`` is missing or older; return those that were compiled.

    ``folders`` are locale folders, default: the site's. Babel does it in Python, so no machine needs gettext.
    Texts marked fuzzy are left out, as GNU msgfmt does.
    """
    compiled = []
    for source in sorted(po for folder in folders or settings.LOCALE_PATHS for po in Path(folder).rglob("*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
        content = BytesIO()
        write_mo(content, catalogue)
        write_whole(target, content.getvalue())
        compiled.append(source)
    return compiled


def static_fingerprint() -> str:
    """Return a text that changes whenever a static file of the project or of a library does, or how they are kept."""
    storage_module = Path(inspect.getfile(type(storages["staticfiles"])))
    files = [(storage_module.name, storage_module)]
    for finder in get_finders():
        files += [(path, Path(storage.path(path))) for path, storage in finder.list([])]
    digest = hashlib.sha256()
    for name, path in files:
        status = path.stat()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static() -> bool:
    """Collect, hash and compress the static files when one of them has changed; return whether it was needed.

    The stamp lies beside the files, so it goes when they go, and is written last.
    """
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    fingerprint = static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    write_whole(stamp, fingerprint.encode())
    return True


def has_content() -> bool:
    """Say whether the site holds any content, published or not."""
    return any(model._default_manager.exists() for model in apps.get_models() if issubclass(model, ContentModel))


def shipped_content() -> list[Path]:
    """Return the content packages that come with the project: the folders in ``fixtures/``."""
    return sorted(path for path in (settings.BASE_DIR / "fixtures").glob("*") if path.is_dir())


def load_content(packages: list[Path]) -> bool:
    """Import content packages, in one transaction, into a site that holds nothing yet; return whether it did."""
    if not packages or has_content():
        return False
    with transaction.atomic():
        for package in packages:
            call_command("import_content", str(package), publish=True)
    return True


def create_administrator(announce) -> bool:
    """Create the first administrator with a random password, unless there is one; return whether it did.

    ``announce`` is called with name and password before the account is committed: whoever stops the program in
    between has no account with a password that nobody saw.
    """
    User = get_user_model()
    if User.objects.filter(is_superuser=True).exists():
        return False
    name = ADMINISTRATOR
    while User.objects.filter(username=name).exists():
        name = f"{ADMINISTRATOR}-{secrets.token_hex(2)}"
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with transaction.atomic():
        User.objects.create_superuser(name, password=password)
        announce(name, password)
    return True
