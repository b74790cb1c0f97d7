"""What operators are told of an error, by e-mail and in the log."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime

from django.db import Error

from cms.api.request_ids import NONE

MOST_REASON = 200  # characters
# From the first sign of a quotation to the last: what is quoted may hold such signs itself. PostgreSQL has those of
# its language. The apostrophe comes last, since a text may have one without quoting.
QUOTATIONS = [
    re.compile(rf"(?s)({sign}).*({last})") for sign, last in ('""', ("[«„“]", "[»“”]"), (r"\[", r"\]"), "''")
]


def traceback_of(error: BaseException) -> str:
    """Return where ``error`` came from and of which kind it is, without its text and without values of variables.

    Of an error of the database, or one that was raised of it, the reason is told too.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    kind = name_of(error)
    cause = database_error_of(error)
    if cause is not None:
        kind += "" if cause is error else f" of {name_of(cause)}"
        reason = reason_of(cause)
        kind += f": {reason}" if reason else ""
    return f"Traceback (most recent call last):\n{frames}{kind}"


def name_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def database_error_of(error: BaseException | None) -> Error | None:
    """Return the error of the database that ``error`` is or was raised of."""
    while error is not None and not isinstance(error, Error):
        error = error.__cause__ or error.__context__
    return error


def reason_of(error: Error) -> str:
    """Return why the database failed, without what it quotes: that may be the text of a draft.

    PostgreSQL shows the row that it refuses in the lines after the first, and psycopg has the first one by itself
    (``Diagnostic.message_primary``); SQLite shows none.
    """
    text = getattr(getattr(error.__cause__, "diag", None), "message_primary", None) or str(error)
    for quotation in QUOTATIONS:
        text = quotation.sub(r"\1…\2", text)
    lines = text.splitlines() or [""]
    return "" if lines[0].startswith("DETAIL") else lines[0][:MOST_REASON]


class QuietFormatter(logging.Formatter):
    """Lines of the log whose tracebacks do not quote what a database refused: that may be the text of a draft."""

    def formatException(self, ei):  # noqa: N802 - the name that logging calls
        return super().formatException(ei) if database_error_of(ei[1]) is None else traceback_of(ei[1])


class JsonFormatter(QuietFormatter):
    """The same as one JSON object a line, for programs that gather logs."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", NONE),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
