"""Which row a name stands for: the UUID of every row that a package has or refers to.

Rows that are new get their UUID here, so that everything can point to everything before anything is written. Only
names and UUIDs are kept in memory, never rows.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from cms.content.models import ContentModel
from cms.packages.layout import SEPARATOR, PackageSchema, RowSchema, joined, name_paths
from cms.packages.problems import MAX_CANDIDATES, Location, Problems, similar
from cms.packages.reading import Record

BATCH_SIZE = 500


class Identities:
    """Names and UUIDs of rows, by model.

    First :meth:`add` every record and :meth:`want` the names that they refer to, then :meth:`resolve`; from then
    on :meth:`of` answers.
    """

    def __init__(self, schema: PackageSchema, problems: Problems):
        self.schema = schema
        self.problems = problems
        self._places: dict[type[ContentModel], dict[str, tuple[int, int]]] = {}
        self._wanted: dict[type[ContentModel], set[str]] = {}
        self._given: dict[type[ContentModel], dict[str, UUID]] = {}
        self._ids: dict[type[ContentModel], dict[str, UUID]] = {}
        self._candidates: dict[type[ContentModel], list[str]] = {}

    def add(self, rows: RowSchema, record: Record) -> bool:
        """Take in an item and those of its children that other rows may name; ``False`` when it is a duplicate."""
        if record["name"] is None:
            return False
        places = self._places.setdefault(rows.model, {})
        if first := places.get(record["name"]):
            self.problems.add(
                Location(*record["at"]),
                record["about"],
                _("is in the package twice, first in %(file)s:%(line)d.")
                % {"file": self.problems.files[first[0]], "line": first[1]},
            )
            return False
        self._take(rows, record["name"], record)
        self._add_children(rows, record["name"], record)
        return True

    def _take(self, rows: RowSchema, name: str, record: Record) -> None:
        self._places.setdefault(rows.model, {})[name] = tuple(record["at"])
        if "id" in record:
            self._given.setdefault(rows.model, {})[name] = UUID(record["id"])

    def _add_children(self, rows: RowSchema, name: str, record: Record) -> None:
        for key, children in record["children"].items():
            child_rows = rows.keys[key].rows
            for child in children:
                if child["name"]:
                    full_name = joined(name, child["name"])
                    if child_rows.model in self.schema.referenced:
                        self._take(child_rows, full_name, child)
                    self._add_children(child_rows, full_name, child)

    def want(self, wanted: dict[type[ContentModel], set[str]]) -> None:
        """Remember names that are referred to."""
        for model, names in wanted.items():
            self._wanted.setdefault(model, set()).update(names)

    def resolve(self) -> None:
        """Look every name up in the database and give a UUID to those of the package that are not there."""
        for rows in self.schema.rows:
            places = self._places.get(rows.model, {})
            given = self._given.get(rows.model, {})
            names = self._wanted.pop(rows.model, set()).union(places)
            if not names:
                continue
            ids = dict(self._existing(rows.model, names))
            self._check_given(rows, given, ids)
            for name in places:
                if name not in ids:
                    ids[name] = given.get(name) or uuid4()
            self._ids[rows.model] = ids

    def _existing(self, model: type[ContentModel], names: Iterable[str]) -> Iterator[tuple[str, UUID]]:
        """Yield the names that rows in the database have, with the ids of the rows."""
        paths = name_paths(model)
        if not paths:  # a model with at most one row, whose name is empty
            yield from (("", pk) for pk in model.objects.values_list("pk", flat=True)[:1])
            return
        for batch in batched(names, BATCH_SIZE):
            columns = zip(*(name.split(SEPARATOR, len(paths) - 1) for name in batch), strict=True)
            lookups = {f"{path}__in": set(values) for path, values in zip(paths, columns, strict=True)}
            wanted = set(batch)
            # The lookups find all combinations of their parts; those that were not asked for are passed over.
            for *parts, pk in model.objects.filter(**lookups).order_by().values_list(*paths, "pk").iterator():
                name = SEPARATOR.join(map(str, parts))
                if name in wanted:
                    yield name, pk

    def _check_given(self, rows: RowSchema, given: dict[str, UUID], ids: dict[str, UUID]) -> None:
        """Hold the ids that the package gives against those that the rows have."""
        owners: dict[UUID, str] = {}
        for name, pk in given.items():
            if name in ids and ids[name] != pk:
                self._refuse_id(rows, name, _("this row is here under the id %(id)s.") % {"id": ids[name]})
            elif pk in owners:
                self._refuse_id(rows, name, _("“%(name)s” has this id too.") % {"name": owners[pk]})
            owners[pk] = name
        paths = name_paths(rows.model)
        new = [pk for name, pk in given.items() if name not in ids]
        for batch in batched(new, BATCH_SIZE):
            for pk, *parts in rows.model.objects.filter(pk__in=batch).order_by().values_list("pk", *paths):
                taken = SEPARATOR.join(map(str, parts))
                self._refuse_id(
                    rows, owners[pk], _("this id belongs to “%(name)s”, which is here already.") % {"name": taken}
                )

    def _refuse_id(self, rows: RowSchema, name: str, message: str) -> None:
        place = Location(*self._places[rows.model][name])
        self.problems.add(place, f"{rows.name} “{name}”", "id", message)

    def of(self, model: type[ContentModel], name: str) -> UUID | None:
        """Return the UUID of the row that ``name`` stands for, or ``None`` when there is no such row."""
        return self._ids.get(model, {}).get(name)

    def in_package(self, model: type[ContentModel]) -> set[UUID]:
        """Return the UUIDs of the rows that the package itself has, new ones included."""
        ids = self._ids.get(model, {})
        return {ids[name] for name in self._places.get(model, {})}

    def suggestion(self, model: type[ContentModel], name: str) -> str:
        """Return the end of a message that offers a name like ``name``, of the package or the database."""
        if model not in self._candidates:
            paths = name_paths(model)
            found = [
                SEPARATOR.join(map(str, parts))
                for parts in model.objects.order_by().values_list(*paths)[:MAX_CANDIDATES]
            ]
            self._candidates[model] = list(
                dict.fromkeys([*islice(self._places.get(model, {}), MAX_CANDIDATES), *found])
            )
        return similar(name, self._candidates[model])


def batched(values: Iterable, size: int) -> Iterator[list]:
    """Yield lists of up to ``size`` of the values."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch
