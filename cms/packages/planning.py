"""Records held against the rows that there are: which rows would be new, and what would change in the others."""

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from cms.content.links import targets
from cms.content.models import ContentModel, Publishable
from cms.content.schema import columns_of
from cms.packages.files import holds
from cms.packages.identities import Identities
from cms.packages.layout import Key, Kind, RowSchema, joined
from cms.packages.links import Named, with_keys
from cms.packages.problems import Location, Problems
from cms.packages.reading import Record
from cms.packages.values import differs, python_value


@cache
def seen_columns(model: type[ContentModel]) -> frozenset[str]:
    """Return the attributes of the columns of ``model`` that the public sees."""
    return frozenset(column.attname for column in columns_of(model, model.schema.public))


@dataclasses.dataclass(slots=True)
class ListChanges:
    """What happens to a list of a row: its children or the rows that it is related to."""

    added: list = dataclasses.field(default_factory=list)
    removed: list = dataclasses.field(default_factory=list)
    kept: list = dataclasses.field(default_factory=list)
    is_reordered: bool = False


@dataclasses.dataclass(slots=True)
class RowPlan:
    """A row as it would be after the import; ``before`` has what an existing row holds in the columns that change."""

    rows: RowSchema
    record: Record
    row: ContentModel
    is_new: bool
    name: str | None
    before: dict[str, Any] = dataclasses.field(default_factory=dict)
    files: dict[str, str | None] = dataclasses.field(default_factory=dict)  # field -> path
    children: dict[str, ListChanges] = dataclasses.field(default_factory=dict)
    related: dict[str, ListChanges] = dataclasses.field(default_factory=dict)

    @property
    def changed(self) -> set[str]:
        """The columns that an existing row gets, by attribute."""
        return set(self.before)

    def set(self, attribute: str, value: Any) -> None:
        """Give the row a value and remember the one it had."""
        self.before.setdefault(attribute, getattr(self.row, attribute))
        setattr(self.row, attribute, value)

    @property
    def is_changed(self) -> bool:
        """Whether anything would be written to a row that is there already."""
        return not self.is_new and bool(
            self.before
            or any(change.added or change.removed for change in self.related.values())
            or any(
                change.added or change.removed or any(kept.is_changed for kept in change.kept)
                for change in self.children.values()
            )
        )

    @property
    def is_seen(self) -> bool:
        """Whether the public sees any of what is written, where it sees the row."""
        return (
            self.is_new
            or bool(self.before.keys() & seen_columns(self.rows.model))
            or any(
                change.added or change.removed
                for name, change in self.related.items()
                if name in self.rows.model.schema.public
            )
            or any(
                change.added or change.removed or change.is_reordered or any(kept.is_seen for kept in change.kept)
                for name, change in self.children.items()
                if self.rows.keys[name].rows.model.schema.public
            )
        )

    def parts(self) -> Iterator["RowPlan"]:
        """Yield the plans of the children, and of theirs."""
        for change in self.children.values():
            for child in [*change.added, *change.kept]:
                yield child
                yield from child.parts()


