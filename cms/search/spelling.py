"""Words of the site that somebody may have meant, when a query finds nothing."""

from django.db.models import Q
from rapidfuzz import process
from rapidfuzz.distance import OSA

from cms.search.models import SearchWord
from cms.search.queries import Query, Term

MOST_WORDS = 4  # of one query are corrected
SHORTEST = 4  # letters; shorter words are too like each other
FAR = 2  # letters that differ, in a word of five letters or more; in shorter ones one
MOST_COMPARED = 20_000  # words of the site


def allowed(word: str) -> int:
    """Return how many letters of a word may be wrong."""
    return FAR if len(word) > SHORTEST else 1


def candidates(words: list[str], language: str) -> dict[str, str]:
    """Return words of the site that may be like ``words``, folded and as they are written: in one query.

    They begin with the same letter or with the second one, or differ from it in the first letter alone.
    """
    near = Q()
    for word in words:
        span = range(len(word) - allowed(word), len(word) + allowed(word) + 1)
        near |= Q(initial__in=sorted({word[0], word[1]}), length__in=list(span))
    letters = "abcdefghijklmnopqrstuvwxyz"
    first = {letter + rest for word in words for rest in (word, word[1:]) for letter in letters}
    found = SearchWord.objects.filter(near | Q(word__in=[*words, *sorted(first)]), language=language)
    return dict(found.values_list("word", "shown")[:MOST_COMPARED])


def closest(word: str, known: dict[str, str]) -> str:
    """Return the word of ``known`` that is most like ``word``, as it is written, or nothing.

    How far two words are is how many letters have to be added, left out, replaced or swapped with the next one to make
    one into the other (optimal string alignment).
    """
    near = process.extract(word, known.keys(), scorer=OSA.distance, score_cutoff=allowed(word), limit=None)
    ranked = [(far, other[0] != word[0], abs(len(other) - len(word)), other) for other, far, _number in near]
    return known[min(ranked)[-1]] if ranked else ""


def correction(query: Query) -> tuple[Term, ...] | None:
    """Return the terms of ``query`` with words that the site does not have replaced by the closest that it has.

    ``None`` where there is nothing to replace. One query; whether the result finds anything is for the caller to see.
    """
    plain = {term.folded[0]: term for term in query.terms if not term.is_phrase and not term.is_prefix}
    unsure = [word for word in plain if len(word) >= SHORTEST and word.isalpha()][:MOST_WORDS]
    if not unsure:
        return None
    known = candidates(unsure, query.language)
    better = {word: shown for word in unsure if word not in known and (shown := closest(word, known))}
    if not better:
        return None
    return tuple(
        Term((better.get(term.folded[0], term.words[0]),)) if term in plain.values() else term for term in query.terms
    )
