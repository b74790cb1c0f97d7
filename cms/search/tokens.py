"""Words of a text, and the tokens that an entry of the index is found by.

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

Stems come from the Snowball algorithms, of the word as it is written and of the folded word: who types without
accents finds the same. A code such as ``10.7`` or ``16.b`` is one word; an acronym with a number after it (``SDG10``)
is two.
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

# Spellings of one word, by language: the other one is found as well.
SPELLINGS = {"en": ((r"(?<=\w\w)our(?=s?$|ed$|ing$|able$|hood|ly$)", "or"), (r"(?<=\w\w\w)is(?=e|ing$|ation)", "iz"))}

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
CODE = r"\d{1,3}(?:\.(?:\d{1,3}|[a-zA-Z]))+(?!\w)"
NUMBERED = rf"[^\W\d_{SINGLE}]{{2,}}+(?=\d[\d.]*[a-zA-Z]?(?!\w))"
LETTERS = rf"[^\W\d_{SINGLE}]++(?![\w{MARKS}])"  # most words: the first that is tried
WORD = re.compile(rf"{LETTERS}|{CODE}|{NUMBERED}|[{SINGLE}]|[^\W_{SINGLE}](?:[^\W_{SINGLE}]|[{MARKS}])*")
IS_CODE = re.compile(CODE)
ACRONYMS = re.compile(r"[A-Z]{2,}s")  # NGOs, which no algorithm takes for a plural
NOT_IN_TOKEN = re.compile(rf"[^\w{MARKS}]|_")
ARABIC_MARKS = re.compile("[\u064b-\u065f\u0670\u0640]")  # vowels and lengthening, which few people type

stemmers = threading.local()  # a stemmer keeps its word in itself


@lru_cache(maxsize=200_000)
def folded(word: str) -> str:
    """Return a word without accents and capitals, at most ``LONGEST_WORD`` characters of it; may be empty."""
    text = (fold(word[:LONGEST_WORD]) or "").casefold()
    if IS_CODE.fullmatch(text):
        return text
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
    spellings = (lowered, plain, with_accents(plain, language), respelt(plain, language))
    found = [stem(spelling, language) for spelling in spellings]
    if ACRONYMS.fullmatch(word):
        found.append(plain.removesuffix("s"))
    found.append(stem(found[0], language))
    return tuple(dict.fromkeys(filter(None, map(folded, found))))


def with_accents(word: str, language: str) -> str:
    """Return a folded word with the accents that its ending has in ``language``."""
    for bare, accented in ACCENTED_ENDINGS.get(language.split("-")[0], ()):
        if word.endswith(bare):
            return word.removesuffix(bare) + accented
    return word


def respelt(word: str, language: str) -> str:
    """Return a folded word as it is spelt elsewhere: labour, labor."""
    for one, other in SPELLINGS.get(language.split("-")[0], ()):
        word = re.sub(one, other, word)
    return word


# Endings of plurals in the languages that most sites have, and what a singular has in their place.
PLURALS = (("ies", "y"), ("oes", "ao"), ("aux", "al"), ("ais", "al"), ("es", ""), ("s", ""), ("x", ""))


@lru_cache(maxsize=200_000)
def numbers(word: str) -> tuple[str, ...]:
    """Return a folded word and what may be its singular: a plural is nearer to what was typed than another word of its
    stem (governments, governance)."""
    found = (
        word.removesuffix(many) + one for many, one in PLURALS if word.endswith(many) and len(word) > len(many) + 2
    )
    return tuple(dict.fromkeys((word, *found)))


def words(text: str) -> list[str]:
    """Return the words of a text as they are written."""
    return WORD.findall(text)


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
