"""The cells of a matrix of objectives and goals; in Python because a page has thousands of them."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from priorities.matrices import Matrix, Row
from priorities.models import Alignment

register = template.Library()

# Shapes, not only colours, say who states an alignment: a full and an empty circle.
MARKS = {Alignment.Basis.STATED: "●", Alignment.Basis.ASSIGNED: "○"}


@register.simple_tag
def matrix_cells(matrix: Matrix, row: Row) -> SafeString:
    """Return the cells of one objective: a mark where it serves the goal, and in words on what basis."""
    words = {basis.value: basis.label for basis in Alignment.Basis}
    return mark_safe(  # noqa: S308 - made of escaped pieces
        "".join(
            format_html(
                '<td class="mark mark--{} {}" data-goal="{}"><span aria-hidden="true">{}</span>'
                '<span class="visually-hidden">{}</span></td>',
                cell.basis,
                goal.css_class,
                goal.code,  # which a phone shows, where the matrix is a list
                MARKS[cell.basis],
                words[cell.basis],
            )
            if cell
            else "<td></td>"
            for goal, cell in zip(matrix.goals, row.cells, strict=True)
        )
    )


@register.simple_tag
def matrix_numbers(numbers: list[int]) -> SafeString:
    """Return a cell for each number; nothing for none, so that the others stand out."""
    return format_html_join("", "<td>{}</td>", ((number or "",) for number in numbers))


@register.simple_tag
def basis_mark(basis: str) -> str:
    """Return the sign of a basis, for the key."""
    return MARKS[basis]
