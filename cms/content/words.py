"""Words of a text, what they are known by, and their stems: for the search and for the terms of translators.

Stems come from the Snowball algorithms, of the word as it is written and of the folded word: who types without
accents finds the same. A code such as ``10.7`` or ``16.b`` is one word; an acronym with a number after it (``SDG10``)
is two.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

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


def known_by(word: str, language: str) -> str:
    """Return what a word is known by in either number; a stem alone keeps the s of an acronym."""
    return stems(numbers(folded(word))[-1], language)[0]
