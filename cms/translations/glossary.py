"""Terms in texts: where the glossary's concepts stand in one, and where a form that is forbidden does.

A word counts in either number and in any form that has its stem (:mod:`cms.content.words`); an acronym, as the
glossary writes it in capitals, only in capitals. The longest term counts: "return" is not found in "voluntary return"
where that is a term of its own, and what is a term of one concept is not forbidden by another.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cms.content.languages import site_languages
from cms.content.words import WORD, folded, numbers, stems
from cms.translations.models import Term

LONGEST_ACRONYM = 6  # letters; longer words in capitals are headings
MARKUP = re.compile(r"<[^<>]*>|&(?:#?\w{1,8});")
INLINE = re.compile(r"</?(?:a|em|strong|su[bp])\b", re.IGNORECASE)
Stems = frozenset[str]  # of one word
BREAK = re.compile(r"[.;:!?\n]")  # between two words that are no phrase


@dataclass(frozen=True)
class Entry:
    """A concept of the glossary: its terms and its forbidden forms by language."""

    slug: str
    note: str
    terms: tuple[tuple[str, str], ...]
    forbidden: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def forms(self) -> list[tuple[str, str, bool]]:
        """Language, text, and whether it is forbidden, of each term and forbidden form."""
        found = [(language, text, False) for language, text in self.terms]
        return found + [(language, text, True) for language, texts in self.forbidden for text in texts]

    def term(self, language: str) -> str:
        """Return the term in ``language``, or ``""``."""
        return dict(self.terms).get(language, "")

    def forbidden_in(self, language: str) -> tuple[str, ...]:
        """Return the forms that must not be used in ``language``."""
        return dict(self.forbidden).get(language, ())


@dataclass(frozen=True)
class Found:
    """A term, or a forbidden form, that stands in a text from ``start`` to ``end`` (of the HTML, where it is rich).

    ``entries`` are the concepts that it is a term of; of a forbidden form those that forbid it.
    """

    start: int
    end: int
    text: str
    entries: tuple[Entry, ...]
    is_forbidden: bool = False


@dataclass(frozen=True)
class TermFound:
    """A term in a source text, with what it is in the target's language: ``term`` is ``""`` where nobody said that."""

    start: int
    end: int
    text: str
    slug: str
    term: str
    forbidden: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Form:
    """A term or a forbidden form, as the stems of each of its words, and the concept that names it."""

    words: tuple[Stems, ...]
    entry: Entry
    is_forbidden: bool


