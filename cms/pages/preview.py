"""The pages of a preview: the real public site with drafts in the place of what is live.

A page is rendered inside the overlay of its drafts; links lead on inside the preview, because the token is the script
prefix while it renders. Nothing of it is cached or indexed, and nobody is signed in inside it.
"""

import copy
from dataclasses import replace

from csp.constants import SELF
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, resolve, set_script_prefix
from django.utils.translation import get_language_from_path, override
from django.views.decorators.http import require_safe

from cms.content.languages import site_languages
from cms.pages.later import MadeLater, come_back
from cms.publishing.exceptions import Busy, DraftClash
from cms.publishing.overlay import overlay
from cms.publishing.preview import drafts_in_preview

# Addresses outside the languages that pages need: style sheet, downloads, pictures.
PAGE_PARTS = {"theme", "document", "office-cover"}


@require_safe
def preview(request: HttpRequest, token: str, path: str) -> HttpResponse:
    """Answer a public page as it will be."""
    shown, drafts = drafts_in_preview(token, request)
    inner = f"/{path}"
    language = get_language_from_path(inner)
    with override(language or site_languages()[0]):  # addresses of another language than the active one do not resolve
        match = resolve(inner)  # Resolver404 is a 404
    # The API's data too, whose views are classes of the framework; its pages for people show no draft.
    is_data = match.app_names == ["api"] and hasattr(match.func, "cls")
    if language is None and match.url_name not in PAGE_PARTS and not is_data:
        raise Http404
    page = copy.copy(request)
    page.user = AnonymousUser()
    page.path_info = inner
    page.resolver_match = match
    # In the frame beside the form the way back would open the form in the form (https://w3c.github.io/webappsec-fetch-metadata/).
    back = "" if request.headers.get("Sec-Fetch-Dest") == "iframe" else shown.back
    page.preview = replace(shown, back=back, items=tuple((model, key) for model, key, _data in drafts))  # type: ignore[attr-defined] # our own mark on the request
    prefix = get_script_prefix()
    try:
        with overlay(drafts, as_live=True), override(language or site_languages()[0]):
            set_script_prefix(f"{prefix}preview/{token}/")
            page.LANGUAGE_CODE = language or site_languages()[0]
            response = match.func(page, *match.args, **match.kwargs)
            if hasattr(response, "render"):
                response.render()
    except Busy as error:
        return come_back(" ".join(error.messages))
    except DraftClash as error:
        raise BadRequest(" ".join(error.messages)) from error
    finally:
        set_script_prefix(prefix)
    if isinstance(response, MadeLater):
        with override(language or site_languages()[0]):
            response = response.make()
    if language:
        response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"  # the address is the key
    if shown.back:  # beside the form, on this site alone
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response._csp_replace = {"frame-ancestors": [SELF]}
    for name in ("ETag", "Last-Modified"):
        response.headers.pop(name, None)
    return response
