"""Which pages the campaign opens: one of each kind, found by following links, with few exceptions.

A kind of page is a name of an address under a language (``regions:office``). The crawl finds pages of each; the
largest stands for its kind. A page that nothing links to needs one line in ``SEEDS``; an address that answers with no
page of the site's own, one in ``NOT_PAGES``.
"""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern

LANGUAGES = ("en", "es", "ar")  # of the campaign; the site itself has more
ADDED_LANGUAGE = "ar"

# Label -> address without the language. ``NAME`` of an address stands for the page that was found for it.
SEEDS = {
    "regions, filtered": "/regions/?kind=regional",
    "strategies, filtered": "/strategies/?search=a",
    "objectives, filtered": "/objectives/?search=a&kind=main",
    "partners, nothing found": "/partners/?search=nothing+of+this+name",
}

# Name of an address -> why it is no page.
NOT_PAGES: dict[str, str] = {}


def page_names() -> list[str]:
    """Return the names of all addresses under a language, namespaces included."""
    prefixed = [
        pattern
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLResolver) and isinstance(pattern.pattern, LocalePrefixPattern)
    ]
    return [name for resolver in prefixed for name in names_in(resolver.url_patterns)]


def names_in(patterns: list, namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names_in(pattern.url_patterns, inner)


KINDS = [*dict.fromkeys(name for name in page_names() if name not in NOT_PAGES), *SEEDS]
