"""The shapes of countries as they are stored: TopoJSON, in which neighbours share their border.

Specification: https://github.com/topojson/topojson-specification. Coordinates are degrees, longitude first.
"""

import json
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

FILE = Path(__file__).with_name("countries.json")

Point = tuple[float, float]
Ring = list[int]  # numbers of arcs; ~n is arc n backwards


@dataclass(frozen=True)
class Polygon:
    """A piece of land: its outer ring and its lakes, and its bounds as (west, south, east, north)."""

    rings: list[Ring]
    bounds: tuple[float, float, float, float]
    area: float  # square degrees, for comparing pieces of one country


@dataclass(frozen=True)
class Atlas:
    """All arcs, and the polygons of each country by its ISO 3166-1 alpha-2 code; ``""`` is land without a code."""

    arcs: list[list[Point]]
    countries: dict[str, list[Polygon]]


@cache
def atlas() -> Atlas:
    """Return the atlas, read once a process."""
    topology = json.loads(FILE.read_text())
    scale, (west, south) = topology["transform"]["scale"][0], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        xs, ys = (accumulate(steps) for steps in zip(*arc, strict=True))
        arcs.append([(x * scale + west, y * scale + south) for x, y in zip(xs, ys, strict=True)])
    countries = {
        geometry.get("id", ""): [make_polygon(rings, arcs) for rings in geometry["arcs"]]
        for geometry in topology["objects"]["countries"]["geometries"]
    }
    return Atlas(arcs, countries)


def make_polygon(rings: list[Ring], arcs: list[list[Point]]) -> Polygon:
    outline = unwrapped(ring_points(rings[0], arcs))
    longitudes, latitudes = zip(*outline, strict=True)
    double = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(outline, outline[1:], strict=False))
    return Polygon(rings, (min(longitudes), min(latitudes), max(longitudes), max(latitudes)), abs(double) / 2)


def ring_points(ring: Ring, arcs: list[list[Point]]) -> list[Point]:
    """Return the points of a ring; the last is the first again."""
    points = []
    for number in ring:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += line[1:] if points else line
    return points


def unwrapped(ring: list[Point]) -> list[Point]:
    """Return a ring without jumps at the antimeridian: its longitudes may pass 180 degrees.

    A ring around a pole is closed through that pole.
    """
    points, shift, before = [], 0, ring[0][0]
    for longitude, latitude in ring:
        if longitude - before > 180:
            shift -= 360
        elif longitude - before < -180:
            shift += 360
        before = longitude
        points.append((longitude + shift, latitude))
    if abs(points[-1][0] - points[0][0]) > 180:
        pole = -90 if points[0][1] < 0 else 90
        points += [(points[-1][0], pole), (points[0][0], pole), points[0]]
    return points


@cache
def known_codes() -> frozenset[str]:
    """Return the ISO 3166-1 alpha-2 codes of the countries that can be drawn."""
    return frozenset(atlas().countries) - {""}
