"""What is to be translated: items and languages with how much of them is missing, outdated, in review and due.

It is read from the counts that are kept where parts change, never from texts, so it takes as many queries for a
hundred thousand texts as for ten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When, Window
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from cms.content.languages import displayed, site_languages
from cms.content.models import Publishable
from cms.content.registry import scope_model
from cms.editing.access import visible
from cms.editing.models import TranslationAssignment
from cms.publishing.models import PartVersion, ReleaseItem
from cms.publishing.models.versions import part_label
from cms.publishing.permissions import grants_of
from cms.publishing.stamps import Provenance
from cms.publishing.visibility import parent_paths, publishable_models
from cms.translations.models import TextCount
from cms.translations.texts import Status

PAGE = 50  # items a page
ON_FRONT_PAGE = 10
BATCH = 1_000  # names that are read at a time
State = PartVersion.State
SENT_BACK, IN_REVIEW = State.CHANGES_REQUESTED, State.SUBMITTED
NEEDS_WORK = Q(working_missing__gt=0) | Q(working_outdated__gt=0) | Q(machine__gt=0) | Q(state=SENT_BACK)


@dataclass(frozen=True)
class Selection:
    """Which items are looked at: of one kind, of one office or strategy, in a release; as one form says it.

    ``within`` are keys of what they belong to, by model.
    """

    user: Any
    kind: type[Publishable] | None = None
    within: Mapping[type[Publishable], Publishable] = field(default_factory=dict)
    release: Any = None

    def condition(self) -> Q:
        """Return the condition on rows that speak of items: what the person may see, as far as it is chosen."""
        found = Q(pk__in=[])
        for model in [self.kind] if self.kind else publishable_models():
            rows = self.rows_of(model)
            if rows is not None:
                kept = Q(object_id__in=rows.values("pk")) if rows.query.where else Q()
                found |= Q(content_type=ContentType.objects.get_for_model(model)) & kept
        return found & self.in_release()

    def rows_of(self, model: type[Publishable]) -> models.QuerySet | None:
        """Return the items of one model that are chosen; ``None``: none of that kind can be."""
        rows = visible(model._base_manager.order_by(), self.user)
        for target, item in self.within.items():
            paths = ["pk"] if model is target else []
            paths += [path for path in parent_paths(model) if leads_to(model, path) is target]
            if not paths:
                return None
            keys = self.with_parts_below(item)
            rows = rows.filter(Q(*((f"{path}__in", keys) for path in paths), _connector=Q.OR))
        return rows

    def with_parts_below(self, item: Publishable) -> list[UUID]:
        """Return the key of ``item`` and, of a part of the organization, of all below it."""
        if type(item) is not scope_model():
            return [item.pk]
        return [key for key, above in grants_of(self.user).ancestors.items() if item.pk in above]

    def in_release(self) -> Q:
        if self.release is None:
            return Q()
        entries = ReleaseItem.objects.filter(
            release=self.release, content_type=OuterRef("content_type"), object_id=OuterRef("object_id")
        )
        return Q(Exists(entries))


def leads_to(model: type[models.Model], path: str) -> Any:
    """Return the model that a path of foreign keys leads to."""
    found: Any = model
    for name in path.split("__"):
        found = found._meta.get_field(name).related_model
    return found


def containers() -> list[type[Publishable]]:
    """Return the kinds of items that others belong to and that belong to a part of the organization themselves: what
    a worklist can be narrowed to."""
    found = {leads_to(model, path) for model in publishable_models() for path in parent_paths(model)}
    return [model for model in publishable_models() if model in found and model.scope_path is not None]


# --- One language -----------------------------------------------------------------


@dataclass(frozen=True)
class Totals:
    """How much there is to do in one language, in texts and in words."""

    items: int
    missing: int
    outdated: int
    words: int
    sent_back: int
    in_review: int


STATUSES = {
    "missing": Q(working_missing__gt=0),
    "outdated": Q(working_outdated__gt=0),
    "machine": Q(machine__gt=0),
    "sent-back": Q(state=SENT_BACK),
    "in-review": Q(state=IN_REVIEW),
    "due": Q(due_on__isnull=False),
}


def work_in(language: str, selection: Selection, *, status: str = "") -> models.QuerySet:
    """Return the counts of the chosen items in ``language`` with ``state`` (of the draft of the language),
    ``assigned_to``, ``assigned_name`` and ``due_on``: all that needs work, or what is in one ``status`` ("mine": what
    was given to the person)."""
    of_item = {"content_type": OuterRef("content_type"), "object_id": OuterRef("object_id")}
    draft = PartVersion.objects.open().filter(**of_item, part=language).values("state")
    assignment = TranslationAssignment.objects.filter(**of_item, language=language)
    counts = TextCount.objects.filter(selection.condition(), language=language).annotate(
        state=Subquery(draft[:1]),
        assigned_to=Subquery(assignment.values("person")[:1]),
        assigned_name=Subquery(assignment.values("person__username")[:1]),
        due_on=Subquery(assignment.values("due_on")[:1]),
    )
    if status == "mine":
        return counts.filter(assigned_to=selection.user.pk)
    return counts.filter(STATUSES.get(status, NEEDS_WORK))


def page_of(counts: models.QuerySet, start: int, stop: int) -> tuple[list[Any], Totals]:
    """Return the rows of :func:`work_in` from ``start`` up to ``stop`` in their order, what is due first at the top,
    then where most is outdated or missing; and the sums of all of it. One query."""
    rows = list(in_order(counts).annotate(**{f"all_{name}": Window(sum_) for name, sum_ in SUMS.items()})[start:stop])
    found = {name: getattr(rows[0], f"all_{name}") if rows else 0 for name in SUMS}
    return rows, Totals(**found)


SUMS: dict[str, Any] = {
    "items": Count("pk"),
    "missing": Sum("working_missing"),
    "outdated": Sum("working_outdated"),
    "words": Sum("words_to_do"),
    "sent_back": Count(Case(When(state=SENT_BACK, then=1))),
    "in_review": Count(Case(When(state=IN_REVIEW, then=1))),
}


@dataclass(frozen=True)
class Work:
    """What is to be done of one item in one language."""

    counts: Any
    name: str
    scope: str

    @property
    def person(self) -> str:
        """The user name of who shall do it."""
        return self.counts.assigned_name or ""

    @property
    def model(self) -> type[Publishable]:
        return self.counts.model

    @property
    def kind(self) -> Any:
        return self.model._meta.verbose_name

    @property
    def url(self) -> str:
        """The address of its desk."""
        return desk_url(self.model, self.counts.object_id, self.counts.language)

    @property
    def state(self) -> Any:
        """Where the draft of the language stands, if there is one."""
        return State(self.counts.state) if self.counts.state else None

    @property
    def due_on(self) -> date | None:
        return self.counts.due_on

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < timezone.localdate()


def desk_url(model: type[Publishable], key: UUID, language: str) -> str:
    """Return the address of the desk of one item."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_desk", args=[key, language])


