"""A handler of errors for ``ERROR_HANDLER``, in a file that needs no models: logging is set up before them."""

import logging


class Reporter(logging.Handler):
    """As a service for errors brings one with it."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def emit(self, record):
        self.heard.append(record)
