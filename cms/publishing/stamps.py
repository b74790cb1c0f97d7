"""What each text of a version was made from, and how: the stamps that it carries beside its content.

``substance`` holds, by place, the key of a text where it is not the one of its words: a *correction* keeps the key
of what it corrects. ``sources`` holds of each translated text the language and key of what it was made from, and the
number of the revision that this stood in. ``provenance`` says which texts no person wrote. A text that is carried on
keeps its stamps, wherever it is carried, so restoring and undoing need to rewrite none.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.content.parts import SHARED, Content
from cms.content.substance import NO_SOURCE, key_of, places_in, same_substance, source_language
from cms.publishing.models import PartVersion

Versions = Mapping[str, PartVersion]
Stamp = list  # language, key and number of the revision


class Provenance(models.TextChoices):
    """Who wrote a text. What a person wrote is stored without a word."""

    PERSON = "person", _("written by a person")
    MACHINE = "machine", _("machine-made")
    REVIEWED = "reviewed", _("machine-made, reviewed by a person")


@dataclass(frozen=True)
class Stamps:
    """The stamps of the texts of one part, by place."""

    substance: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Stamp] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)

    def are_those_of(self, version: PartVersion) -> bool:
        """Say whether ``version``, of the same content, has them too; a text that it has no stamp of agrees."""
        sources = all(stamp[:2] == self.sources.get(place, stamp)[:2] for place, stamp in version.sources.items())
        return sources and (self.substance, self.provenance) == (version.substance, version.provenance)


@dataclass(frozen=True)
class Making:
    """How contents came to be.

    ``carried`` are, by part, the versions whose stamps the texts keep that say the same, the nearest first. With
    ``is_correction`` texts that say something else keep those of the nearest. ``confirmed`` are the places of texts
    that somebody found still right. ``provenance`` is of texts that are new, by place; those it does not name a
    person wrote. ``given`` are stamps that come with the texts.
    """

    carried: Mapping[str, Sequence[PartVersion]] = field(default_factory=dict)
    is_correction: bool = False
    confirmed: Collection[str] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Stamps] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """The texts of a part as translations are made from them."""

    language: str
    texts: Mapping[str, str] = field(default_factory=dict)
    substance: Mapping[str, str] = field(default_factory=dict)
    number: int = 0  # of the revision that it was saved in

    def key(self, place: str) -> str:
        """Return the key of the text at ``place``; of one that is not written, :data:`NO_SOURCE`."""
        if not (text := self.texts.get(place)):
            return NO_SOURCE
        return self.substance[place] if place in self.substance else key_of(text)

    def stamp(self, place: str) -> Stamp:
        """Return the stamp of a text that is made from the one at ``place`` now."""
        return [self.language, self.key(place), self.number if self.texts.get(place) else 0]


def source_in(language: str, versions: Versions) -> Source:
    """Return what is written in ``language`` in ``versions`` of one item."""
    if (version := versions.get(language)) is None:
        return Source(language)
    return Source(language, places_in(language, version.content), version.substance, version.revision.number)


def language_of(model: type[Any], versions: Versions) -> str:
    """Return the language that the texts of an item, as ``versions`` make it, are translated from."""
    shared = versions.get(SHARED)
    return source_language(model, shared.content if shared else None)


def stamps_of(
    model: type[Any], made: Mapping[str, Content], *, number: int, beside: Versions, making: Making
) -> dict[str, Stamps]:
    """Return the stamps of the new contents ``made`` of an item of ``model``, by part.

    ``number`` is that of the revision that they are saved in, ``beside`` the versions that stand with them.
    """
    shared = made[SHARED] if SHARED in made else beside[SHARED].content if SHARED in beside else None
    language = source_language(model, shared)
    waiting = places_waiting(language, beside)
    texts = {part: places_in(part, content) for part, content in made.items() if part != SHARED}
    carried = {part: Carried(part, making) for part in texts}
    substance = {
        part: keys_of(found, carried[part], waiting if part == language else ()) for part, found in texts.items()
    }
    if language in made:
        source = Source(language, texts[language], substance[language], number)
    else:
        source = source_in(language, beside)
    stamps = {}
    for part, found in texts.items():
        translated = {} if part == language else found
        sources = {place: carried[part].source(place, text, source) for place, text in translated.items()}
        stamps[part] = Stamps(substance[part], sources, made_how(found, carried[part]))
    return stamps


def places_waiting(language: str, versions: Versions) -> set[str]:
    """Return the places of texts that were written before there was anything in ``language`` to make them from."""
    stamps = (version.sources.items() for part, version in versions.items() if part != language)
    return {place for found in stamps for place, stamp in found if stamp[:2] == [language, NO_SOURCE]}


def keys_of(texts: Mapping[str, str], carried: "Carried", waiting: Collection[str]) -> dict[str, str]:
    """Return the keys of ``texts``, by place, that are not those of their words."""
    found = {place: carried.key(place, text, is_awaited=place in waiting) for place, text in texts.items()}
    return {place: key for place, key in found.items() if key is not None and key != key_of(texts[place])}


def made_how(texts: Mapping[str, str], carried: "Carried") -> dict[str, str]:
    """Return who wrote ``texts``, by place, where that was no person."""
    found = {place: carried.provenance(place, text) for place, text in texts.items()}
    return {place: how for place, how in found.items() if how != Provenance.PERSON}


class Carried:
    """What the texts of a part are carried on from."""

    def __init__(self, part: str, making: Making):
        self.making, self.given = making, making.given.get(part, Stamps())
        self.versions = [(places_in(part, version.content), version) for version in making.carried.get(part, ())]

    def unchanged(self, place: str, text: str) -> Iterable[PartVersion]:
        """Yield the versions that say the same at ``place``."""
        return (version for texts, version in self.versions if place in texts and same_substance(texts[place], text))

    def before(self, place: str) -> tuple[str, PartVersion] | None:
        """Return what the nearest version says at ``place``, and that version."""
        texts, version = self.versions[0] if self.versions else ({}, None)
        return (texts[place], version) if version and place in texts else None

    def key(self, place: str, text: str, *, is_awaited: bool) -> str | None:
        """Return the key of a text where it may be another than that of its words."""
        if place in self.given.substance:
            return self.given.substance[place]
        for version in self.unchanged(place, text):
            return version.substance.get(place)
        if self.making.is_correction and (before := self.before(place)):
            old, version = before
            return version.substance[place] if place in version.substance else key_of(old)
        is_first = not any(place in texts for texts, _version in self.versions)
        return NO_SOURCE if is_awaited and is_first else None

    def source(self, place: str, text: str, source: Source) -> Stamp:
        """Return the stamp of a translated text."""
        if place in self.given.sources:
            return self.given.sources[place]
        if place not in self.making.confirmed:
            for version in self.unchanged(place, text):
                if place in version.sources:
                    return version.sources[place]
            if self.making.is_correction and (before := self.before(place)) and place in before[1].sources:
                return before[1].sources[place]
        return source.stamp(place)

    def provenance(self, place: str, text: str) -> str:
        """Return who wrote a text: what a machine made and a person changed or confirmed is reviewed."""
        if place in self.given.provenance or place in self.making.provenance:
            return self.given.provenance.get(place) or self.making.provenance[place]
        for version in self.unchanged(place, text):
            how = version.provenance.get(place, Provenance.PERSON)
            return Provenance.REVIEWED if place in self.making.confirmed and how == Provenance.MACHINE else how
        before = self.before(place)
        return Provenance.REVIEWED if before and place in before[1].provenance else Provenance.PERSON


class Sources(dict[str, Source]):
    """What is written in each language in ``versions`` of one item, read when it is asked for."""

    def __init__(self, versions: Versions):
        super().__init__()
        self.versions = versions

    def __missing__(self, language: str) -> Source:
        self[language] = source_in(language, self.versions)
        return self[language]


def is_behind(place: str, version: PartVersion, sources: Sources) -> bool:
    """Say whether the text at ``place`` of ``version`` was made from something else than ``sources`` say there now;
    one without a stamp was not."""
    stamp = version.sources.get(place)
    return stamp is not None and stamp[1] != sources[stamp[0]].key(place)


def is_ahead(place: str, version: PartVersion, live: Sources) -> bool:
    """Say whether a text that :func:`is_behind` what is ``live`` was made from something newer."""
    language, _key, number = version.sources[place]
    return number > live[language].number


def outdated_in(live: Versions) -> dict[str, set[str]]:
    """Return the places of the texts of what is ``live`` of one item that were made from an older source, by
    language."""
    sources = Sources(live)
    return {
        part: {
            place
            for place in version.sources
            if is_behind(place, version, sources) and not is_ahead(place, version, sources)
        }
        for part, version in live.items()
    }


def stamps_in(version: PartVersion) -> Stamps:
    """Return the stamps of the texts of ``version``."""
    return Stamps(version.substance, version.sources, version.provenance)
