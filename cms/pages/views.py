"""Bases of the public views. A public view starts from ``live()`` and keeps nothing about its reader.

What the base template reads from the context: ``page_languages``, the languages in which the page has its texts,
and ``page_query``, the valid part of the query string, which the links to other languages keep.
"""

from collections.abc import Callable, Hashable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.core.exceptions import BadRequest
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.views.generic import DetailView, ListView
from django.views.generic.base import ContextMixin

from cms.content.languages import LocalizedText, site_languages
from cms.content.links import address_of, shown_rows, targets
from cms.content.models import ContentModel, Publishable
from cms.content.registry import public_rows
from cms.content.statements import Statement
from cms.pages.files import page_file_response, upload_etag
from cms.pages.filter_panel import FilterPanel, build_panel, load_choices, without_blanks
from cms.pages.kept import kept
from cms.pages.stored.views import StoredView
from cms.pages.updates import Update, changes_of, update_from, updates_of
from cms.publishing.redirects import Gone, current_item, was_public

T = TypeVar("T")

# Of a file that is opened by itself: it runs nothing, loads nothing and stands in no frame.
FILE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Of a file that somebody uploaded: a browser that shows it after all treats it as a stranger's (CSP 3, sandbox).
UPLOAD_POLICY = f"{FILE_POLICY}; sandbox"


class ContentPaginator(Paginator):
    """Pages of a content queryset, read by ``between()``."""

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        return self._get_page(self.object_list.between(start, min(start + self.per_page, self.count)), number, self)  # type: ignore[attr-defined] # Django's Paginator and our QuerySet have it


