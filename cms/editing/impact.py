"""What an act takes along before it is done: items by kind, public pages, links, what waits, who is told."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cms.api.models import ApiKey
from cms.content.models import ContentModel, Publishable
from cms.content.registry import public_rows
from cms.editing.access import NamesFor, naming_paths, releases_for
from cms.editing.decisions import language_names
from cms.pages.sitemaps import Section, sections
from cms.publishing.links import TextLink, links_to
from cms.publishing.models import Pin, ScheduledChange
from cms.publishing.models.items import refers_to_keys
from cms.publishing.visibility import (
    Item,
    Row,
    dependents,
    moving_with,
    place_fields,
    public_dependents,
)
from cms.webhooks.models import WebhookEndpoint

SHOWN = 10  # of a list; the others are counted
CLOSED_RELEASE = _("a release that you may not see")
Keys = dict[Any, list[UUID]]  # of rows, by their model


class Few(list):
    """The first of many; ``more`` is how many there are besides."""

    def __init__(self, everything: Iterable, most: int = SHOWN):
        everything = list(everything)
        super().__init__(everything[:most])
        self.total = len(everything)
        self.more = self.total - len(self)


@dataclass(frozen=True)
class Kind:
    """Items of one kind: what they are called, and the first of them."""

    label: str
    items: Few


@dataclass(frozen=True)
class Waiting:
    """What waits in a release or for its time: the name of the item, where, and until when."""

    item: str
    place: str
    due_at: datetime | None


@dataclass(frozen=True)
class Link:
    """A text that links to an item: the name of its own item, the form of that, the field, its language, and the name
    of the item that it links to."""

    item: str
    url: str
    field: str
    language: str | None
    target: str


def by_model(rows: Iterable[Row]) -> Keys:
    found: Keys = {}
    for model, key in rows:
        found.setdefault(model, []).append(key)
    return found


def rows_of(rows: Iterable[Row]) -> list[ContentModel]:
    """Return ``rows`` with what their names are made of at hand, one query a kind."""
    found: list[ContentModel] = []
    for model, keys in by_model(rows).items():
        read, paths = model._base_manager.filter(pk__in=keys), naming_paths(model)
        found += read.select_related(*paths) if paths else read
    return found


class Impact:
    """What leaves the public site when ``items`` do, what else that concerns, and who is told.

    ``user`` reads it: names that they may not see are left out. The number of queries depends on the kinds, not on
    how many there are.
    """

    def __init__(self, items: Iterable[ContentModel], user: Any):
        self.items, self.user = list(items), user
        self.names = NamesFor(user)
        self.given: list[Row] = [(type(item), item.pk) for item in self.items]

    @cached_property
    def going(self) -> list[ContentModel]:
        """The public rows that go, ``items`` first as far as they are public."""
        public: list[Row] = []
        for model, keys in by_model(self.given).items():
            found = public_rows(model).filter(pk__in=keys).order_by().values_list("pk", flat=True)
            public += [(model, key) for key in found]
        return rows_of(dict.fromkeys([*public, *self.along]))

    @cached_property
    def along(self) -> list[Item]:
        """What goes besides ``items``."""
        below = [each for model, keys in by_model(self.given).items() for each in public_dependents(model, keys)]
        return [each for each in dict.fromkeys(below) if each not in set(self.given)]

    @cached_property
    def kinds(self) -> list[Kind]:
        """What goes besides ``items``, by kind."""
        given = set(self.given)
        return kinds_of(row for row in self.going if (type(row), row.pk) not in given)

    @cached_property
    def pages(self) -> list[tuple[str, int]]:
        """How many public pages go, by the name of their language."""
        counts: Counter[str] = Counter()
        keys = by_model((type(row), row.pk) for row in self.going)
        for section in sections().values():
            if found := keys.get(section.item_model):
                counts.update(code for row in rows_in(section, found) for code in row.languages())
        return [(name, counts[code]) for code, name in language_names() if counts[code]]

    @cached_property
    def page_count(self) -> int:
        return sum(count for _name, count in self.pages)

    @cached_property
    def links(self) -> Few:
        """The live texts of other items that link to what goes."""
        return shown_links(links_to(self.going), self.names)

    @cached_property
    def waiting(self) -> Few:
        """What waits for ``items``, and for what belongs to them, in releases and schedules."""
        below = [each for model, keys in by_model(self.given).items() for each in dependents(model, keys)]
        concerned = by_model(dict.fromkeys([*self.given, *below]))
        condition = refers_to_keys(
            {model: keys for model, keys in concerned.items() if issubclass(model, Publishable)}
        )
        pins = Pin.objects.filter(condition, release_item__isnull=False)
        pins = pins.select_related("release_item__release", "content_type").order_by("pk")
        pending = ScheduledChange.objects.filter(condition, state=ScheduledChange.State.PENDING)
        pending = pending.select_related("content_type").order_by("due_at")
        places: list[tuple[Row, Any]] = [((pin.model, pin.object_id), pin.place) for pin in pins]
        places += [((change.model, change.key[1]), change) for change in pending]
        self.read_names(row for row, _place in places)
        seen = set(releases_for(self.user).values_list("pk", flat=True)) if pins else set()
        return Few(dict.fromkeys(self.shown_waiting(row, place, seen) for row, place in places))

    def shown_waiting(self, row: Row, place: Any, seen: set) -> Waiting:
        if isinstance(place, ScheduledChange):
            return Waiting(self.name(row), place.get_operation_display(), place.due_at)
        return Waiting(self.name(row), str(place) if place.pk in seen else str(CLOSED_RELEASE), None)

    @cached_property
    def endpoints(self) -> int:
        """How many systems of partners get a message."""
        return WebhookEndpoint.objects.filter(is_active=True).count() if self.going else 0

    @cached_property
    def keys(self) -> int:
        """How many keys of the API are in use."""
        return ApiKey.objects.usable().count() if self.going else 0

    def read_names(self, rows: Iterable[Row]) -> None:
        read_names(rows, self.names)

    def name(self, row: Row) -> str:
        return self.names.name(row[0], str(row[1]))


def read_names(rows: Iterable[Row], names: NamesFor) -> None:
    """Read the names of ``rows`` in one query a kind."""
    for model, keys in by_model(rows).items():
        names.joined(model, list(map(str, keys)))


def shown_links(links: list[TextLink], names: NamesFor, *, most: int = SHOWN) -> Few:
    """Return ``links``, at most ``most`` of them, with the ``names`` of both ends."""
    read_names([end for link in links for end in (link.source, link.target)], names)
    return Few(dict.fromkeys(shown_link(link, names) for link in links), most)


def shown_link(link: TextLink, names: NamesFor) -> Link:
    column: Any = link.column
    field = getattr(column, "translated_field", column)
    source, target = (names.name(model, str(key)) for model, key in (link.source, link.target))
    language = getattr(column, "language", None)
    return Link(source, form_url(link.source), capfirst(str(field.verbose_name)), language, target)


def form_url(row: Row) -> str:
    return reverse(f"admin:{row[0]._meta.app_label}_{row[0]._meta.model_name}_change", args=[row[1]])


class Move(Impact):
    """What moves when ``items`` do, to places that are public: it stays so, at its addresses."""

    def __init__(self, items: Iterable[Publishable], user: Any):
        super().__init__(items, user)
        self.along = [each for item in self.items for each in moving_with(item)]  # type: ignore[arg-type] # as above
        self.links = Few([])


def moved_places(item: Publishable, fields: Mapping[str, Any]) -> dict[str, str | None]:
    """Return by name what the plain ``fields`` of a draft make ``item`` belong to, where that is not what it does."""
    stored = {name: getattr(item, f"{name}_id") for name in place_fields(type(item)) if name in fields}
    return {name: fields[name] for name, key in stored.items() if fields[name] != (str(key) if key else None)}


def is_public_place(item: Publishable, name: str, key: str | None) -> bool:
    """Say whether ``item`` is public in the place that its field ``name`` gives it, as far as that depends on it."""
    model: Any = item._meta.get_field(name).related_model
    return name not in item.live_through or model.objects.live().filter(pk=key).exists()


def kinds_of(rows: Iterable[ContentModel]) -> list[Kind]:
    """Return ``rows``, in which those of one model stand together, by kind."""
    groups = ((model, list(found)) for model, found in groupby(rows, key=type))
    return [Kind(kind_name(model, len(found)), Few(found)) for model, found in groups]


def kind_name(model: type[ContentModel], count: int) -> str:
    return str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)


def rows_in(section: Section, keys: list[UUID]) -> Any:
    """Return the rows of ``section`` that are, or are part of, the items with ``keys``."""
    path = "pk" if section.item_model is section.model else getattr(section.model, "parent_field")  # noqa: B009 - a child has it
    return section.rows().filter(**{f"{path}__in": keys})
