"""The uploaded files of a package: found beside it, checked, and told apart by their content."""

import hashlib
from pathlib import Path, PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import models
from django.utils.translation import gettext as _

from cms.content.fields import PictureField, cleaned_picture


def find_file(folder: Path, name: str) -> Path:
    """Return the file that a package in ``folder`` calls ``name``, a path with slashes that starts there.

    Raises ``ValidationError`` for a path that leads out of the folder, through links too, or to no file.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise ValidationError(
            _("“%(path)s” is not a path inside the folder of the package; write it as files/name.pdf.")
            % {"path": name[:200]}
        )
    try:
        found = (folder / path).resolve(strict=True)
        is_inside = found.is_relative_to(folder.resolve())
        is_file = found.is_file()
    except (OSError, RuntimeError, ValueError):
        raise ValidationError(_("there is no file “%(path)s” beside the package.") % {"path": name[:200]}) from None
    if not is_inside:
        raise ValidationError(
            _("“%(path)s” is a link that leads out of the folder of the package.") % {"path": name[:200]}
        )
    if not is_file:
        raise ValidationError(_("“%(path)s” is not a file.") % {"path": name[:200]})
    return found


def checked_digest(field: models.FileField, path: Path) -> str:
    """Return the SHA-256 digest of the file at ``path`` as ``field`` will store it, or raise ``ValidationError`` when
    it refuses it."""
    try:
        with path.open("rb") as opened:
            file = File(opened, name=path.name)
            for validate in field.validators:
                validate(file)
            return digest(ContentFile(cleaned_picture(file)) if isinstance(field, PictureField) else file)
    except OSError as error:
        raise ValidationError(_("the file cannot be read: %(reason)s.") % {"reason": error.strerror}) from None


def digest(file: File) -> str:
    """Return the SHA-256 digest of an open file."""
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    return found.hexdigest()


def holds(stored: models.fields.files.FieldFile | None, expected: str) -> bool:
    """Say whether an uploaded file is there and has the digest ``expected``."""
    if not stored:
        return False
    try:
        with stored.storage.open(stored.name, "rb") as file:  # type: ignore[arg-type] # a stored file has a name
            return digest(file) == expected
    except OSError:
        return False
