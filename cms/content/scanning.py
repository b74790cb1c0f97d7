"""The program of the operators' choice that each upload must pass, such as a virus scanner."""

import logging
import subprocess
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

FOUND = 1  # the exit code of a scanner that found something; 0: nothing; any other: it did not work

logger = logging.getLogger(__name__)


def validate_scanned(file: File) -> None:
    """Raise ``ValidationError`` unless ``settings.UPLOAD_SCANNER`` passes ``file``, or none is set.

    The command is given the path of a copy as its last argument. One that fails or takes longer than
    ``UPLOAD_SCANNER_SECONDS`` passes nothing: what was not looked at is not stored.
    """
    if not settings.UPLOAD_SCANNER:
        return
    with NamedTemporaryFile(prefix="upload-") as copy:
        for piece in file.chunks():
            copy.write(piece)
        copy.flush()
        code = exit_code([*settings.UPLOAD_SCANNER, copy.name])
    file.seek(0)
    if code == FOUND:
        raise ValidationError(_("The virus scanner found something in this file. It was not stored."), code="scanner")
    if code != 0:
        raise ValidationError(
            _("This file could not be checked for viruses just now. Try again later, or tell who runs the site."),
            code="scanner",
        )


def exit_code(command: list[str]) -> int | None:
    """Return what a command ends with; ``None`` where it cannot be started or does not end in time."""
    try:
        done = subprocess.run(  # noqa: S603 - the operators' own command, without a shell
            command, check=False, capture_output=True, timeout=settings.UPLOAD_SCANNER_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.error("The scanner of uploads did not work: %s.", type(error).__name__)  # noqa: TRY400 - said in a line
        return None
    if done.returncode not in (0, FOUND):
        said = done.stderr[-500:].decode(errors="replace")
        logger.error("The scanner of uploads ended with %s: %s", done.returncode, said)
    return done.returncode
