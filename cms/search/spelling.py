"""Words of the site that somebody may have meant, when a query finds nothing."""

from django.db.models import Q
from rapidfuzz import process
from rapidfuzz.distance import OSA

from cms.search.models import SearchWord
from cms.search.queries import Query, Term, is_plain

MOST_WORDS = 4  # of one query are corrected
SHORTEST = 4  # letters; shorter words are too like each other
SHORTEST_PART = 3  # letters of a word that was written as one with another
SHORT = 5  # letters, of which one may be wrong
FAR = 2  # letters that may be wrong in a longer word
MOST_COMPARED = 20_000  # words of the site


def allowed(word: str) -> int:
    """Return how many letters of a word may be wrong."""
    return FAR if len(word) > SHORT else 1


def candidates(words: list[str], language: str) -> dict[str, str]:
    """Return words of the site that may be like ``words``, folded and as they are written: in one query.

    They begin with the same letter or with the second one, differ from it in the first letter alone, or are a part.
    """
    near = Q()
    for word in words:
        span = range(len(word) - allowed(word), len(word) + allowed(word) + 1)
        near |= Q(initial__in=sorted({word[0], word[1]}), length__in=list(span))
    letters = "abcdefghijklmnopqrstuvwxyz"
    others = {letter + rest for word in words for rest in (word, word[1:]) for letter in letters}
    others.update(part for word in words for parts in cuts(word) for part in parts)
    found = SearchWord.objects.filter(near | Q(word__in=[*words, *sorted(others)]), language=language)
    return dict(found.values_list("word", "shown")[:MOST_COMPARED])


def cuts(word: str) -> list[tuple[str, str]]:
    """Return the ways to take a word for two that were written as one."""
    return [(word[:place], word[place:]) for place in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)]


def closest(word: str, known: dict[str, str]) -> str:
    """Return the word of ``known`` that is most like ``word``, as it is written, or nothing.

    How far two words are is how many letters have to be added, left out, replaced or swapped with the next one to make
    one into the other (optimal string alignment).
    """
    near = process.extract(word, known.keys(), scorer=OSA.distance, score_cutoff=allowed(word), limit=None)
    ranked = [(far, other[0] != word[0], abs(len(other) - len(word)), other) for other, far, _number in near]
    return known[min(ranked)[-1]] if ranked else ""


def put_right(word: str, known: dict[str, str]) -> tuple[str, ...]:
    """Return what ``word`` may have been meant to be, as it is written: two words, the closest one, or nothing."""
    for parts in cuts(word):
        if all(part in known for part in parts):
            return tuple(known[part] for part in parts)
    return tuple(filter(None, [closest(word, known)]))


def correction(query: Query) -> tuple[Term, ...] | None:
    """Return the terms of ``query`` with words that the site does not have replaced by the closest that it has.

    ``None`` where there is nothing to replace. One query; whether the result finds anything is for the caller to see.
    """
    plain = {term.folded[0]: term for term in query.terms if is_plain(term) and not term.others}
    unsure = [word for word in plain if len(word) >= SHORTEST and word.isalpha()][:MOST_WORDS]
    if not unsure:
        return None
    known = candidates(unsure, query.language)
    better = {plain[word]: right for word in unsure if word not in known and (right := put_right(word, known))}
    if not better:
        return None
    return tuple(part for term in query.terms for part in ([Term((word,)) for word in better.get(term, ())] or [term]))
