"""What changed on the whole site, or in one part of it: a page for people and an Atom feed (RFC 4287).

Both are read from the change log. An item is named only while it is public; that something was withdrawn is said
without its name, and what happened to it before is not told any more.
"""

from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import JSONObject
from django.http import Http404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, rfc3339_date
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from cms.content.characters import without_forbidden
from cms.content.languages import LocalizedText, active_language, column, is_translated, site_languages
from cms.content.models import ContentModel, LocalizedName, Publishable
from cms.content.registry import content_models, public_rows
from cms.pages.stored.views import StoredView
from cms.pages.updates import Update, update_from
from cms.pages.views import PublicPageMixin
from cms.publishing.models import Change

PAGE_SIZE = 50
MOST_PAGES = 20  # of the page and of a feed; beyond them each item's own page of updates goes back to the beginning
ATOM = "application/atom+xml"


@dataclass(frozen=True)
class Event:
    """A change as the public reads of it; ``item`` only while it is public."""

    change: Change
    update: Update
    kind: str
    item: ContentModel | None

    @property
    def label(self) -> LocalizedText | None:
        """The name of the item, where it is public and has one."""
        return self.item.label if isinstance(self.item, LocalizedName) else None

    @property
    def path(self) -> str:
        """The page of the item; without one, the page that keeps its dates."""
        if self.label is not None and not self.update.is_withdrawal:
            return self.item.get_absolute_url()  # type: ignore[union-attr] # it has a page
        return reverse("updates", args=[self.change.object_id])


def changes_seen(language: str, office: models.Model | None = None) -> QuerySet:
    """Return the changes that readers of ``language`` are told of, the newest first.

    Of public items those that touched the language, and withdrawals. ``office`` is a row of the model by which
    permissions are given (``PUBLISHING_SCOPE_MODEL``): then only of it and what belongs to it. An item that was
    deleted, not only withdrawn, belongs to nothing any more.
    """
    conditions = []
    for model in content_models():
        part = Q()
        if office is not None:
            if model.scope_path is None:
                continue
            part = Q(**{model.scope_path or "pk": office.pk})
        upsert = Q(operation=Change.Operation.UPSERT) & Q(
            Exists(public_rows(model).order_by().filter(part, pk=OuterRef("object_id")))
        )
        if not issubclass(model, LocalizedName):
            upsert &= ~Q(note={})  # without a name there is only the note to tell
        delete = Q(operation=Change.Operation.DELETE)
        if part:
            delete &= Q(Exists(model._base_manager.filter(part, pk=OuterRef("object_id"))))
        named = Q(content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name)
        conditions.append(named & (upsert | delete))
    touched = Q(languages=[]) | Q(languages__icontains=f'"{language}"')
    changes = Change.objects.filter(touched & reduce(or_, conditions))
    return changes.select_related("content_type").order_by("-sequence")


def public_items(keys: dict[type[ContentModel], set[UUID]]) -> dict[UUID, ContentModel]:
    """Return the public ones of the items of ``keys``, with their names and slugs alone, in one query."""
    parts = []
    for model, wanted in keys.items():
        rows: models.QuerySet = models.QuerySet(model).filter(pk__in=wanted)
        if issubclass(model, Publishable):
            rows = rows.filter(model.live_condition())
        columns = {name: F(name) for name in name_columns(model)}
        parts.append(
            rows.order_by()
            .annotate(of_model=Value(model._meta.label), as_json=JSONObject(**columns))
            .values_list("of_model", "pk", "as_json")
        )
    if not parts:
        return {}
    found = {}
    for kind, pk, columns in parts[0].union(*parts[1:], all=True):
        model = apps.get_model(kind)
        found[pk] = model(pk=pk, **columns)
    return found


def name_columns(model: type[ContentModel]) -> list[str]:
    """Return the columns that a name and an address are made of."""
    names = [name for name in model.natural_key_fields if not model._meta.get_field(name).is_relation]
    if issubclass(model, LocalizedName):
        texts = dict.fromkeys((*model.label_fields, model.name_field))
        names += [column(name, code) for name in texts if is_translated(model, name) for code in site_languages()]
    return names


def events_of(changes: list[Change]) -> list[Event]:
    """Return ``changes`` with the items that they are about, in one query."""
    keys: dict[type[ContentModel], set[UUID]] = {}
    for change in changes:
        keys.setdefault(change.content_type.model_class(), set()).add(change.object_id)  # type: ignore[arg-type] # the model is there
    items = public_items(keys)
    return [
        Event(
            change,
            update_from(change),
            capfirst(str(change.content_type.model_class()._meta.verbose_name)),  # type: ignore[union-attr] # the model is there
            items.get(change.object_id),
        )
        for change in changes
    ]


if TYPE_CHECKING:
    _View = View  # what it is mixed into
