"""Plans written to the database: in bulk, inside the caller's transaction."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import models
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from cms.content.languages import translated_fields
from cms.content.models import ContentModel
from cms.packages.identities import BATCH_SIZE, batched
from cms.packages.layout import PackageSchema
from cms.packages.planning import RowPlan
from cms.packages.problems import Location, Problems
from cms.packages.uniqueness import in_waves, unique_checks


class Writer:
    """Writes batches of plans; :meth:`finish` after the last one removes the children that were left out.

    The caller wraps all of it in one transaction and calls :meth:`discard_files` when that fails. With
    ``keep_files=False`` (a dry run) rows are written and uploaded files are not.
    """

    def __init__(self, schema: PackageSchema, problems: Problems, *, keep_files: bool = True):
        self.schema = schema
        self.problems = problems
        self.keep_files = keep_files
        self.uniques = {rows.model: unique_checks(rows) for rows in schema.rows}
        self._saved: list[tuple] = []
        self._to_remove: dict[type[ContentModel], list[tuple]] = defaultdict(list)

    def write(self, plans: list[RowPlan]) -> None:
        """Write the rows of one batch of items, then their children and relations, level by level."""
        while plans:
            self._write_rows(plans)
            self._write_related(plans)
            plans = [child for plan in plans for child in self._children(plan)]

    def _children(self, plan: RowPlan) -> list[RowPlan]:
        found = []
        for change in plan.children.values():
            for child in change.removed:
                self._to_remove[type(child)].append((child.pk, plan))
            found += [*change.added, *change.kept]
        return found

    def _write_rows(self, plans: list[RowPlan]) -> None:
        by_model: dict[type[ContentModel], list[RowPlan]] = defaultdict(list)
        for plan in plans:
            if plan.is_new or plan.changed:
                self._save_files(plan)
                by_model[plan.rows.model].append(plan)
        for model, found in by_model.items():
            # Children that are left out go before new ones come: these may have what must be unique. Rows that
            # others name go last, when nothing of the package names them any more.
            if model not in self.schema.referenced:
                self._remove(model)
            # Changed rows go before new ones, which may have what those had.
            for wave in in_waves([plan for plan in found if not plan.is_new], self.uniques[model]):
                self._update(model, wave)
            model.objects.bulk_create([plan.row for plan in found if plan.is_new], batch_size=BATCH_SIZE)

    def _update(self, model: type[ContentModel], plans: list[RowPlan]) -> None:
        """Write the changed columns of rows that are there.

        As an insert that meets itself: the rows are whole and locked, and ``bulk_update`` takes eight times as long.
        """
        changed = {name for plan in plans for name in plan.changed}
        fields = [field for field in model._meta.concrete_fields if {field.name, field.attname} & changed]
        # The bare column follows its language columns; see cms/content/languages.py.
        bare = [
            name
            for name in translated_fields(model)
            if any(getattr(field, "translated_field", None) is model._meta.get_field(name) for field in fields)
        ]
        model.objects.bulk_create(
            [plan.row for plan in plans],
            batch_size=BATCH_SIZE,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[*(field.name for field in fields), *bare],
        )

    def _save_files(self, plan: RowPlan) -> None:
        for name, path in plan.files.items():
            field = plan.rows.keys[name].field
            if path is None:
                setattr(plan.row, name, "")
            elif self.keep_files:
                with Path(path).open("rb") as file:
                    stored = getattr(plan.row, name)
                    stored.save(Path(path).name, File(file), save=False)
                    self._saved.append((stored.storage, stored.name))
            else:
                setattr(plan.row, name, field.generate_filename(plan.row, Path(path).name))

    def _write_related(self, plans: list[RowPlan]) -> None:
        added: dict[Any, list] = defaultdict(list)
        removed: dict[Any, list] = defaultdict(list)
        for plan in plans:
            for name, change in plan.related.items():
                field = plan.rows.keys[name].field
                source, target = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
                through = field.remote_field.through
                added[through] += [through(**{source: plan.row.pk, target: other}) for other in change.added]
                removed[through] += change.removed
        for through, links in removed.items():
            for batch in batched(links, BATCH_SIZE):
                through.objects.filter(pk__in=batch).delete()
        for through, links in added.items():
            through.objects.bulk_create(links, batch_size=BATCH_SIZE)

    def finish(self) -> None:
        """Remove the children that the package left out; those that others still need are problems."""
        for model in list(self._to_remove):
            self._remove(model)

    def _remove(self, model: type[ContentModel]) -> None:
        removals = self._to_remove.pop(model, [])
        for batch in batched(removals, BATCH_SIZE):
            try:
                model.objects.filter(pk__in=[pk for pk, _plan in batch]).delete()
            except ProtectedError as error:
                self._note_protected(batch, error)

    def _note_protected(self, batch: list[tuple], error: ProtectedError) -> None:
        """Say of each row that cannot be removed which rows point to it."""
        plans = dict(batch)
        for other in error.protected_objects:
            for field in other._meta.concrete_fields:
                pk = getattr(other, field.attname)
                if field.is_relation and pk in plans:
                    file, line = plans[pk].record["at"]
                    self.problems.add(
                        Location(file, line),
                        plans[pk].record["about"],
                        _("“%(row)s” is left out here and cannot be removed: it is named by “%(other)s”.")
                        % {"row": getattr(other, field.name), "other": owner_of(other)},
                    )

    def discard_files(self) -> None:
        """Delete the files that were saved, after the transaction that wrote their rows has failed."""
        for storage, name in self._saved:
            storage.delete(name)
        self._saved.clear()


def owner_of(row: Any) -> models.Model:
    """Return the item that a row is part of, or the row itself."""
    parent = row.parent_field
    return getattr(row, parent) if parent else row
