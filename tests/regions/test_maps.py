"""The maps of the pages: what is on them, and that everything on them has a name and a link."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from regions.maps import map_of, map_of_all_offices
from regions.models import Office
from tests.factories import CountryFactory, OfficeFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
HIDDEN = "Hidden thing"


def covering(*codes, **fields) -> Office:
    office = OfficeFactory(**fields)
    office.countries.set([CountryFactory(code=code) for code in codes])
    return office


def drawn(shown) -> list[tuple[str, int, list[str]]]:
    return [(area.office.slug, area.pattern, [item.country.code for item in area.drawn]) for area in shown.areas]


def test_home_map_tells_topmost_offices_apart():
    covering("AR", "BR", slug="south")
    covering("CA", slug="north")
    assert drawn(map_of_all_offices()) == [("south", 1, ["AR", "BR"]), ("north", 2, ["CA"])]


def test_countries_of_an_office_include_those_of_the_offices_below():
    covering("BR", parent=covering("AR", slug="south"))
    covering("CA", slug="north")
    assert drawn(map_of_all_offices()) == [("south", 1, ["AR", "BR"]), ("north", 2, ["CA"])]


def test_one_office_over_all_gives_way_to_those_below_it():
    top = covering(slug="top")
    covering("AR", slug="south", parent=top)
    covering("CA", slug="north", parent=top)
    assert [slug for slug, _, _ in drawn(map_of_all_offices())] == ["south", "north"]


def test_country_of_two_offices_is_drawn_once_and_listed_with_both():
    offices = covering("AR", slug="one"), covering("AR", slug="two")
    shown = map_of((office, list(office.countries.all())) for office in offices)
    assert drawn(shown) == [("one", 1, ["AR"]), ("two", 2, [])]
    assert [len(area.countries) for area in shown.areas] == [1, 1]


def test_offices_that_are_not_live_are_not_on_the_map():
    covering("AR", live=False)
    assert map_of_all_offices() is None


@pytest.mark.parametrize("codes", [(), ("XA",)], ids=["no country", "a country that the atlas does not have"])
def test_without_anything_to_draw_there_is_no_map(client, codes):
    office = covering(*codes)
    assert "<figure" not in client.get(office.get_absolute_url()).text
    assert "<figure" not in client.get("/en/").text


def test_regional_map_links_and_names_countries_and_seats(client):
    office = covering("AR", "BR", name_en="Office", seat_city_en="City", seat_latitude=-34.6, seat_longitude=-58.4)
    page = client.get(office.get_absolute_url()).text
    picture = page[page.index('<svg class="map__picture') : page.index("</figure>")]
    links = re.findall(r'<a class="map__(\w+)" href="([^"]+)" aria-label="([^"]+)"', picture)
    assert links == [
        ("country", "/en/countries/AR/", "Country AR – Office"),
        ("country", "/en/countries/BR/", "Country BR – Office"),
        ("seat", office.get_absolute_url(), "City – Office"),
    ]
    assert picture.count("<title>") == 3
    assert 'id="office.countries.list"' in page


def test_regional_map_of_an_office_without_countries_shows_those_of_the_offices_below(client):
    office = OfficeFactory()
    covering("AR", slug="below", parent=office)
    response = client.get(office.get_absolute_url())
    assert drawn(response.context["map"]) == [("below", 1, ["AR"])]
    assert response.text.count("<figure") == 1


@pytest.mark.parametrize("path", ["/", "/regions/", "/countries/AR/"])
def test_map_has_a_list_in_its_stead(client, path):
    covering("AR", "BR", name_en="Office")
    page = client.get(f"/en{path}").text
    assert page.index("map__picture") < page.index('id="map.list"')
    assert '<a href="/en/countries/AR/">' in page[page.index('id="map.list"') :]


def test_office_without_coordinates_is_not_marked(client):
    assert "map__seat" not in client.get(covering("AR").get_absolute_url()).text


def test_seat_out_of_view_is_not_marked(client):
    office = covering("AR", seat_latitude=46.2, seat_longitude=6.1)
    assert "map__seat" not in client.get(office.get_absolute_url()).text


def test_names_of_seats_do_not_cover_each_other():
    near = {"seat_latitude": -34.6, "seat_longitude": -58.4, "seat_city_en": "Long name of a city"}
    offices = [covering("AR", "BR", "CL", **near), *(covering(**near) for _ in range(3))]
    shown = map_of([(offices[0], list(offices[0].countries.all()))], offices)
    assert sorted(seat.side for seat in shown.seats) == ["", "", "end", "start"]


def test_disclaimer_of_the_publisher_stands_under_the_map(client):
    OrganizationFactory(map_disclaimer_en="No opinion on <b>boundaries</b>.")
    office = covering("AR")
    page = client.get(office.get_absolute_url()).text
    assert page.index("map__picture") < page.index("No opinion on &lt;b&gt;boundaries&lt;/b&gt;.")


def test_no_disclaimer_is_invented(client):
    OrganizationFactory()
    assert client.get(covering("AR").get_absolute_url()).text.count('class="map__note"') == 1  # the source


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_hostile_names_are_harmless_in_the_picture(client, text):
    office = covering("AR", name_en=text, seat_city_en=text, seat_latitude=-34.6, seat_longitude=-58.4)
    office.countries.update(name_en=text)
    page = client.get(office.get_absolute_url()).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_name_in_another_language_carries_it(client):
    office = covering("AR", name_es="Oficina")
    page = client.get(f"/es/regions/{office.slug}/").text
    assert re.search(r'aria-label="Country AR – Oficina" lang="en"', page)


# --- Coordinates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [(10, None), (None, 10), (91, 0), (0, -181)],
    ids=["no longitude", "no latitude", "beyond the pole", "around the globe"],
)
def test_database_keeps_no_half_or_impossible_place(place):
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficeFactory(seat_latitude=place[0], seat_longitude=place[1])


@pytest.mark.parametrize("latitude", [90.1, float("nan"), float("inf")])
def test_form_refuses_an_impossible_latitude(latitude):
    with pytest.raises(ValidationError, match="between -90 and 90"):
        OfficeFactory.build(seat_latitude=latitude, seat_longitude=0).full_clean()


def test_api_gives_the_coordinates(client):
    OfficeFactory(slug="office", seat_latitude=-34.61, seat_longitude=-58.38)
    item = client.get("/api/v1/offices/office/").json()
    assert (item["seat_latitude"], item["seat_longitude"]) == (-34.61, -58.38)
