"""The strategy read online, a chapter a page."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.generic import DetailView

from cms.content.addresses import address
from cms.content.children import prefetch_children
from cms.content.languages import site_languages, texts
from cms.pages.views import PublicPageMixin
from priorities.models import OutlineEntry, Strategy


@dataclass(frozen=True)
class Chapter:
    """A chapter: its first entry and, in ``entries``, that entry and all below it in reading order."""

    entry: OutlineEntry
    entries: list[OutlineEntry]

    @property
    def has_text(self) -> bool:
        """Whether there is anything to read in it."""
        return any(texts(entry, "body") for entry in self.entries)

    @property
    def sections(self) -> list[OutlineEntry]:
        """The sections right under the chapter, for its table of contents."""
        return [entry for entry in self.entries[1:] if entry.level <= self.entry.level + 1]

    def has(self, anchor: str) -> bool:
        """Say whether the entry with this anchor is part of it."""
        return any(entry.anchor == anchor for entry in self.entries)

    def languages(self) -> list[str]:
        """Return the languages in which all of the chapter is there: each title, and each text there is."""
        needed = [texts(entry, name) for entry in self.entries for name in ("title", "body")]
        return [code for code in site_languages() if all(code in found for found in needed if found)]

    def get_absolute_url(self) -> str:
        return address("priorities:chapter", self.entry.strategy.slug, self.entry.anchor)


def chapters_of(strategy: Strategy) -> list[Chapter]:
    """Return the chapters of a strategy in their order."""

    def below(entry: OutlineEntry) -> list[OutlineEntry]:
        return [entry, *(found for child in entry.children for found in below(child))]

    return [Chapter(entry, below(entry)) for entry in strategy.outline_tree()]


def lead_to_chapters(strategy: Strategy) -> None:
    """Give each entry of the outline its ``read_url``: where it is read, if there is anything to read there."""
    for chapter in chapters_of(strategy):
        for entry in chapter.entries if chapter.has_text else ():
            anchor = "" if entry is chapter.entry else f"#{entry.anchor}"
            entry.read_url = chapter.get_absolute_url() + anchor


class StrategyTextView(PublicPageMixin, DetailView):
    """Base of the pages that read a strategy online; 404 where only the titles of its outline are there."""

    model = Strategy

    def get_queryset(self) -> QuerySet:
        return Strategy.objects.live().select_related("office").defer("summary", "vision", "office__introduction")

    def get_object(self, queryset: QuerySet | None = None) -> Strategy:
        strategy = super().get_object(queryset)
        prefetch_children(strategy, "outline", shortened=["body"])
        self.chapters = [chapter for chapter in chapters_of(strategy) if chapter.has_text]
        if not self.chapters:
            raise Http404
        return strategy


class ReadView(StrategyTextView):
    """The address at which reading begins: it leads to the first chapter."""

    def get(self, request, *args, **kwargs) -> HttpResponse:
        self.get_object()
        return HttpResponseRedirect(self.chapters[0].get_absolute_url())


class ChapterView(StrategyTextView):
    """One chapter with the chapters around it. The anchor of a section leads to it on the page of its chapter."""

    template_name = "priorities/chapter_detail.html"

    def get(self, request, *args, **kwargs) -> HttpResponse:
        self.object = self.get_object()
        anchor = self.kwargs["anchor"]
        chapter = next((found for found in self.chapters if found.has(anchor)), None)
        if chapter is None:
            raise Http404
        if chapter.entry.anchor != anchor:
            return HttpResponseRedirect(f"{chapter.get_absolute_url()}#{anchor}")
        self.chapter, self.number = self.with_text(chapter), self.chapters.index(chapter)
        return self.render_to_response(self.get_context_data())

    def with_text(self, chapter: Chapter) -> Chapter:
        """Return ``chapter`` with all of its text, in one query."""
        found = OutlineEntry.objects.in_bulk([entry.pk for entry in chapter.entries])
        entries = [found[entry.pk] for entry in chapter.entries if entry.pk in found]
        for entry in entries:
            entry.strategy = self.object
        return Chapter(entries[0], entries)

    def get_page_languages(self) -> list[str]:
        return self.chapter.languages()

    def get_context_data(self, **kwargs) -> dict:
        around = self.chapters[max(self.number - 1, 0) : self.number], self.chapters[self.number + 1 : self.number + 2]
        return super().get_context_data(
            chapter=self.chapter,
            chapter_number=self.number + 1,
            chapters=self.chapters,
            previous_chapter=next(iter(around[0]), None),
            next_chapter=next(iter(around[1]), None),
            **kwargs,
        )
