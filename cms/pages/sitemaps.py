"""Sitemaps (sitemaps.org 0.9): an index, and sections of the live items by type, in every language they are in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from xml.sax.saxutils import escape, quoteattr

from django.apps import apps
from django.conf import settings
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery, Value
from django.http import Http404
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.translation import override

from cms.content.languages import site_languages
from cms.content.models import Child, ContentModel
from cms.content.registry import page_models, public_rows
from cms.pages.stored.views import StoredView
from cms.pages.views import PublicPageMixin
from cms.publishing.models import Change

MOST_URLS = 50_000  # in one file, by the protocol
MOST_BYTES = 5_000_000  # in one file; the protocol allows ten times as much
MOST_PATH = 220  # characters of a path: a slug of 120, its folders, and room
PAGES = "pages"  # the section of the pages that are no item's: home and lists


@dataclass(frozen=True)
class Entry:
    """A page: its path in each language in which it is available, and when it changed last."""

    paths: dict[str, str]
    changed: datetime | None


@dataclass(frozen=True)
class Section:
    """The pages of one kind that public rows of ``model`` have: their path is what ``path_method`` returns."""

    name: str
    model: type[ContentModel]
    path_method: str

    @property
    def item_model(self) -> type[ContentModel]:
        """The model of the items that the change log names: the rows' own, or that of what they are part of."""
        return self.model.parent_model if issubclass(self.model, Child) else self.model

    def rows(self) -> QuerySet:
        """Return the rows that have such a page."""
        if self.item_model is self.model:
            return public_rows(self.model)
        return self.model.objects.filter(**{f"{self.model.parent_field}__in": public_rows(self.item_model)})


def items_per_file() -> int:
    """Return how many items fit into one file, with an address a language and all languages beside each."""
    languages = len(site_languages())
    address = len(settings.SITE_URL) + MOST_PATH
    bytes_of_item = languages * (address + 100 + (languages + 1) * (address + 70))
    return max(1, min(MOST_URLS // languages, MOST_BYTES // bytes_of_item))


def latest_changes() -> dict[str, datetime]:
    """Return when items of each model changed last, by the model's label, in one query."""
    rows = Change.objects.order_by().values_list("content_type__app_label", "content_type__model")
    return {f"{app}.{name}": at for app, name, at in rows.annotate(latest=Max("at"))}


def sections() -> dict[str, Section]:
    """Return the sections of items, one for each kind of page that they have, by name."""
    found = [Section(model.collection, model, "get_absolute_url") for model in page_models()]
    found += [
        Section(name, model, method)
        for model in apps.get_models()
        if issubclass(model, ContentModel)
        for name, method in model.further_pages.items()
    ]
    return {section.name: section for section in found}


def count_items() -> dict[str, int]:
    """Return how many pages each section has, in one query."""
    counts = [
        section.rows()
        .order_by()
        .annotate(section=Value(section.name))
        .values("section")
        .annotate(number=Count("pk"))
        .values_list("section", "number")
        for section in sections().values()
    ]
    return dict(counts[0].union(*counts[1:], all=True))


def item_entries(section: Section, start: int, stop: int) -> Iterator[Entry]:
    """Yield the entries of the pages of ``section`` from ``start`` up to ``stop``, in one query."""
    model, item_model = section.model, section.item_model
    parent = "" if model is item_model else model.parent_field
    changes = Change.objects.filter(
        object_id=OuterRef(parent or "pk"),
        content_type__app_label=item_model._meta.app_label,
        content_type__model=item_model._meta.model_name,
    )
    keys = [f"{parent}__{name}" for name in item_model.natural_key_fields] if parent else []
    rows = section.rows().order_by("pk").between(start, stop).order_by("pk")  # type: ignore[attr-defined] # our QuerySet has it
    rows = rows.select_related(parent or None).only(*model.natural_key_fields, *model.schema.required, *keys)
    for row in rows.annotate(changed=Subquery(changes.order_by("-sequence").values("at")[:1])):
        paths = {}
        for language in row.languages():
            with override(language):
                paths[language] = getattr(row, section.path_method)()
        yield Entry(paths, row.changed)


def page_names() -> dict[str, type[PublicPageMixin]]:
    """Return the views of the pages that need nothing but a language in their address, by the name of the URL."""
    found = {}

    def walk(patterns: list, namespace: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                if not pattern.pattern.regex.groups:
                    walk(pattern.url_patterns, inner)
            elif isinstance(pattern, URLPattern) and pattern.name and not pattern.pattern.regex.groups:
                view = getattr(pattern.callback, "view_class", None)
                if view and issubclass(view, PublicPageMixin) and view.is_indexed:
                    found[f"{namespace}{pattern.name}"] = view

    walk(get_resolver().url_patterns, "")
    return found


def page_entries() -> Iterator[Entry]:
    """Yield the entries of the pages that are no item's: a list changes with what it lists."""
    latest = latest_changes()
    newest = max(latest.values(), default=None)
    for name, view in page_names().items():
        paths = {}
        for language in site_languages():
            with override(language):
                paths[language] = reverse(name)
        model = getattr(view, "model", None)
        yield Entry(paths, latest.get(model._meta.label_lower) if model else newest)


class SitemapIndexView(StoredView):
    """``/sitemap.xml``: the sections, and when something in each changed last."""

    content_type = "application/xml; charset=utf-8"

    def make(self) -> bytes:
        latest, counts, size = latest_changes(), count_items(), items_per_file()
        rows = [(PAGES, 1, max(latest.values(), default=None))]
        for name, section in sections().items():
            files = -(-counts.get(name, 0) // size)
            rows += [(name, n + 1, latest.get(section.item_model._meta.label_lower)) for n in range(files)]
        lines = [
            f"<sitemap><loc>{escape(settings.SITE_URL + reverse('sitemap', args=[name, number]))}</loc>"
            f"{lastmod(changed)}</sitemap>"
            for name, number, changed in rows
        ]
        return document('<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">', lines, "</sitemapindex>")


class SitemapView(StoredView):
    """``/sitemap-<section>-<number>.xml``: a part of the pages of one kind."""

    content_type = "application/xml; charset=utf-8"

    @cached_property
    def entries(self) -> Iterator[Entry]:
        name, number, size = self.kwargs["section"], self.kwargs["number"], items_per_file()
        if name == PAGES and number == 1:
            return page_entries()
        section = sections().get(name)
        if section is None or not 1 <= number <= MOST_URLS:
            raise Http404
        return item_entries(section, (number - 1) * size, number * size)

    def make(self) -> bytes:
        lines = [line for entry in self.entries for line in urls(entry)]
        if not lines:
            raise Http404
        head = (
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
        )
        return document(head, lines, "</urlset>")


def urls(entry: Entry) -> Iterator[str]:
    """Yield a ``url`` element for each language of ``entry``, each with all of them and ``x-default`` beside it."""
    addresses = {language: settings.SITE_URL + path for language, path in entry.paths.items()}
    others = [*addresses.items(), *(("x-default", address) for address in list(addresses.values())[:1])]
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href={quoteattr(address)}/>'
        for language, address in others
    )
    for address in addresses.values():
        yield f"<url><loc>{escape(address)}</loc>{lastmod(entry.changed)}{links}</url>"


def lastmod(changed: datetime | None) -> str:
    return f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""


def document(head: str, lines: list[str], foot: str) -> bytes:
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *lines, foot, ""]).encode()
