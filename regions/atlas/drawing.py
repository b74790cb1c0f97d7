"""A map of some countries in their surroundings: which part of the globe, in which projection, as paths for SVG."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import sqrt

from regions.atlas.geometry import Box, Point, box_of, clipped, path_of, room_for_text, thinned
from regions.atlas.projections import EqualEarth, Projection, projection_for
from regions.atlas.topology import Polygon, atlas, ring_points, unwrapped

SURFACE = 640 * 560  # the area of every map, in units; a unit is a CSS pixel where there is room
NARROWEST, WIDEST = 0.72, 2.1  # width by height
MARGIN = 0.06  # of the larger side, around the countries
SMALLEST_EXTENT = 0.16  # radii of the globe, about 1,000 km: a small country is shown with its neighbours
MAIN_PIECE = 0.15  # of a country's largest piece of land; smaller ones do not widen the map
STEP, STEP_OF_WORLD = 1.1, 1.8  # units between the points of a coast
SCALE = 10  # paths are in tenths of a unit
SPECK = 1.5  # units; land that is smaller in both directions is not drawn as surroundings
SMALL = 11  # units; a country smaller than that in either direction gets a mark
POLAR_LIMITS = (-60, 84)  # degrees: what a map of the world leaves out where no country shown lies there
TEXT_HEIGHT = 14
KEPT_DRAWINGS = 64  # in the memory of each process, at 30 to 150 kB


@dataclass(frozen=True)
class Shape:
    """A country on the map: its path, where its name may stand and how wide it may be, and whether it needs a mark."""

    code: str
    path: str
    x: int  # tenths of a unit, as the path
    y: int
    room: float  # units
    is_small: bool


@dataclass(frozen=True)
class Drawing:
    """A map: its size in units, the countries in question, and all other land in view as one path."""

    width: int
    height: int
    shapes: dict[str, Shape]
    land: str
    view: "View" = field(repr=False)

    def place(self, longitude: float, latitude: float) -> Point | None:
        """Return where a point of the globe lies on the map, or ``None`` where it does not."""
        x, y = self.view.place(longitude, latitude)
        return (x, y) if 0 <= x <= self.width and 0 <= y <= self.height else None


@dataclass(frozen=True)
class View:
    """The window through which the globe is seen."""

    projection: Projection
    left: float  # of the window, in units of the projection
    top: float
    scale: float  # map units to a unit of the projection
    width: int
    height: int

    @property
    def centre(self) -> float:
        """The longitude in the middle."""
        return self.projection.longitude

    def place(self, longitude: float, latitude: float) -> Point:
        """Return where a point of the globe lies, in units from the upper left corner."""
        x, y = self.projection.project(longitude, latitude)
        return (x - self.left) * self.scale, (self.top - y) * self.scale

    def window(self) -> Box:
        """Return the degrees that can be seen: west, south, east, north, with something around them."""
        if isinstance(self.projection, EqualEarth):
            return self.centre - 180, -90, self.centre + 180, 90
        places = [
            self.projection.invert(
                self.left + self.width / self.scale * x / 24, self.top - self.height / self.scale * y / 24
            )
            for x in range(25)
            for y in range(25)
        ]
        west, south, east, north = box_of(places)
        for pole in (-90, 90):
            x, y = self.place(self.centre, pole)
            if -40 <= x <= self.width + 40 and -40 <= y <= self.height + 40:
                west, east = self.centre - 180, self.centre + 180
                south, north = min(south, pole), max(north, pole)
        return max(west - 3, self.centre - 180), south - 3, min(east + 3, self.centre + 180), north + 3


@lru_cache(maxsize=KEPT_DRAWINGS)
def draw(codes: frozenset[str], surroundings: float = 0) -> Drawing | None:
    """Return the map of the countries with these ISO 3166-1 codes; ``None`` when the atlas has none of them.

    ``surroundings`` widens the view by a share of its size, on each side.
    The answer is kept: it depends on the codes alone and takes up to some tenths of a second.
    """
    countries = {code: atlas().countries[code] for code in sorted(codes) if code in atlas().countries}
    if not countries:
        return None
    view = view_of(extent_points(countries.values()), surroundings)
    pen = Pen(view)
    shapes = {code: pen.shape(code, polygons) for code, polygons in countries.items()}
    others = (polygons for code, polygons in atlas().countries.items() if code not in countries)
    land = path_of([ring for polygons in others for ring in pen.rings(polygons, SPECK)], SCALE)
    return Drawing(view.width, view.height, {code: shape for code, shape in shapes.items() if shape}, land, view)


def extent_points(countries: Iterable[list[Polygon]]) -> list[Point]:
    """Return points around the main pieces of land of each country."""
    points = []
    for polygons in countries:
        largest = max(polygon.area for polygon in polygons)
        for polygon in polygons:
            if polygon.area >= MAIN_PIECE * largest:
                outline = unwrapped(ring_points(polygon.rings[0], atlas().arcs))
                points += outline[:: max(1, len(outline) // 60)]
    return points


def view_of(points: list[Point], surroundings: float) -> View:
    """Return the window that shows ``points``, not too narrow and not too wide, always of the same area."""
    projection = projection_for(points)
    left, bottom, right, top = box_of([projection.project(*point) for point in points])
    if isinstance(projection, EqualEarth):
        west, east = (
            projection.project(projection.longitude - 180, 0)[0],
            projection.project(projection.longitude + 180, 0)[0],
        )
        low, high = (projection.project(0, limit)[1] for limit in POLAR_LIMITS)
        left, right, bottom, top = min(left, west), max(right, east), min(bottom, low), max(top, high)
    margin = (MARGIN + surroundings) * max(right - left, top - bottom)
    width = max(right - left + 2 * margin, SMALLEST_EXTENT)
    height = max(top - bottom + 2 * margin, SMALLEST_EXTENT)
    width, height = max(width, height * NARROWEST), max(height, width / WIDEST)
    scale = sqrt(SURFACE / (width * height))
    return View(
        projection,
        left=(left + right - width) / 2,
        top=(top + bottom + height) / 2,
        scale=scale,
        width=round(width * scale),
        height=round(height * scale),
    )


class Pen:
    """Draws polygons into one view."""

    def __init__(self, view: View):
        self.view = view
        self.window = view.window()
        self.frame = (-4, -4, view.width + 4, view.height + 4)
        self.step = STEP_OF_WORLD if isinstance(view.projection, EqualEarth) else STEP
        self.lines: dict[int, list[Point]] = {}

    def line(self, number: int) -> list[Point]:
        """Return an arc with as many points as can be told apart, still in degrees; both its sides get the same."""
        if number not in self.lines:
            arc = atlas().arcs[number]
            self.lines[number] = [arc[kept] for kept in thinned([self.view.place(*point) for point in arc], self.step)]
        return self.lines[number]

    def ring(self, numbers: list[int]) -> list[Point]:
        points = []
        for number in numbers:
            line = self.line(number) if number >= 0 else self.line(~number)[::-1]
            points += line[1:] if points else line
        return unwrapped(points)

    def rings(self, polygons: list[Polygon], speck: float = 0) -> list[list[Point]]:
        """Return the rings of what can be seen of ``polygons``, in units; none smaller than ``speck``."""
        return [ring for polygon in polygons for ring in self.polygon(polygon, speck)]

    def polygon(self, polygon: Polygon, speck: float = 0) -> list[list[Point]]:
        west, south, east, north = self.window
        drawn = []
        for shift in (-360, 0, 360):
            low, high = polygon.bounds[0] + shift, polygon.bounds[2] + shift
            if high < west or low > east or polygon.bounds[3] < south or polygon.bounds[1] > north:
                continue
            for numbers in polygon.rings:
                degrees = [(longitude + shift, latitude) for longitude, latitude in self.ring(numbers)]
                seen = clipped(degrees, self.window)
                ring = clipped([self.view.place(*point) for point in seen], self.frame)
                if len(ring) < 3:
                    continue
                left, top, right, bottom = box_of(ring)
                if right - left >= speck or bottom - top >= speck:
                    drawn.append([*ring, ring[0]])
        return drawn

    def shape(self, code: str, polygons: list[Polygon]) -> Shape | None:
        """Return a country as it is drawn; ``None`` where nothing of it is in view."""
        ordered = sorted(polygons, key=lambda polygon: -polygon.area)
        rings = self.rings(ordered)
        if not rings:
            return None
        main = max(rings, key=lambda ring: (box := box_of(ring))[2] - box[0] + box[3] - box[1])
        left, top, right, bottom = box_of(main)
        x, y, room = room_for_text(main, TEXT_HEIGHT)
        is_small = right - left < SMALL or bottom - top < SMALL
        if is_small:
            x, y, room = (left + right) / 2, (top + bottom) / 2, 0
        return Shape(code, path_of(rings, SCALE), round(x * SCALE), round(y * SCALE), room, is_small)
