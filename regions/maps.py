"""The maps of the pages: which offices and countries, how they are told apart, and where their names stand.

The content decides what part of the globe is shown. Everything on a map is a link, has a name, and stands in a list
beside it; offices differ by pattern as well as by colour.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q

from cms.content.languages import column, localized, site_languages
from cms.content.lookups import fold
from regions.atlas import SCALE, Drawing, Shape, draw
from regions.atlas.geometry import Box, overlap
from regions.models import Country, Office

PATTERNS = 8  # templates/regions/includes/_map_patterns.html; more offices begin again
MOST_AREAS = 2 * PATTERNS  # offices with a key of their own; the list of regions has them all
MOST_SEATS = 24
SURROUNDINGS = 0.6  # of the size of one country, when it is shown alone
TEXT_SIZE, NARROW_TEXT = 13, 11.5  # units on a wide screen, CSS pixels on a phone
PHONE = 328  # CSS pixels that a map has on a screen of 360
PHONE_TEXT = 1.35  # times the usual size, at the least, that texts have on a phone
LETTER = 0.54  # width of a letter, as a share of the size of the text
OVERHANG = 1.2  # of the room in a country that its name may take
SEAT_GAP = 9  # units between a seat and its name


@dataclass(frozen=True)
class MapCountry:
    """A country on a map; ``label`` is its name where there is room for it, ``fits`` whether on a phone too."""

    country: Country
    shape: Shape
    label: str = ""
    fits: bool = False


@dataclass(frozen=True)
class Area:
    """Countries that are drawn alike: those of an office and the offices below it, or those of no office."""

    office: Office | None
    pattern: int
    countries: list[Country]  # all that it covers, drawn or not
    drawn: list[MapCountry]


@dataclass(frozen=True)
class Seat:
    """Where an office is; ``side`` is where its name stands: "start", "end" or, without room for it, nothing."""

    office: Office
    x: int  # tenths of a unit, as in Shape
    y: int
    side: str = ""

    @property
    def text_x(self) -> int:
        """Where the name begins or ends."""
        return self.x + (SEAT_GAP if self.side == "start" else -SEAT_GAP) * SCALE

    @property
    def mark(self) -> Box:
        """The room that the mark takes, in units."""
        x, y = self.x / SCALE, self.y / SCALE
        return x - SEAT_GAP, y - SEAT_GAP, x + SEAT_GAP, y + SEAT_GAP

    @property
    def text(self) -> Box:
        """The room that the name takes, in units, as it is on a phone, where texts are larger."""
        left, top, right, bottom = self.mark
        width = len(seat_name(self.office)) * LETTER * TEXT_SIZE * PHONE_TEXT
        return (right, top, right + width, bottom) if self.side == "start" else (left - width, top, left, bottom)


@dataclass(frozen=True)
class Map:
    """A map ready for its template."""

    drawing: Drawing
    areas: list[Area]
    seats: list[Seat] = field(default_factory=list)

    @property
    def patterns(self) -> list[int]:
        """The numbers of the patterns that it uses."""
        return sorted({area.pattern for area in self.areas})

    @property
    def has_key(self) -> bool:
        """Whether it shows offices, which a key explains."""
        return self.areas[0].office is not None

    @property
    def size(self) -> str:
        """The class of its width, by which texts are enlarged on a phone."""
        return "s" if self.drawing.width <= 560 else "m" if self.drawing.width <= 700 else "l"


def map_of(groups: Iterable[tuple[Office, list[Country]]], seats: Iterable[Office] = ()) -> Map | None:
    """Return the map of offices with the countries that each covers; ``None`` where there is nothing to draw.

    A country that several cover is drawn with the first. ``seats`` are the offices to mark where they have
    coordinates in view, the first ones where there are many.
    """
    groups = [(office, countries) for office, countries in groups if countries][:MOST_AREAS]
    drawing = draw(frozenset(country.code for _, countries in groups for country in countries))
    if drawing is None:
        return None
    marked = place_seats(drawing, seats)
    taken = [box for seat in marked for box in ([seat.mark, seat.text] if seat.side else [seat.mark])]
    areas, seen = [], set()
    for number, (office, countries) in enumerate(groups):
        drawn = []
        for country in countries:
            if country.code in drawing.shapes and country.code not in seen:
                seen.add(country.code)
                drawn.append(labelled(country, drawing, taken))
        areas.append(Area(office, number % PATTERNS + 1, countries, drawn))
    return Map(drawing, areas, marked)


def map_of_region(office: Office, suboffices: list[Office]) -> Map | None:
    """Return the map of one office: the countries it covers itself, or else those of the offices right below it.

    Reads nothing when the countries of all of them are prefetched.
    """
    own = list(office.countries.all())
    groups = [(office, own)] if own else [(below, list(below.countries.all())) for below in suboffices]
    return map_of(groups, [office, *suboffices])


def map_of_country(country: Country) -> Map | None:
    """Return the map of one country in its surroundings; ``None`` where the atlas does not have it."""
    drawing = draw(frozenset([country.code]), SURROUNDINGS)
    if drawing is None or country.code not in drawing.shapes:
        return None
    return Map(drawing, [Area(None, 1, [country], [labelled(country, drawing, [])])])


def labelled(country: Country, drawing: Drawing, taken: list[Box]) -> MapCountry:
    """Return a country with its name if there is room for it; without what stands in brackets after it."""
    shape = drawing.shapes[country.code]
    name = country.label.value.partition(" (")[0]
    room = shape.room * OVERHANG
    width = len(name) * LETTER * TEXT_SIZE
    x, y = shape.x / SCALE, shape.y / SCALE
    box = (x - width / 2, y - TEXT_SIZE / 2, x + width / 2, y + TEXT_SIZE / 2)
    if shape.is_small or width > room or any(overlap(box, other) for other in taken):
        return MapCountry(country, shape)
    on_phone = len(name) * LETTER * NARROW_TEXT * drawing.width / PHONE
    return MapCountry(country, shape, name, fits=on_phone <= room)


def place_seats(drawing: Drawing, offices: Iterable[Office]) -> list[Seat]:
    """Return the seats in view, each with its name on the side where it neither leaves the map nor covers another."""
    seats, taken = [], []
    for office in offices:
        if office.seat_latitude is None or office.seat_longitude is None or len(seats) == MOST_SEATS:
            continue
        place = drawing.place(office.seat_longitude, office.seat_latitude)
        if place is None:
            continue
        x, y = (round(value * SCALE) for value in place)
        seat = Seat(office, x, y)
        for side in ("start", "end"):
            named = Seat(office, x, y, side)
            left, _, right, _ = named.text
            if left >= 0 and right <= drawing.width and not any(overlap(named.text, other) for other in taken):
                seat = named
                taken.append(named.text)
                break
        seats.append(seat)
        taken.append(seat.mark)
    return seats


def seat_name(office: Office) -> str:
    """Return the name under which a seat is marked: its city, or else the office's short name."""
    return (localized(office, "seat_city") or office.label).value


