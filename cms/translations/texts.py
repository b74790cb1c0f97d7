"""The texts of items in reading order, in a language, and how each stands to the source that it is made from.

The status is computed, never ticked. Each translated text carries a stamp of what it was made from
(:mod:`cms.publishing.stamps`); what is drafted is compared with the drafted source, what is live with the live one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.functional import lazy
from django.utils.html import strip_tags
from django.utils.text import Truncator, capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.content.fields import RichTextField
from cms.content.languages import fallback_chain, site_languages
from cms.content.models import Publishable
from cms.content.parts import SHARED, Content, Parts, parts_of
from cms.content.snapshots import child_relations, snapshots_of
from cms.content.substance import places_in, reading_order, source_language
from cms.publishing.drafts import Drafts, drafts_by_key, key_of
from cms.publishing.models import PartVersion
from cms.publishing.stamps import Provenance, Sources, is_ahead, is_behind

Versions = Mapping[str, PartVersion]


class Status(models.TextChoices):
    """How a text stands to the source that it is a translation of."""

    MISSING = "missing", _("missing")
    OUTDATED = "outdated", _("outdated")
    AHEAD = "ahead", _("ahead of the live source")
    CURRENT = "current", _("current")


@dataclass(frozen=True)
class Text:
    """One text of an item in one language.

    ``place`` names it among those of its item, ``label`` for people. ``source`` is what it is to be made from, in
    ``source_language``: the item's or, where nothing is written in that, the first of the site's that has a text.
    ``source_then`` is what it was made from, where that is another text and is known. ``max_length`` counts
    characters; ``None``: as long as it likes.
    """

    place: str
    field: Any
    label: Any
    language: str
    source_language: str
    source: str
    target: str
    status: str
    provenance: str
    source_key: str = ""  # what the source says: another one once that changes in substance
    made_from: tuple = ()  # language, key and number of the revision
    kind: str = ""  # of the children that its row is one of; empty: it is a text of the item itself
    row: str = ""  # the key of the row
    source_then: str | None = None

    @property
    def is_rich(self) -> bool:
        return isinstance(self.field, RichTextField)

    @property
    def max_length(self) -> int | None:
        return self.field.max_length

    @property
    def needs_work(self) -> bool:
        """Whether a translator has something to do with it."""
        return self.status in (Status.MISSING, Status.OUTDATED)


class ItemTexts:
    """The texts of one state of an item: what editors see of it, or what is live."""

    def __init__(self, model: type[Publishable], versions: Versions, stored: Mapping[str, Content], *, is_live: bool):
        self.model, self.versions, self.is_live = model, versions, is_live
        self.contents = {part: version.content for part, version in versions.items()} or stored
        self.sources = Sources(versions)
        self.source_language = source_language(model, self.shared)

    @property
    def shared(self) -> Content | None:
        return self.contents.get(SHARED)

    @cached_property
    def by_language(self) -> dict[str, dict[str, str]]:
        """The texts of each language of the site, by place."""
        return {language: places_in(language, self.contents.get(language)) for language in site_languages()}

    @cached_property
    def places(self) -> list[tuple[str, Any, str, str]]:
        """Place, field, kind of children and key of the row of each text that is written in some language."""
        if self.shared is None:
            return []
        written = set().union(*self.by_language.values())
        found = reading_order(self.model, self.shared)
        return [(place, field, kind, row) for place, kind, row, field in found if place in written]

    def status(self, place: str, language: str) -> Status:
        """Return how the text at ``place``, which some language has, stands in ``language``."""
        if place not in self.by_language[language]:
            return Status.MISSING
        version = self.versions.get(language)
        if language == self.source_language or version is None or not is_behind(place, version, self.sources):
            return Status.CURRENT
        return Status.AHEAD if self.is_live and is_ahead(place, version, self.sources) else Status.OUTDATED

    def provenance(self, place: str, language: str) -> str:
        version = self.versions.get(language)
        return version.provenance.get(place, Provenance.PERSON) if version else Provenance.PERSON

    def source(self, place: str) -> tuple[str, str]:
        """Return the language and the text that translations of ``place`` are to be made from."""
        for language in dict.fromkeys([self.source_language, *site_languages()]):
            if text := self.by_language[language].get(place):
                return language, text
        return self.source_language, ""

    def published_at(self, language: str) -> datetime | None:
        """Return when the texts in ``language`` became as they are live, where that is known."""
        version = self.versions.get(language)
        return version.publication.published_at if version and version.publication else None

    def texts(self, language: str) -> Iterator[Text]:
        """Yield the texts in ``language``, in reading order."""
        version = self.versions.get(language)
        for place, field, kind, row in self.places:
            source_language, source = self.source(place)
            stamp = version.sources.get(place) if version and language != self.source_language else None
            yield Text(
                place=place,
                field=field,
                label=self.label(field, kind, row),
                language=language,
                source_language=source_language,
                source=source,
                target=self.by_language[language].get(place, ""),
                status=self.status(place, language),
                provenance=self.provenance(place, language),
                source_key=self.sources[stamp[0] if stamp else source_language].key(place),
                made_from=tuple(stamp or ()),
                kind=kind,
                row=row,
            )

    def label(self, field: Any, kind: str, row: str) -> Any:
        """Return what the text is called in the reader's language: its field, with the row that it is in."""
        return labelled(self, field, kind, row)

    def row_name(self, kind: str, row: str) -> str:
        """Return what people call a row: its number, and the first text that it has."""
        number = [each["id"] for each in self.shared["children"][kind]].index(row) + 1  # type: ignore[index] # it is there
        for place, _field, of_kind, key in self.places:
            if (of_kind, key) == (kind, row):
                return f"{number}. {Truncator(strip_tags(self.shown(place))).words(8)}"
        return str(number)

    def shown(self, place: str) -> str:
        """Return the text at ``place`` in the reader's language, else in another."""
        chain = fallback_chain(get_language())
        return next((text for each in chain if (text := self.by_language.get(each, {}).get(place))), "")


