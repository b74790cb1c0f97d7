"""What of an item is searched, and the entries of the index that follow from it.

By default, an item is headed by its name and found by all its translated texts and those of its children, and by its
names in the other languages. What a model wants otherwise it declares: the attributes ``search_...``, and ``searched``
in its schema. Items without an address of their own are not searched; children with one are.
"""

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import get_script_prefix
from django.utils.html import strip_tags
from django.utils.translation import override

from cms.content.fields import RichTextField
from cms.content.languages import LocalizedText, is_translated, localized, site_languages, texts
from cms.content.models import Child, ContentModel, LocalizedName
from cms.content.registry import child_models, content_models, public_rows
from cms.content.words import words
from cms.search.models import SearchEntry, SearchFacets
from cms.search.tokens import entry_tokens

VERSION = 2  # of what is made of a text; an entry of another version counts as outdated
BLOCK_END = re.compile(r"</(?:p|h\d|li|td|th|tr|blockquote)>|<br\s*/?>")
ACRONYM = re.compile(r"(?:(?:\w*[A-Z]){2}\w* ?)+")
TITLE_SEPARATOR = " – "
MOST_TOPICS = 60  # of one item
MOST_WORDS_COUNTED = 20  # of a name, for the weight
MOST_NAMES = 400  # of what one item belongs to, in all languages
LONGEST_PATH = SearchEntry._meta.get_field("path").max_length


@dataclass
class Found:
    """One entry on its way into the index, with the texts that it is found by."""

    entry: SearchEntry
    facets: SearchFacets
    titles: list[LocalizedText]
    passages: list[tuple[str, str]] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)

    def add_tokens(self) -> SearchEntry:
        """Return the entry with its tokens, which are the costly part."""
        facets = self.facets
        filters = [("model", facets.model), *(("topic", key) for key in facets.topics.split())]
        if facets.scope:
            filters.append(("scope", facets.scope))
        titles = [(text.language, text.value) for text in self.titles]
        found = entry_tokens(self.entry.language, titles, self.passages, filters, self.names, self.related)
        self.entry.tokens = found  # type: ignore[assignment] # what a TokensField takes
        return self.entry


@cache
def searched_models() -> list[type[ContentModel]]:
    """Return the models whose rows are searched, each after those that it refers to."""
    return [model for item in content_models() for model in [item, *child_models(item)] if is_searched(model)]


def is_searched(model: type[ContentModel]) -> bool:
    """Say whether rows of ``model`` are results: items with an address and something to be called by."""
    if issubclass(model, Child) or model.search_url is None:
        return bool(model.search_url)
    return hasattr(model, "get_absolute_url") and bool(model.search_title or issubclass(model, LocalizedName))


def searched_rows(model: type[ContentModel]) -> models.QuerySet:
    """Return the rows of ``model`` that the public finds."""
    if not issubclass(model, Child):
        return public_rows(model)
    return model._base_manager.filter(model.parent_model.live_condition(f"{model.parent_field}__"))


def item_path(model: type[ContentModel]) -> str:
    """Return the path from a row of ``model`` to the item that it is public with."""
    return f"{model.parent_field}_id" if issubclass(model, Child) else "pk"


def topic_model() -> type[ContentModel]:
    """Return the model by which results are counted beside type and scope."""
    return apps.get_model(settings.PUBLISHING_TOPIC_MODEL)


def steps(path: str) -> list[str]:
    """Return the relations that ``path`` goes through: ``["strategy", "strategy__office"]`` of
    ``"strategy__office__name"``."""
    parts = path.split("__")[:-1]
    return ["__".join(parts[: number + 1]) for number in range(len(parts))]


@cache
def relations_read(model: type[ContentModel]) -> list[str]:
    """Return the foreign keys whose rows are read to make the entries of ``model``, as paths."""
    paths = [*model.search_title, *model.schema.searched, model.scope_path or ""]
    parents = [model.parent_field] if issubclass(model, Child) else []
    found = dict.fromkeys([*parents, *(step for path in paths for step in steps(path)), *related_steps(model)])
    return [path for path in found if is_single(model, path)]


def related_steps(model: type[ContentModel]) -> list[str]:
    """Return the relations by whose names rows of ``model`` are found, with those on the way, as paths."""
    return list(dict.fromkeys(step for path in model.search_related for step in steps(f"{path}__name")))


def is_single(model: type[Any], path: str) -> bool:
    """Say whether ``path`` leads from a row to one row at most: through foreign keys alone."""
    for step in path.split("__"):
        relation = model._meta.get_field(step)
        if not relation.many_to_one:
            return False
        model = relation.related_model
    return True


