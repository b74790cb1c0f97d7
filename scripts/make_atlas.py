"""Make ``regions/atlas/countries.json`` of the files of npm ``world-atlas`` (Natural Earth, 1:50 million).

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python scripts/make_atlas.py package/countries-50m.json package/countries-10m.json

The result is TopoJSON (https://github.com/topojson/topojson-specification) with countries named by their ISO 3166-1
alpha-2 code, on a grid of ``GRID`` degrees, with borders simplified arc by arc: neighbours keep the same border.
Countries too small for the first file are taken from the second. What has no code of its own stays as land.
"""

import json
import sys
from pathlib import Path

from babel.core import get_global

OUTPUT = Path(__file__).resolve().parent.parent / "regions" / "atlas" / "countries.json"
GRID = 0.01  # degrees, about a kilometre: what the map of one small country can show
TOLERANCE = 0.015  # degrees that a border may move
SMALLEST_ISLAND = 0.0015  # square degrees; smaller ones are left out, except a country's largest
EMPTY = 1e-9  # square degrees

Point = tuple[float, float]


def decoded_arcs(topology: dict) -> list[list[Point]]:
    """Return the arcs of a quantized topology in degrees."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        arcs.append(points)
    return arcs


def polygons_of(geometry: dict) -> list[list[list[int]]]:
    """Return the polygons of a geometry, each a list of rings, each a list of arc numbers."""
    return geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]


def simplified(points: list[Point]) -> list[Point]:
    """Return a line without the points that it can spare (Douglas and Peucker 1973); its ends stay."""
    if len(points) < 3:
        return points
    if points[0] == points[-1]:  # a ring: keep the point that is farthest from its beginning too
        far = max(range(len(points)), key=lambda index: distance(points[index], points[0], points[0]))
        return simplified(points[: far + 1])[:-1] + simplified(points[far:])
    kept, stack = {0, len(points) - 1}, [(0, len(points) - 1)]
    while stack:
        start, end = stack.pop()
        if end - start < 2:
            continue
        middle = max(range(start + 1, end), key=lambda index: distance(points[index], points[start], points[end]))
        if distance(points[middle], points[start], points[end]) > TOLERANCE:
            kept.add(middle)
            stack += [(start, middle), (middle, end)]
    return [points[index] for index in sorted(kept)]


def distance(point: Point, start: Point, end: Point) -> float:
    """Return how far ``point`` is from the straight line between ``start`` and ``end``."""
    (x, y), (x1, y1), (x2, y2) = point, start, end
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    if not length:
        return ((x - x1) ** 2 + (y - y1) ** 2) ** 0.5
    return abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length


def area(ring: list[int], arcs: list[list[Point]]) -> float:
    """Return the area of a ring in square degrees, by the shoelace formula."""
    points = [point for number in ring for point in (arcs[number] if number >= 0 else arcs[~number][::-1])]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False))) / 2


def without_specks(polygons: list, arcs: list[list[Point]]) -> list:
    """Return the polygons of a country without its smallest islands."""
    # The South Pole itself is stored as a ring without area, before the coast around it.
    polygons = [rings for polygon in polygons if (rings := [ring for ring in polygon if area(ring, arcs) > EMPTY])]
    largest = max(polygons, key=lambda polygon: area(polygon[0], arcs))
    return [polygon for polygon in polygons if polygon is largest or area(polygon[0], arcs) >= SMALLEST_ISLAND]


def read(path: str, known: set[str | None]) -> tuple[list[tuple[str, list]], list[list[Point]]]:
    """Return pairs of ISO 3166-1 numeric code and polygons that are not ``known`` yet, and the file's arcs."""
    topology = json.loads(Path(path).read_text())
    geometries = topology["objects"]["countries"]["geometries"]
    found = [(geometry.get("id"), polygons_of(geometry)) for geometry in geometries if geometry.get("id") not in known]
    return found, decoded_arcs(topology)


def main(coarse: str, fine: str) -> None:
    """Write the atlas of the two files of ``world-atlas``."""
    alpha_2 = {numeric: codes[0] for numeric, codes in get_global("territory_aliases").items() if numeric.isdigit()}
    countries: dict[str, list] = {}
    used, numbers = [], {}
    features, arcs = read(coarse, set())
    sources = [(features, arcs), read(fine, {numeric for numeric, polygons in features} | {None})]
    for source, (found, lines) in enumerate(sources):
        for numeric, polygons in found:
            kept = []
            for polygon in without_specks(polygons, lines):
                rings = []
                for ring in polygon:
                    for number in ring:
                        key = (source, number if number >= 0 else ~number)
                        if key not in numbers:
                            numbers[key] = len(used)
                            used.append(lines[key[1]])
                    rings.append([numbers[source, n] if n >= 0 else ~numbers[source, ~n] for n in ring])
                kept.append(rings)
            countries.setdefault(numeric if numeric in alpha_2 else "", []).extend(kept)
    geometries = [
        {
            "type": "MultiPolygon",
            **({"id": alpha_2[numeric], "properties": {"numeric": numeric}} if numeric else {}),
            "arcs": polygons,
        }
        for numeric, polygons in sorted(countries.items(), key=lambda pair: alpha_2.get(pair[0], ""))
    ]
    topology = {
        "type": "Topology",
        "transform": {"scale": [GRID, GRID], "translate": [-180, -90]},
        "objects": {"countries": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": [quantized(simplified(line)) for line in used],
    }
    OUTPUT.write_text(json.dumps(topology, separators=(",", ":")) + "\n")
    points = sum(map(len, topology["arcs"]))
    print(f"{OUTPUT}: {len(geometries)} countries, {points} points, {OUTPUT.stat().st_size // 1000} kB")


def quantized(points: list[Point]) -> list[list[int]]:
    """Return a line on the grid, each point as the step from the one before it."""
    grid = [(round((x + 180) / GRID), round((y + 90) / GRID)) for x, y in points]
    grid = [point for index, point in enumerate(grid) if index in (0, len(grid) - 1) or point != grid[index - 1]]
    steps = [(x - x0, y - y0) for (x0, y0), (x, y) in zip([(0, 0), *grid], grid, strict=False)]
    return [list(step) for step in steps]


if __name__ == "__main__":
    main(*sys.argv[1:])
