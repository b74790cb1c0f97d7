"""Which pages the campaign opens: one of each kind, found by following links, with few exceptions.

A kind of page is a name of an address under a language (``regions:office``). The crawl finds pages of each; the
largest stands for its kind. A page that nothing links to needs one line in ``SEEDS``; an address that answers with no
page of the site's own, one in ``NOT_PAGES``.
"""

import os

from tests.addresses import patterns

WHOLE = bool(os.environ.get("CAMPAIGN"))
MOST_OF_KIND = 6  # pages of a kind that stand for the others where not every link is followed
# Copies of pages in other forms: `make test` reads so many, the campaign all.
COPIES = {"markdown": MOST_OF_KIND, "rendition": 1}
LANGUAGES = ("en", "es", "ar")  # of the campaign; the site itself has more
ADDED_LANGUAGE = "ar"

# Label -> address without the language.
SEEDS = {
    "regions, filtered": "/regions/?kind=regional",
    "strategies, filtered": "/strategies/?search=a",
    "objectives, filtered": "/objectives/?search=a&kind=main",
    "priorities:strategy-embed": "/strategies/generated-strategy-1-0/embed/",
    "priorities:strategy-changes": "/strategies/generated-strategy-1-0/versions/1/changes/",
    "compare, two": "/compare/?s=generated-strategy-1-0&s=generated-strategy-1-1",
    "search, found": "/search/?q=migration",
    "partners, nothing found": "/partners/?search=nothing+of+this+name",
}

# Name of an address -> why it is no page.
NOT_PAGES = {
    "search-suggestions": "JSON for the search box",
    "opensearch": "XML for browsers",
    "feed": "Atom",
    "office-feed": "Atom",
    "compare-csv": "a table for programs",
    "priorities:alignment-csv": "a table for programs",
    "priorities:strategy-alignment-csv": "a table for programs",
    "priorities:read": "leads to the first chapter",
    "priorities:cite": "a file for reference managers",
    "markdown": "the same page as plain text",
    "rendition": "the same strategy as PDF or Word",
    "item": "leads to the page of an item, for who keeps a copy of a text",
}


def every_page(kind: str) -> int | None:
    """Return how many addresses of a kind a crawl reads that sees every page; all in the campaign."""
    return None if WHOLE else COPIES.get(kind)


def some_pages(kind: str) -> int | None:
    """Return how many addresses of a kind a crawl reads that sees a few pages of each; all in the campaign."""
    return None if WHOLE else COPIES.get(kind, MOST_OF_KIND)


NAMES = [name for name, _pattern, translated in patterns() if translated and name not in NOT_PAGES]
KINDS = [*dict.fromkeys([*NAMES, *SEEDS])]
