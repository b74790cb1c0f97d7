"""Words of a text, and the tokens that an entry of the index is found by.

A token is ``<reader's language>:<kind>:...``, so that one index serves all languages and nothing has to be filtered
afterwards:

``en:w:word``           a word, folded: accents and capitals removed. For prefixes.
``en:s:fr:stem``        the stem of a word of a French text, which a reader of English is shown as a fallback.
``en:h:word``           a word of the title.
``en:t:fr:stem``        a stem of the title.
``en:p:word_word``      two words that follow each other. For phrases.
``en:model:app.name``   what kind of item it is; ``scope`` and ``topic`` are the other filters.

Stems come from the Snowball algorithms, of the word as it is written and of the folded word: who types without
accents finds the same.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

import snowballstemmer

from cms.content.lookups import fold

# The Snowball algorithm of each language that has one (https://snowballstem.org/algorithms/).
STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian",
    "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip

# Endings that the algorithms know only with their accents, by language; who types without them means the same.
ACCENTED_ENDINGS = {"pt": (("coes", "ções"), ("cao", "ção"), ("oes", "ões"), ("ao", "ão"))}

LONGEST_WORD = 64  # characters; what is longer is no word, and is cut
MOST_WORDS = 100_000  # of one entry
MOST_PAIRS = 20_000  # a longer text has its phrases found in this much of its beginning
MOST_TOKEN_BYTES = 700_000  # of distinct tokens of one entry; PostgreSQL takes 1 MB with their positions


def ranges(characters: Iterable[int]) -> str:
    """Return code points in ascending order as ranges for a character class of a regular expression."""
    found: list[list[int]] = []
    for number in characters:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in found)


# Combining marks are parts of words: vowel signs, accents that were typed on their own.
MARKS = ranges(number for number in range(0x300, 0xFFFF) if unicodedata.category(chr(number)).startswith("M"))
# Scripts written without spaces: each character is a word, and words that follow each other are found as phrases.
SINGLE = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff"
WORD = re.compile(rf"[{SINGLE}]|[^\W_{SINGLE}](?:[^\W_{SINGLE}]|[{MARKS}])*")
NOT_IN_TOKEN = re.compile(rf"[^\w{MARKS}]|_")
ARABIC_MARKS = re.compile("[\u064b-\u065f\u0670\u0640]")  # vowels and lengthening, which few people type

stemmers = threading.local()  # a stemmer keeps its word in itself


@lru_cache(maxsize=200_000)
def folded(word: str) -> str:
    """Return a word without accents and capitals, at most ``LONGEST_WORD`` characters of it; may be empty."""
    text = (fold(word[:LONGEST_WORD]) or "").casefold()
    return NOT_IN_TOKEN.sub("", ARABIC_MARKS.sub("", text))[:LONGEST_WORD]


def stem(word: str, language: str) -> str:
    """Return the stem of a word in lower case; the word itself in a language that has no algorithm."""
    name = STEMMERS.get(language) or STEMMERS.get(language.split("-")[0])
    if name is None:
        return word
    if not hasattr(stemmers, name):
        setattr(stemmers, name, snowballstemmer.stemmer(name))
    return getattr(stemmers, name).stemWord(word)


@lru_cache(maxsize=200_000)
def stems(word: str, language: str) -> tuple[str, ...]:
    """Return the stems under which a word of a text in ``language`` is found.

    Of the word as it is written, as it is folded, and with the accents of its ending; and the stem of the first, since
    an algorithm may find more to take away (Spanish: ciudades, ciudad, ciud).
    """
    plain = folded(word)
    if not plain:
        return ()
    lowered = unicodedata.normalize("NFC", word[:LONGEST_WORD]).lower()
    spellings = (lowered, plain, with_accents(plain, language))
    found = [stem(spelling, language) for spelling in spellings]
    found.append(stem(found[0], language))
    return tuple(dict.fromkeys(filter(None, map(folded, found))))


def with_accents(word: str, language: str) -> str:
    """Return a folded word with the accents that its ending has in ``language``."""
    for bare, accented in ACCENTED_ENDINGS.get(language.split("-")[0], ()):
        if word.endswith(bare):
            return word.removesuffix(bare) + accented
    return word


def words(text: str) -> list[str]:
    """Return the words of a text as they are written."""
    return WORD.findall(text)


@cache
def token(reader: str, kind: str, *parts: str) -> str:
    """Return a token that does not depend on a word, such as that of a filter."""
    return ":".join((reader, kind, *parts))


def entry_tokens(
    reader: str, titles: list[tuple[str, str]], passages: list[tuple[str, str]], filters: list[tuple[str, str]]
) -> list[str]:
    """Return the tokens of one entry.

    ``titles`` and ``passages`` are pairs of language and text, ``filters`` pairs of kind and value. The stems come as
    often as their words do, since results are ranked by it; everything else comes once.
    """
    found = [token(reader, kind, value) for kind, value in filters]
    once: dict[str, None] = {}
    for language, text in titles:
        for word in words(text):
            if plain := folded(word):
                once[f"{reader}:h:{plain}"] = None
                once.update((f"{reader}:t:{language}:{form}", None) for form in stems(word, language))
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
            found += [f"{reader}:s:{language}:{form}" for form in stems(word, language)]
            before = plain
            count += 1
            if count == MOST_WORDS:
                return within_limit([*found, *once])
    return within_limit([*found, *once])


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
