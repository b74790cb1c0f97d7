"""A page of results: counted by type, part of the organization and topic, ranked and highlighted. Three queries."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from heapq import nlargest
from uuid import UUID

from django.db.models import Q
from django.urls import get_script_prefix

from cms.content.languages import LocalizedText
from cms.content.models import ContentModel
from cms.content.registry import scope_model
from cms.search import backends
from cms.search.backends import RANKED, Either, Token
from cms.search.contents import searched_models, topic_model
from cms.search.models import SearchEntry
from cms.search.passages import Highlighter
from cms.search.queries import Query, with_synonyms
from cms.search.spelling import correction

MOST_CHOICES = 50  # of one filter that a page lists; an address may name any other
MOST_SUGGESTIONS = 8
SUGGESTIONS_COMPARED = 60
SHORTEST_SUGGESTED = 2  # letters

COLUMNS = (
    *("g.model", "g.scope", "e.path", "e.title", "e.title_language", "e.label", "e.label_language", "e.passages"),
)

# Model, scope, topics and how many results have them: a row of ``backends.count``.
GroupRow = tuple[str, str, str, int]


class UnknownChoiceError(ValueError):
    """A filter names what does not exist; the message is the name."""


@dataclass(frozen=True)
class Filters:
    """What results are limited to: collections of models, and slugs of scopes and topics; nothing means all."""

    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A value of a filter, the text beside it and how many results have it."""

    value: str
    label: LocalizedText | str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Result:
    """One item that was found. ``title`` and ``passage`` are markup; ``label`` is a shorter name, where it has one.

    ``passage_url`` leads to the place on the page that ``passage`` is from. ``missing`` are the words that it does not
    have, where nothing has them all.
    """

    model: type[ContentModel]
    url: str
    title: LocalizedText
    label: LocalizedText | None
    passage: LocalizedText
    passage_url: str
    scope: LocalizedText | None
    missing: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The name of its kind, in the language of the page."""
        return str(self.model._meta.verbose_name)


@dataclass
class Results:
    """What was found: ``total`` results under the filters, of which the ``listed`` best can be paged through.

    Where nothing has all of the words, ``correction`` are other words that were looked for instead, and ``is_partial``
    says that results have only some of them.
    """

    query: Query
    total: int = 0
    unfiltered: int = 0
    results: list[Result] = field(default_factory=list)
    types: list[Choice] = field(default_factory=list)
    scopes: list[Choice] = field(default_factory=list)
    topics: list[Choice] = field(default_factory=list)
    correction: str = ""
    is_partial: bool = False

    @property
    def listed(self) -> int:
        return min(self.total, RANKED)


@dataclass(frozen=True)
class Name:
    """What a scope or topic is called, from its own entry in the index."""

    model: str
    slug: str
    label: LocalizedText


def search(query: Query, filters: Filters, *, start: int = 0, stop: int = 20) -> Results:
    """Return the results of ``query`` under ``filters``, those from ``start`` up to ``stop``.

    Raises :class:`UnknownChoiceError` for a filter that names what does not exist.
    """
    models = {model.collection: model._meta.label_lower for model in searched_models()}
    for name in filters.types:
        if name not in models:
            raise UnknownChoiceError(name)
    query, groups, correction = found_by(query)
    everything = count_all(groups)
    names = read_names(query.language, everything, filters)
    types = {models[name] for name in filters.types}
    scopes = keys_of(names, scope_model(), filters.scopes)
    topics = keys_of(names, topic_model(), filters.topics)
    counts = count_filtered(groups, types, scopes, topics) if types or scopes or topics else everything
    results = Results(query, counts.total, everything.total, correction=correction, is_partial=bool(query.least))
    if not results.unfiltered:
        return results
    results.types = [
        Choice(name, str(model._meta.verbose_name_plural), counts.types.get(label, 0), name in filters.types)
        for model in searched_models()
        for name, label in [(model.collection, model._meta.label_lower)]
        if counts.types.get(label) or name in filters.types
    ]
    results.scopes = choices(names, scope_model(), counts.scopes, scopes)
    results.topics = choices(names, topic_model(), counts.topics, topics)
    if results.total:
        limits = [
            Either(tuple(Token(f"{query.language}:{kind}:{value}") for value in sorted(values)))
            for kind, values in (("model", types), ("scope", scopes), ("topic", topics))
            if values
        ]
        flags = query.flags if query.least else []
        rows = backends.page(query.wanted.within(limits), COLUMNS, start, stop, flags=flags)
        results.results = [read_result(row, query, names) for row in rows]
    return results


def found_by(query: Query) -> tuple[Query, list[GroupRow], str]:
    """Return what finds something for ``query``, how much by facets, and the words that were put right for it.

    That is the query itself, with synonyms. Where nothing has all of it: other spellings of its words, the goal in
    place of a target, and then as many of the words as anything has.
    """
    if not query:
        return query, [], ""
    full = with_synonyms(query)
    if groups := backends.count(full.wanted.condition):
        return full, groups, ""
    terms = correction(full)
    attempts = other_ways(full, with_synonyms(replace(query, terms=terms)) if terms else None)
    number = backends.first_met([attempt.wanted.condition for attempt, _is_corrected in attempts])
    if number is None:
        return query, [], ""
    found, is_corrected = attempts[number]
    return found, backends.count(found.wanted.condition), " ".join(map(str, terms or ())) if is_corrected else ""


def other_ways(query: Query, corrected: Query | None) -> list[tuple[Query, bool]]:
    """Return what may be looked for instead of ``query``, the best first, and whether that is ``corrected``."""
    queries = [(query, False), *([(corrected, True)] if corrected else [])]
    whole = [(each.with_whole_codes(), is_corrected) for each, is_corrected in queries]
    partly = [(some, is_corrected) for each, is_corrected in whole for some in each.partly()]
    partly.sort(key=lambda each: -each[0].least)
    plain = whole[0][0].word_by_word()
    return [(query.as_beginnings(), False), *queries[1:], *whole, *partly, *((some, False) for some in plain.partly())]


@dataclass
class Counts:
    """How many results there are, and how many of each type, scope and topic under the filters on the others."""

    total: int = 0
    types: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    scopes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    topics: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def count_all(groups: list[GroupRow]) -> Counts:
    """Return the counts without filters. There may be ten thousand groups: nothing here is done twice."""
    types: dict = defaultdict(int)
    scopes: dict = defaultdict(int)
    by_topics: dict = defaultdict(int)
    for model, scope, keys, number in groups:
        types[model] += number
        scopes[scope] += number
        by_topics[keys] += number
    return Counts(sum(types.values()), types, scopes, split_topics(by_topics))


def count_filtered(groups: list[GroupRow], types: set[str], scopes: set[str], topics: set[str]) -> Counts:
    """Return the counts under filters, an empty one of which lets everything through."""
    counts = Counts()
    by_topics: dict = defaultdict(int)
    for model, scope, keys, number in groups:
        is_type = not types or model in types
        is_scope = not scopes or scope in scopes
        is_topic = not topics or not topics.isdisjoint(keys.split())
        if is_scope and is_topic:
            counts.types[model] += number
            if is_type:
                counts.total += number
        if is_type and is_topic:
            counts.scopes[scope] += number
        if is_type and is_scope:
            by_topics[keys] += number
    counts.topics = split_topics(by_topics)
    return counts


def split_topics(numbers: dict[str, int]) -> dict[str, int]:
    """Return numbers by sets of topics as numbers by topic."""
    counts: dict[str, int] = defaultdict(int)
    for keys, number in numbers.items():
        for key in keys.split():
            counts[key] += number
    return counts


def read_names(language: str, counts: Counts, filters: Filters) -> dict[str, Name]:
    """Return the names of the scopes and topics that results are counted by or limited to, by key: one query."""
    if not counts.total and not filters.scopes and not filters.topics:
        return {}
    most = nlargest(MOST_CHOICES + 1, filter(None, counts.scopes), key=counts.scopes.__getitem__)
    topics = nlargest(MOST_CHOICES + 1, counts.topics, key=counts.topics.__getitem__)
    wanted = Q(object_id__in=[UUID(key) for key in (*most, *topics)])
    for model, slugs in ((scope_model(), filters.scopes), (topic_model(), filters.topics)):
        if slugs:
            wanted |= Q(model=model._meta.label_lower, slug__in=slugs)
    entries = SearchEntry.objects.filter(wanted, language=language)
    return {
        key.hex: Name(model, slug, LocalizedText(label, code, language))
        for key, model, slug, label, code in entries.values_list(
            "object_id", "model", "slug", "label", "label_language"
        )
    }


def keys_of(names: dict[str, Name], model: type[ContentModel], slugs: Collection[str]) -> set[str]:
    """Return the keys of the rows of ``model`` with ``slugs``; raises :class:`UnknownChoiceError`."""
    by_slug = {name.slug: key for key, name in names.items() if name.model == model._meta.label_lower}
    for slug in slugs:
        if slug not in by_slug:
            raise UnknownChoiceError(slug)
    return {by_slug[slug] for slug in slugs}


def choices(
    names: dict[str, Name], model: type[ContentModel], counts: dict[str, int], chosen: set[str]
) -> list[Choice]:
    """Return what the filter on ``model`` offers, the most frequent first."""
    offered = [
        Choice(name.slug, name.label, counts.get(key, 0), key in chosen)
        for key, name in names.items()
        if name.model == model._meta.label_lower and (counts.get(key) or key in chosen)
    ]
    offered.sort(key=lambda choice: (not choice.is_chosen, -choice.count, str(choice.label)))
    return offered[:MOST_CHOICES]


def read_result(row: tuple, query: Query, names: dict[str, Name]) -> Result:
    """Return what a row of the index is to the reader."""
    model, scope, path, title, title_language, label, label_language, passages, *has = row
    highlighter = Highlighter(query)
    url = get_script_prefix().rstrip("/") + path
    shown = LocalizedText(title, title_language, query.language)
    passage, anchor = highlighter.best_passage(
        json.loads(passages) if isinstance(passages, str) else passages, query.language
    )
    searched = next(found for found in searched_models() if found._meta.label_lower == model)
    short = LocalizedText(label, label_language, query.language) if label != title else None
    is_own = searched is scope_model()
    return Result(
        searched,
        url,
        highlighter.highlighted(shown),
        highlighter.highlighted(short) if short and not is_own else None,
        passage,
        f"{url.partition('#')[0]}#{anchor}" if anchor else url,
        names[scope].label if scope in names and not is_own else None,
        tuple(str(term) for term, is_there in zip(query.terms, has, strict=False) if not is_there),
    )


@dataclass(frozen=True)
class Suggestion:
    """An item whose title begins to be typed."""

    title: LocalizedText
    kind: str
    url: str


def suggest(query: Query) -> list[Suggestion]:
    """Return items that ``query``, whose last word may be a beginning, finds by their names, what matters most first:
    one query."""
    if not query or max(len(word) for term in query.terms for word in term.folded) < SHORTEST_SUGGESTED:
        return []
    if query.terms[-1].is_prefix and len(query.terms[-1].folded[0]) < SHORTEST_SUGGESTED:
        query = replace(query, terms=query.terms[:-1])
    columns = ("e.model", "e.path", "e.title", "e.title_language")
    named = replace(query.wanted, condition=query.wanted.related)
    rows = backends.page(named, columns, 0, SUGGESTIONS_COMPARED)
    names = {model._meta.label_lower: str(model._meta.verbose_name) for model in searched_models()}
    prefix = get_script_prefix().rstrip("/")
    found = [
        Suggestion(LocalizedText(title, language, query.language), names[model], prefix + path)
        for model, path, title, language in rows
    ]
    typed = query.text.casefold()
    found.sort(key=lambda suggestion: not str(suggestion.title).casefold().startswith(typed))
    return found[:MOST_SUGGESTIONS]
