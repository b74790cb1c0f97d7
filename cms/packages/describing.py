"""What an import does to an item, in a line that people read."""

from django.utils.translation import gettext as _

from cms.packages.layout import Kind
from cms.packages.planning import ListChanges, RowPlan


def describe(plan: RowPlan) -> str:
    """Return one line on an item: whether it is new, and which fields, languages and lists change."""
    values = {"item": plan.record["about"], "parts": ", ".join(changed_parts(plan))}
    if plan.is_new:
        return _("%(item)s: new: %(parts)s") % values
    return _("%(item)s: changed: %(parts)s") % values


def changed_parts(plan: RowPlan) -> list[str]:
    """Return the keys of an item that an import sets or changes: ``["name (es, fr)", "sections +1 ~2"]``."""
    touched = set(plan.before)
    if plan.is_new:
        touched = {
            *(name for name, value in plan.record["values"].items() if value not in (None, "")),
            *(plan.rows.keys[name].field.attname for name in plan.record["references"]),
            *plan.files,
        } | ({"status"} if "status" in plan.record else set())
    parts = []
    for key in plan.rows.keys.values():
        if key.kind is Kind.TRANSLATED:
            languages = [language for language, column in key.columns.items() if column.name in touched]
            if languages:
                parts.append(f"{key.name} ({', '.join(languages)})")
        elif key.kind is Kind.RELATED and key.name in plan.related:
            parts.append(list_part(key.name, plan.related[key.name]))
        elif key.kind is Kind.CHILDREN and key.name in plan.children:
            parts.append(list_part(key.name, plan.children[key.name]))
        elif key.field is not None and {key.field.name, key.field.attname} & touched:
            parts.append(key.name)
    return [part for part in parts if part]


def list_part(name: str, change: ListChanges) -> str:
    """Return how a list changes: how many rows come (+), go (-) and change (~); ``""`` when none."""
    changed = sum(1 for kept in change.kept if kept.is_changed)
    counts = [("+", len(change.added)), ("-", len(change.removed)), ("~", changed)]
    shown = " ".join(f"{sign}{count}" for sign, count in counts if count)
    return f"{name} {shown}" if shown else ""