else:
    _View = object


class EventsMixin(_View):
    """A page of events, by ``?page=``; ``office`` limits them."""

    office: models.Model | None = None

    @cached_property
    def number(self) -> int:
        """The number of the page; one that does not exist is 404."""
        value = self.request.GET.get("page", "1")
        if not (value.isascii() and value.isdigit() and len(value) <= 3 and 1 <= int(value) <= MOST_PAGES):
            raise Http404
        return int(value)

    @cached_property
    def _rows(self) -> list[Change]:
        start = (self.number - 1) * PAGE_SIZE
        rows = list(changes_seen(active_language(), self.office)[start : start + PAGE_SIZE + 1])
        if not rows and self.number > 1:
            raise Http404
        return rows

    @cached_property
    def events(self) -> list[Event]:
        """The events of this page, the newest first."""
        return events_of(self._rows[:PAGE_SIZE])

    @property
    def next_number(self) -> int | None:
        """The number of the page of older events, if there is one."""
        return self.number + 1 if len(self._rows) > PAGE_SIZE and self.number < MOST_PAGES else None


class SiteUpdatesView(EventsMixin, PublicPageMixin, TemplateView):
    """``/<language>/updates/``: what changed on the whole site."""

    template_name = "site_updates.html"

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            events=self.events,
            number=self.number,
            previous_number=self.number - 1,
            next_number=self.next_number,
            page_query=f"page={self.number}" if self.number > 1 else "",
            **kwargs,
        )


class FeedView(EventsMixin, StoredView):
    """An Atom feed of the newest events, paged as RFC 5005 has it. Subclasses say whose and where the page is."""

    content_type = f"{ATOM}; charset=utf-8"
    stored_parameters = ("page",)

    def author(self) -> str:
        """Return the name of who publishes the site."""
        raise NotImplementedError

    def title(self) -> str:
        """Return the name of the feed."""
        raise NotImplementedError

    def page(self) -> str:
        """Return the path of the page that the feed is about."""
        raise NotImplementedError

    def address(self, number: int) -> str:
        return settings.SITE_URL + self.request.path + (f"?page={number}" if number > 1 else "")

    def make(self) -> bytes:
        pages = {"first": 1, "previous": self.number - 1, "next": self.next_number}
        feed = EventFeed(
            title=self.title(),
            link=settings.SITE_URL + self.page(),
            description=None,
            feed_url=self.address(self.number),
            feed_guid=uuid5(NAMESPACE_URL, self.address(1)).urn,
            language=active_language(),
            author_name=self.author(),
            author_link=settings.SITE_URL,
            related={name: self.address(number) for name, number in pages.items() if number},
        )
        for event in self.events:
            feed.add_item(**entry(event))
        return feed.writeString("utf-8").encode()


def entry(event: Event) -> dict:
    """Return what an entry of the feed says of ``event``, as ``feedgenerator`` takes it."""
    update, name = event.update, event.label
    if update.is_withdrawal:
        title = _("Withdrawn: %(kind)s") % {"kind": event.kind}
    else:
        title = str(name) if name else event.kind
    return {
        "title": title,
        "title_language": name.language if name and not update.is_withdrawal else active_language(),
        "link": settings.SITE_URL + event.path,
        "description": str(update.note) or (_("Withdrawn.") if update.is_withdrawal else _("Published or changed.")),
        "description_language": update.note.language if update.note else active_language(),
        "unique_id": uuid5(event.change.object_id, str(event.change.sequence)).urn,
        "updateddate": update.at,
        "pubdate": update.at,
        "categories": [event.kind],
    }


class EventFeed(Atom1Feed):
    """Atom with the links between pages, and with the language of each text; whatever a text holds, it is XML."""

    def write(self, outfile, encoding) -> None:
        for part in (self.feed, *self.items):
            part.update({name: without_forbidden(text) for name, text in part.items() if isinstance(text, str)})
        super().write(outfile, encoding)

    def add_root_elements(self, handler) -> None:
        super().add_root_elements(handler)
        for relation, address in self.feed["related"].items():
            handler.addQuickElement("link", "", {"rel": relation, "href": address})

    def add_item_elements(self, handler, item) -> None:
        handler.addQuickElement("title", item["title"], {"xml:lang": item["title_language"]})
        handler.addQuickElement("link", "", {"href": item["link"], "rel": "alternate"})
        handler.addQuickElement("id", item["unique_id"])
        handler.addQuickElement("published", rfc3339_date(item["pubdate"]))
        handler.addQuickElement("updated", rfc3339_date(item["updateddate"]))
        handler.addQuickElement("summary", item["description"], {"xml:lang": item["description_language"]})
        for category in item["categories"]:
            handler.addQuickElement("category", "", {"term": category})
