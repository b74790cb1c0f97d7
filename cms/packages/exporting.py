"""Content as items of a package, in an order that depends on the content alone."""

import dataclasses
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from django.db import connection, models
from django.db.models import F, Prefetch
from django.db.models.functions import Collate
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from cms.content.fields import is_rich
from cms.content.models import ContentModel, Publishable
from cms.packages.emitting import Item
from cms.packages.identities import BATCH_SIZE, batched
from cms.packages.layout import Kind, PackageSchema, RowSchema, field_paths, joined, name_paths
from cms.packages.links import LinkNames
from cms.packages.planning import in_order
from cms.packages.problems import PackageError, similar
from cms.packages.values import normalized

# Byte order: the same on every database, whatever language it sorts in.
BYTE_ORDER = {"sqlite": "BINARY", "postgresql": "C"}


@dataclasses.dataclass(slots=True)
class Exporter:
    """Yields the content of the site as items.

    ``folder`` is where files are copied to and ``path`` what the package calls it; without a folder, content that
    has files is refused. ``with_ids`` adds the UUID of each row.
    """

    folder: Path | None = None
    path: str = ""
    with_ids: bool = False
    schema: PackageSchema = dataclasses.field(default_factory=PackageSchema)
    links: LinkNames = dataclasses.field(init=False)

    def __post_init__(self):
        self.links = LinkNames(self.schema)

    def collections(self, names: Sequence[str] = ()) -> Iterator[tuple[str, Iterator[Item]]]:
        """Yield the name and the items of the collections in ``names``, default all, in the order of packages.

        Raises ``PackageError`` for a name that there is not, and for files without a folder.
        """
        for name in names:
            if name not in self.schema.collections:
                raise PackageError(
                    _("There is no collection “%(name)s”; there are: %(known)s.")
                    % {"name": name, "known": ", ".join(self.schema.collections)}
                    + similar(name, self.schema.collections)
                )
        chosen = [rows for name, rows in self.schema.collections.items() if not names or name in names]
        if self.folder is None:
            self._refuse_files(chosen)
        return ((rows.name, self.items(rows)) for rows in chosen)

    def _refuse_files(self, chosen: list[RowSchema]) -> None:
        for rows in (each for collection in chosen for each in (collection, *collection.descendants)):
            for key in rows.of_kind(Kind.FILE):
                if rows.model.objects.exclude(**{key.field.name: ""}).exclude(**{key.field.name: None}).exists():
                    raise PackageError(
                        _("Some %(rows)s have uploaded files: name a file with --output, to have them beside it.")
                        % {"rows": rows.name}
                    )

    def items(self, rows: RowSchema) -> Iterator[Item]:
        """Yield the rows of a collection; a bounded number is in memory at any time."""
        # Only the keys are read at once: a cursor left open would need a transaction around the whole export.
        keys = list(rows.model.objects.order_by(*ordering(rows.model)).values_list("pk", flat=True))
        for batch in batched(keys, BATCH_SIZE):
            found = prepared(rows, rows.model.objects.order_by()).in_bulk(batch)
            self.links.read(text for row in found.values() for text in rich_texts(rows, row))
            for pk in batch:
                if pk in found:  # it may have been deleted since
                    name = name_of(found[pk])
                    yield self._item(rows, found[pk], PurePosixPath(rows.name, *map(safe, name.split("/"))))

    def _item(self, rows: RowSchema, row: ContentModel, place: PurePosixPath) -> Item:
        """Return a row as an item; ``place`` is where its files go."""
        item = {key.name: self._value(key, row, place) for key in rows.keys.values()}
        return {name: value for name, value in item.items() if value is not None}

    def _value(self, key, row: ContentModel, place: PurePosixPath) -> Any:
        """Return the value of a key, or ``None`` where the item does not need it."""
        match key.kind:
            case Kind.ID:
                return str(row.pk) if self.with_ids else None
            case Kind.STATUS:
                return row.status if row.status != Publishable.Status.LIVE else None  # type: ignore[attr-defined] # of a model that has it
            case Kind.TRANSLATED:
                texts = {code: getattr(row, column.name) for code, column in key.columns.items()}
                if is_rich(key.field):
                    texts = {code: self.links.written(text) for code, text in texts.items() if text}
                return {code: normalized(text) for code, text in texts.items() if text} or None
            case Kind.FILE:
                file = getattr(row, key.name)
                return self._copied(file, f"{place}/{key.name}") if file else None
            case Kind.REFERENCE:
                target = getattr(row, key.name)
                return name_of(target) if target is not None else None
            case Kind.RELATED:
                return sorted(name_of(target) for target in getattr(row, key.name).all()) or None
            case Kind.CHILDREN:
                accessor = key.rows.parent.remote_field.get_accessor_name()
                children = in_order(key.rows, getattr(row, accessor).all())
                return [
                    self._item(key.rows, child, place / f"{key.name}-{number}")
                    for number, child in enumerate(children, 1)
                ] or None
        return self._plain(key.field, getattr(row, key.field.attname))

    def _plain(self, field: models.Field, value: Any) -> Any:
        """Return the value of a column; ``None`` where a new row has nothing there either."""
        if value is None or value == "":
            is_default = not field.has_default() or field.get_default() in (None, "")
            return None if is_default else ""
        return normalized(value) if isinstance(value, str) else value

    def _copied(self, file, place: str) -> str:
        """Copy an uploaded file to ``place`` in the folder and return its path in the package."""
        path = PurePosixPath(place + PurePosixPath(file.name).suffix.lower())
        target = self.folder / path  # type: ignore[operator] # there is a folder where files are copied
        target.parent.mkdir(parents=True, exist_ok=True)  # type: ignore[union-attr] # there is a folder where files are copied
        try:
            with file.storage.open(file.name, "rb") as source, target.open("wb") as copy:  # type: ignore[union-attr] # there is a folder where files are copied
                shutil.copyfileobj(source, copy)
        except FileNotFoundError:
            raise PackageError(
                _("The file %(file)s of “%(row)s” is not in the storage. Upload it again, or remove it.")
                % {"file": file.name, "row": file.instance}
            ) from None
        return f"{self.path}/{path}"


