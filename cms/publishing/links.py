"""Where live texts link to pages of this site: what would lead nowhere when those pages were gone."""

import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import override

from cms.content.fields import RichTextField
from cms.content.languages import site_languages
from cms.content.models import Child, ContentModel, Publishable
from cms.content.registry import child_models, content_models
from cms.content.schema import columns_of
from cms.publishing.visibility import Row

HREF = re.compile(r'href="([^"]*)"')  # as the sanitizer writes it


@dataclass(frozen=True)
class TextLink:
    """A live text that links to a page: the item that the text is of, its column, and the item of the page."""

    source: Row
    column: models.Field
    target: Row


def addresses(rows: Iterable[ContentModel]) -> dict[str, Row]:
    """Return the paths of the pages of ``rows``, in every language and without one, each with its item."""
    found: dict[str, Row] = {}
    with_pages = [row for row in rows if row.has_page]
    for code in site_languages():
        with override(code):
            for row in with_pages:
                path = row.get_absolute_url()
                found |= dict.fromkeys((path, path.replace(f"/{code}/", "/", 1)), (type(row), row.pk))
    return found


def links_to(rows: Iterable[ContentModel]) -> list[TextLink]:
    """Return the links to pages of ``rows`` in live texts of other items.

    One query for each kind of row that has rich text, whatever is asked for.
    """
    rows = list(rows)
    paths, left_out = addresses(rows), {(type(row), row.pk) for row in rows}
    if not paths:
        return []
    return [link for model in content_models() for link in links_in(model, paths) if link.source not in left_out]


def links_in(model: type[ContentModel], paths: Mapping[str, Row]) -> Iterator[TextLink]:
    """Yield the links to one of ``paths`` in live texts of the items of ``model`` and of their children."""
    for place in (model, *child_models(model)):
        columns = rich_columns(place)
        if not columns:
            continue
        for key, *texts in linking_texts(model, place, columns):
            for column, text in zip(columns, texts, strict=True):
                for target in targets_in(text, paths):
                    yield TextLink((model, key), column, target)


def rich_columns(model: type[ContentModel]) -> list[models.Field]:
    """Return the columns of ``model`` that hold rich text which the public reads."""
    columns = columns_of(model, model.schema.public)
    return [column for column in columns if isinstance(getattr(column, "translated_field", column), RichTextField)]


def linking_texts(
    model: type[ContentModel], place: type[ContentModel], columns: Collection[models.Field]
) -> Iterable[tuple[Any, ...]]:
    """Return, of each live row with a link in one of ``columns``, the key of its item and what is in them."""
    path = place.parent_field if issubclass(place, Child) else ""
    condition = reduce(or_, (Q(**{f"{column.name}__contains": "href="}) for column in columns))
    if issubclass(model, Publishable):
        condition &= model.live_condition(f"{path}__" if path else "")
    rows = place._base_manager.filter(condition).order_by(path or "pk", "pk")
    return rows.values_list(path or "pk", *(column.name for column in columns)).iterator()


def targets_in(text: str | None, paths: Mapping[str, Row]) -> list[Row]:
    """Return what the links in a rich text lead to of ``paths``, each once."""
    found = (target_of(html.unescape(href), paths) for href in HREF.findall(text or ""))
    return list(dict.fromkeys(target for target in found if target))


def target_of(href: str, paths: Mapping[str, Row]) -> tuple[type[ContentModel], UUID] | None:
    """Return the item to whose page, or to a page below it, ``href`` leads."""
    address = href.removeprefix(settings.SITE_URL)
    if not address.startswith("/") or address.startswith("//"):
        return None
    if address in paths:
        return paths[address]
    path = urlsplit(f"//site{address}").path
    while path and path not in paths:
        path = path.rstrip("/").rpartition("/")[0]
        path = f"{path}/" if path else ""
    return paths.get(path)
