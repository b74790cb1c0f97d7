"""Answers for programs (feeds, sitemaps, pictures ...) that change only when the public content does."""

from typing import TYPE_CHECKING, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.generic import View

from cms.pages.cross_origin import AnyOriginMixin

if TYPE_CHECKING:
    _View = View  # what it is mixed into
else:
    _View = object


class PublicOnlyMixin(_View):
    """A view that previews do not have: what it gives is for the public address alone."""

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        if getattr(request, "preview", None):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class StoredView(AnyOriginMixin, PublicOnlyMixin, View):
    """Made once, and then answered from the store (:mod:`cms.pages.stored`) until something that it shows changes.

    Subclasses give :meth:`make`. ``stored_parameters`` names the parameters of the query string that it knows; no
    other one makes another copy.
    """

    content_type = "text/plain; charset=utf-8"
    stored_parameters: ClassVar[tuple[str, ...] | None] = ()
    cache_control = "no-cache"  # kept, but asked for anew: what was withdrawn is gone at once
    is_indexed = True

    def make(self) -> bytes | HttpResponse:
        """Return the body, or a whole answer, such as a redirect.

        Raises ``Http404`` when there is nothing at this address.
        """
        raise NotImplementedError

    def headers(self) -> dict[str, str]:
        """Return what this answer's header fields have besides."""
        return {}

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        body = self.make()
        if isinstance(body, HttpResponse):
            return body
        headers = {"Cache-Control": self.cache_control, **self.headers()}
        if not self.is_indexed:
            headers["X-Robots-Tag"] = "noindex"
        return HttpResponse(body, content_type=self.content_type, headers=headers)
