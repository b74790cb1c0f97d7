"""A style sheet names no left and no right: in a right-to-left language its rules mirror by themselves."""

import re

import pytest
from django.conf import settings

SHEETS = [path for path in sorted((settings.BASE_DIR / "static").rglob("*.css")) if "vendor" not in path.parts]
SIDE = r"(?:left|right)"
PHYSICAL = re.compile(
    rf"""(?<![\w-])(?:
        (?:margin|padding|border|scroll-margin|scroll-padding)-{SIDE}(?:-\w+)*\s*:
        | border-(?:top|bottom)-{SIDE}-radius\s*:
        | {SIDE}\s*:
        | (?:text-align|float|clear)\s*:\s*{SIDE}\b
    )""",
    re.VERBOSE,
)
# Four values, of which the second, on the right, is not the fourth, on the left.
UNEVEN = re.compile(r"(?<![\w-])(?:margin|padding|inset|border-width): *\S+ ([^\s;]+) [^\s;]+ (?!\1;)[^\s;]+;")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def physical(css: str) -> list[str]:
    """Return the declarations of a style sheet that mean one side of the screen whatever the language."""
    css = COMMENT.sub("", css)
    return [match.group() for pattern in (PHYSICAL, UNEVEN) for match in pattern.finditer(css)]


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_style_sheet_mirrors_by_itself(path):
    assert physical(path.read_text()) == []


@pytest.mark.parametrize(
    "declaration",
    [
        "margin-left: 1px;",
        "padding-right:0",
        "border-left-color: red;",
        "border-top-left-radius: 2px;",
        "left: 0;",
        "text-align: right;",
        "float:left",
        "padding: 1px 2px 3px 4px;",
    ],
)
def test_physical_declaration_is_found(declaration):
    assert physical(f"a {{ color: red; {declaration} }}")


@pytest.mark.parametrize(
    "declaration", ["margin-inline-start: 1px;", "inset-inline: 0;", "padding: 1px 2px 3px 2px;", "text-align: end;"]
)
def test_logical_declaration_is_not(declaration):
    assert physical(f"a {{ {declaration} }}") == []
