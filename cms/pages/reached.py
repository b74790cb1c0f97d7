"""Which page of this site an address leads to, and the item that the page is of."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import models
from django.urls import Resolver404, ResolverMatch, get_script_prefix, resolve
from django.utils.translation import get_language_from_path, override

from cms.content.links import shown_rows
from cms.content.models import Child, ContentModel, ContentQuerySet
from cms.publishing.redirects import Gone, address_field, current_item


@dataclass(frozen=True)
class Reached:
    """Where an address of this site leads: whether there is such a page, whether it is public, and, where the page is
    the page of one item, that item and the anchor that the address names."""

    is_page: bool = False
    is_public: bool = False
    item: ContentModel | None = None
    anchor: str = ""


def own_path(href: str) -> str | None:
    """Return the path, with query and anchor, that ``href`` has on this site; ``None`` for an address elsewhere."""
    if href == settings.SITE_URL:
        return "/"
    path = href.removeprefix(settings.SITE_URL) if href.startswith(f"{settings.SITE_URL}/") else href
    return path if path.startswith("/") and not path.startswith("//") else None


def match_of(path: str) -> ResolverMatch | None:
    """Return the route of a path, with a language at its start or without."""
    path = "/" + path.removeprefix(get_script_prefix())
    language = get_language_from_path(path)
    with override(language or settings.LANGUAGE_CODE):
        for candidate in (path, f"/{settings.LANGUAGE_CODE}{path}"):
            for ending in ("", "/"):
                with suppress(Resolver404):
                    return resolve(candidate + ending)
    return None


def reached(href: str) -> Reached:
    """Return where ``href``, an address of this site, leads. At most six queries."""
    path = own_path(href)
    if path is None or "\x00" in (path := unquote(path)):
        return Reached()
    parts = urlsplit(f"//site{path}")
    match = match_of(parts.path)
    if match is None:
        return Reached()
    return found_by(match, f"#{parts.fragment}" if parts.fragment else "")


def found_by(match: ResolverMatch, anchor: str) -> Reached:
    """Return what the route of a page says: the page of one item, a page below one, or one of none."""
    model: Any = getattr(getattr(match.func, "view_class", None), "model", None)
    if not match.kwargs or not isinstance(model, type) or not issubclass(model, ContentModel):
        return Reached(is_page=True, is_public=True, anchor=anchor)
    field = address_field(model) or "pk"
    if issubclass(model, Child):
        return reached_child(model, field, match.kwargs, anchor)
    name = str(match.kwargs.get("slug") or match.kwargs.get(field))
    is_own = len(match.kwargs) == 1
    try:
        item = current_item(model, name)
    except Gone:
        return Reached(is_page=True, item=row_named(model, field, name) if is_own else None, anchor=anchor)
    found = item or row_named(model, field, name)
    return Reached(bool(found), bool(item), found if is_own else None, anchor)


def reached_child(model: type[Child], field: str, names: dict[str, Any], anchor: str) -> Reached:
    """Return what an address says that names a part of an item: by its key alone, or after the item."""
    rows: models.QuerySet = ContentQuerySet(model)
    rows = (
        rows.filter(pk=names["pk"])
        if "pk" in names
        else rows.filter(
            **{
                f"{model.parent_field}__{address_field(model.parent_model)}": names.get("slug"),
                field: names.get(field),
            }
        )
    )
    row = rows.select_related(model.parent_field).first()
    is_public = row is not None and shown_rows(model, [row.pk]).exists()
    return Reached(row is not None, is_public, row, anchor)


def row_named(model: type[ContentModel], field: str, name: str) -> ContentModel | None:
    return model._base_manager.filter(**{field: name}).first()


def is_reached(path: str) -> bool:
    """Say whether ``path`` leads to a page of this site, or once did: what was withdrawn may come back."""
    return reached(path).is_page
