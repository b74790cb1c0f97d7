"""The shapes of countries and how they are drawn."""

import gzip
import json

import pytest

from regions.atlas import SCALE, draw, known_codes
from regions.atlas.geometry import clipped, inside_spans, path_of, room_for_text, thinned
from regions.atlas.projections import EqualEarth, LambertAzimuthal, centre_of, projection_for
from regions.atlas.topology import FILE, unwrapped

SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]


def test_atlas_names_countries_by_both_iso_codes():
    geometries = json.loads(FILE.read_text())["objects"]["countries"]["geometries"]
    codes = {geometry["id"]: geometry["properties"]["numeric"] for geometry in geometries if "id" in geometry}
    assert len(codes) == len(known_codes()) > 230
    assert (codes["AR"], codes["FJ"], codes["TV"]) == ("032", "242", "798")


@pytest.mark.parametrize(
    ("codes", "projection"),
    [
        ("AR BR CL", LambertAzimuthal),
        ("FJ TO WS", LambertAzimuthal),  # on both sides of the antimeridian
        ("RU NO CA", LambertAzimuthal),  # around the pole
        ("AR RU AU", EqualEarth),
    ],
    ids=["continent", "antimeridian", "pole", "world"],
)
def test_content_decides_the_projection(codes, projection):
    drawing = draw(frozenset(codes.split()))
    assert isinstance(drawing.view.projection, projection)
    assert set(drawing.shapes) == set(codes.split())


@pytest.mark.parametrize("code", sorted(known_codes()))
def test_every_country_can_be_drawn_alone_and_lies_in_the_picture(code):
    drawing = draw.__wrapped__(frozenset([code]))
    shape = drawing.shapes[code]
    assert shape.path.startswith("M")
    assert 0 <= shape.x / SCALE <= drawing.width
    assert 0 <= shape.y / SCALE <= drawing.height


def test_country_across_the_antimeridian_is_drawn_in_one_piece():
    drawing = draw(frozenset(["RU"]))
    east, west = drawing.place(179, 67), drawing.place(-179, 67)
    assert abs(east[0] - west[0]) < drawing.width / 10


def test_map_of_the_whole_world_is_small_enough_for_a_page():
    drawing = draw(known_codes() - {"AQ"})
    paths = "".join(shape.path for shape in drawing.shapes.values()) + drawing.land
    assert len(gzip.compress(paths.encode())) < 26_000


def test_island_state_among_large_countries_needs_a_mark():
    drawing = draw(frozenset(["BR", "BB"]))
    assert drawing.shapes["BB"].is_small
    assert not drawing.shapes["BR"].is_small


@pytest.mark.parametrize("codes", [[], ["ZZ"]], ids=["none", "unknown"])
def test_nothing_to_draw_is_no_map(codes):
    assert draw(frozenset(codes)) is None


def test_drawings_are_kept_and_not_without_end():
    assert draw(frozenset(["AR"])) is draw(frozenset(["AR"]))
    assert draw.cache_info().maxsize


def test_place_outside_the_view_is_none():
    assert draw(frozenset(["AR"])).place(139, 35) is None


@pytest.mark.parametrize("point", [(-58, -34), (-60, -20), (-75, 4)])
def test_lambert_projection_is_inverted(point):
    projection = LambertAzimuthal(-60, -20)
    assert projection.invert(*projection.project(*point)) == pytest.approx(point)


@pytest.mark.parametrize(
    ("longitudes", "middle", "span"),
    [([10, 20], 15, 10), ([170, -170], 180, 20), ([-60], -60, 0)],
    ids=["plain", "antimeridian", "one"],
)
def test_centre_is_opposite_the_widest_gap(longitudes, middle, span):
    found, width = centre_of(longitudes)
    assert (abs(found), width) == (abs(middle), span)


def test_projection_of_one_point_is_around_it():
    assert projection_for([(10, 50)]) == LambertAzimuthal(10, 50)


def test_ring_over_the_antimeridian_has_no_jump():
    assert unwrapped([(179, 0), (-179, 0), (-179, 1), (179, 0)]) == [(179, 0), (181, 0), (181, 1), (179, 0)]


def test_ring_around_the_south_pole_is_closed_through_it():
    ring = [(-180, -70), (-90, -70), (0, -70), (90, -70), (180, -70)]
    assert (180, -90) in unwrapped(ring)


def test_clipping_keeps_what_is_inside():
    assert set(clipped(SQUARE, (5, 5, 20, 20))) == {(5, 5), (10, 5), (10, 10), (5, 10)}
    assert clipped(SQUARE, (20, 20, 30, 30)) == []


def test_thinning_keeps_the_ends():
    assert thinned([(0, 0), (0.1, 0), (5, 0), (5.1, 0)], 1) == [0, 2, 3]


def test_room_for_a_name_is_inside():
    x, y, width = room_for_text(SQUARE, 2)
    assert (x, width) == (5, 10)
    assert inside_spans(SQUARE, 5) == [(0, 10)]


def test_path_has_relative_steps_and_no_empty_rings():
    assert path_of([[*SQUARE, SQUARE[0]], [(0, 0), (0, 0)]], 1) == "M0 0l10 0 0 10-10 0 0-10z"
