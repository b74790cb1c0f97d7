"""What operators are told of an error, by e-mail and in the log."""

import logging
import traceback

from django.db import Error
from django.views.debug import ExceptionReporter


class TracebackReporter(ExceptionReporter):
    """Only the traceback: no request, no cookies, no address of a reader, no values of variables.

    The text of the exception itself is left out as well, since databases quote the row they refuse.
    """

    def get_traceback_text(self) -> str:
        if self.tb is None:
            return ""
        frames = "".join(traceback.format_tb(self.tb))
        return f"Traceback (most recent call last):\n{frames}{self.exc_type.__module__}.{self.exc_type.__qualname__}"


class QuietFormatter(logging.Formatter):
    """Lines of the log whose tracebacks do not quote what a database refused: that may be the text of a draft."""

    def formatException(self, ei):  # noqa: N802 - the name that logging calls
        cause = ei[1]
        while cause is not None and not isinstance(cause, Error):
            cause = cause.__cause__ or cause.__context__
        if cause is None:
            return super().formatException(ei)
        frames = "".join(traceback.format_tb(ei[2]))
        return f"Traceback (most recent call last):\n{frames}{ei[0].__module__}.{ei[0].__qualname__}"
