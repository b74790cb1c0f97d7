"""Drafts beside the live rows: write snapshots to the live tables, look, and roll back.

Inside :func:`overlay` everything (admin form, public page, search, API) sees the drafts as if they were live, with
no second code path. Publishing is the same write, committed.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.models.deletion import ProtectedError, RestrictedError
from django.db.models.functions import Cast, Coalesce, Left
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.content.characters import looks_blank
from cms.content.models import Child, ContentModel, Publishable
from cms.content.snapshots import Snapshot, child_relations, from_json, plain_relations, snapshot_fields
from cms.publishing.exceptions import Busy, DraftClash

# A model, a key and what to show of that item; ``None`` shows it as it is stored.
Draft = tuple[type[Publishable], UUID, Snapshot | None]
Row = tuple[type[Publishable], UUID]

PATIENCE = 5.0  # seconds for which several rows are waited for
PAUSE = 0.02  # seconds between two looks whether they are free
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, appendix A: error codes


def writing_order(model: type[Publishable], pk: UUID) -> tuple[int, str, UUID]:
    """Return what to sort items by before several are written in one transaction: parents first, then by key.

    Only who holds the head of the change log waits for a row while holding others (:func:`hold` does not), so two
    transactions never wait for each other.
    """
    return live_depth(model), model._meta.label, pk


@cache
def live_depth(model: type[Publishable]) -> int:
    """Return how many levels of items a row of ``model`` is public through."""
    parents = [model._meta.get_field(name).related_model for name in model.live_through]
    return 1 + max(map(live_depth, parents)) if parents else 0


@contextmanager
def overlay(drafts: Iterable[Draft], *, as_live: bool = False) -> Iterator[None]:
    """Show ``drafts`` (model, key, snapshot) in the place of the stored rows until the block ends.

    With ``as_live`` they are live too, as in the preview of an item that was never published. What is rendered must
    be rendered inside the block (a lazy ``TemplateResponse`` too); what must persist is written after it.

    Raises ``DraftClash`` when a draft cannot stand beside what is stored now, and ``Busy`` when somebody else has been
    writing one of several rows for :data:`PATIENCE`.
    """
    with transaction.atomic():
        drafts = sorted(drafts, key=lambda draft: writing_order(*draft[:2]))
        made_live = not_live(drafts) if as_live else set()
        hold([(model, pk) for model, pk, data in drafts if data is not None or (model, pk) in made_live])
        make_room(drafts)
        for model, pk, data in drafts:
            if data is not None:
                with refused_in_words(model._meta.verbose_name):
                    apply_snapshot(model, pk, data)
            if (model, pk) in made_live:
                model._base_manager.filter(pk=pk).update(
                    status=Publishable.Status.LIVE,
                    first_published_at=Coalesce("first_published_at", timezone.now()),
                    last_published_at=timezone.now(),
                )
        yield
        transaction.set_rollback(True)


def not_live(drafts: list[Draft]) -> set[Row]:
    """Return model and key of the items of sorted ``drafts`` that are not live as they are stored."""
    found: set[Row] = set()
    for model, group in groupby(drafts, key=itemgetter(0)):
        keys = {pk for _model, pk, _data in group}
        live = model._base_manager.filter(pk__in=keys, status=Publishable.Status.LIVE).values_list("pk", flat=True)
        found |= {(model, pk) for pk in keys.difference(live)}
    return found


def hold(rows: list[Row]) -> None:
    """Lock several sorted ``rows`` before they are written: all, or none while somebody else has one of them.

    Whoever publishes waits for rows one after the other, in the order in which changes are due, and would wait for
    ever for a preview that waits for them. SQLite has one writer at a time.

    Raises ``Busy``.
    """
    if len(rows) < 2 or not connection.features.has_select_for_update_nowait:
        return
    until = time.monotonic() + PATIENCE
    while not are_held(rows):
        if time.monotonic() > until:
            raise Busy
        time.sleep(PAUSE)


def are_held(rows: list[Row]) -> bool:
    """Lock ``rows`` and say so, or lock none."""
    try:
        with transaction.atomic():
            for model, group in groupby(rows, key=itemgetter(0)):
                stored = model._base_manager.filter(pk__in=[pk for _model, pk in group])
                list(stored.select_for_update(nowait=True).values_list("pk"))
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


@contextmanager
def refused_in_words(item: object) -> Iterator[None]:
    """Raise ``DraftClash`` for what the database refuses of a snapshot of ``item``."""
    try:
        yield
    except (ProtectedError, RestrictedError) as error:  # before IntegrityError, which they are too
        raise DraftClash(
            _("“%(item)s” drops something that other items need: %(needed)s."),
            code="needed",
            params={"item": item, "needed": needed_by(error)},
        ) from error
    except IntegrityError as error:
        raise DraftClash(
            _("“%(item)s” takes a name or a place that another item has: change its slug, code or kind."),
            code="unique",
            params={"item": item},
        ) from error


def needed_by(error: ProtectedError | RestrictedError) -> str:
    """Return the names of the first few rows that stand in the way of a deletion."""
    rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    return ", ".join(sorted({f"{row._meta.verbose_name} “{row}”" for row in list(rows)[:5]}))


def without_clash(model: type[Publishable], data: Snapshot, stored: Snapshot) -> Snapshot:
    """Return ``data`` with its names and places as they are ``stored``, and with the children that others need."""
    names = {name for constraint in model._meta.total_unique_constraints for name in constraint.fields}
    for constraint in model._meta.constraints:
        names.update(getattr(constraint, "fields", ()))
    names |= {field.name for field in model._meta.concrete_fields if field.unique}
    fields = {name: stored["fields"][name] if name in names else value for name, value in data["fields"].items()}
    children = dict(data["children"])
    for name, child_model in child_relations(model).items():
        if child_model._meta.related_objects:
            kept = {row["id"] for row in children.get(name, [])}
            dropped = [row for row in stored["children"][name] if row["id"] not in kept]
            children[name] = [*children.get(name, []), *dropped]
    return {**data, "fields": fields, "children": children}


def apply_snapshot(model: type[Publishable], pk: UUID, data: Snapshot) -> None:
    """Write a snapshot to the live tables: the row, its plain relations and its children, matched by their keys.

    A row that is not there is made, not live. Fields of the snapshot that the model no longer has are passed over;
    fields that it lacks stay as they are.

    Raises ``IntegrityError`` when the snapshot takes a unique value, such as a slug, that another row holds now.
    """
    columns = columns_of(model, data["fields"])
    if not model._base_manager.filter(pk=pk).update(**columns):
        model._base_manager.bulk_create([model(id=pk, **columns)])
    for field in plain_relations(model):
        if field.name in data["relations"]:
            set_relation(field, pk, data["relations"][field.name])
    for name, child_model in child_relations(model).items():
        if name in data["children"]:
            set_children(child_model, pk, data["children"][name])


def columns_of(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a snapshot's row by attribute name."""
    return {
        field.attname: from_json(field, without_blank(values[field.name]))
        for field in snapshot_fields(model)
        if field.name in values
    }


