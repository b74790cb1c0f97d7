"""What the writer of Word files asks the HTML page: texts, children in their order, the grid of a table."""

import re

SPACE = re.compile(r"\s+")
NUMBER = re.compile("[0-9]{1,9}")
MOST_COLUMNS = 60  # Word takes 63


def contents_of(element) -> list:
    """Return the text and elements inside ``element`` in their order."""
    nodes = [element.text or ""]
    for child in element:
        nodes += [child, child.tail or ""] if isinstance(child.tag, str) else [child.tail or ""]
    return nodes


def text_of(element) -> str:
    """Return the text of ``element`` in one line."""
    return SPACE.sub(" ", element.text_content()).strip()


def placed_cells(rows: list) -> tuple[list[tuple], int]:
    """Return the cells of a table as (row, column, rows, columns, element), and the number of columns.

    The grid is HTML's (https://html.spec.whatwg.org/multipage/tables.html#forming-a-table), cut at the last row.
    """
    taken: set[tuple[int, int]] = set()
    places = []
    for number, row in enumerate(rows):
        column = 0
        for cell in row.iterchildren("td", "th"):
            while (number, column) in taken:
                column += 1
            across, down = span(cell, "colspan", MOST_COLUMNS), span(cell, "rowspan", len(rows) - number)
            taken.update((number + y, column + x) for y in range(down) for x in range(across))
            places.append((number, column, down, across, cell))
            column += across
    return places, max((column + 1 for _row, column in taken), default=0)


def span(cell, name: str, most: int) -> int:
    value = cell.get(name) or "1"
    return min(max(int(value), 1), most) if NUMBER.fullmatch(value) else 1