def in_order(counts: models.QuerySet) -> models.QuerySet:
    """Return what :func:`work_in` found with what is due first at its top, then where most is outdated or missing."""
    return counts.order_by(F("due_on").asc(nulls_last=True), "-working_outdated", "-working_missing", "pk")


def listed(counts: Iterable[Any]) -> list[Work]:
    """Return rows of :func:`work_in` with the names of what they speak of. One query for a thousand of them."""
    rows = list(counts)
    names = names_of((row.content_type_id, row.object_id) for row in rows)
    return [Work(row, *names[key]) for row in rows if (key := (row.content_type_id, row.object_id)) in names]


def names_of(keys: Iterable[tuple[int, UUID]]) -> dict[tuple[int, UUID], tuple[str, str]]:
    """Return name, and name of the part of the organization, of the items with the given keys of type and row."""
    by_type: dict[int, list[UUID]] = {}
    for content_type, key in keys:
        by_type.setdefault(content_type, []).append(key)
    parts = [
        names_of_kind(content_type, found[start : start + BATCH])
        for content_type, found in by_type.items()
        for start in range(0, len(found), BATCH)
    ]
    found_names = {}
    for start in range(0, len(parts), len(publishable_models())):
        together = parts[start : start + len(publishable_models())]
        for content_type, key, name, scope in together[0].union(*together[1:], all=True):
            found_names[content_type, UUID(str(key))] = (name, scope)
    return found_names


