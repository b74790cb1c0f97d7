"""Change tokens: where in the change log a copy of the content stands.

Opaque to clients. A token names the log and a sequence number in it; a site that was set up anew has another log, so
a copy of the old site's content is told to start over, and is never handed changes that do not follow from it.
"""

import re

from cms.publishing.models import ChangeLogHead

FORM = re.compile(r"(?P<log>[0-9a-f]{12})-(?P<sequence>[0-9]{1,18})", re.ASCII)


class InvalidToken(ValueError):  # noqa: N818 - not an error of ours
    """A text that never was a token of ours."""


class ExpiredToken(ValueError):  # noqa: N818 - not an error of ours
    """A token of a log that is gone, or of a part of it that is: the copy has to start over."""


def change_token(head: ChangeLogHead, sequence: int | None = None) -> str:
    """Return the token of the change ``sequence``, by default of the latest."""
    return f"{head.log.hex[:12]}-{head.sequence if sequence is None else sequence}"


def sequence_of(token: str, head: ChangeLogHead) -> int:
    """Return the sequence number that ``token`` stands for.

    Raises :class:`InvalidToken` or :class:`ExpiredToken`; a token beyond the head is of a log that was restored from
    a copy since, and has expired too.
    """
    match = FORM.fullmatch(token)
    if match is None:
        raise InvalidToken(token)
    sequence = int(match["sequence"])
    if match["log"] != head.log.hex[:12] or sequence > head.sequence:
        raise ExpiredToken(token)
    return sequence
