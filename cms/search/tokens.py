"""The tokens that an entry of the index is found by.

A token is ``<reader's language>:<kind>:...``, so that one index serves all languages and nothing has to be filtered
afterwards:

``en:w:word``           a word, folded: accents and capitals removed. For prefixes.
``en:s:stem``           the stem of a word, by the rules of the language that its text is in, which a fallback may be.
``en:h:word``           a word of the title, and what it is as a singular.
``en:o:word``           a word of a name in another language, or of the name of what the item belongs to.
``en:t:stem``           a stem of the title, or of the name in another language.
``en:r:stem``           a stem of the name of what the item belongs to, or of what its kind is called.
``en:p:word_word``      two words that follow each other. For phrases.
``en:model:app.name``   what kind of item it is; ``scope`` and ``topic`` are the other filters.

Words and stems are those of :mod:`cms.content.words`.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

from cms.content.words import LONGEST_WORD, folded, numbers, stems, words

MOST_WORDS = 100_000  # of one entry
MOST_PAIRS = 20_000  # a longer text has its phrases found in this much of its beginning
MOST_TOKEN_BYTES = 700_000  # of distinct tokens of one entry; PostgreSQL takes 1 MB with their positions


@cache
def token(reader: str, kind: str, *parts: str) -> str:
    """Return a token that does not depend on a word, such as that of a filter."""
    return ":".join((reader, kind, *parts))


Texts = list[tuple[str, str]]  # languages and texts


def entry_tokens(
    reader: str,
    titles: Texts,
    passages: Texts,
    filters: list[tuple[str, str]],
    names: Texts | None = None,
    related: Texts | None = None,
) -> list[str]:
    """Return the tokens of one entry.

    ``titles`` and ``passages`` are pairs of language and text. So are ``names``, other names of the item, and
    ``related``, what that is called which it belongs to; ``filters`` are pairs of kind and value. The stems of what is
    shown come as often as their words do, since results are ranked by it; everything else comes once.
    """
    found = [token(reader, kind, value) for kind, value in filters]
    once: dict[str, None] = {}
    others = [*(names or ()), *(related or ())]
    for word_kind, stem_kind, texts in (("h", "t", titles), ("o", "t", names), ("o", "r", related)):
        for language, text in texts or ():
            once.update(dict.fromkeys(name_tokens(reader, word_kind, stem_kind, language, text)))
    for language, text in others:
        once.update(dict.fromkeys(text_tokens(reader, language, text)))
    count = 0
    for language, text in [*titles, *passages]:
        before = ""
        for word in words(text):
            plain = folded(word)
            if not plain:
                continue
            once[f"{reader}:w:{plain}"] = None
            if before and count < MOST_PAIRS:
                once[f"{reader}:p:{before}_{plain}"] = None
            found += [f"{reader}:s:{form}" for form in stems(word, language)]
            before = plain
            count += 1
            if count == MOST_WORDS:
                return within_limit([*found, *once])
    return within_limit([*found, *once])


def name_tokens(reader: str, word_kind: str, stem_kind: str, language: str, text: str) -> Iterator[str]:
    """Yield the tokens of a name: its words and its stems, each under their kind."""
    for word in words(text):
        if plain := folded(word):
            yield from (f"{reader}:{word_kind}:{form}" for form in numbers(plain))
            yield from (f"{reader}:{stem_kind}:{form}" for form in stems(word, language))


def text_tokens(reader: str, language: str, text: str) -> Iterator[str]:
    """Yield the tokens by which a text is found: words, stems and pairs."""
    plain = [(word, folded(word)) for word in words(text) if folded(word)]
    for word, bare in plain:
        yield f"{reader}:w:{bare}"
        yield from (f"{reader}:s:{form}" for form in stems(word, language))
    yield from (f"{reader}:p:{one}_{other}" for (_, one), (_, other) in zip(plain, plain[1:], strict=False))


def within_limit(tokens: list[str]) -> list[str]:
    """Return ``tokens`` without those that come after the first ``MOST_TOKEN_BYTES`` of distinct ones."""
    size, known = 0, set()
    for each in dict.fromkeys(tokens):
        size += len(each.encode()) + 4
        if size > MOST_TOKEN_BYTES:
            return [each for each in tokens if each in known]
        known.add(each)
    return tokens


def vocabulary(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the words of ``texts`` that a misspelt word may be corrected to, folded and as they are written."""
    for text in texts:
        for word in words(text):
            if len(word) >= 3 and word.isalpha() and (plain := folded(word)):
                yield plain, unicodedata.normalize("NFC", word[:LONGEST_WORD]).lower()
