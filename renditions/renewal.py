"""Documents that readers asked for are made again when the page of their strategy is first read after a change.

It happens beside the requests: whoever opens the page and then the document finds it made, or nearly. A document
that nobody ever asked for is made when somebody does.
"""

from collections import deque
from contextlib import suppress

from cms.content.background import BackgroundTask
from cms.content.runner import Refused
from priorities.models import Strategy
from renditions import maker, store
from renditions.formats import available_formats
from renditions.source import source_of

MOST_WAITING = 100  # strategies in a language; what came before them is made when somebody asks

waiting: deque[tuple[str, str]] = deque(maxlen=MOST_WAITING)


def renew(slug: str, language: str) -> None:
    """Make those documents of a strategy again that were made before and are not what is live now."""
    try:
        source = source_of(slug, language)
    except Strategy.DoesNotExist:
        return
    for found in available_formats():
        if store.latest_size(source.key, language, found.extension) is not None:
            path = store.path_of(source.key, language, found.extension, source.digest)
            with suppress(Refused):
                store.made_ahead(path, lambda extension=found.extension: maker.make(extension, source))


def renew_waiting() -> None:
    """Renew all that waits, one after the other."""
    while waiting:
        renew(*waiting.popleft())


renewal = BackgroundTask("documents", renew_waiting)


def renew_soon(slug: str, language: str) -> None:
    """Let ``renew`` run beside the requests."""
    if (slug, language) not in waiting:
        waiting.append((slug, language))
    renewal.start()