def rich_texts(rows: RowSchema, row: ContentModel) -> Iterator[str]:
    """Yield the rich texts of a row and of its children."""
    for name, column in rows.columns.items():
        if is_rich(column):
            yield getattr(row, name) or ""
    for key in rows.of_kind(Kind.CHILDREN):
        for child in getattr(row, key.rows.parent.remote_field.get_accessor_name()).all():
            yield from rich_texts(key.rows, child)


def name_of(row: ContentModel) -> str:
    """Return the natural key of a row as packages write it: ``"americas"``, ``"agenda-2030/10"``."""
    names = [row.parent_field] if row.parent_field else []
    parts = [getattr(row, name) for name in [*names, *row.natural_key_fields]]
    return joined(*(name_of(part) if isinstance(part, ContentModel) else str(part) for part in parts))


def safe(part: str) -> str:
    """Return a part of a name as the name of a folder."""
    return get_valid_filename(part) if part.strip(". ") else "_"


def ordering(model: type[ContentModel]) -> list:
    """Return the order of items: by what they belong to, then by position, then by natural key."""
    owners = [path for name in getattr(model, "live_through", ()) for path in field_paths(model, name)]
    positions = ["position"] if any(field.name == "position" for field in model._meta.concrete_fields) else []
    paths = list(dict.fromkeys([*owners, *positions, *name_paths(model)]))
    collation = BYTE_ORDER[connection.vendor]
    return [path if path == "position" else Collate(F(path), collation) for path in paths] + ["pk"]


def prepared(rows: RowSchema, queryset: models.QuerySet) -> models.QuerySet:
    """Return ``queryset`` with all that the items of its rows name, in a number of queries that does not grow."""
    references = [
        path.rpartition("__")[0]
        for key in rows.of_kind(Kind.REFERENCE)
        for path in field_paths(rows.model, key.field.name)
        if "__" in path
    ]
    if references:
        queryset = queryset.select_related(*references)
    for key in rows.of_kind(Kind.RELATED):
        owners = {path.rpartition("__")[0] for path in name_paths(key.target)} - {""}
        targets = key.target.objects.order_by()
        targets = targets.select_related(*owners) if owners else targets
        queryset = queryset.prefetch_related(Prefetch(key.name, targets))
    for key in rows.of_kind(Kind.CHILDREN):
        accessor = key.rows.parent.remote_field.get_accessor_name()
        children = prepared(key.rows, key.rows.model.objects.order_by())
        queryset = queryset.prefetch_related(Prefetch(accessor, children))
    return queryset