def dependents(model: type[ContentModel], keys: list[UUID]) -> Iterator[tuple[type[ContentModel], list[UUID]]]:
    """Yield what is public and has entries that are made of rows of ``model`` too: model, and keys of the items.

    The rows that are children of the items are among them.
    """
    for other in searched_models():
        paths = dict.fromkeys([*relations_read(other), *related_steps(other)])
        if issubclass(other, Child) and other.parent_model is model:
            yield other, keys
            paths.pop(other.parent_field)
        for path in paths:
            if target_of(other, path) is model:
                rows = searched_rows(other).order_by().filter(**{f"{path}__in": keys})
                if found := list(rows.values_list(item_path(other), flat=True).distinct()):
                    yield other, found


@cache
def target_of(model: type[ContentModel], path: str) -> type[Any]:
    """Return the model that the relation ``path`` of ``model`` leads to."""
    target: Any = model
    for step in path.split("__"):
        target = target._meta.get_field(step).related_model
    return target


def plain_text(value: str) -> str:
    """Return rich text as plain text: without markup, its blocks apart."""
    return html.unescape(strip_tags(BLOCK_END.sub(lambda match: match[0] + " ", value)))


def shown_text(row: models.Model, path: str, language: str) -> LocalizedText:
    """Return a text of ``row``, or of a row that it refers to, as a reader of ``language`` is shown it."""
    *relations, name = path.split("__")
    for relation in relations:
        row = getattr(row, relation)
        if row is None:
            return LocalizedText("", language, language)
    if is_translated(type(row), name):
        found = localized(row, name, language)
    else:
        found = LocalizedText(str(getattr(row, name) or ""), language, language)
    text = plain_text(found.value) if isinstance(type(row)._meta.get_field(name), RichTextField) else found.value
    return LocalizedText(" ".join(text.replace("\x00", " ").split()), found.language, language)


def title_of(item: ContentModel, language: str) -> list[LocalizedText]:
    """Return what heads ``item``, and after it the shorter names by which it is found as well."""
    if item.search_title:
        parts = [part for path in item.search_title if (part := shown_text(item, path, language))]
        whole = TITLE_SEPARATOR.join(part.value for part in parts)
        return [LocalizedText(whole, parts[0].language if parts else language, language)]
    if isinstance(item, Child):
        return [item.label]  # type: ignore[attr-defined] # of a child that is searched by its name
    return [shown_text(item, name, language) for name in (item.name_field, *item.label_fields)]


def names_of(item: ContentModel, titles: list[LocalizedText]) -> list[tuple[str, str]]:
    """Return by which names ``item`` is found beside its titles, its own in other languages: language and text."""
    shown = {(text.language, text.value) for text in titles}
    return [name for name in dict.fromkeys(all_names(item)) if name not in shown]


def related_to(item: ContentModel, language: str) -> list[tuple[str, str]]:
    """Return what ``item`` is found by that is not its own: what its kind is called, and in all languages the names of
    what it belongs to. Pairs of language and text."""
    kind = str(item.search_words or item._meta.verbose_name)
    rows = [row for path in item.search_related for row in related_rows(item, path.split("__"))]
    return list(dict.fromkeys([(language, kind), *(name for row in rows for name in all_names(row))]))[:MOST_NAMES]


def all_names(row: models.Model) -> list[tuple[str, str]]:
    """Return the names of a row in all languages, the shorter ones too: pairs of language and text."""
    fields = (row.name_field, *row.label_fields) if isinstance(row, LocalizedName) else ()
    return [(code, " ".join(text.split())) for name in fields for code, text in texts(row, name).items()]


def related_rows(row: Any, path: list[str]) -> list[Any]:
    """Return the rows that the relation ``path`` of ``row`` leads to, which have been read; of them the live ones."""
    step, *rest = path
    value = getattr(row, step)
    found = [value] if isinstance(value, models.Model) else list(value.all()) if value is not None else []
    found = [each for each in found if getattr(each, "is_live", True)]
    return [other for each in found for other in related_rows(each, rest)] if rest else found


@cache
def body_fields(model: type[ContentModel], *, is_part: bool = False) -> list[str]:
    """Return the names of the texts of a row beside its title; of a part of an item (``is_part``), all texts."""
    named = set()
    if not is_part and issubclass(model, LocalizedName) and not model.search_title:
        named = {model.name_field, *model.label_fields}
    translated = set(model.schema.translated) & set(model.schema.public) - named
    fields = [
        field.name
        for field in model._meta.concrete_fields
        if field.name in translated and not isinstance(field, models.URLField)
    ]
    if not issubclass(model, Child):  # what is written at length first: it stands for the item where nothing matches
        fields.sort(key=lambda name: not isinstance(model._meta.get_field(name), models.TextField))
    return [*fields, *model.schema.searched]


