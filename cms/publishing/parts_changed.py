"""That what is drafted or live of some items changed. Who counts or keeps what they say subscribes.

Unlike the change log this tells of drafts too, and of what the public does not see change.
"""

from collections.abc import Callable, Iterable

from cms.publishing.visibility import Row

Subscriber = Callable[[list[Row]], object]
SUBSCRIBERS: list[Subscriber] = []


def subscribe(subscriber: Subscriber) -> None:
    """Have ``subscriber`` called with the items (model and primary key) whose parts changed, in the transaction of the
    change, which an exception undoes. They may be deleted by then."""
    SUBSCRIBERS.append(subscriber)


def tell(items: Iterable[Row]) -> None:
    """Tell the subscribers that parts of ``items`` changed. Called once they are as they shall be."""
    found = list(dict.fromkeys(items))
    for subscriber in SUBSCRIBERS if found else ():
        subscriber(found)
