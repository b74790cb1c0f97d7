"""Which pages the campaign opens: one of each kind, found by following links, with few exceptions.

A kind of page is a name of an address under a language (``regions:office``). The crawl finds pages of each; the
largest stands for its kind. A page that nothing links to needs one line in ``SEEDS``; an address that answers with no
page of the site's own, one in ``NOT_PAGES``.
"""

from tests.addresses import patterns

LANGUAGES = ("en", "es", "ar")  # of the campaign; the site itself has more
ADDED_LANGUAGE = "ar"

# Label -> address without the language.
SEEDS = {
    "regions, filtered": "/regions/?kind=regional",
    "strategies, filtered": "/strategies/?search=a",
    "objectives, filtered": "/objectives/?search=a&kind=main",
    "partners, nothing found": "/partners/?search=nothing+of+this+name",
}

# Name of an address -> why it is no page.
NOT_PAGES: dict[str, str] = {}


KINDS = [
    *dict.fromkeys(name for name, _pattern, translated in patterns() if translated and name not in NOT_PAGES),
    *SEEDS,
]
