"""Tables as CSV."""

import csv
import io

import pytest

from cms.pages.spreadsheets import csv_lines, csv_response


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_formula_is_defused(text):
    assert next(csv.reader(csv_lines([[text]]))) == [f"'{text}"]


@pytest.mark.parametrize(
    ("cell", "text"), [("a,b", "a,b"), ('"', '"'), ("two\nlines", "two\nlines"), (None, ""), (-3, "-3")]
)
def test_cell_comes_back_as_it_was(cell, text):
    line = "".join(csv_lines([[cell, "x"]]))
    assert next(csv.reader(io.StringIO(line, newline=""))) == [text, "x"]


def test_lines_end_as_rfc_4180_says():
    assert list(csv_lines([["a", "b"], ["c", "d"]])) == ["a,b\r\n", "c,d\r\n"]


def test_file_begins_with_a_byte_order_mark():
    response = csv_response("table.csv", [["é"]])
    assert response.content == b"\xef\xbb\xbf\xc3\xa9\r\n"
    assert response.headers["Content-Disposition"] == 'attachment; filename="table.csv"'