def label_of(texts: ItemTexts, field: Any, kind: str, row: str) -> str:
    name = capfirst(str(field.verbose_name))
    if not kind:
        return name
    child = child_relations(texts.model)[kind]
    return f"{capfirst(str(child._meta.verbose_name))} {texts.row_name(kind, row)}: {name}"


labelled = lazy(label_of, str)


def item_texts(items: Iterable[Publishable], *, is_live: bool = False) -> dict[tuple, ItemTexts]:
    """Return the texts of ``items`` as editors see them or, with ``is_live``, as they are live, by ``key_of``.

    Two queries and, for items that have no history yet, those of a snapshot a model.
    """
    items = list(items)
    drafts = drafts_by_key(items)
    stored = stored_parts(item for item in items if key_of(item) not in drafts)
    return {key_of(item): texts_in(item, drafts.get(key_of(item)), stored, is_live=is_live) for item in items}


def texts_in(item: Publishable, drafts: Drafts | None, stored: Mapping, *, is_live: bool) -> ItemTexts:
    """Return the texts of ``item``: of its ``drafts`` or, where it has no history, as they are ``stored``."""
    if drafts is None or not drafts.working:
        is_new = isinstance(item, Publishable) and item.first_published_at is None
        shown = {} if is_live and is_new else stored.get(item.pk, {})
        return ItemTexts(type(item), {}, shown, is_live=is_live)
    return ItemTexts(type(item), drafts.live if is_live else drafts.working, {}, is_live=is_live)


def stored_parts(items: Iterable[Publishable]) -> dict[Any, Parts]:
    """Return the parts of ``items`` as they are stored, by primary key."""
    keys: dict[type[Publishable], list] = {}
    for item in items:
        keys.setdefault(type(item), []).append(item.pk)
    return {
        key: parts_of(model, data) for model, found in keys.items() for key, data in snapshots_of(model, found).items()
    }


def states_of_rows(model: type[Any], keys: Sequence[UUID]) -> dict[UUID, tuple[ItemTexts, ItemTexts]]:
    """Return what editors see of the items of ``model`` with ``keys``, reference data too, and what is live of them;
    deleted ones are left out. One query and, for items that have no history, those of a snapshot."""
    found = {
        key: (ItemTexts(model, each.working, {}, is_live=False), ItemTexts(model, each.live, {}, is_live=True))
        for key, each in versions_of_rows(model, keys).items()
    }
    items = (
        list(model._base_manager.filter(pk__in=rest)) if (rest := [key for key in keys if key not in found]) else []
    )
    stored = stored_parts(items)
    for item in items:
        found[item.pk] = (
            texts_in(item, None, stored, is_live=False),
            texts_in(item, None, stored, is_live=True),
        )
    return found


def versions_of_rows(model: type[Any], keys: Sequence[UUID]) -> dict[UUID, Drafts]:
    """Return the versions that count now of the items of ``model`` with ``keys``, where they are still there."""
    there = model._base_manager.filter(pk__in=keys).values("pk")
    kind = ContentType.objects.get_for_model(model)
    found: dict[UUID, Drafts] = defaultdict(Drafts)
    versions = PartVersion.objects.working().filter(content_type=kind, object_id__in=there)
    for version in versions.select_related("revision", "publication"):
        found[version.object_id].add(version)
    return found


def texts_of(item: Publishable, language: str, *, drafts: Drafts | None = None, is_live: bool = False) -> list[Text]:
    """Return the texts of ``item`` in ``language`` in reading order: as editors see them or, with ``is_live``, as they
    are live. ``drafts`` are its versions, where those were read before."""
    known = drafts is not None and drafts.working
    found = texts_in(item, drafts, {}, is_live=is_live) if known else item_texts([item], is_live=is_live)[key_of(item)]
    return with_sources_then({key_of(item): list(found.texts(language))})[key_of(item)]


def texts_of_items(items: Iterable[Publishable], language: str, *, is_live: bool = False) -> dict[tuple, list[Text]]:
    """Return what :func:`texts_of` does for several items, by ``key_of``, in as many queries as for one."""
    found = item_texts(items, is_live=is_live)
    return with_sources_then({key: list(texts.texts(language)) for key, texts in found.items()})


def with_sources_then(texts: dict[tuple, list[Text]]) -> dict[tuple, list[Text]]:
    """Return ``texts``, those that were made from another text than the source has now with that. One query, where
    there are such."""
    behind = [(key, text) for key, found in texts.items() for text in found if was_made_from_another(text)]
    if not behind:
        return texts
    then = sources_then(behind)
    return {
        key: [replace(text, source_then=then.get((key, *text.made_from[::2]), {}).get(text.place)) for text in found]
        for key, found in texts.items()
    }


def was_made_from_another(text: Text) -> bool:
    return text.status in (Status.OUTDATED, Status.AHEAD) and bool(text.made_from[2])


def sources_then(behind: Sequence[tuple[tuple, Text]]) -> dict[tuple, dict[str, str]]:
    """Return the texts of the versions that ``behind`` were made from, by place, by key of the item, language and
    number of the revision."""
    versions = PartVersion.objects.filter(
        object_id__in={key[1] for key, _text in behind},
        part__in={text.made_from[0] for _key, text in behind},
        revision__number__in={text.made_from[2] for _key, text in behind},
    )
    return {
        (version.key, version.part, version.revision.number): places_in(version.part, version.content)
        for version in versions.select_related("revision")
    }
