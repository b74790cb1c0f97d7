"""Maps drawn on the server: the shapes of countries, projections, and paths for SVG.

Knows geometry and country codes only; what is shown on which page is the business of ``regions/maps.py``.
"""

from regions.atlas.drawing import SCALE, Drawing, Shape, draw
from regions.atlas.topology import known_codes

__all__ = ["SCALE", "Drawing", "Shape", "draw", "known_codes"]