class Glossary:
    """The terms of the site, ready to be looked for. ``entries`` are its concepts."""

    def __init__(self, entries: Iterable[Entry]):
        self.entries = tuple(entries)

    @cached_property
    def forms(self) -> dict[tuple[str, str], list[Form]]:
        """All forms by language and each stem of their first word, the longest first."""
        found: dict[tuple[str, str], list[Form]] = defaultdict(list)
        for entry in self.entries:
            for language, text, is_forbidden in entry.forms:
                if words := tuple(stems_of(word, language) for word in words_of(text)):
                    for stem in words[0]:
                        found[language, stem].append(Form(words, entry, is_forbidden))
        return {key: sorted(forms, key=lambda form: -len(form.words)) for key, forms in found.items()}

    def found_in(self, text: str, language: str) -> Iterator[Found]:
        """Yield the terms and forbidden forms in ``text``, plain or rich, in their order and without overlap."""
        plain = without_markup(text)
        places = [match.span() for match in WORD.finditer(plain) if folded(match[0])]
        known = [stems_of(plain[start:end], language) for start, end in places]
        number = 0
        while number < len(places):
            forms = self.at(known, number, language)
            forms = [form for form in forms if not is_broken(plain, places[number : number + len(form.words)])]
            longest = [form for form in forms if len(form.words) == len(forms[0].words)]
            if longest:
                last = number + len(longest[0].words) - 1
                yield self.found(text, places[number][0], places[last][1], longest)
                number = last
            number += 1

    def at(self, known: list[Stems], number: int, language: str) -> list[Form]:
        """Return the forms whose words are those from ``number`` on, the longest first."""
        found: dict[Form, None] = {}
        for stem in known[number]:
            for form in self.forms.get((language, stem), ()):
                there = known[number : number + len(form.words)]
                if len(there) == len(form.words) and all(map(frozenset.intersection, form.words, there)):
                    found[form] = None
        return sorted(found, key=lambda form: -len(form.words))

    def found(self, text: str, start: int, end: int, forms: list[Form]) -> Found:
        """Return what ``forms`` of the same words say: what is a term of one concept is not forbidden by another."""
        allowed = [form.entry for form in forms if not form.is_forbidden]
        entries = dict.fromkeys(allowed or [form.entry for form in forms])
        return Found(start, end, text[start:end], tuple(entries), is_forbidden=not allowed)

    def terms_in(self, text: str, source_language: str, target_language: str) -> list[TermFound]:
        """Return the terms in a source text with what they are in ``target_language``, one for each concept."""
        return [
            TermFound(
                found.start,
                found.end,
                found.text,
                entry.slug,
                entry.term(target_language),
                entry.forbidden_in(target_language),
                entry.note,
            )
            for found in self.found_in(text, source_language)
            if not found.is_forbidden
            for entry in found.entries
        ]


@lru_cache(maxsize=50_000)
def stems_of(word: str, language: str) -> Stems:
    """Return what a word of a term is known by: an acronym by itself, any other by its stems in either number."""
    if 1 < len(word) <= LONGEST_ACRONYM and word.isupper():
        return frozenset([f"={word}"])
    return frozenset(stem for form in (word, *numbers(folded(word))) for stem in stems(form, language))


def words_of(text: str) -> list[str]:
    """Return the words of a form."""
    return [word for word in WORD.findall(text) if folded(word)]


def without_markup(text: str) -> str:
    """Return ``text`` with blanks in the place of tags and entities, of the same length; a block ends a phrase."""
    return MARKUP.sub(lambda match: (" " if is_inline(match[0]) else ";") * len(match[0]), text)


def is_inline(markup: str) -> bool:
    return markup.startswith("&") or INLINE.match(markup) is not None


def is_broken(text: str, places: list[tuple[int, int]]) -> bool:
    """Say whether a sentence or block ends between the words of ``text`` at ``places``."""
    pairs = zip(places, places[1:], strict=False)
    return any(BREAK.search(text, one[1], other[0]) for one, other in pairs)


Rows = tuple[tuple[str, str, str, str, str], ...]


def current() -> Glossary:
    """Return the glossary as it stands. One query; who asks for many texts asks once."""
    columns = ("concept__slug", "concept__note", "language", "text", "forbidden")
    rows = Term.objects.filter(language__in=site_languages()).order_by("concept__slug", "pk")
    return compiled(tuple(rows.values_list(*columns)))


@lru_cache(maxsize=2)
def compiled(rows: Rows) -> Glossary:
    """Return the rows as a glossary. They are the key: nothing grows stale."""
    concepts: dict[tuple[str, str], list[Term]] = defaultdict(list)
    for slug, note, language, text, forbidden in rows:
        concepts[slug, note].append(Term(language=language, text=text, forbidden=forbidden))
    return Glossary(
        Entry(
            slug,
            note,
            tuple((term.language, term.text) for term in terms),
            tuple((term.language, tuple(term.forbidden_forms)) for term in terms if term.forbidden_forms),
        )
        for (slug, note), terms in concepts.items()
    )


def terms_in(text: str, source_language: str, target_language: str) -> list[TermFound]:
    """Return what :meth:`Glossary.terms_in` does, of the glossary as it stands. One query."""
    return current().terms_in(text, source_language, target_language)
