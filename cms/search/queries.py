"""What somebody typed, as conditions on tokens. Nothing that can be typed is an error.

``word``        that word in any of its forms
``word*``       every word that begins so
``"some words"``  those words in that order, as they are

All of them have to be found. There are no other operators: ``AND``, ``OR``, ``title:`` are words like any other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from cms.content.languages import site_languages
from cms.search.backends import Condition, Token
from cms.search.stop_words import is_stop_word
from cms.search.tokens import WORD, folded, stems

LONGEST_QUERY = 200  # characters; the rest is left out, and the page says so
MOST_TERMS = 12  # of one query
LONGEST_PREFIX_TOO_SHORT = 1  # character: that many words begin with one letter that nobody means them all

QUOTED = re.compile('["“”„«»]([^"“”„«»]*)["“”„«»]')
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Term:
    """A part of a query: words as they were typed, one of them or a phrase."""

    words: tuple[str, ...]
    is_phrase: bool = False
    is_prefix: bool = False

    @property
    def folded(self) -> tuple[str, ...]:
        return tuple(filter(None, map(folded, self.words)))

    def clauses(self, language: str) -> list[list[Token]]:
        """Return what an entry of a reader of ``language`` has to have."""
        plain = self.folded
        if self.is_phrase and len(plain) > 1:
            pairs = zip(plain, plain[1:], strict=False)
            return [[Token(f"{language}:p:{first}_{second}")] for first, second in pairs]
        if self.is_phrase or self.is_prefix:
            return [[Token(f"{language}:w:{plain[0]}", self.is_prefix)]]
        return [self.forms(language, "s")]

    def title_clauses(self, language: str) -> list[list[Token]]:
        """Return the same for the title; of a phrase its words alone."""
        if self.is_phrase or self.is_prefix:
            return [[Token(f"{language}:h:{word}", self.is_prefix)] for word in self.folded]
        return [self.forms(language, "t")]

    def forms(self, language: str, kind: str) -> list[Token]:
        """Return the stems of the word in each language that a text may be shown in."""
        return [
            Token(f"{language}:{kind}:{code}:{form}")
            for code in site_languages()
            for form in stems(self.words[0], code)
        ]

    def __str__(self) -> str:
        text = " ".join(self.words)
        return f'"{text}"' if self.is_phrase else f"{text}*" if self.is_prefix else text


@dataclass(frozen=True)
class Query:
    """A query in the language of its reader.

    ``text`` is what was typed, at most ``LONGEST_QUERY`` characters of it; ``was_cut`` says whether there was more.
    """

    text: str
    language: str
    terms: tuple[Term, ...]
    was_cut: bool = False

    def __bool__(self) -> bool:
        """Say whether there is anything to look for."""
        return bool(self.terms)

    @cached_property
    def condition(self) -> Condition:
        """What is found: entries that have all of the terms."""
        return [clause for term in self.terms for clause in term.clauses(self.language)]

    @cached_property
    def in_title(self) -> Condition:
        """What comes first: entries that have all of the terms in their title."""
        clauses = [clause for term in self.terms for clause in term.title_clauses(self.language)]
        phrases = [clause for term in self.terms if term.is_phrase for clause in term.clauses(self.language)]
        return [*clauses, *phrases]


def parse(text: str, language: str, *, completing: bool = False) -> Query:
    """Return the query that ``text`` is. With ``completing`` its last word is still being typed: a prefix."""
    clean = " ".join(CONTROL.sub(" ", text).split())
    shown = clean[:LONGEST_QUERY].rstrip()
    terms: list[Term] = []
    last = 0
    for match in QUOTED.finditer(shown):
        terms += words_in(shown[last : match.start()])
        if found := tuple(word for word in WORD.findall(match[1]) if folded(word)):
            terms.append(Term(found, is_phrase=True))
        last = match.end()
    terms += words_in(shown[last:])
    if completing and terms and not terms[-1].is_phrase:
        terms[-1] = Term(terms[-1].words, is_prefix=True)
    terms = list(dict.fromkeys(terms))
    telling = [term for term in terms if not is_filler(term, language)]
    kept = tuple((telling or terms)[:MOST_TERMS])
    return Query(shown, language, kept, was_cut=len(clean) > len(shown) or len(telling or terms) > MOST_TERMS)


def words_in(text: str) -> Iterable[Term]:
    """Yield the words of a text without quotation marks."""
    for match in WORD.finditer(text):
        plain = folded(match[0])
        if plain:
            starred = text[match.end() : match.end() + 1] == "*"
            yield Term((match[0],), is_prefix=starred and len(plain) > LONGEST_PREFIX_TOO_SHORT)


def is_filler(term: Term, language: str) -> bool:
    """Say whether a term is a single word that says nothing."""
    return not (term.is_phrase or term.is_prefix) and is_stop_word(term.folded[0], language)
