"""Words that mean the same: the rows of :class:`cms.search.models.Synonyms`, as a query reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction

from cms.content import noting
from cms.content.languages import column, site_languages
from cms.content.models import ContentModel
from cms.content.words import folded, known_by, words
from cms.search.models import Synonyms
from cms.search.stop_words import is_stop_word

LONGEST_PHRASE = 6  # telling words
KEEP_SECONDS = 60


@dataclass(frozen=True)
class Phrase:
    """A word or phrase in one language; ``telling`` are its words without those that say nothing."""

    language: str
    words: tuple[str, ...]
    telling: tuple[str, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """What it is known by, in whatever form it is typed: the language and the stem of each telling word."""
        return self.language, *(known_by(word, self.language) for word in self.telling)


Group = tuple[Phrase, ...]


@dataclass(frozen=True)
class Known:
    """All phrases that have synonyms, and how long the longest is."""

    groups: dict[tuple[str, ...], Group]
    longest: int


def phrase_in(language: str, text: str) -> Phrase | None:
    """Return a line of a row as a phrase; nothing where it has no word."""
    found = tuple(word for word in words(text) if folded(word))
    telling = tuple(word for word in found if not is_stop_word(folded(word), language)) or found
    return Phrase(language, found, telling[:LONGEST_PHRASE]) if found else None


@lru_cache(maxsize=8)
def compiled(rows: tuple[tuple[str | None, ...], ...], languages: tuple[str, ...]) -> Known:
    """Return the rows, each with a text a language, as what they say. The rows are the key: nothing grows stale."""
    groups: dict[tuple[str, ...], dict[Phrase, None]] = {}
    for row in rows:
        lines = [(code, line) for code, text in zip(languages, row, strict=True) for line in (text or "").splitlines()]
        group = dict.fromkeys(phrase for code, line in lines if (phrase := phrase_in(code, line)))
        for phrase in group:
            groups.setdefault(phrase.key, {}).update(group)
    longest = max((len(key) - 1 for key in groups), default=0)
    return Known({key: tuple(group) for key, group in groups.items()}, longest)


def known() -> Known:
    """Return what the rows say. A change counts within ``KEEP_SECONDS``, at once where processes share a cache, and
    in an answer that is stored, which lasts longer than that."""
    languages = site_languages()
    rows: Any = None if noting.is_on() else cache.get(cache_key(languages))
    if rows is None:
        rows = read(languages)
        cache.set(cache_key(languages), rows, KEEP_SECONDS)
    return compiled(rows, tuple(languages))


def cache_key(languages: list[str]) -> str:
    """Return under which key the rows are kept: they are read in the languages of the site."""
    return f"search.synonyms:{'.'.join(languages)}"


def read(languages: list[str]) -> tuple[tuple[str | None, ...], ...]:
    """Return the words of each row, a text a language. One query."""
    return tuple(Synonyms.objects.order_by("slug").values_list(*(column("words", code) for code in languages)))


def forget(items: Iterable[tuple[type[ContentModel], UUID]]) -> None:
    """Have the rows read anew, where one of them is among ``items`` that changed."""
    if any(model is Synonyms for model, _key in items):
        transaction.on_commit(lambda: cache.delete(cache_key(site_languages())))


def groups_in(typed: list[str], language: str) -> dict[int, tuple[int, Group]]:
    """Return where in the words ``typed`` a phrase with synonyms begins: how many words it has, and the synonyms.

    The longest phrase counts, and one of the reader's ``language`` before another. ``""`` is what no phrase may have.
    """
    synonyms = known()
    found: dict[int, tuple[int, Group]] = {}
    number = 0
    while number < len(typed):
        match = longest_at(typed, number, language, synonyms) if typed[number] else None
        if match:
            found[number] = match
        number += match[0] if match else 1
    return found


def longest_at(typed: list[str], start: int, language: str, synonyms: Known) -> tuple[int, Group] | None:
    """Return the longest phrase that begins at ``start``: how many words it has, and its synonyms."""
    codes = [language, *(code for code in site_languages() if code != language)]
    for length in range(min(len(typed) - start, 2 * synonyms.longest), 0, -1):
        some = typed[start : start + length]
        for code in codes:
            if all(some) and (group := synonyms.groups.get(key_of(some, code))):
                return length, group
    return None


def key_of(typed: list[str], code: str) -> tuple[str, ...]:
    """Return what the words ``typed`` are known by in a language."""
    telling = [word for word in typed if not is_stop_word(folded(word), code)] or typed
    return code, *(known_by(word, code) for word in telling)
