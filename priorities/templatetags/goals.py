"""The goals that an objective serves, as small marks beside it."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from cms.content.languages import localized
from cms.pages.templatetags.localized import inline, localized_acronym, record
from priorities.models import Alignment, GoalGroup, Objective

register = template.Library()


@register.simple_tag(takes_context=True)
def goal_chips(context, objective: Objective) -> SafeString:
    """Return the codes of the goals in the colours of their frameworks, with their titles for screen readers.

    Written here and not in a template because a list shows hundreds of them.
    """
    lists = [basis_items(context, basis, groups) for basis, groups in objective.goal_groups_by_basis()]
    return format_html('<ul class="goal-chips">{}</ul>', mark_safe("".join(lists))) if lists else mark_safe("")  # noqa: S308 - escaped pieces


def basis_items(context, basis: str, groups: list[GoalGroup]) -> SafeString:
    """Return the goals of one basis by framework; what the source does not state itself is said so in words."""
    label = Alignment.Basis(basis).label if basis == Alignment.Basis.ASSIGNED else ""
    return format_html(
        "{}{}",
        format_html('<li class="goal-chips__basis">{}</li>', capfirst(label)) if label else "",
        format_html_join(
            "",
            '<li><span class="goal-chips__framework">{}</span><ul>{}</ul></li>',
            ((framework_name(context, group), chips(context, group)) for group in groups),
        ),
    )


def framework_name(context, group: GoalGroup) -> SafeString:
    return localized_acronym(group.framework) or inline(context, localized(group.framework, "name"))


def chips(context, group: GoalGroup) -> SafeString:
    goals = [alignment.goal for alignment in group.alignments]
    for goal in goals:
        record(context, goal, ["title"])
    return format_html_join(
        "",
        '<li class="goal-chip {}">{}<span class="visually-hidden">. {}</span></li>',
        ((goal.css_class, goal.code, inline(context, localized(goal, "title"))) for goal in goals),
    )
