"""What operators are told of an error by e-mail."""

import traceback

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
