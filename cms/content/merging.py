"""Two people saved the same item: what differs, who changed what, and the item made of both.

A place is named by a path: ``fields/name_es``, ``relations/countries``, ``children/sections/<id>/heading_es``, and
``children/sections/<id>`` for a row that only one of the two has.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst

from cms.content.comparison import FieldDifference, RelatedNames, compare_rows
from cms.content.models import Publishable
from cms.content.snapshots import Snapshot, child_relations, plain_relations

MINE, THEIRS = "mine", "theirs"
ABSENT = object()


@dataclass(frozen=True)
class Choice:
    """A place where two saved states differ, with both values as people read them."""

    path: str
    label: str
    language: str | None
    difference: FieldDifference | None  # from theirs to mine; none for a whole row
    row: str  # the name of the child row that the place is in, else ""
    mine_has_it: bool = True  # for a whole row: whether it is mine or theirs that has it
    preselected: str = MINE


def preselect(base: Any, mine: Any, theirs: Any) -> str:
    """Return whose value to offer: of one who alone changed it, that; of two who both did, mine."""
    return THEIRS if mine == base and theirs != base else MINE


def choices(
    model: type[Publishable],
    base: Snapshot,
    mine: Snapshot,
    theirs: Snapshot,
    *,
    names: RelatedNames | None = None,
) -> list[Choice]:
    """Return the places where ``mine`` and ``theirs`` differ; ``base`` is what both began from.

    ``names`` reads the names of related rows, where not everybody may see all of them.
    """
    names = names or RelatedNames()
    found = []
    for difference in compare_rows(model, theirs["fields"], mine["fields"], None, names):
        key = difference.name
        found.append(
            Choice(
                f"fields/{key}",
                difference.label,
                difference.language,
                difference,
                "",
                preselected=preselect(base["fields"].get(key), mine["fields"].get(key), theirs["fields"].get(key)),
            )
        )
    for field in plain_relations(model):
        values = [part["relations"].get(field.name, []) for part in (base, mine, theirs)]
        if values[1] != values[2]:
            label = capfirst(str(field.verbose_name))
            shown = [names.joined(field.related_model, keys) for keys in values[1:]]
            difference = FieldDifference(field.name, label, None, shown[1], shown[0], is_text=False)
            found.append(
                Choice(f"relations/{field.name}", label, None, difference, "", preselected=preselect(*values))
            )
    for name, child_model in child_relations(model).items():
        rows = ({row["id"]: row for row in part["children"].get(name, [])} for part in (base, mine, theirs))
        found += row_choices(name, child_model, *rows, names=names)
    return found


def row_choices(
    name: str, model: type[models.Model], base: dict, mine: dict, theirs: dict, *, names: RelatedNames
) -> Iterator[Choice]:
    """Yield the places in which the children ``name`` differ; rows by their keys."""
    for key in [*mine, *(key for key in theirs if key not in mine)]:
        row = mine.get(key) or theirs[key]
        row_name = names.of_row(model, row)
        if key in mine and key in theirs:
            for difference in compare_rows(model, theirs[key], mine[key], None, names):
                values = [part.get(key, {}).get(difference.name) for part in (base, mine, theirs)]
                yield Choice(
                    f"children/{name}/{key}/{difference.name}",
                    difference.label,
                    difference.language,
                    difference,
                    row_name,
                    preselected=preselect(*values),
                )
        else:
            values = [part.get(key, ABSENT) for part in (base, mine, theirs)]
            yield Choice(
                f"children/{name}/{key}",
                capfirst(str(model._meta.verbose_name)),
                None,
                None,
                row_name,
                mine_has_it=key in mine,
                preselected=preselect(*values),
            )


def rebased(model: type[Publishable], base: Snapshot, mine: Snapshot, theirs: Snapshot) -> Snapshot:
    """Return ``mine`` with what ``theirs`` alone changed since ``base``; where both changed a place, mine stays."""
    return merged(mine, theirs, {choice.path: choice.preselected for choice in choices(model, base, mine, theirs)})


def merged(mine: Snapshot, theirs: Snapshot, chosen: dict[str, str]) -> Snapshot:
    """Return ``mine`` with the places that ``chosen`` gives to ``THEIRS`` taken from ``theirs``.

    ``chosen`` maps paths to ``MINE`` or ``THEIRS``; places that it does not name stay mine. Children keep my order;
    rows that only they have, where chosen, come after the row that they follow there.
    """
    result = deepcopy(mine)
    taken = [path.split("/") for path, whose in chosen.items() if whose == THEIRS]
    for part, name, *_rest in (path for path in taken if path[0] in ("fields", "relations")):
        if name in theirs[part]:
            result[part][name] = deepcopy(theirs[part][name])
    for name, rows in result["children"].items():
        paths = [path[2:] for path in taken if path[:2] == ["children", name]]
        result["children"][name] = merged_rows(rows, theirs["children"].get(name, []), paths)
    return result


def merged_rows(mine: list[dict], theirs: list[dict], paths: list[list[str]]) -> list[dict]:
    """Return my rows with theirs taken at ``paths``: ``[id]`` for a whole row, ``[id, field]`` for a value."""
    by_key = {row["id"]: row for row in theirs}
    whole = {path[0] for path in paths if len(path) == 1}
    rows = [deepcopy(row) for row in mine if row["id"] not in whole or row["id"] in by_key]
    for row in rows:
        for path in paths:
            if len(path) == 2 and path[0] == row["id"] and row["id"] in by_key:
                row[path[1]] = by_key[row["id"]].get(path[1])
    present = {row["id"] for row in rows}
    for number, row in enumerate(theirs):
        if row["id"] in whole and row["id"] not in present:
            before = theirs[number - 1]["id"] if number else None
            places = [place + 1 for place, other in enumerate(rows) if other["id"] == before]
            rows.insert(places[0] if places else 0 if before is None else len(rows), deepcopy(row))
            present.add(row["id"])
    return rows