class PublicPageMixin(ContextMixin):
    """The context of every public page.

    ``is_indexed`` says whether search engines should list it, and the sitemap where its address needs nothing but a
    language.
    """

    is_indexed = True
    request: HttpRequest
    # The parameters of the query string that the page knows; ``None``: any may be one (cms.pages.stored.addresses).
    stored_parameters: ClassVar[Any] = None

    def get_page_languages(self) -> list[str]:
        """Return the languages in which this page is really available; a list is in all of them."""
        return site_languages()

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what ``make`` gives, made once a content version (:mod:`cms.pages.kept`)."""
        return kept(self.request, key, make)

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(page_languages=self.get_page_languages(), is_indexed=self.is_indexed, **kwargs)


if TYPE_CHECKING:
    _Detail = DetailView  # what it is mixed into
else:
    _Detail = object


class UpdatesMixin(_Detail):
    """Gives the page of an item the latest updates, for its foot."""

    def get_updates(self) -> list[Update]:
        """Return the updates that the page shows."""
        return updates_of(self.object)

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(updates=self.get_updates(), **kwargs)


class MovedMixin(_Detail):
    """Leads from an address that an item had before to the one that it has now; 410 where it is not public any more.

    For views of one item. Asks only when the view finds nothing, so that a page costs no more for it.
    """

    def get_address(self, item: ContentModel) -> str:
        """Return the path at which this view shows ``item``."""
        return item.get_absolute_url()

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            name = self.kwargs.get(self.slug_url_kwarg)
            if not name or getattr(request, "preview", None):
                raise
            item = current_item(self.model, name)
            if item is None or self.get_address(item) == request.path:
                raise
            address = self.get_address(item)
        query = request.META.get("QUERY_STRING", "")
        response = HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
        response.headers["Cache-Control"] = "no-cache"  # another item may take the slug one day
        return response


class LiveDetailView(MovedMixin, UpdatesMixin, PublicPageMixin, DetailView):
    """The page of one live item; anything else is 404, whether it exists or not."""

    stored_parameters = ("page",)

    def get_object(self, queryset: QuerySet | None = None) -> Any:
        found = self.get_statement().rows(self.kwargs["slug"])
        if not found:
            raise Http404
        return found[0]

    def get_statement(self) -> Statement:
        """Return the statement that reads the item by its slug, with all that its page shows."""
        model: Any = self.model
        return page_statement(model)

    def get_page_languages(self) -> list[str]:
        return self.object.languages()

    def get_page(self, queryset: QuerySet, size: int) -> Page:
        """Return the page of ``queryset`` that the address asks for; one that does not exist is 404."""
        try:
            return ContentPaginator(queryset, size).page(self.request.GET.get("page", 1))
        except InvalidPage:
            raise Http404 from None


@cache
def page_statement(model: type[Publishable]) -> Statement:
    return Statement(lambda slug: model.objects.live().for_page().filter(slug=slug), str)


class ItemView(StoredView):
    """The permanent address of an item, by its kind and identifier: leads to its page, in the language of the address.

    404 for what there is not, 410 for what was public and is not any more.
    """

    is_indexed = False

    def make(self) -> HttpResponse:
        model = targets().get(self.kwargs["label"])
        if model is None:
            raise Http404
        row = shown_rows(model, [self.kwargs["pk"]]).first()
        if row is None:
            raise Gone if was_public(model, self.kwargs["pk"]) else Http404
        return HttpResponseRedirect(address_of(row), headers={"Cache-Control": "no-cache", "X-Robots-Tag": "noindex"})


class LiveListView(PublicPageMixin, ListView):
    """A filtered, paged list of live items. A filter with a bad value answers 400, a page out of range 404.

    ``shown_filters`` names the filters that the page offers; the FilterSet may have more. Parameters that it does
    not know are ignored.
    """

    filterset_class = None
    shown_filters: tuple[str, ...] = ()
    paginate_by = 50
    paginator_class = ContentPaginator

    @classmethod
    def stored_parameters(cls) -> tuple[str, ...]:
        """Return what the page can be asked for: its filters, and which page of the list."""
        return (*cls.filterset_class.base_filters, cls.page_kwarg)  # type: ignore[attr-defined] # every list has one

    @cached_property
    def filterset(self):
        """The FilterSet of this request, checked; raises ``BadRequest`` with what is wrong."""
        filterset = self.filterset_class(
            without_blanks(self.request.GET), queryset=self.model.objects.live(), request=self.request
        )
        load_choices(filterset.form)
        if not filterset.is_valid():
            raise BadRequest(
                " ".join(
                    f"{filterset.form.fields[name].label}: {message}"
                    for name, messages in filterset.form.errors.items()
                    for message in messages
                )
            )
        return filterset

    @cached_property
    def is_filtered(self) -> bool:
        """Whether the address names a filter, right or wrong."""
        filterset_class: Any = self.filterset_class
        return not filterset_class.base_filters.keys().isdisjoint(without_blanks(self.request.GET))

    @cached_property
    def panel(self) -> FilterPanel:
        """The filters as the page shows them."""
        return self.build_panel() if self.is_filtered else self.kept(("panel", type(self)), self.build_panel)

    def build_panel(self) -> FilterPanel:
        return build_panel(self.filterset.form, shown=list(self.shown_filters), heading=self.get_choice_heading)

    def get_paginator(self, *args, **kwargs) -> Paginator:
        paginator = super().get_paginator(*args, **kwargs)
        if not self.panel.active:
            paginator.count = self.kept(("count", type(self)), lambda: paginator.count)
        return paginator

    def get_choice_heading(self, name: str, row: Model) -> LocalizedText | str:
        """Return the text under which a choice of the filter ``name`` stands; none by default."""
        return ""

    def read_more(self, rows: list) -> None:
        """Read what the rows of one page show of others."""

    def get_queryset(self) -> QuerySet:
        queryset = self.model.objects.live()  # type: ignore[union-attr] # a list has a model
        if self.panel.active:
            # By key, so that a filter that goes through several rows neither repeats an item nor limits its order.
            queryset = queryset.filter(pk__in=self.filterset.qs.order_by().values("pk"))
        return queryset.for_list()

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(panel=self.panel, **kwargs)
        self.read_more(list(context["page_obj"]))
        page = context["page_obj"].number
        context["page_query"] = "&".join(filter(None, [self.panel.query, f"{self.page_kwarg}={page}" * (page > 1)]))
        return context


class UpdatesView(PublicPageMixin, ListView):
    """All updates of one item that is or was public, under its permanent identifier.

    A withdrawn or deleted item keeps its dates and public notes here; its name is shown only while it is public.
    """

    template_name = "updates.html"
    context_object_name = "changes"
    paginate_by = 100

    def get_queryset(self) -> QuerySet:
        return changes_of(self.kwargs["pk"])

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        changes = context["changes"]
        if not changes:
            raise Http404
        model = changes[0].content_type.model_class()
        page = context["page_obj"].number
        item = public_rows(model).filter(pk=self.kwargs["pk"]).first()
        return {
            **context,
            "updates": [update_from(change) for change in changes],
            "kind": model._meta.verbose_name,
            "item": item,
            "name": getattr(item, "label", item),
            "page_query": f"{self.page_kwarg}={page}" if page > 1 else "",
        }


def file_response(
    request: HttpRequest, file, *, media_type: str, filename: str, as_attachment: bool
) -> HttpResponseBase:
    """Return an uploaded file, or a part of it, under the media type and name that we chose; 404 when it is not there.

    Whatever it holds, no browser renders it as a page of this site.
    """
    try:
        content = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = page_file_response(request, content, size=file.size, etag=upload_etag(file.name, file.size))
    if response.status_code in (200, 206):
        response.headers["Content-Type"] = media_type
        response.headers["Content-Disposition"] = content_disposition_header(as_attachment, filename)  # type: ignore[assignment] # there is always a file name
    response.headers["Content-Security-Policy"] = UPLOAD_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