def entries_of(model: type[ContentModel], keys: Iterable[UUID]) -> list[Found]:
    """Return the entries of those rows of ``model`` that are public, one a language; ``keys`` are those of the items.

    In as many queries for many items as for one.
    """
    relations = relations_read(model)
    rows = searched_rows(model).filter(**{f"{item_path(model)}__in": list(keys)})
    rows = rows.select_related(*relations) if relations else rows
    many = [path for path in model.search_related if path not in relations]
    items = list(rows.prefetch_related(*many))
    topics = topics_of(model, items)
    children = defaultdict(list)
    for child_model in child_models(model):
        if body_fields(child_model, is_part=True):
            parent = child_model.parent_field
            found = child_model._base_manager.filter(**{f"{parent}__in": items}).order_by("position", "pk")
            for child in found:
                children[getattr(child, f"{parent}_id")].append(child)
    entries = []
    for language in site_languages():
        with override(language):
            entries += [entry_of(item, children[item.pk], topics[item.pk], language) for item in items]
    return [found for found in entries if found.titles]


def topics_of(model: type[ContentModel], items: list[ContentModel]) -> dict[UUID, list[UUID]]:
    """Return the keys of the topics of each item: those that it points to, or itself."""
    found: dict[UUID, list] = {item.pk: [] for item in items}
    topic = topic_model()
    if model is topic:
        return {key: [key] for key in found}
    for each in [*model._meta.concrete_fields, *model._meta.many_to_many]:
        if each.related_model is not topic:
            continue
        if each.many_to_many:
            source, target = f"{each.m2m_field_name()}_id", f"{each.m2m_reverse_field_name()}_id"  # type: ignore[attr-defined] # a relation leads to a model
            links = each.remote_field.through._base_manager.filter(**{f"{source}__in": list(found)})  # type: ignore[union-attr] # a relation leads to a model
            for key, other in links.values_list(source, target):
                found[key].append(other)
        else:
            for item in items:
                if getattr(item, each.attname):
                    found[item.pk].append(getattr(item, each.attname))
    return found


def entry_of(item: ContentModel, children: list[Child], topics: list[UUID], language: str) -> Found:
    """Return the entry of one item for readers of ``language``, which is the active language."""
    titles = [text for text in title_of(item, language) if text]
    title = titles[0] if titles else LocalizedText("", language, language)
    label = next((text for text in titles[1:] if not text.is_fallback or title.is_fallback), title)
    passages = []
    for row in [item, *children]:
        anchor = str(getattr(row, "anchor", "")) if row is not item else ""
        for name in body_fields(type(row), is_part=row is not item):
            if text := shown_text(row, name, language):
                passages.append([text.language, text.value, anchor])
    if isinstance(item, Child):  # what it is a part of says what it is
        whole = shown_text(item, f"{item.parent_field}__{item.parent_model.name_field}", language)
        passages.append([whole.language, whole.value, ""])
    scope = item.scope_key()
    facets = SearchFacets(
        model=item._meta.label_lower,
        scope=scope.hex if scope else "",
        topics=" ".join(sorted(key.hex for key in topics)[:MOST_TOPICS]),
    )
    slug = next(iter(item.natural_key_fields), "")
    entry = SearchEntry(
        language=language,
        model=item._meta.label_lower,
        object_id=item.pk,
        item_id=getattr(item, item_path(type(item))),
        weight=weight_of(item, titles),
        slug=str(getattr(item, slug)) if slug == "slug" else "",
        path=without_prefix(getattr(item, item.search_url or "get_absolute_url")()),
        title=title.value,
        title_language=title.language,
        label=label.value,
        label_language=label.language,
        passages=passages,
    )
    names, related = names_of(item, titles), related_to(item, language)
    entry.digest = digest(entry, facets, titles, [names, related])
    found_by = [(language, text) for language, text, _anchor in passages]
    return Found(entry, facets, titles, found_by, names, related)


def weight_of(item: ContentModel, titles: list[LocalizedText]) -> int:
    """Return how far down ``item`` stands among others that are found by their names: by its kind, and by the words of
    its shortest name, of which the ones that are looked for are the more the fewer there are. An acronym does not
    count: who finds it looks for nothing else."""
    names = [text.value for text in titles if not ACRONYM.fullmatch(text.value)] or [text.value for text in titles]
    shortest = min((len(words(name)) for name in names), default=MOST_WORDS_COUNTED)
    return item.search_weight + min(shortest, MOST_WORDS_COUNTED)


def without_prefix(path: str) -> str:
    """Return an address of the site without the script prefix of the present request."""
    return path.removeprefix(get_script_prefix().rstrip("/"))[:LONGEST_PATH]


def digest(
    entry: SearchEntry, facets: SearchFacets, titles: list[LocalizedText], names: list[list[tuple[str, str]]]
) -> str:
    """Return a fingerprint of everything that an entry is made of."""
    values = [
        VERSION, facets.key, entry.slug, entry.path, entry.passages,
        [(text.language, text.value) for text in titles], entry.label, entry.title,
        names, entry.weight,
    ]  # fmt: skip
    return blake2b(json.dumps(values).encode(), digest_size=16).hexdigest()