class Planner:
    """Makes plans of records, a batch at a time, with a number of queries that does not depend on the batch.

    Problems are noted, not raised: references to rows that there are not, and ids that other rows have.
    """

    def __init__(self, identities: Identities, problems: Problems, at: datetime.datetime, *, publish: bool):
        self.publish = publish
        self.identities = identities
        self.problems = problems
        self.at = at

    def plan(self, rows: RowSchema, records: list[Record], *, lock: bool = False) -> list[RowPlan]:
        """Return the plans of items; ``lock`` keeps others from changing the rows until the transaction ends."""
        ids = [self.identities.of(rows.model, record["name"]) for record in records]
        queryset = rows.model.objects.order_by()
        if lock:
            queryset = queryset.select_for_update(of=("self",))
        existing = {row.pk: row for row in queryset.filter(pk__in=ids)}
        plans = [
            self._plan_row(rows, record, existing.get(pk), pk, record["name"])
            for pk, record in zip(ids, records, strict=True)
        ]
        self._plan_lists(rows, plans)
        for plan in plans:
            if self.publish and isinstance(plan.row, Publishable) and plan.row.is_live and plan.is_changed:
                plan.set("last_published_at", self.at)
        return plans

    def _plan_row(
        self,
        rows: RowSchema,
        record: Record,
        row: ContentModel | None,
        pk: UUID | None,
        name: str | None,
        **fixed: Any,
    ) -> RowPlan:
        values = {
            column: python_value(rows.columns[column], stored) if stored is not None else None
            for column, stored in record["values"].items()
        }
        for column, named in record["links"].items():
            values[column] = self._linked(rows, record, column, values[column], named)
        for field_name, target in record["references"].items():
            values |= self._reference(rows.keys[field_name], record, target)
        if row is None:
            plan = RowPlan(rows, record, new_row(rows, {"id": pk, **values, **fixed}), is_new=True, name=name)
        else:
            plan = RowPlan(rows, record, row, is_new=False, name=name)
            fields = rows.columns
            for attribute, value in values.items():
                old = getattr(row, attribute)
                field = fields.get(attribute)
                if differs(field, old, value) if field else old != value:
                    plan.set(attribute, value)
        self._plan_status(plan)
        for field_name, file in record["files"].items():
            path, expected = file or (None, "")
            stored = None if plan.is_new else getattr(plan.row, field_name)
            if not (holds(stored, expected) if file else not stored):
                plan.files[field_name] = path
                plan.before[field_name] = stored
        return plan

    def _reference(self, key: Key, record: Record, name: str | None, line: int | None = None) -> dict[str, Any]:
        """Return the column of a foreign key with the id of the row that is named; nothing when there is none."""
        if name is None:
            return {key.field.attname: None}
        found = self._key_of(key.target, name, record, key.name, line)
        if found is None:
            return {}
        return {key.field.attname: found} if key.kind is Kind.REFERENCE else {name: found}

    def _key_of(
        self, model: type[ContentModel], name: str, record: Record, key: str, line: int | None = None
    ) -> UUID | None:
        """Return the id of the row that is named, or note that there is none."""
        found = self.identities.of(model, name)
        if found is None:
            file, item_line = record["at"]
            self.problems.add(
                Location(file, line or record["lines"].get(key, item_line)),
                record["about"],
                key,
                _("there is no “%(name)s” among the %(rows)s.")
                % {"name": name, "rows": self.identities.schema.by_model[model].name}
                + self.identities.suggestion(model, name),
            )
        return found

    def _linked(self, rows: RowSchema, record: Record, column: str, text: Any, named: Named) -> str:
        """Return a text whose links name items with the ids of these."""
        key = rows.key_of_column[column]
        found = {
            reference: self._key_of(targets()[label], name, record, key) for reference, (label, name) in named.items()
        }
        return with_keys(text, {reference: pk for reference, pk in found.items() if pk})

    def _plan_status(self, plan: RowPlan) -> None:
        """New items are live unless they say otherwise; items that are there keep theirs unless they do.

        An import of drafts changes nobody's status: its new items are not published, whatever they say.
        """
        if not isinstance(plan.row, Publishable) or not self.publish:
            return
        status = plan.record.get("status") or (Publishable.Status.LIVE if plan.is_new else plan.row.status)
        if plan.is_new or status != plan.row.status:
            plan.before.update({name: getattr(plan.row, name) for name in Publishable.STATUS_FIELDS})
            plan.row.set_status(status, at=self.at)

    def _plan_lists(self, rows: RowSchema, plans: list[RowPlan]) -> None:
        for key in rows.of_kind(Kind.RELATED):
            self._plan_related(key, [plan for plan in plans if key.name in plan.record["related"]])
        for key in rows.of_kind(Kind.CHILDREN):
            self._plan_children(key, [plan for plan in plans if key.name in plan.record["children"]])

    def _plan_related(self, key: Key, plans: list[RowPlan]) -> None:
        links: dict[UUID, dict[UUID, Any]] = defaultdict(dict)
        if existing := [plan.row.pk for plan in plans if not plan.is_new]:
            through = key.field.remote_field.through
            source, target = key.field.m2m_field_name(), key.field.m2m_reverse_field_name()
            found = through.objects.filter(**{f"{source}__in": existing})
            for link, owner, other in found.values_list("pk", f"{source}_id", f"{target}_id"):
                links[owner][other] = link
        for plan in plans:
            wanted: set[UUID] = set()
            for name, line in plan.record["related"][key.name]:
                wanted.update(self._reference(key, plan.record, name, line).values())
            old = links[plan.row.pk]
            plan.related[key.name] = ListChanges(
                added=sorted(wanted - old.keys()),
                removed=[link for other, link in old.items() if other not in wanted],
            )

    def _plan_children(self, key: Key, plans: list[RowPlan]) -> None:
        rows = key.rows
        existing: dict[UUID, list[ContentModel]] = defaultdict(list)
        parents = [plan.row.pk for plan in plans if not plan.is_new]
        if parents:
            for child in in_order(rows, rows.model.objects.filter(**{f"{rows.parent.name}__in": parents})):
                existing[getattr(child, rows.parent.attname)].append(child)
        children: list[RowPlan] = []
        for plan in plans:
            change = self._match(rows, plan, existing[plan.row.pk], plan.record["children"][key.name])
            plan.children[key.name] = change
            children += [*change.added, *change.kept]
        self._check_new_ids(rows, [child for child in children if child.is_new and "id" in child.record])
        self._plan_lists(rows, children)

    def _match(self, rows: RowSchema, plan: RowPlan, old: list[ContentModel], records: list[Record]) -> ListChanges:
        """Pair the children of a package with those of the row, so that they keep their UUIDs.

        The natural key says which is which; children that have none are told apart by their ids, else their order.
        """
        change = ListChanges()
        given = {record.get("id") for record in records}
        by_key = {self._key_of_row(rows, child): child for child in old} if rows.natural_key else {}
        by_order = iter([child for child in old if str(child.pk) not in given])
        by_id = {str(child.pk): child for child in old}
        ordered: list[RowPlan] = []
        for record in records:
            if rows.natural_key:
                match = by_key.pop(self._key_of_record(rows, record), None)
            else:
                match = by_id.get(record["id"]) if "id" in record else next(by_order, None)
            full_name = joined(plan.name, record["name"]) if record["name"] else None  # type: ignore[arg-type] # an item with children has a name
            if match is None:
                pk = self.identities.of(rows.model, full_name) if full_name else None
                pk = pk or (UUID(record["id"]) if "id" in record else uuid4())
                child = self._plan_row(rows, record, None, pk, full_name, **{rows.parent.attname: plan.row.pk})  # type: ignore[union-attr] # children have a parent
                change.added.append(child)
            else:
                child = self._plan_row(rows, record, match, match.pk, full_name)
                self._check_id(child)
                change.kept.append(child)
            ordered.append(child)
        kept = {child.row.pk for child in change.kept}
        change.removed = [child for child in old if child.pk not in kept]
        self._number(change, ordered, [child.pk for child in old if child.pk in kept])
        return change

    def _number(self, change: ListChanges, ordered: list[RowPlan], order_now: list[UUID]) -> None:
        """Write positions from 1 where the order is another than it was; leave them alone where it is the same."""
        if [child.row.pk for child in ordered] == order_now:
            return
        change.is_reordered = [child.row.pk for child in ordered if not child.is_new] != order_now
        for position, child in enumerate(ordered, 1):
            if child.row.position != position:  # type: ignore[attr-defined] # of a model that has it
                child.set("position", position)

    def _key_of_row(self, rows: RowSchema, child: ContentModel) -> tuple[str, ...]:
        return tuple(str(getattr(child, rows.model._meta.get_field(name).attname)) for name in rows.natural_key)  # type: ignore[union-attr] # a column

    def _key_of_record(self, rows: RowSchema, record: Record) -> tuple[str, ...]:
        parts = []
        for name in rows.natural_key:
            key = rows.keys[name]
            if key.kind is Kind.REFERENCE:
                target = record["references"].get(name)
                parts.append(str(self.identities.of(key.target, target) if target else None))
            else:
                parts.append(str(record["values"].get(name)))
        return tuple(parts)

    def _check_id(self, child: RowPlan) -> None:
        given = child.record.get("id")
        if given and given != str(child.row.pk):
            self._refuse_id(child, _("this row is here under the id %(id)s.") % {"id": child.row.pk})

    def _check_new_ids(self, rows: RowSchema, children: list[RowPlan]) -> None:
        """Note the ids given to new children that other rows have."""
        if not children or rows.model in self.identities.schema.referenced:
            return
        taken = set(
            rows.model.objects.order_by().filter(pk__in=[c.row.pk for c in children]).values_list("pk", flat=True)
        )
        for child in children:
            if child.row.pk in taken:
                self._refuse_id(child, _("another row has this id already."))

    def _refuse_id(self, plan: RowPlan, message: str) -> None:
        file, line = plan.record["at"]
        self.problems.add(Location(file, plan.record["lines"].get("id", line)), plan.record["about"], "id", message)


def new_row(rows: RowSchema, values: dict[str, Any]) -> ContentModel:
    """Return a row that is not saved yet, with ``values`` by attribute and defaults for the rest.

    Values go in by position: by keyword, modeltranslation takes six times as long.
    """
    defaults = rows.defaults
    return rows.model(*[values[name] if name in values else defaults[name]() for name in defaults])  # type: ignore[misc] # the columns in their order


def in_order(rows: RowSchema, children: Iterable[ContentModel]) -> list[ContentModel]:
    """Return children by position; where that says nothing, by their natural key and then their id."""
    names = [rows.model._meta.get_field(name).attname for name in rows.natural_key]  # type: ignore[union-attr] # a column
    return sorted(
        children,
        key=lambda child: (child.position, [str(getattr(child, name)) for name in names], str(child.pk)),  # type: ignore[attr-defined] # of a model that has it
    )
