"""Charts as inline SVG, made on the server: geometry here, look in the style sheet, numbers in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

BAR, GAP, HEIGHT = 18, 4, 160  # units of the drawing


@dataclass(frozen=True)
class Bar:
    """One day: where it stands, and how high each part of it is, in units of the drawing."""

    day: date
    x: int
    served_y: float
    served_height: float
    refused_y: float
    refused_height: float
    served: int
    refused: int


@dataclass(frozen=True)
class BarChart:
    """A chart of stacked bars; ``highest`` is the number at the upper edge."""

    bars: list[Bar]
    width: int
    height: int
    highest: int


def bar_chart(days: Sequence[tuple[date, int, int]]) -> BarChart:
    """Return the chart of ``days``: triples of a day, what was served and what was refused."""
    highest = max((served + refused for day, served, refused in days), default=0)
    scale = HEIGHT / highest if highest else 0
    bars = []
    for number, (day, served, refused) in enumerate(days):
        served_height, refused_height = round(served * scale, 1), round(refused * scale, 1)
        bars.append(
            Bar(
                day=day,
                x=number * (BAR + GAP),
                served_y=round(HEIGHT - served_height, 1),
                served_height=served_height,
                refused_y=round(HEIGHT - served_height - refused_height, 1),
                refused_height=refused_height,
                served=served,
                refused=refused,
            )
        )
    return BarChart(bars, len(days) * (BAR + GAP), HEIGHT, highest)
