"""What a machine can see of a translation: numbers, links, placeholders, length, passages that were left, and terms.

A finding is a question, not a fault: who translates may say why it is right as it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.utils.translation import gettext_lazy as _

from cms.content.comparison import readable
from cms.content.languages import site_languages
from cms.content.words import words
from cms.translations import glossary
from cms.translations.glossary import Entry, Glossary
from cms.translations.numbers import missing_numbers

# Placeholders of templates and of programs: {name}, {{ name }}, %(name)s, %s.
PLACEHOLDER = re.compile(r"\{\{[^{}\n]{1,60}\}\}|\{[^{}\s]{0,60}\}|%\(\w{1,60}\)[sd]|(?<![\d%])%[sd]\b")
ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)\]]"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
    re.IGNORECASE,
)
HREF = re.compile(r"""<a\b[^<>]*?\bhref=["']([^"'<>]*)["']""", re.IGNORECASE)
RUN = 6  # words on end that no translation has in common with its source, but in names
MOST_NAMED = 100  # characters of what a finding is about that name it
MOST_QUOTED = 12  # words of such a passage that a finding quotes


@dataclass(frozen=True)
class Finding:
    """Something about a translation to look at: what kind of thing, what of the texts it is about, and in words."""

    kind: str
    about: str
    message: str

    @property
    def key(self) -> str:
        """What names the finding among those of its text, for who says that it is right as it is."""
        return f"{self.kind}:{self.about[:MOST_NAMED]}"


@dataclass(frozen=True)
class Pair:
    """A text and its translation: as they are stored, and without markup."""

    source: str
    target: str
    source_language: str
    language: str
    is_rich: bool
    max_length: int | None

    @property
    def plain_source(self) -> str:
        return plain(self.source) if self.is_rich else self.source

    @property
    def plain_target(self) -> str:
        return plain(self.target) if self.is_rich else self.target


def plain(markup: str) -> str:
    """Return rich text without markup, a line a block."""
    return unescape(readable(markup))


def checks(
    source: str,
    target: str,
    *,
    language: str,
    source_language: str,
    max_length: int | None = None,
    is_rich: bool = False,
    terms: Glossary | None = None,
) -> list[Finding]:
    """Return what is to be looked at in ``target``, the translation of ``source`` into ``language``.

    ``max_length`` is the most characters that the field holds; ``terms`` is the glossary, which is read (one query)
    where it is left out. A target that is empty is missing, and has no findings.
    """
    if not target or not source:
        return []
    pair = Pair(source, target, source_language, language, is_rich, max_length)
    known = glossary.current() if terms is None else terms
    return [finding for check in CHECKS for finding in check(pair)] + list(check_terms(pair, known))


def check_numbers(pair: Pair) -> Iterator[Finding]:
    """Yield the numbers that are in one of the texts alone."""
    source, target = without_addresses(pair.plain_source), without_addresses(pair.plain_target)
    for number in missing_numbers(source, pair.source_language, target, pair.language):
        yield Finding(
            "number", number, _("The number %(number)s is missing, or is written otherwise.") % {"number": number}
        )
    for number in missing_numbers(target, pair.language, source, pair.source_language):
        yield Finding("added-number", number, _("The number %(number)s is not in the source.") % {"number": number})


def without_addresses(text: str) -> str:
    return ADDRESS.sub(" ", PLACEHOLDER.sub(" ", text))


def check_links(pair: Pair) -> Iterator[Finding]:
    """Yield the addresses that are in one of the texts alone, but for the language that they name."""
    source, target = (addresses(text, is_rich=pair.is_rich) for text in (pair.source, pair.target))
    for key in source.keys() - target.keys():
        yield Finding("link", source[key], _("The link to %(address)s is missing.") % {"address": source[key]})
    for key in target.keys() - source.keys():
        yield Finding(
            "added-link",
            target[key],
            _("The link to %(address)s is not in the source.") % {"address": target[key]},
        )


def addresses(text: str, *, is_rich: bool) -> dict[str, str]:
    """Return the addresses in a text by what they are whatever language they name: ``/en/offices/`` and
    ``/es/offices/`` are one."""
    found = [unescape(href) for href in HREF.findall(text)] if is_rich else []
    found += ADDRESS.findall(plain(text) if is_rich else text)
    codes = "|".join(map(re.escape, site_languages()))
    return {re.sub(rf"(?<=[/=])(?:{codes})(?=[/?#&]|$)", "*", each.casefold()): each for each in found}


def check_placeholders(pair: Pair) -> Iterator[Finding]:
    """Yield the placeholders that are in one of the texts alone."""
    source, target = (dict.fromkeys(PLACEHOLDER.findall(text)) for text in (pair.plain_source, pair.plain_target))
    for each in source.keys() - target.keys():
        yield Finding("placeholder", each, _("The placeholder %(text)s is missing.") % {"text": each})
    for each in target.keys() - source.keys():
        yield Finding("added-placeholder", each, _("The placeholder %(text)s is not in the source.") % {"text": each})


def check_length(pair: Pair) -> Iterator[Finding]:
    """Yield that the text is longer than its field."""
    if pair.max_length is not None and len(pair.target) > pair.max_length:
        yield Finding(
            "length",
            str(len(pair.target)),
            _("The text has %(length)s characters; the field holds %(most)s.")
            % {"length": len(pair.target), "most": pair.max_length},
        )


def check_untranslated(pair: Pair) -> Iterator[Finding]:
    """Yield the passages of several words that stand in the translation as in the source; names may.

    Not between forms of one language, of which most is the same.
    """
    if pair.language.split("-")[0] == pair.source_language.split("-")[0]:
        return
    source = {tuple(run) for run in runs(words(pair.plain_source.casefold()))}
    written = words(pair.plain_target)
    lowered = words(pair.plain_target.casefold())
    if len(written) != len(lowered) or not source:
        return
    number = 0
    while number <= len(written) - RUN:
        end = number
        while tuple(lowered[end : end + RUN]) in source:
            end += 1
        if end > number and not is_name(written[number : end + RUN - 1]):
            passage = " ".join(written[number : min(end + RUN - 1, number + MOST_QUOTED)])
            yield Finding("untranslated", passage, _("“%(passage)s” stands as in the source.") % {"passage": passage})
        number = max(end + RUN - 1, number + 1) if end > number else number + 1


def runs(found: list[str]) -> Iterator[list[str]]:
    """Yield the words that stand on end, ``RUN`` at a time."""
    return (found[number : number + RUN] for number in range(len(found) - RUN + 1))


def is_name(found: list[str]) -> bool:
    """Say whether most of the words begin with a capital or are numbers: a title, which may stay as it is."""
    return sum(not word[:1].islower() for word in found) * 2 > len(found)


def check_terms(pair: Pair, known: Glossary) -> Iterator[Finding]:
    """Yield the forbidden forms in the translation, and the terms of the source that it calls otherwise."""
    target = list(known.found_in(pair.target, pair.language))
    forbidden: dict[str, tuple[Entry, ...]] = {found.text: found.entries for found in target if found.is_forbidden}
    for text, entries in forbidden.items():
        term = entries[0].term(pair.language)
        yield Finding(
            "forbidden-term", text, _("“%(text)s” is not to be used: write “%(term)s”.") % {"text": text, "term": term}
        )
    named = {entry for found in target for entry in found.entries}
    asked: dict[tuple[Entry, ...], str] = {}
    for found in known.found_in(pair.source, pair.source_language):
        if not found.is_forbidden:
            asked.setdefault(found.entries, found.text)
    for entries, text in asked.items():
        wanted = [entry.term(pair.language) for entry in entries if entry.term(pair.language)]
        if wanted and not named.intersection(entries):
            yield Finding(
                "term", text, _("“%(text)s” is “%(term)s” in the glossary.") % {"text": text, "term": wanted[0]}
            )


CHECKS: tuple[Callable[[Pair], Any], ...] = (
    check_numbers,
    check_links,
    check_placeholders,
    check_length,
    check_untranslated,
)
