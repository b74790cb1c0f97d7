"""Search over everything that is live, in each reader's language.

One row an item and language (:class:`cms.search.models.SearchEntry`) holds what a reader of that language is shown of
the item, and the tokens by which it is found; SQLite keeps them in an FTS5 index, PostgreSQL in a ``tsvector``.

``tokens``    words, their stems, and the tokens that are made of them
``contents``  what of an item is searched, and the rows that follow from it
``index``     keeping the rows in step, rebuilding and checking them
``queries``   what somebody typed, as conditions on tokens
``backends``  those conditions in the SQL of each database
``results``   a page of results with its counts
``passages``  the passage that is shown of a result, and its highlights
``spelling``  words of the site that somebody may have meant
"""
