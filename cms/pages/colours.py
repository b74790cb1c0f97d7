"""The site's own colours, and those that editors choose, made readable: contrast as WCAG 2.2 defines it.

A colour is a string ``#rrggbb``. The formulas are those of WCAG 2.2, "relative luminance" and "contrast ratio";
4.5 is what criterion 1.4.3 Contrast (Minimum) asks of text.
"""

import re
from functools import cache

from django.conf import settings

TEXT_CONTRAST = 4.5
BLACK, WHITE = "#000000", "#ffffff"
TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"  # the one place of the site's own colours
TOKEN = re.compile(r"--([a-z-]+): #([0-9a-f]{6}|[0-9a-f]{3});")
DARK = "(prefers-color-scheme: dark)"


@cache
def site_colours(*, dark: bool = False) -> dict[str, str]:
    """Return the colours of the public pages by the names that the style sheet gives them: ``"brand": "#rrggbb"``.

    With ``dark`` as they are in the dark scheme, which changes some of the light one.
    """
    light, _rule, darker = TOKENS.read_text().partition(DARK)
    found = TOKEN.findall(light + darker if dark else light)
    return {
        name: "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits)) for name, digits in found
    }


def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``colour``, each from 0 to 255."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Return the relative luminance of ``colour``, from 0 (black) to 1 (white)."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(colour: str) -> str:
    """Return black or white, whichever is the more readable on ``colour``; one of them always has 4.5."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, colour))


def readable_on(background: str, colour: str, minimum: float = TEXT_CONTRAST) -> str:
    """Return ``colour``, mixed with as little black or white as makes it readable as text on ``background``."""
    ink = ink_on(background)
    for step in range(21):
        mixed = mix(colour, ink, step / 20)
        if contrast(mixed, background) >= minimum:
            return mixed
    return ink


def mix(colour: str, other: str, share: float) -> str:
    """Return ``colour`` with a share (0 to 1) of ``other`` in it."""
    mixed = (round(a + (b - a) * share) for a, b in zip(channels(colour), channels(other), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)
