"""Where live texts link to items and pages of this site: what would lead nowhere when those were gone."""

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

from cms.content.fields import is_rich
from cms.content.languages import site_languages
from cms.content.links import Reference, hrefs_in, parsed, targets
from cms.content.models import Child, ContentModel, Publishable
from cms.content.registry import child_models, content_models
from cms.content.schema import columns_of
from cms.publishing.visibility import Row


@dataclass(frozen=True)
class TextLink:
    """A live text that links to an item: the item that the text is of, its column, and the item that it leads to."""

    source: Row
    column: models.Field
    target: Row


@dataclass(frozen=True)
class WrittenLink:
    """A link in a live text: the item that the text is of, its column, and the address as it is stored."""

    source: Row
    column: models.Field
    href: str


def addresses(rows: Iterable[ContentModel]) -> dict[str, Row]:
    """Return the paths of the pages of ``rows``, in every language and without one, each with its item; and the
    references to them and to their parts."""
    rows = list(rows)
    found: dict[str, Row] = references_to(rows)
    with_pages = [row for row in rows if row.has_page]
    for code in site_languages():
        with override(code):
            for row in with_pages:
                path = row.get_absolute_url()
                found |= dict.fromkeys((path, path.replace(f"/{code}/", "/", 1)), (type(row), row.pk))
    return found


def references_to(rows: Iterable[ContentModel]) -> dict[str, Row]:
    """Return the references to ``rows``, and to those of their parts that have addresses, each with its item."""
    keys: dict[type[ContentModel], list[UUID]] = {}
    for row in rows:
        keys.setdefault(type(row), []).append(row.pk)
    found: dict[str, Row] = {}
    for model, owners in keys.items():
        found |= {reference(model, key): (model, key) for key in owners}
        for child in linked_children(model):
            parts = child._base_manager.filter(**{f"{child.parent_field}__in": owners})
            for key, owner in parts.values_list("pk", f"{child.parent_field}_id"):
                found[reference(child, key)] = (model, owner)
    return found


def reference(model: type[ContentModel], key: UUID) -> str:
    return str(Reference(model, key))


def linked_children(model: type[ContentModel]) -> list[type[Child]]:
    """Return the models of the parts of items of ``model`` to which texts may link."""
    return [child for child in child_models(model) if child in targets().values()]


def links_to(rows: Iterable[ContentModel]) -> list[TextLink]:
    """Return the links to ``rows``, and to pages below theirs, in live texts of other items.

    One query for each kind of row that has rich text, and for each kind of part of ``rows``, whatever is asked for.
    """
    rows = list(rows)
    paths, left_out = addresses(rows), {(type(row), row.pk) for row in rows}
    if not paths:
        return []
    found = {
        TextLink(link.source, link.column, target): None
        for link in live_links()
        if link.source not in left_out and (target := target_of(link.href, paths))
    }
    return list(found)


def live_links() -> Iterator[WrittenLink]:
    """Yield every link in the live texts of the site, each once a text; one query a kind of row with rich text."""
    for model in content_models():
        for place in (model, *child_models(model)):
            columns = rich_columns(place)
            for key, *texts in linking_texts(model, place, columns) if columns else ():
                for column, text in zip(columns, texts, strict=True):
                    for href in dict.fromkeys(hrefs_in(text)):
                        yield WrittenLink((model, key), column, href)


def rich_columns(model: type[ContentModel]) -> list[models.Field]:
    """Return the columns of ``model`` that hold rich text which the public reads."""
    return [column for column in columns_of(model, model.schema.public) if is_rich(column)]


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


def target_of(href: str, paths: Mapping[str, Row]) -> tuple[type[ContentModel], UUID] | None:
    """Return the item to which, or to whose page or a page below that, ``href`` leads."""
    if found := parsed(href):
        return paths.get(str(found._replace(anchor="")))
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