def map_of_all_offices() -> Map | None:
    """Return the map of the whole organization, by its topmost offices that differ. Two queries."""
    covering = Office.countries.through.objects.filter(office=OuterRef("pk"))
    below_it = Office.objects.filter(parent=OuterRef("pk"))
    is_drawn = Q(seat_latitude__isnull=False) | Exists(covering) | Exists(below_it)
    offices = list(
        Office.objects.live()
        .filter(is_drawn)  # not all of what may be thousands
        .only("slug", "name", "short_name", "parent", "position", "seat_city", "seat_latitude", "seat_longitude")
        .order_by("position", "slug")
    )
    below = defaultdict(list)
    known = {office.pk for office in offices}
    for office in offices:
        below[office.parent_id if office.parent_id in known else None].append(office)
    covered = countries_by_office()

    def reach(office: Office, seen: frozenset = frozenset()) -> dict[str, Country]:
        found = dict(covered.get(office.pk, {}))
        for child in below[office.pk]:
            if child.pk not in seen:
                found |= reach(child, seen | {office.pk})
        return found

    top = below[None]
    groups = [(office, reach(office)) for office in top]
    while len(shown := [pair for pair in groups if pair[1]]) == 1:
        (office, countries), children = shown[0], [(child, reach(child)) for child in below[shown[0][0].pk]]
        if not any(found for _, found in children):
            break
        rest = {
            code: country for code, country in countries.items() if not any(code in found for _, found in children)
        }
        groups = [*children, (office, rest)]
        if rest:
            break
    in_order = [(office, sorted(found.values(), key=sorting_name)) for office, found in groups]
    marked = {office.pk: office for office in [*top, *(office for office, _ in groups), *offices]}
    return map_of(in_order, marked.values())


def sorting_name(country: Country) -> str:
    return fold(country.label.value)


def countries_by_office() -> dict:
    """Return the countries that each live office covers itself: by the office's key, by code. One query."""
    columns = [column("name", code) for code in site_languages()]
    links = Office.countries.through.objects.filter(Office.live_condition("office__"))
    countries, found = {}, defaultdict(dict)
    for office, key, code, *names in links.values_list(
        "office", "country", "country__code", *(f"country__{name}" for name in columns)
    ):
        country = countries.get(code)
        if country is None:
            country = countries[code] = Country(pk=key, code=code, **dict(zip(columns, names, strict=True)))
        found[office][code] = country
    return found
