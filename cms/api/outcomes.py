"""Answers that are neither the item nor a mistake of the client, raised where they are found out."""


class NotModifiedError(Exception):
    """The client's copy is still what would be answered: 304."""


class MovedError(Exception):
    """The item is at another address of its collection, under ``key``: 308."""

    def __init__(self, key: str):
        super().__init__(key)
        self.key = key


class GoneError(Exception):
    """The item was public once and is not any more: 410."""
