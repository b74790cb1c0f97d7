"""Tables as CSV (RFC 4180): what spreadsheets open, without what they would calculate, and what they save again."""

import csv
import io
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

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


def csv_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a file, each with the number of its last line; what :func:`harmless` wrote is as it was.

    Cells are apart by commas or, as spreadsheets write it where the comma is for decimals, by semicolons. Raises
    ``ValidationError`` for what is no table.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(_("The file is not in UTF-8: save it as “CSV UTF-8”."), code="encoding") from None
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [as_it_was(cell) for cell in cells]
    except csv.Error as error:
        raise ValidationError(
            _("Line %(line)d is not CSV: %(reason)s."), code="csv", params={"line": reader.line_num, "reason": error}
        ) from None


def as_it_was(cell: str) -> str:
    """Return a cell without the apostrophe that :func:`harmless` put before it."""
    return cell[1:] if cell.startswith(tuple(f"'{start}" for start in FORMULA_STARTS)) else cell
