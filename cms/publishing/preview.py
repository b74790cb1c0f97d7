"""Previews: the addresses at which drafts are seen in the place of what is live, and what each of them shows.

A preview address holds a signed token and the path of a public page: ``/preview/<token>/es/regions/<slug>/``.
The view in ``cms.pages.preview`` answers it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.publishing.drafts import composed, drafts_by_key, drafts_in, items_of, key_of, seen_in
from cms.publishing.models import PreviewLink, Release
from cms.publishing.overlay import Draft
from cms.publishing.permissions import Action, require

SALT = "cms.publishing.preview"


@dataclass(frozen=True)
class Preview:
    """What a page in preview says of itself: ``request.preview``.

    ``items`` are model and key of what it shows otherwise than it is stored; ``opened`` are the names of what it opens
    besides, since its item belongs to that and that is not public. ``back`` is the address at which staff edit it;
    who has only a link has none.
    """

    title: str
    expires_at: datetime | None
    opened: tuple[str, ...] = ()
    items: tuple[tuple[type[Publishable], UUID], ...] = ()
    back: str = ""


# What a higher floor shows in previews for signed-in staff, by the word that its tokens begin with.
_kinds: dict[str, Callable[[UUID, HttpRequest], tuple[Preview, list[Draft]]]] = {}


def add_kind(kind: str, source: Callable[[UUID, HttpRequest], tuple[Preview, list[Draft]]]) -> None:
    """Have ``source`` say what previews of ``kind`` show: it gets their key, and raises what
    :func:`drafts_in_preview` does."""
    _kinds[kind] = source


def preview_url(target: Publishable | Release, *, language: str | None = None) -> str:
    """Return the address at which signed-in staff see the preview of ``target``: its page, or the home page."""
    kind = "release" if isinstance(target, Release) else target._meta.label_lower
    return address_of(kind, target.pk, target, language)


def address_of(kind: str, key: UUID, target: Any, language: str | None = None) -> str:
    """Return the address of the preview ``key`` of ``kind`` that begins at the page of ``target``, or at the home page
    for a release."""
    token = signing.Signer(salt=SALT).sign_object([kind, str(key)])
    with override(language or site_languages()[0]):
        path = reverse("home") if isinstance(target, Release) else target.get_absolute_url()
    return reverse("preview", args=[token, path.lstrip("/")])


def edited_at(target: Publishable | Release) -> str:
    """Return the address at which staff edit ``target``."""
    page = "review" if isinstance(target, Release) else "change"
    return reverse(f"admin:{target._meta.app_label}_{target._meta.model_name}_{page}", args=[target.pk])


def link_url(link: PreviewLink, *, language: str | None = None) -> str:
    """Return the address that anyone who has it can see, as long as ``link`` is valid."""
    return address_of("link", link.pk, link.release or link.revision.item, language)  # type: ignore[union-attr] # a constraint: release or revision


def with_parents(items: list[Publishable]) -> list[Publishable]:
    """Return ``items`` and the items they are public through, each once."""
    found = {(type(item), item.pk): item for item in items}
    for item in items:
        parents = [getattr(item, name) for name in item.live_through]
        found |= {(type(parent), parent.pk): parent for parent in with_parents(parents)} if parents else {}
    return list(found.values())


def drafts_shown(items: list[Publishable]) -> list[Draft]:
    """Return what is drafted of ``items`` for an overlay; an item without drafts is shown as it is stored."""
    drafts = drafts_by_key(items)
    found: list[Draft] = []
    for item in items:
        of_item = drafts.get(key_of(item))
        data = composed(item, of_item.working) if of_item and of_item.open else None
        found.append((type(item), item.pk, data))
    return found


def drafts_of_release(release: Release) -> list[Draft]:
    """Return what goes live with ``release`` for an overlay."""
    return [(type(draft.item), draft.item.pk, draft.snapshot) for draft in drafts_in(release)]


def drafts_in_preview(token: str, request: HttpRequest) -> tuple[Preview, list[Draft]]:
    """Return what ``token`` shows.

    Raises ``Http404`` for a token that is forged, expired, revoked or of something deleted, and
    ``PermissionDenied`` where staff may not see the draft.
    """
    try:
        kind, key = signing.Signer(salt=SALT).unsign_object(token)
        key, further = UUID(key), _kinds.get(kind)
        model = {"link": PreviewLink, "release": Release}.get(kind) or (None if further else apps.get_model(kind))
    except (signing.BadSignature, LookupError, ValueError, TypeError, AttributeError):
        raise Http404 from None
    if model is PreviewLink:
        return shared_preview(key)
    if not (further or model is Release or issubclass(model, Publishable)):  # type: ignore[arg-type] # one of the two
        raise Http404
    if not request.user.is_authenticated:
        raise PermissionDenied
    if further:
        return further(key, request)
    target: Any = get_object_or_404(model, pk=key)  # type: ignore[arg-type] # not None, where nothing further is shown
    items = items_of(target) if kind == "release" else [target]
    require(request.user, Action.VIEW, items)
    opened = () if kind == "release" else opened_besides(target)
    return Preview(str(target), None, opened, back=edited_at(target)), shown_drafts(target, items)


def opened_besides(item: Publishable) -> tuple[str, ...]:
    """Return the names of what a preview of ``item`` opens besides: what it is public through, where that is not."""
    return tuple(str(parent) for parent in with_parents([item]) if parent.pk != item.pk and not parent.is_live)


def parents_of(item: Publishable) -> list[Draft]:
    """Return what ``item`` is public through, as it is stored, so that the preview of ``item`` shows it at all."""
    return [(type(parent), parent.pk, None) for parent in with_parents([item]) if parent.pk != item.pk]


def shown_drafts(target: Publishable | Release, items: list[Publishable]) -> list[Draft]:
    """Return what a preview of ``target`` shows: the site as it will be when just that is published.

    Drafts of what it belongs to are somebody else's and stay out; a release does not even show parents that it
    leaves unpublished.
    """
    return drafts_of_release(target) if isinstance(target, Release) else [*parents_of(target), *drafts_shown(items)]


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
    drafts = [*parents_of(item), (type(item), item.pk, composed(item, seen_in(item, link.revision)))]  # type: ignore[arg-type] # a constraint: release or revision
    return Preview(str(item), link.expires_at, opened_besides(item)), drafts
