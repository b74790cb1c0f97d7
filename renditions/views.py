"""Downloads of generated documents, at addresses that stay."""

import os
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header, http_date
from django.views.generic import View

from cms.content.languages import active_language
from cms.content.runner import Busy, Refused
from cms.pages.files import page_file_response
from cms.pages.later import MadeLater, come_back
from cms.pages.views import FILE_POLICY
from cms.publishing.models import content_version
from priorities.models import Strategy
from renditions import maker, store
from renditions.document import Source
from renditions.formats import Format, available_formats, filename_of
from renditions.source import looks, source_of
from renditions.words import BUSY, for_readers


@dataclass(frozen=True)
class Entry:
    """Which file is a strategy's document as long as the content version stays."""

    key: UUID
    digest: str


class RenditionView(View):
    """The document of a live strategy, in the language and the format that the address names.

    While the content stays as it is, a request costs one query; an address that names nothing costs none or one. In
    a preview the document is made of the drafts and kept nowhere.
    """

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest, slug: str, name: str, extension: str) -> HttpResponseBase:
        try:
            return self.answer(request, slug, name, extension)
        except (Busy, FileNotFoundError):  # not found: replaced in this very moment
            return come_back(BUSY)
        except Refused as refused:
            return come_back(for_readers(refused), store.SECONDS_GIVEN_UP)

    def answer(self, request: HttpRequest, slug: str, name: str, extension: str) -> HttpResponseBase:
        language, filename = active_language(), f"{name}.{extension}"
        file_format = self.get_format(slug, language, filename)
        if getattr(request, "preview", None):
            source = self.get_source(slug, language)
            return MadeLater(lambda: in_preview(file_format, source, filename))
        key = f"rendition:{content_version()}:{looks()}:{language}:{slug}"
        entry, source = cache.get(key), None
        path = entry and store.path_of(entry.key, language, file_format.extension, entry.digest)
        if path is None or not path.exists():
            source = self.get_source(slug, language)
            entry = Entry(source.key, source.digest)
            cache.set(key, entry)
            path = store.path_of(entry.key, language, file_format.extension, entry.digest)
        headers = {"ETag": f'W/"{entry.digest}-{file_format.extension}"'}
        modified = int(path.stat().st_mtime) if path.exists() else None
        response = get_conditional_response(request, headers["ETag"], modified)
        if response is None:
            file = store.made(path, lambda: maker.make(file_format.extension, source)).open("rb")
            status = os.stat(file.fileno())
            response = page_file_response(request, file, size=status.st_size, etag=headers["ETag"])
            if response.status_code in (200, 206):
                response = described(response, file_format, filename)
            headers["Last-Modified"] = http_date(status.st_mtime)
        for name, value in headers.items():
            response.headers[name] = value
        patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        return response

    def get_format(self, slug: str, language: str, filename: str) -> Format:
        """Return the format whose file name this is; raises ``Http404``."""
        for found in available_formats():
            if filename == filename_of(slug, language, found.extension):
                return found
        raise Http404

    def get_source(self, slug: str, language: str) -> Source:
        """Return what the document is made from; raises ``Http404`` where no such strategy is live, and ``Busy`` where
        it could not be made soon: to read it takes long enough to hold up others."""
        maker.documents.require_room()
        try:
            return source_of(slug, language)
        except Strategy.DoesNotExist:
            raise Http404 from None


def in_preview(file_format: Format, source: Source, filename: str) -> HttpResponseBase:
    """Return the document of a preview, or why there is none, before anything is sent."""
    try:
        with maker.documents.turn():
            content = maker.make(file_format.extension, source)
    except Busy:
        return come_back(BUSY)
    except Refused as refused:
        return come_back(for_readers(refused), store.SECONDS_GIVEN_UP)
    return described(HttpResponse(content), file_format, filename)


def described(response: HttpResponseBase, file_format: Format, filename: str) -> HttpResponseBase:
    """Return ``response`` as a file of ``file_format`` under its name (RFC 6266)."""
    disposition = content_disposition_header(file_format.as_attachment, filename)
    response.headers["Content-Type"] = file_format.media_type
    response.headers["Content-Disposition"] = disposition or f'inline; filename="{filename}"'
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response
