"""Answers for programs (feeds, sitemaps, pictures ...) that change only when the public content does."""

from hashlib import sha256
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag, urlencode
from django.views.generic import View

from cms.pages.cross_origin import AnyOriginMixin
from cms.publishing.models import content_version

KEEP_SECONDS = 10 * 60  # so that what another release of the code made does not stay for long


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


class VersionedView(AnyOriginMixin, PublicOnlyMixin, View):
    """Made once a content version, and then answered from the cache, with an ``ETag`` of its own bytes.

    Subclasses give :meth:`make`. ``parameters`` names the parameters of the query string that count; no other one
    makes another copy. After the content version has been read, a request that repeats costs no query.
    """

    content_type = "text/plain; charset=utf-8"
    parameters: tuple[str, ...] = ()
    cache_control = "no-cache"  # kept, but asked for anew: what was withdrawn is gone at once
    is_indexed = True

    def make(self) -> bytes | HttpResponse:
        """Return the body, or a whole answer that is not kept, such as a redirect.

        Raises ``Http404`` when there is nothing at this address.
        """
        raise NotImplementedError

    def cache_key(self) -> str | None:
        """Return the key under which the body is kept; ``None`` when this request's is not."""
        query = urlencode([(name, self.request.GET[name]) for name in self.parameters if name in self.request.GET])
        wanted = f"{type(self).__module__}.{type(self).__name__} {self.request.path} {query}"
        return f"versioned:{content_version()}:{sha256(wanted.encode()).hexdigest()}"

    def headers(self) -> dict[str, str]:
        """Return what this answer's header fields have besides."""
        return {}

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        key = self.cache_key()
        body = cache.get(key) if key else None
        if body is None:
            body = self.make()
            if isinstance(body, HttpResponse):
                return body
            if key:
                cache.set(key, body, KEEP_SECONDS)
        etag = quote_etag(sha256(body).hexdigest()[:32])
        headers = {"ETag": etag, "Cache-Control": self.cache_control, **self.headers()}
        if not self.is_indexed:
            headers["X-Robots-Tag"] = "noindex"
        response = HttpResponse(body, content_type=self.content_type, headers=headers)
        return get_conditional_response(request, etag=etag, response=response)  # type: ignore[return-value] # never None, given a response
