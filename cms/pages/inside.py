"""A public page rendered inside another answer: as Markdown, or for the picture that represents it."""

import copy

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from django.utils.translation import get_language_from_path, override

from cms.pages.views import PublicPageMixin


def page_inside(request: HttpRequest, path: str) -> tuple[HttpRequest, HttpResponse]:
    """Return the public page at ``path`` (without the script prefix) as any reader gets it, and its request.

    It is rendered. Raises what the page raises, and ``Http404`` for an address that is no public page's.
    """
    language = get_language_from_path(path)
    if language is None:
        raise Http404
    with override(language):
        match = resolve(path)  # Resolver404 is a 404
        if not issubclass(getattr(match.func, "view_class", type(None)), PublicPageMixin):
            raise Http404
        page = copy.copy(request)
        page.method = "GET"
        page.user = AnonymousUser()
        page.path_info = path
        page.path = request.path.removesuffix(request.path_info) + path
        page.resolver_match = match
        response = match.func(page, *match.args, **match.kwargs)
        if hasattr(response, "render"):
            response.render()
    return page, response