def without_blank(value: Any) -> Any:
    """Return ``value``; of a text that looks blank, as drafts may have had them, nothing."""
    return "" if isinstance(value, str) and looks_blank(value) else value


def set_relation(field: models.ManyToManyField, pk: UUID, keys: list[str]) -> None:
    """Make the rows of a plain many-to-many relation exactly ``keys``; keys that no longer exist are left out."""
    through: Any = field.remote_field.through
    source, target = field.m2m_field_name(), field.m2m_reverse_field_name()
    wanted = set(field.related_model._base_manager.filter(pk__in=keys).values_list("pk", flat=True))
    rows = through._base_manager.filter(**{source: pk})
    present = set(rows.values_list(target, flat=True))
    if gone := present - wanted:
        rows.filter(**{f"{target}__in": gone}).delete()
    through._base_manager.bulk_create(through(**{f"{source}_id": pk, f"{target}_id": key}) for key in wanted - present)


def set_children(child_model: type[Child], parent: UUID, rows: list[dict]) -> None:
    """Make the children of ``parent`` exactly ``rows``, in their order; rows keep their keys.

    Rows that are stored as they shall be are not written: most drafts change few. Raises ``ProtectedError`` when a
    row that ``rows`` leaves out is needed by another item.
    """
    wanted = {
        UUID(row["id"]): {"position": position, **columns_of(child_model, row)} for position, row in enumerate(rows)
    }
    siblings = child_model._base_manager.filter(**{child_model.parent_field: parent})
    changed, gone = different_rows(child_model, siblings, wanted)
    children = [child_model(id=key, **{f"{child_model.parent_field}_id": parent}, **wanted[key]) for key in changed]
    if child_model._meta.related_objects:
        siblings.filter(pk__in=gone).delete()
        siblings.filter(pk__in=changed).update(**free_names(child_model))
        upsert: dict[str, Any] = {
            "update_conflicts": True,
            "unique_fields": ["id"],
            "update_fields": ["position", *(field.name for field in snapshot_fields(child_model))],
        }
    else:  # nothing points at these rows, so they are simply written anew
        siblings.filter(pk__in=[*gone, *changed]).delete()
        upsert = {}
    child_model._base_manager.bulk_create(children, **upsert)


def different_rows(
    child_model: type[Child], siblings: models.QuerySet, wanted: dict[UUID, dict[str, Any]]
) -> tuple[list[UUID], list[UUID]]:
    """Return the keys of ``wanted`` that are not stored just so, and those of ``siblings`` that are not wanted.

    Columns that a row of ``wanted`` lacks, as in a draft from before they were, are put into it as they are stored.
    """
    names = ["position", *(field.attname for field in snapshot_fields(child_model))]
    changed, gone = dict.fromkeys(wanted), []
    for key, *values in siblings.order_by().values_list("pk", *names):
        if key not in wanted:
            gone.append(key)
            continue
        stored = dict(zip(names, values, strict=True))
        wanted[key] = {**stored, **wanted[key]}
        if without_nulls(wanted[key]) == without_nulls(stored):
            del changed[key]
    return list(changed), gone


def without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    """Return ``values`` with those that are null left out, and texts without content too, which mean the same."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def make_room(drafts: Iterable[Draft]) -> None:
    """Give several items that are about to be written names nobody has, so that two of them can swap theirs."""
    named: dict[type[Publishable], list[UUID]] = {}
    for model, pk, data in drafts:
        if data is not None and set(free_names(model)) <= set(data["fields"]):  # it brings its own
            named.setdefault(model, []).append(pk)
    for model, keys in named.items():
        if len(keys) > 1 and (names := free_names(model)):
            model._base_manager.filter(pk__in=keys).update(**names)


def free_names(model: type[ContentModel]) -> dict[str, models.Expression]:
    """Return updates that give rows names nobody has, so that two of them can then swap theirs."""
    fields = [model._meta.get_field(name) for name in model.natural_key_fields]
    return {
        field.name: Left(Cast("pk", models.CharField()), field.max_length)  # type: ignore[arg-type] # a CharField, which has a length
        for field in fields
        if isinstance(field, models.CharField)
    }
