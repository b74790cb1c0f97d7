"""The glossary as a table, a concept a row, with two columns a language. Out, and in as a whole or not at all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User as Person
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cms.content.languages import site_languages
from cms.publishing import audit
from cms.publishing.permissions import Action, grants_of
from cms.translations.models import Concept, Term

SLUG, NOTE = "slug", "note"
FORBIDDEN = "-forbidden"  # after the code of a language: the column of its forbidden forms
BETWEEN = "|"  # forbidden forms of one cell
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Problem:
    """What is wrong with a table: the line of the file (from 1), the column, and what it is in words."""

    line: int
    column: str
    message: str


@dataclass
class Row:
    """A concept as a table has it; ``terms`` are those of the languages that the table has columns of."""

    concept: Concept
    has_note: bool = True  # whether the table has a column of notes
    terms: dict[str, Term | None] = field(default_factory=dict)


@dataclass
class Table:
    """What was read of a table; with ``problems`` none of it can be imported."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def may_edit(user: Person) -> bool:
    """Say whether ``user`` may change the glossary: who publishes what belongs to the whole organization."""
    return grants_of(user).may(Action.PUBLISH, None)


def header() -> list[str]:
    """Return the names of the columns."""
    return [SLUG, NOTE, *(name for code in site_languages() for name in (code, f"{code}{FORBIDDEN}"))]


def table() -> Iterator[list[str]]:
    """Yield the glossary as rows of cells, its header first. Two queries."""
    yield header()
    for concept in Concept.objects.prefetch_related("terms"):
        terms = {term.language: term for term in concept.terms.all()}
        cells = [concept.slug, concept.note]
        for code in site_languages():
            term = terms.get(code, Term())
            cells += [term.text, f" {BETWEEN} ".join(term.forbidden_forms)]
        yield cells


def read(lines: Iterable[tuple[int, Sequence[str]]]) -> Table:
    """Return what a table says, and everything that is wrong with it. ``lines`` are pairs of the line of the file, for
    people, and its cells; the first is the header. Columns of languages that it does not have stay as they are."""
    found, numbered = Table(), iter(lines)
    line, names = next(numbered, (1, []))
    columns = [name.strip().lower() for name in names]
    found.problems += [Problem(line, name, message) for name, message in wrong_columns(columns)]
    if found.problems:
        return found
    seen: dict[str, int] = {}
    for line, cells in numbered:
        if len(found.rows) == MOST_ROWS:
            message = _("The table has more than %(most)d lines.") % {"most": MOST_ROWS}
            found.problems.append(Problem(line, "", message))
            break
        if any(cell.strip() for cell in cells):
            read_row(found, line, columns, cells, seen)
    return found


def wrong_columns(columns: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the header."""
    if SLUG not in columns:
        yield SLUG, str(_("The column “slug” is missing: the first line names the columns."))
    for name, count in Counter(columns).items():
        if count > 1:
            yield name, str(_("This column is there more than once."))
        elif name not in header():
            known = ", ".join(header())
            yield name, _("This column is not known. The columns are: %(names)s.") % {"names": known}
        elif name.endswith(FORBIDDEN) and name.removesuffix(FORBIDDEN) not in columns:
            yield name, str(_("The column of the term in this language is missing."))


def read_row(found: Table, line: int, columns: list[str], cells: Sequence[str], seen: dict[str, int]) -> None:
    """Add to ``found`` what a line of the table says, or what is wrong with it."""
    values = dict.fromkeys(columns, "") | {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    if any(cell.strip() for cell in cells[len(columns) :]):
        message = str(_("The line has more cells than the first one has columns."))
        found.problems.append(Problem(line, "", message))
    concept = Concept(slug=values[SLUG], note=values.get(NOTE, ""))
    note_faults(found, line, concept, {"slug": SLUG, "note": NOTE})
    if (first := seen.setdefault(concept.slug, line)) != line:
        message = _("“%(slug)s” is on line %(line)d already.") % {"slug": concept.slug, "line": first}
        found.problems.append(Problem(line, SLUG, message))
    row = Row(concept, has_note=NOTE in values)
    for code in [name for name in columns if name in site_languages()]:
        row.terms[code] = term = read_term(values, code)
        if term:
            note_faults(found, line, term, {"text": code, "forbidden": f"{code}{FORBIDDEN}"})
    found.rows.append(row)


def read_term(values: dict[str, str], code: str) -> Term | None:
    """Return the term of a line in one language; none where its cells are empty."""
    forms = [form.strip() for form in values.get(f"{code}{FORBIDDEN}", "").split(BETWEEN)]
    term = Term(language=code, text=values[code], forbidden="\n".join(filter(None, forms)))
    return term if term.text or term.forbidden else None


def note_faults(found: Table, line: int, row: Concept | Term, columns: dict[str, str]) -> None:
    """Add what the model finds wrong with a row that is not stored yet, by the column of each field."""
    try:
        row.full_clean(exclude={"concept"}, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            found.problems += [Problem(line, columns.get(name, ""), message) for message in messages]


@dataclass(frozen=True)
class Outcome:
    """What an import did: how many concepts it added, changed and found as they were."""

    added: int
    changed: int
    same: int


@transaction.atomic
def import_table(*, rows: Iterable[Row], user: Person | None) -> Outcome:
    """Store what :func:`read` found. Concepts, and languages, that the table does not name stay as they are; a term
    whose cells are empty is taken out. The same table twice changes nothing.

    ``user`` ``None`` is the system. Raises ``PermissionDenied`` for who may not change the glossary.
    """
    if user is not None and not may_edit(user):
        raise PermissionDenied
    stored = {concept.slug: concept for concept in Concept.objects.prefetch_related("terms").select_for_update()}
    counts = Counter(store(row, stored.get(row.concept.slug)) for row in rows)
    outcome = Outcome(counts["added"], counts["changed"], counts["same"])
    if outcome.added or outcome.changed:
        audit.write(audit.Action.IMPORT, user, what="glossary", added=outcome.added, changed=outcome.changed)
    return outcome


def store(row: Row, stored: Concept | None) -> str:
    """Store one concept with its terms; say what was done."""
    if stored is None:
        row.concept.save()
        for term in filter(None, row.terms.values()):
            term.concept = row.concept
            term.save()
        return "added"
    changed = row.has_note and stored.note != row.concept.note
    if changed:
        stored.note = row.concept.note
        stored.save(update_fields=["note"])
    there = {term.language: term for term in stored.terms.all()}
    changes = [store_term(stored, there.get(code), term, code) for code, term in row.terms.items()]
    return "changed" if changed or any(changes) else "same"


def store_term(concept: Concept, stored: Term | None, term: Term | None, code: str) -> bool:
    """Store a term of a concept that is there; say whether that changed anything."""
    if stored and term and (stored.text, stored.forbidden_forms) == (term.text, term.forbidden_forms):
        return False
    if term is None:
        if stored:
            stored.delete()
        return stored is not None
    concept.terms.update_or_create(language=code, defaults={"text": term.text, "forbidden": term.forbidden})
    return True
