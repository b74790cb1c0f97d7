"""The colours of pillars and goals, as a style sheet."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.generic import View

from cms.pages.colours import ink_on, readable_on, site_colours
from priorities.models import FrameworkGoal, Pillar

MAX_AGE = 5 * 60  # seconds until a browser asks whether a colour was changed
# The surface that coloured text stands on, the less contrasting of two, in each scheme.
LIGHT_SURFACE, DARK_SURFACE = site_colours()["sheet"], site_colours(dark=True)["sheet"]
CSS_NAME = re.compile(r"\A[A-Za-z0-9_-]+\Z")
CSS_COLOUR = re.compile(r"\A#[0-9a-f]{6}\Z")


class ThemeView(View):
    """The colours of live pillars and goals as a style sheet, since a strict policy forbids ``style`` attributes.

    For each colour: ``--accent`` to fill with, ``--on-accent`` to write on it, and ``--accent-text``, the same hue
    dark or light enough to be read on the page in either colour scheme.
    """

    stored_parameters = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponse(theme_css(colour_classes()), content_type="text/css; charset=utf-8")
        patch_cache_control(response, public=True, max_age=MAX_AGE)
        return response


def colour_classes() -> dict[str, list[str]]:
    """Return the CSS classes of live pillars and goals by their colour."""
    pillars = Pillar.objects.live().values_list("slug", "colour")
    goals = FrameworkGoal.objects.live().exclude(colour="").select_related("framework")
    names = [(colour, "pillar-" + slug) for slug, colour in pillars]
    names += [(goal.colour, goal.css_class) for goal in goals.only("code", "colour", "framework__slug")]
    classes = {}
    for colour, name in names:
        if CSS_NAME.match(name) and CSS_COLOUR.match((colour or "").lower()):
            classes.setdefault(colour.lower(), []).append(name)
    return classes


def theme_css(classes: dict[str, list[str]]) -> str:
    """Return the style sheet for CSS classes by colour."""
    light, dark = [], []
    for colour, names in classes.items():
        selector = ",".join(f".{name}" for name in names)
        light.append(
            f"{selector}{{--accent:{colour};--on-accent:{ink_on(colour)};"
            f"--accent-text:{readable_on(LIGHT_SURFACE, colour)}}}"
        )
        dark.append(f"{selector}{{--accent-text:{readable_on(DARK_SURFACE, colour)}}}")
    return "\n".join([*light, "@media screen and (prefers-color-scheme:dark){", *dark, "}", ""])
