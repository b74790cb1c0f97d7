"""Rows as they would be after the import, held against what the models ask of them.

What one value must be was seen when it was read. Here: what a new row cannot do without, the model's ``clean()``
and constraints, uniqueness in the package and in the database, and circles of rows that belong to each other.
"""

from collections.abc import Iterator
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from cms.content.models import ContentModel
from cms.packages.constraints import judge
from cms.packages.identities import BATCH_SIZE, Identities, batched
from cms.packages.layout import Kind, PackageSchema, RowSchema
from cms.packages.planning import RowPlan
from cms.packages.problems import Location, Problems
from cms.packages.uniqueness import unique_checks

Place = tuple[int, int]


class Checker:
    """Checks plans a batch at a time; :meth:`finish` after the last batch checks what needs them all."""

    def __init__(self, schema: PackageSchema, identities: Identities, problems: Problems):
        self.problems = problems
        self.rules = {rows.model: RowRules(rows) for rows in schema.rows}
        for model, rules in self.rules.items():
            if rules.uniques:
                rules.known = identities.in_package(model)
        self.circles = {}
        for rows in schema.collections.values():
            for key in rows.of_kind(Kind.REFERENCE):
                if key.target is rows.model:
                    self.circles[rows.model, key.name] = CircleCheck(rows.model, key.field)

    def check(self, plans: list[RowPlan]) -> None:
        """Check the items of one batch, with their children."""
        by_model: dict[type[ContentModel], list[RowPlan]] = {}
        for item in plans:
            for plan in [item, *item.parts()]:
                by_model.setdefault(plan.rows.model, []).append(plan)
                self._note(plan.row)
                for change in plan.children.values():
                    for child in change.removed:
                        self._note(child)
        for model, found in by_model.items():
            rules = self.rules[model]
            for plan in found:
                if plan.is_new:
                    self._check_required(rules, plan)
                if plan.is_new or plan.changed:
                    self._check_row(rules, plan)
            for unique in rules.uniques:
                for plan, message in unique.duplicates(found, rules.known):
                    self._refuse(plan, unique.fields[-1], message)
        for plan in plans:
            for name in plan.record["references"]:
                if circle := self.circles.get((plan.rows.model, name)):
                    circle.add(plan)

    def _note(self, row: ContentModel) -> None:
        """Remember a row whose state the package says, where that is asked for."""
        rules = self.rules[type(row)]
        if rules.uniques:
            rules.known.add(row.pk)

    def finish(self) -> None:
        """Check what can only be said when all batches have been seen."""
        for (_model, name), circle in self.circles.items():
            for place, about, path in circle.found():
                self.problems.add(Location(*place), about, name, _("goes in a circle: %(path)s.") % {"path": path})

    def _check_required(self, rules: "RowRules", plan: RowPlan) -> None:
        record = plan.record
        given = {*record["values"], *record["references"], *record["files"], *record["bad"]}
        for name in rules.required:
            if name not in given:
                self._refuse(plan, name, _("is required."))

    def _check_row(self, rules: "RowRules", plan: RowPlan) -> None:
        try:
            plan.row.clean()
        except ValidationError as error:
            found = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
            for name, messages in found.items():
                if (plan.rows.model, name) in self.circles:
                    continue  # :meth:`finish` follows it through the package, where rows may change places
                for message in messages:
                    self._refuse(plan, name, message)
        except ObjectDoesNotExist:
            pass  # clean() looks at another row of the package, which is not in the database yet
        for constraint in rules.checks:
            # Like the database, only a plain "false" is against it; "unknown" (an empty column) is not.
            if judge(constraint.condition, plan.row) is False:  # type: ignore[arg-type] # our checks are made of Q
                self._refuse(plan, NON_FIELD_ERRORS, constraint.get_violation_error_message())  # type: ignore[arg-type] # a text
        for other in rules.others:
            try:
                other.validate(plan.rows.model, plan.row)
            except ValidationError as error:
                for message in error.messages:
                    self._refuse(plan, NON_FIELD_ERRORS, message)

    def _refuse(self, plan: RowPlan, name: str, message: str) -> None:
        """Note a problem of a row, unless the key that it is about has one already."""
        key = plan.rows.key_of_column.get(name, "")
        if key and key in plan.record["bad"]:
            return
        file, line = plan.record["at"]
        self.problems.add(Location(file, plan.record["lines"].get(key, line)), plan.record["about"], key, message)


class RowRules:
    """What a model asks of its rows, sorted by how it can be checked.

    ``known`` are the rows whose state after the import the package says; the database has their state before it.
    """

    def __init__(self, rows: RowSchema):
        self.known: set[UUID] = set()
        meta = rows.model._meta
        self.required = [
            key.name
            for key in rows.keys.values()
            if key.kind in (Kind.VALUE, Kind.REFERENCE, Kind.FILE) and key.name not in rows.natural_key
            if not (key.field.blank or key.field.null or key.field.has_default())
        ]
        self.checks = [each for each in meta.constraints if isinstance(each, models.CheckConstraint)]
        self.uniques = unique_checks(rows)
        self.others = [
            each
            for each in meta.constraints
            if each not in self.checks and not (isinstance(each, models.UniqueConstraint) and each.fields)
        ]


class CircleCheck:
    """Follows a foreign key of a model to itself: a row must not come back to where it started."""

    def __init__(self, model: type[ContentModel], field: models.ForeignKey):
        self.model = model
        self.field = field
        self._next: dict[UUID, UUID | None] = {}
        self._plans: dict[UUID, tuple[Place, str, str]] = {}

    def add(self, plan: RowPlan) -> None:
        """Remember where a row of the package points to."""
        target = getattr(plan.row, self.field.attname)
        self._next[plan.row.pk] = target
        if target is not None:
            line = plan.record["lines"].get(self.field.name, plan.record["at"][1])
            self._plans[plan.row.pk] = ((plan.record["at"][0], line), plan.record["about"], plan.name)  # type: ignore[assignment] # it has a name

    def found(self) -> Iterator[tuple[Place, str, str]]:
        """Yield each circle once: the place and the name of a row in it, and the way round."""
        self._complete()
        done: set[UUID] = set()
        for start in self._plans:
            path: dict[UUID, None] = {}
            pk: UUID | None = start
            while pk is not None and pk not in done and pk not in path:
                path[pk] = None
                pk = self._next.get(pk)
            if pk in path:
                way = list(path)
                circle = [*way[way.index(pk) :], pk]
                first = next(each for each in circle if each in self._plans)
                place, about, _name = self._plans[first]
                yield place, about, " → ".join(self._plans[each][2] if each in self._plans else "…" for each in circle)
            done.update(path)

    def _complete(self) -> None:
        """Read where the rows point to that the package leads to and does not have itself."""
        while missing := {pk for pk in self._next.values() if pk is not None and pk not in self._next}:
            for batch in batched(missing, BATCH_SIZE):
                self._next.update(dict.fromkeys(batch))
                rows = self.model.objects.order_by().filter(pk__in=batch)
                self._next.update(rows.values_list("pk", self.field.attname))
