"""Contrast as WCAG 2.2 defines it."""

import pytest
from django.conf import settings

from cms.pages.colours import BLACK, WHITE, contrast, ink_on, readable_on, site_colours
from tests.test_floors import APPS, folder_of


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#ffffff", "#ffffff", 1),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_that_of_the_standard(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


def test_ink_is_readable_on_every_grey():
    greys = [f"#{value:02x}{value:02x}{value:02x}" for value in range(256)]
    assert min(contrast(ink_on(grey), grey) for grey in greys) >= 4.5


@pytest.mark.parametrize(("colour", "ink"), [("#fcc30b", "#000000"), ("#19486a", "#ffffff")], ids=["yellow", "navy"])
def test_ink_is_the_more_readable_one(colour, ink):
    assert ink_on(colour) == ink


@pytest.mark.parametrize("background", ["#ffffff", "#f3f1ea", "#1a222b", "#000000", "#777777"])
@pytest.mark.parametrize("colour", ["#fcc30b", "#19486a", "#ffffff", "#000000", "#dd1367"])
def test_readable_colour_has_the_contrast_of_text(colour, background):
    wanted = min(4.5, contrast(ink_on(background), background))
    assert contrast(readable_on(background, colour), background) >= wanted


def test_site_has_the_colours_of_its_style_sheet():
    light, dark = site_colours(), site_colours(dark=True)
    assert (light["paper"], light["sheet"]) == ("#ffffff", "#f3f1ea")
    assert dark["sheet"] != light["sheet"]
    assert dark["focus"] == light["focus"]  # which the dark scheme does not change


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "link", "link-hover"])
@pytest.mark.parametrize("surface", ["paper", "sheet", "card"])
def test_text_of_the_site_is_readable(surface, ink, dark):
    colours = site_colours(dark=dark)
    assert contrast(colours[ink], colours[surface]) >= 4.5


def test_code_names_no_colour_of_the_style_sheet():
    """A colour that is named twice is changed once."""
    named = {*site_colours().values(), *site_colours(dark=True).values()} - {BLACK, WHITE}
    files = [path for app in APPS for path in folder_of(app).rglob("*.py")]
    files += (settings.BASE_DIR / "templates").rglob("*.html")
    found = {str(path): colour for path in files for colour in named if colour in path.read_text()}
    assert found == {}


def test_colour_that_is_readable_already_stays():
    assert readable_on("#ffffff", "#1d4e9e") == "#1d4e9e"
