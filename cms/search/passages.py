"""The passage that shows why something was found, and its highlights: on the text as it is written."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from cms.content.languages import LocalizedText
from cms.content.lookups import fold
from cms.content.words import WORD, folded, stems
from cms.search.queries import Query, is_plain

PASSAGE_LENGTH = 240  # characters, about
LEAD = 60  # characters before the first word that was found
LONGEST_SEARCHED = 200_000  # characters of all passages of one result
MOST_SPANS = 12  # of one passage that count
FOR_A_TERM = 10  # in the score of a passage, beside one for each time that it is there
SHORT_PASSAGE = 60  # characters; what is shorter says too little of an item that was not found by it


@dataclass(frozen=True)
class Span:
    """Where in a text a word or phrase was found, and which term of the query it is."""

    start: int
    end: int
    term: int


class Highlighter:
    """Finds the terms of one query in texts of any language."""

    def __init__(self, query: Query):
        self.query = query

    @cached_property
    def phrases(self) -> list[tuple[int, tuple[str, ...]]]:
        return [(number, term.folded) for number, term in enumerate(self.query.terms) if term.is_phrase]

    @cached_property
    def prefixes(self) -> list[tuple[int, str]]:
        return [(number, term.folded[0]) for number, term in enumerate(self.query.terms) if term.is_prefix]

    def forms(self, language: str) -> dict[str, int]:
        """Return the stems that are looked for in texts of ``language``, and the term that each belongs to."""
        if language not in self._forms:
            self._forms[language] = {
                form: number
                for number, term in enumerate(self.query.terms)
                if is_plain(term)
                for word in (
                    *term.words,
                    *(word for each in term.others if each.language == language for word in each.telling),
                )
                for form in stems(word, language)
            }
        return self._forms[language]

    @cached_property
    def _forms(self) -> dict[str, dict[str, int]]:
        return {}

    def spans(self, text: str, language: str) -> list[Span]:
        """Return where the terms stand in ``text``, in order and without overlap."""
        if not self.may_have(text, language):
            return []
        forms = self.forms(language)
        places = [(match.start(), match.end(), match[0]) for match in WORD.finditer(text)]
        found: dict[int, Span] = {}
        if forms or self.prefixes:
            for number, (start, end, word) in enumerate(places):
                if (term := self.term_of(word, forms, language)) is not None:
                    found[number] = Span(start, end, term)
        if self.phrases:
            plain = [folded(word) for _start, _end, word in places]
            for term, phrase in self.phrases:
                for number in range(len(plain) - len(phrase) + 1):
                    if plain[number] == phrase[0] and tuple(plain[number : number + len(phrase)]) == phrase:
                        for each in range(number, number + len(phrase)):
                            found.pop(each, None)
                        found[number] = Span(places[number][0], places[number + len(phrase) - 1][1], term)
        ordered: list[Span] = []
        for _number, span in sorted(found.items()):
            if not ordered or span.start >= ordered[-1].end:
                ordered.append(span)
        return ordered

    def may_have(self, text: str, language: str) -> set[int]:
        """Return the terms that ``text`` may have: quick, and only wrong about words with irregular stems.

        A stem differs from its words in their ends, if at all.
        """
        plain = (fold(text) or "").casefold()
        return {number for beginning, number in self.beginnings(language) if beginning in plain}

    def beginnings(self, language: str) -> list[tuple[str, int]]:
        """Return what the words that are looked for in texts of ``language`` begin with, and their terms."""
        if language not in self._beginnings:
            stems_of = [(form[: max(2, len(form) - 2)], number) for form, number in self.forms(language).items()]
            others = [*((prefix, number) for number, prefix in self.prefixes), *((p[0], n) for n, p in self.phrases)]
            self._beginnings[language] = list(dict.fromkeys([*stems_of, *others]))
        return self._beginnings[language]

    @cached_property
    def _beginnings(self) -> dict[str, list[tuple[str, int]]]:
        return {}

    def term_of(self, word: str, forms: dict[str, int], language: str) -> int | None:
        """Return the number of the term that a word of a text is found by."""
        for form in stems(word, language) if forms else ():
            if form in forms:
                return forms[form]
        plain = folded(word) if self.prefixes else ""
        return next((number for number, prefix in self.prefixes if plain.startswith(prefix)), None)

    def highlighted(self, text: LocalizedText) -> LocalizedText:
        """Return a whole text as markup, escaped, with what was found in ``<mark>``."""
        return LocalizedText(marked(text.value, self.spans(text.value, text.language)), text.language, text.requested)

    def best_passage(self, passages: list[list[str]], requested: str) -> tuple[LocalizedText, str]:
        """Return the passage with the most of the terms, as markup, and the anchor on the page that it stands at.

        ``passages`` are language, text and anchor. Where none of them has a term it is the beginning of
        the first that is long enough.
        """
        best, score = None, 0
        for most, language, text, anchor in self.likely(passages):
            if score >= FOR_A_TERM * most + MOST_SPANS:
                break  # no other has as many of the terms
            spans = self.spans(text, language)
            for start in range(len(spans)):
                window = [
                    span
                    for span in spans[start : start + MOST_SPANS]
                    if span.end - spans[start].start <= PASSAGE_LENGTH
                ]
                found = FOR_A_TERM * len({span.term for span in window}) + len(window)
                if found > score:
                    best, score = (text, language, anchor, window, spans), found
            if score >= FOR_A_TERM * len(self.query.terms):
                break
        if best is None:
            long = (passage for passage in passages if len(passage[1]) >= SHORT_PASSAGE)
            language, text, _anchor = next(long, [requested, "", ""])
            return LocalizedText(excerpt(text, 0, len(text), []), language, requested), ""
        text, language, anchor, window, spans = best
        return LocalizedText(excerpt(text, window[0].start, window[-1].end, spans), language, requested), anchor

    def likely(self, passages: list[list[str]]) -> list[tuple[int, str, str, str]]:
        """Return the passages that may have any term, those with the most first: how many, language, text, anchor."""
        found, searched = [], 0
        for language, text, anchor in passages:
            some = text[: max(0, LONGEST_SEARCHED - searched)]
            searched += len(text)
            if number := len(self.may_have(some, language)):
                found.append((number, language, some, anchor))
        return sorted(found, key=lambda passage: -passage[0])


def excerpt(text: str, first: int, last: int, spans: list[Span]) -> SafeString:
    """Return about ``PASSAGE_LENGTH`` characters of ``text`` around what stands from ``first`` to ``last``."""
    start = beginning = max(0, first - LEAD)
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
        sentence = max(text.rfind(mark, beginning, first) for mark in (". ", "? ", "! ", "。"))
        if sentence >= 0:
            start = sentence + (1 if text[sentence] == "。" else 2)
    end = min(len(text), max(start + PASSAGE_LENGTH, min(last, start + 2 * PASSAGE_LENGTH)))
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > first else end
    shown = marked(
        text[start:end],
        [Span(s.start - start, s.end - start, s.term) for s in spans if start <= s.start and s.end <= end],
    )
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return mark_safe(f"{before}{shown}{after}")  # noqa: S308 - escaped by marked()


def marked(text: str, spans: list[Span]) -> SafeString:
    """Return ``text`` escaped, with ``spans`` in ``<mark>``."""
    parts, last = [], 0
    for span in spans:
        parts += [escape(text[last : span.start]), "<mark>", escape(text[span.start : span.end]), "</mark>"]
        last = span.end
    return mark_safe("".join([*parts, escape(text[last:])]))  # noqa: S308 - escaped part by part
