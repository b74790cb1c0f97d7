"""Previews: the real public site with drafts in the place of what is live.

A preview address holds a signed token and the path of a public page: ``/preview/<token>/es/regions/<slug>/``. The
page is rendered inside the overlay of its drafts; links lead on inside the preview, because the token is the script
prefix while it renders. Nothing of it is cached or indexed, and nobody is signed in inside it.
"""

import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import get_script_prefix, resolve, reverse, set_script_prefix
from django.utils import timezone
from django.utils.translation import get_language_from_path, override
from django.views.decorators.http import require_safe

from publishing.actions.live import drafts_in, items_of, open_drafts
from publishing.exceptions import DraftClash
from publishing.languages import site_languages
from publishing.models import PreviewLink, Publishable, Release
from publishing.overlay import Draft, overlay
from publishing.permissions import Action, require
from publishing.search import index
from publishing.visibility import public_dependents

SALT = "publishing.preview"
# Addresses outside the languages that pages need: style sheet, downloads, pictures.
PAGE_PARTS = {"theme", "document", "office-cover"}


@dataclass(frozen=True)
class Preview:
    """What a page in preview says of itself: ``request.preview``.

    ``items`` are model and key of what it shows otherwise than it is stored.
    """

    title: str
    expires_at: datetime | None
    items: tuple[tuple[type[Publishable], UUID], ...] = ()


def preview_url(target: Publishable | Release, *, language: str | None = None) -> str:
    """Return the address at which signed-in staff see the preview of ``target``: its page, or the home page."""
    kind, path = ("release", "/") if isinstance(target, Release) else (target._meta.label_lower, None)
    token = signing.Signer(salt=SALT).sign_object([kind, str(target.pk)])
    with override(language or site_languages()[0]):
        if path is None:
            path = target.get_absolute_url()  # type: ignore[union-attr] # it has a page
        else:
            path = reverse("home")
    return reverse("preview", args=[token, path.lstrip("/")])


def link_url(link: PreviewLink, *, language: str | None = None) -> str:
    """Return the address that anyone who has it can see, as long as ``link`` is valid."""
    token = signing.Signer(salt=SALT).sign_object(["link", str(link.pk)])
    target: Any = link.release or link.revision.item  # type: ignore[union-attr] # a constraint: release or revision
    with override(language or site_languages()[0]):
        path = reverse("home") if link.release else target.get_absolute_url()
    return reverse("preview", args=[token, path.lstrip("/")])


def with_parents(items: list[Publishable]) -> list[Publishable]:
    """Return ``items`` and the items they are public through, each once."""
    found = {(type(item), item.pk): item for item in items}
    for item in items:
        parents = [getattr(item, name) for name in item.live_through]
        found |= {(type(parent), parent.pk): parent for parent in with_parents(parents)} if parents else {}
    return list(found.values())


def drafts_of(items: list[Publishable]) -> list[Draft]:
    """Return the open drafts of ``items`` for an overlay; an item without one is shown as it is stored."""
    drafts = open_drafts(items)
    shown = [(type(item), item.pk, drafts.get((type(item), item.pk))) for item in items]
    return [(model, key, draft.snapshot if draft else None) for model, key, draft in shown]


def drafts_of_release(release: Release) -> list[Draft]:
    """Return what goes live with ``release`` for an overlay."""
    return [(type(item), item.pk, draft.snapshot if draft else None) for item, draft in drafts_in(release)]


def drafts_in_preview(token: str, request: HttpRequest) -> tuple[Preview, list[Draft]]:
    """Return what ``token`` shows.

    Raises ``Http404`` for a token that is forged, expired, revoked or of something deleted, and
    ``PermissionDenied`` where staff may not see the draft.
    """
    try:
        kind, key = signing.Signer(salt=SALT).unsign_object(token)
        key = UUID(key)
        model = {"link": PreviewLink, "release": Release}.get(kind) or apps.get_model(kind)
    except (signing.BadSignature, LookupError, ValueError, TypeError, AttributeError):
        raise Http404 from None
    if model is PreviewLink:
        return shared_preview(key)
    if not (model is Release or issubclass(model, Publishable)):
        raise Http404
    if not request.user.is_authenticated:
        raise PermissionDenied
    target = get_object_or_404(model, pk=key)
    items = items_of(target) if kind == "release" else [target]
    require(request.user, Action.VIEW, items)
    return Preview(str(target), None), shown_drafts(target, items)


def parents_of(item: Publishable) -> list[Draft]:
    """Return what ``item`` is public through, as it is stored, so that the preview of ``item`` shows it at all."""
    return [(type(parent), parent.pk, None) for parent in with_parents([item]) if parent.pk != item.pk]


def shown_drafts(target: Publishable | Release, items: list[Publishable]) -> list[Draft]:
    """Return what a preview of ``target`` shows: the site as it will be when just that is published.

    Drafts of what it belongs to are somebody else's and stay out; a release does not even show parents that it
    leaves unpublished.
    """
    return drafts_of_release(target) if isinstance(target, Release) else [*parents_of(target), *drafts_of(items)]


def shared_preview(key: UUID) -> tuple[Preview, list[Draft]]:
    """Return what the preview link ``key`` shows to whoever has it."""
    link = get_object_or_404(
        PreviewLink.objects.select_related("release", "revision__content_type"),
        pk=key,
        revoked_at=None,
        expires_at__gt=timezone.now(),
    )
    if link.release:
        return Preview(str(link.release), link.expires_at), shown_drafts(link.release, items_of(link.release))
    item = link.revision.item  # type: ignore[union-attr] # a constraint: release or revision
    if item is None:
        raise Http404
    drafts = [*parents_of(item), (type(item), item.pk, link.revision.snapshot)]  # type: ignore[union-attr] # a constraint: release or revision
    return Preview(str(item), link.expires_at), drafts


def index_drafts(request: HttpRequest) -> None:
    """In a preview, let the search find the drafts that it shows and what is public with them; else do nothing.

    For views that ask the index: others need not wait for it. The overlay takes it back.
    """
    if shown := getattr(request, "preview", None):
        items = list(shown.items)
        index.update([*items, *(found for model, key in items for found in public_dependents(model, [key]))])


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
    page.preview = replace(shown, items=tuple((model, key) for model, key, _data in drafts))  # type: ignore[attr-defined] # our own mark on the request
    prefix = get_script_prefix()
    try:
        with overlay(drafts, as_live=True), override(language or site_languages()[0]):
            set_script_prefix(f"{prefix}preview/{token}/")
            page.LANGUAGE_CODE = language or site_languages()[0]
            response = match.func(page, *match.args, **match.kwargs)
            if hasattr(response, "render"):
                response.render()
    except DraftClash as error:
        raise BadRequest(" ".join(error.messages)) from error
    finally:
        set_script_prefix(prefix)
    if language:
        response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"  # the address is the key
    for name in ("ETag", "Last-Modified"):
        response.headers.pop(name, None)
    return response
