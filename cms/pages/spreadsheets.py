"""Tables as CSV (RFC 4180): what spreadsheets open, without what they would calculate."""

import csv
from collections.abc import Iterable, Iterator

from django.http import HttpResponse

from cms.content.characters import without_forbidden

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate (OWASP, CSV injection)
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the code page of the computer


class Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def csv_lines(rows: Iterable[Iterable]) -> Iterator[str]:
    """Yield rows as lines of CSV; cells are texts, numbers or ``None``."""
    writer = csv.writer(Echo())
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(cell) -> str:
    """Return a cell as text; one that a spreadsheet would calculate begins with an apostrophe."""
    text = "" if cell is None else without_forbidden(str(cell))
    is_formula = text.startswith(FORMULA_STARTS) and not isinstance(cell, int | float)
    return f"'{text}" if is_formula else text


def csv_response(filename: str, rows: Iterable[Iterable]) -> HttpResponse:
    """Return rows as a file to download, with a byte order mark for those who open it in Excel."""
    content = BYTE_ORDER_MARK + "".join(csv_lines(rows))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