def names_of_kind(content_type: int, keys: list[UUID]) -> models.QuerySet:
    """Return the query for what :func:`names_of` says of the items ``keys`` of one kind.

    (Django's plain ``QuerySet``: modeltranslation's does not keep the order of columns, which a union goes by.)
    """
    model: Any = ContentType.objects.get_for_id(content_type).model_class()
    path = model.scope_path
    scope: Any = Value("", output_field=models.TextField())
    if path:
        scope = displayed(f"{path}__{scope_model().name_field}")
    rows: models.QuerySet = models.QuerySet(model).filter(pk__in=keys).order_by()
    named = rows.annotate(
        named_kind=Value(content_type, models.IntegerField()), named_row=name_of(model), named_scope=scope
    )
    return named.values_list("named_kind", "pk", "named_row", "named_scope")


def name_of(model: type[Publishable]) -> Any:
    """Return the SQL expression of the name of an item: its own or, where it has none, those that head it."""
    own = getattr(model, "name_field", "")
    first, *others = [displayed(path) for path in ([own] if own else model.search_title)]
    for other in others:
        first = Concat(first, Value(" – "), other, output_field=models.TextField())
    return first


def own_languages(user) -> list[str]:
    """Return the languages that the roles of ``user`` are limited to, in the site's order."""
    found = {code for assignment in grants_of(user).assignments for code in assignment.languages}
    return [code for code in site_languages() if code in found]


def own_work(user) -> list[dict[str, Any]]:
    """Return what is to be done in each of :func:`own_languages`, the first items of it, for the front page."""
    found = []
    for language in own_languages(user):
        rows, totals = page_of(work_in(language, Selection(user)), 0, ON_FRONT_PAGE)
        found.append({"language": language, "name": part_label(language), "totals": totals, "works": listed(rows)})
    return found


# --- All languages ----------------------------------------------------------------


IN_CELLS = ("working_missing", "working_outdated", "machine")  # columns of the counts


@dataclass(frozen=True)
class Cell:
    """Where an item stands in one language; without a ``url`` it has no texts."""

    language: str
    missing: int = 0
    outdated: int = 0
    machine: int = 0
    url: str = ""

    @property
    def status(self) -> Status:
        """The status that most needs work of those that its texts have."""
        if self.missing:
            return Status.MISSING
        return Status.OUTDATED if self.outdated or self.machine else Status.CURRENT

    @property
    def words(self) -> str:
        """What there is to do, in words."""
        parts = [(Status.OUTDATED, self.outdated), (Status.MISSING, self.missing)]
        said = [f"{status.label}: {count}" for status, count in parts if count]
        said += [f"{Provenance.MACHINE.label}: {self.machine}"] if self.machine else []
        return (", ".join(said) or str(Status.CURRENT.label)) if self.url else ""


@dataclass(frozen=True)
class MatrixRow:
    """One item in all languages of the site."""

    model: type[Publishable]
    name: str
    scope: str
    cells: list[Cell]

    @property
    def kind(self) -> Any:
        return self.model._meta.verbose_name


def matrix_rows(selection: Selection, start: int = 0, stop: int | None = None) -> list[MatrixRow]:
    """Return the chosen items from ``start`` up to ``stop``, where most is to be done first. Two queries for a
    thousand of them."""
    chosen = TextCount.objects.filter(selection.condition(), language__in=site_languages())
    of_language = {
        f"{name}_{number}": Sum(name, filter=Q(language=code), default=0)
        for number, code in enumerate(site_languages())
        for name in IN_CELLS
    }
    texts = F("working_missing") + F("working_outdated") + F("working_current")
    by_item = chosen.values("content_type_id", "object_id").annotate(
        work=Sum(F("working_missing") + F("working_outdated")), texts=Sum(texts), **of_language
    )
    found = list(by_item.order_by("-work", "content_type_id", "object_id")[start:stop])
    names = names_of((row["content_type_id"], row["object_id"]) for row in found)
    return [
        matrix_row(row, *names[key]) for row in found if (key := (row["content_type_id"], row["object_id"])) in names
    ]


def matrix_row(row: Mapping[str, Any], name: str, scope: str) -> MatrixRow:
    """Return the row of the matrix for what the database says of an item."""
    model: Any = ContentType.objects.get_for_id(row["content_type_id"]).model_class()
    cells = []
    for number, code in enumerate(site_languages()):
        missing, outdated, machine = (row[f"{name}_{number}"] for name in IN_CELLS)
        url = desk_url(model, row["object_id"], code) if row["texts"] else ""
        cells.append(Cell(code, missing, outdated, machine, url))
    return MatrixRow(model, name, scope, cells)
