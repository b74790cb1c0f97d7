"""The goals that an objective serves, as small marks beside it."""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from cms.content.languages import localized
from cms.pages.templatetags.localized import inline, localized_acronym, record
from priorities.models import Alignment, FrameworkGoal, GoalGroup, Objective

register = template.Library()


@register.simple_tag(takes_context=True)
def goal_chips(context, objective: Objective) -> SafeString:
    """Return the codes of the goals in the colours of their frameworks, with their titles for screen readers.

    Written here and not in a template because a list shows hundreds of them.
    """
    lists = [basis_items(context, basis, groups) for basis, groups in objective.goal_groups_by_basis()]
    return mark_safe(f'<ul class="goal-chips">{"".join(lists)}</ul>' if lists else "")  # noqa: S308 - escaped pieces


def basis_items(context, basis: str, groups: list[GoalGroup]) -> str:
    """Return the goals of one basis by framework; what the source does not state itself is said so in words."""
    label = capfirst(Alignment.Basis(basis).label) if basis == Alignment.Basis.ASSIGNED else ""
    items = [f'<li class="goal-chips__basis">{escape(label)}</li>'] if label else []
    for group in groups:
        name, goals = framework_name(context, group), "".join(chip(context, each.goal) for each in group.alignments)
        items.append(f'<li><span class="goal-chips__framework">{name}</span><ul>{goals}</ul></li>')
    return "".join(items)


def framework_name(context, group: GoalGroup) -> SafeString:
    return localized_acronym(group.framework) or inline(context, localized(group.framework, "name"))


def chip(context, goal: FrameworkGoal) -> str:
    """Return the mark of a goal, written once a page: many objectives serve the same."""
    written = context.get("written", {})
    if goal.pk not in written:
        written[goal.pk] = write_chip(context, goal)
    return written[goal.pk]


def write_chip(context, goal: FrameworkGoal) -> str:
    record(context, goal, ["title"])
    title = inline(context, localized(goal, "title"))
    return (
        f'<li class="goal-chip {escape(goal.css_class)}">{escape(goal.code)}'
        f'<span class="visually-hidden">. {title}</span></li>'
    )
