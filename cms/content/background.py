"""Work beside the requests of the site, in a thread of the web process: no daemon is needed, and no reader waits.

What is done there must be safe to lose: whoever looks next finds what is still to be done.
"""

import logging
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

serving = threading.Event()  # set in processes that answer requests; commands leave the work to them


class BackgroundTask:
    """A function that runs in a thread of its own, at most once at a time in each process."""

    def __init__(self, name: str, function: Callable[[], object]):
        self.name = name
        self.function = function
        self.running = threading.Lock()

    def start(self) -> None:
        """Run the function beside the requests, unless it runs already or this process answers none."""
        if settings.BACKGROUND_TASKS and serving.is_set() and self.running.acquire(blocking=False):
            threading.Thread(target=self.work, name=self.name, daemon=True).start()

    def work(self) -> None:
        try:
            self.function()
        except (DatabaseError, OSError):
            logger.exception("%s stopped; the next request tries again.", self.name)
        finally:
            connection.close()
            self.running.release()
