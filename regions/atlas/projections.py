"""How a part of the globe becomes flat. Projections take degrees and return units of the globe's radius, y upwards."""

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt

WIDEST_REGION = 75  # degrees around the middle; beyond that the whole world is shown
WIDE_GAP = 60  # degrees without a point, at which a map of the world may be cut
USUAL_CENTRE = 11  # degrees east: a map of the world is cut in the Bering Strait


@dataclass(frozen=True)
class LambertAzimuthal:
    """Lambert's azimuthal equal-area projection around a point: for continents and anything smaller.

    Snyder, Map Projections: A Working Manual (USGS, 1987), pages 185 to 190.
    """

    longitude: float
    latitude: float

    def project(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return the place of a point; the antipode of the centre, which has none, is put far away."""
        across, up, centre = radians(longitude - self.longitude), radians(latitude), radians(self.latitude)
        cosine = sin(centre) * sin(up) + cos(centre) * cos(up) * cos(across)
        stretch = sqrt(2 / max(1 + cosine, 1e-6))
        return (
            stretch * cos(up) * sin(across),
            stretch * (cos(centre) * sin(up) - sin(centre) * cos(up) * cos(across)),
        )

    def invert(self, x: float, y: float) -> tuple[float, float]:
        """Return the degrees of a place; one off the map counts as its edge."""
        distance = hypot(x, y)
        if not distance:
            return self.longitude, self.latitude
        angle, centre = 2 * asin(min(distance / 2, 1)), radians(self.latitude)
        up = asin(max(-1, min(1, cos(angle) * sin(centre) + y * sin(angle) * cos(centre) / distance)))
        across = atan2(x * sin(angle), distance * cos(centre) * cos(angle) - y * sin(centre) * sin(angle))
        return self.longitude + degrees(across), degrees(up)


@dataclass(frozen=True)
class EqualEarth:
    """The Equal Earth projection: for the whole world, with continents in their true proportions.

    Šavrič, Patterson and Jenny, International Journal of Geographical Information Science 33 (2018).
    """

    longitude: float
    A = (1.340264, -0.081106, 0.000893, 0.003796)

    def project(self, longitude: float, latitude: float) -> tuple[float, float]:
        a1, a2, a3, a4 = self.A
        theta = asin(sqrt(3) / 2 * sin(radians(latitude)))
        square = theta * theta
        six = square**3
        x = 2 * sqrt(3) * radians(longitude - self.longitude) * cos(theta)
        x /= 3 * (9 * a4 * six * square + 7 * a3 * six + 3 * a2 * square + a1)
        return x, theta * (a1 + a2 * square + six * (a3 + a4 * square))


Projection = LambertAzimuthal | EqualEarth


def centre_of(longitudes: list[float]) -> tuple[float, float]:
    """Return the middle of longitudes around the globe, and how many degrees they span: all but the widest gap."""
    ordered = sorted({longitude % 360 for longitude in longitudes})
    gaps = [(after - before, after) for before, after in zip(ordered, [*ordered[1:], ordered[0] + 360], strict=True)]
    gap, start = max(gaps)
    span = 360 - gap
    return (start + span / 2 + 180) % 360 - 180, span


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the degrees between two points of the globe, by the haversine formula."""
    (x1, y1), (x2, y2) = (map(radians, point) for point in (one, other))
    half = sin((y2 - y1) / 2) ** 2 + cos(y1) * cos(y2) * sin((x2 - x1) / 2) ** 2
    return degrees(2 * asin(sqrt(min(half, 1))))


def projection_for(points: list[tuple[float, float]]) -> Projection:
    """Return the projection that shows ``points`` (longitude, latitude) with the least distortion."""
    longitude, span = centre_of([longitude for longitude, latitude in points])
    latitudes = [latitude for longitude, latitude in points]
    middle = (longitude, (min(latitudes) + max(latitudes)) / 2)
    if max(distance(middle, point) for point in points) <= WIDEST_REGION:
        return LambertAzimuthal(*middle)
    return EqualEarth(longitude if 360 - span >= WIDE_GAP else USUAL_CENTRE)
