"""What somebody typed, as conditions on tokens. Nothing that can be typed is an error.

``word``        that word in any of its forms
``word*``       every word that begins so
``"some words"``  those words in that order, as they are

All of them have to be found. There are no other operators: ``AND``, ``OR``, ``title:`` are words like any other. Words
that staff say mean the same (:mod:`cms.search.synonyms`) stand for one another.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from cms.content.languages import site_languages
from cms.content.words import IS_CODE, WORD, folded, numbers, stems
from cms.search.backends import Condition, Either, Every, Token, Wanted
from cms.search.stop_words import is_stop_word
from cms.search.synonyms import Phrase, groups_in

LONGEST_QUERY = 200  # characters; the rest is left out, and the page says so
MOST_TERMS = 12  # of one query
SHORTEST_BEGINNING = 3  # letters
MOST_COMBINED = 6  # terms of which every number is tried where not all are found together
LONGEST_PREFIX_TOO_SHORT = 1  # character: that many words begin with one letter that nobody means them all

QUOTED = re.compile('["“”„«»]([^"“”„«»]*)["“”„«»]')
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Term:
    """A part of a query: words as they were typed, one of them or some that stand for one thing.

    ``others`` are what means the same.
    """

    words: tuple[str, ...]
    is_phrase: bool = False
    is_prefix: bool = False
    others: tuple[Phrase, ...] = ()

    @property
    def folded(self) -> tuple[str, ...]:
        return tuple(filter(None, map(folded, self.words)))

    def condition(self, language: str) -> Condition:
        """Return what an entry of a reader of ``language`` has to have."""
        plain = self.folded
        if self.is_phrase or self.is_prefix:
            return pairs(language, plain) or Token(f"{language}:w:{plain[0]}", self.is_prefix)
        written = [Token(f"{language}:w:{plain[0]}")] if len(plain) == 1 else []  # ranks what has it as it is typed
        return self.forms(language, ("s",), written)

    def related(self, language: str) -> Condition:
        """Return the same for all names; of a phrase its words, and that they stand together somewhere."""
        if self.is_phrase or self.is_prefix:
            return self.named(language, ("h", "o"))
        return self.forms(language, ("t", "r"))

    def in_title(self, language: str) -> Condition:
        """Return the same for names of its own."""
        if self.is_phrase or self.is_prefix:
            return self.named(language, ("h",))
        return self.forms(language, ("t",))

    def exact(self, language: str) -> Condition:
        """Return the same for the title with the words as they are written."""
        return self.named(language, ("h",))

    def named(self, language: str, kinds: tuple[str, ...]) -> Condition:
        """Return that the words, as they are typed, stand in names of ``kinds`` (:mod:`cms.search.tokens`)."""
        found: list[Condition] = [
            Either(
                tuple(
                    Token(f"{language}:{kind}:{form}", self.is_prefix) for kind in kinds for form in self.typed(word)
                )
            )
            for word in self.folded
        ]
        together = pairs(language, self.folded) if self.is_phrase else None
        return Every((*found, together) if together else tuple(found))

    def typed(self, word: str) -> tuple[str, ...]:
        """Return a folded word as a name may have it: in either number; in a phrase and as a beginning as it is."""
        return numbers(word) if is_plain(self) else (word,)

    def forms(self, language: str, kinds: tuple[str, ...], also: Iterable[Token] = ()) -> Condition:
        """Return the stems of the words in each language that a text may be shown in, or what means the same."""
        stemmed = Every(tuple(stem_condition(language, kinds, word, site_languages()) for word in self.words))
        others = (phrase_condition(language, kinds, phrase) for phrase in self.others)
        return Either((stemmed, *also, *others, *code_parts(language, kinds, self.folded)))

    def parts(self) -> list["Term"]:
        """Return the words that stand for one thing each as a term of its own."""
        return [self] if not is_plain(self) else [Term((word,)) for word in self.words]

    def __str__(self) -> str:
        text = " ".join(self.words)
        return f'"{text}"' if self.is_phrase else f"{text}*" if self.is_prefix else text


def stem_condition(language: str, kinds: tuple[str, ...], word: str, codes: Iterable[str]) -> Condition:
    """Return that a word of one of the languages ``codes`` stands, in any form, in a text of ``kinds``."""
    forms = dict.fromkeys(form for code in codes for form in stems(word, code))
    return Either(tuple(Token(f"{language}:{kind}:{form}") for kind in kinds for form in forms))


def phrase_condition(language: str, kinds: tuple[str, ...], phrase: Phrase) -> Condition:
    """Return that the words of ``phrase`` stand together in a text of its language."""
    together = pairs(language, tuple(map(folded, phrase.words)))
    found = [stem_condition(language, kinds, word, [phrase.language]) for word in phrase.telling]
    return Every((*found, together) if together else tuple(found))


def pairs(language: str, plain: tuple[str, ...]) -> Condition | None:
    """Return that words follow each other, or nothing of a single one."""
    found = tuple(Token(f"{language}:p:{one}_{other}") for one, other in zip(plain, plain[1:], strict=False))
    return Every(found) if found else None


def code_parts(language: str, kinds: tuple[str, ...], plain: tuple[str, ...]) -> list[Condition]:
    """Return that the parts of a code follow each other, as where it is written ``10-7``; nothing of other words."""
    if len(plain) != 1 or not IS_CODE.fullmatch(plain[0]):
        return []
    parts = tuple(plain[0].split("."))
    found = (stem_condition(language, kinds, part, site_languages()) for part in parts)
    together = pairs(language, parts)
    return [Every((*found, together) if together else tuple(found))]


@dataclass(frozen=True)
class Query:
    """A query in the language of its reader.

    ``text`` is what was typed, at most ``LONGEST_QUERY`` characters of it; ``was_cut`` says whether there was more.
    ``least`` is how many of the terms have to be found; 0 means all.
    """

    text: str
    language: str
    terms: tuple[Term, ...]
    was_cut: bool = False
    least: int = 0

    def __bool__(self) -> bool:
        """Say whether there is anything to look for."""
        return bool(self.terms)

    def combined(self, parts: list[Condition]) -> Condition:
        """Return that as many of ``parts`` hold as have to."""
        if not self.least or self.least >= len(parts):
            return Every(tuple(parts))
        return Either(tuple(Every(some) for some in combinations(parts, self.least)))

    @cached_property
    def flags(self) -> list[Condition]:
        """What each term looks for."""
        return [term.condition(self.language) for term in self.terms]

    @cached_property
    def wanted(self) -> Wanted:
        """What is found, and what of it comes first."""
        return Wanted(
            self.combined(self.flags),
            self.combined([term.related(self.language) for term in self.terms]),
            self.combined([term.in_title(self.language) for term in self.terms]),
            self.combined([term.exact(self.language) for term in self.terms]),
        )

    def partly(self) -> list["Query"]:
        """Return what finds entries that have some of the terms, as many as possible first.

        Of many terms not every number is tried, since there are so many ways to choose them.
        """
        most = len(self.terms) - 1
        numbers = range(most, 0, -1) if most < MOST_COMBINED else dict.fromkeys([most, 1])
        return [replace(self, least=number) for number in numbers if number]

    def word_by_word(self) -> "Query":
        """Return the same without synonyms, so that words which stand for one thing may be found apart."""
        return replace(self, terms=tuple(part for term in self.terms for part in term.parts()))

    def as_beginnings(self) -> "Query":
        """Return the same with each word taken for the beginning of one."""
        return replace(
            self, terms=tuple(Term(term.words, is_prefix=True) if may_begin(term) else term for term in self.terms)
        )

    def with_whole_codes(self) -> "Query":
        """Return the same with the goal in place of its target: 10 for 10.7."""
        return replace(self, terms=tuple(dict.fromkeys(map(without_target, self.terms))))


def may_begin(term: Term) -> bool:
    """Say whether a term may be the beginning of a word that somebody did not type to its end."""
    return is_plain(term) and len(term.words) == 1 and not term.others and len(term.folded[0]) >= SHORTEST_BEGINNING


def without_target(term: Term) -> Term:
    """Return a term that is a code without what follows its first point; another one as it is."""
    is_code = not term.is_phrase and len(term.words) == 1 and IS_CODE.fullmatch(term.folded[0])
    return Term((term.words[0].split(".")[0],)) if is_code else term


def parse(text: str, language: str, *, completing: bool = False) -> Query:
    """Return the query that ``text`` is, without synonyms. With ``completing`` its last word is still being typed: a
    prefix."""
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


def with_synonyms(query: Query) -> Query:
    """Return ``query`` with what means the same as its words. One query."""
    found = groups_in(
        [term.words[0] if is_plain(term) and not term.others else "" for term in query.terms], query.language
    )
    terms, number = [], 0
    while number < len(query.terms):
        length, others = found.get(number, (1, ()))
        words = tuple(word for term in query.terms[number : number + length] for word in term.words)
        terms.append(Term(words, others=others) if others else query.terms[number])
        number += length
    return replace(query, terms=tuple(terms)) if found else query


def is_plain(term: Term) -> bool:
    """Say whether a term is a word in any of its forms."""
    return not (term.is_phrase or term.is_prefix)


def words_in(text: str) -> Iterable[Term]:
    """Yield the words of a text without quotation marks."""
    for match in WORD.finditer(text):
        plain = folded(match[0])
        if plain:
            starred = text[match.end() : match.end() + 1] == "*"
            yield Term((match[0],), is_prefix=starred and len(plain) > LONGEST_PREFIX_TOO_SHORT)


def is_filler(term: Term, language: str) -> bool:
    """Say whether a term is a single word that says nothing."""
    return is_plain(term) and is_stop_word(term.folded[0], language)
