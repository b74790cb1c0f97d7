"""Plane geometry: clipping, thinning, and finding room for a name.

Points are pairs (x, y), boxes (left, top, right, bottom).
"""

from itertools import pairwise

Point = tuple[float, float]
Box = tuple[float, float, float, float]


def clipped(ring: list[Point], box: Box) -> list[Point]:
    """Return what of a ring lies in ``box`` (Sutherland and Hodgman 1974); edges that run along the box may repeat."""
    left, top, right, bottom = box
    for axis, limit, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
        if not ring:
            break
        kept = []
        before = ring[-1]
        was_inside = (before[axis] - limit) * sign >= 0
        for point in ring:
            is_inside = (point[axis] - limit) * sign >= 0
            if is_inside != was_inside:
                kept.append(crossing(before, point, axis, limit))
            if is_inside:
                kept.append(point)
            before, was_inside = point, is_inside
        ring = kept
    return ring


def crossing(start: Point, end: Point, axis: int, limit: float) -> Point:
    """Return where the line from ``start`` to ``end`` reaches ``limit`` on an axis (0 is x)."""
    share = (limit - start[axis]) / (end[axis] - start[axis])
    other = start[1 - axis] + share * (end[1 - axis] - start[1 - axis])
    return (limit, other) if axis == 0 else (other, limit)


def thinned(points: list[Point], step: float) -> list[int]:
    """Return the numbers of the points of a line that are at least ``step`` apart; its ends stay."""
    kept = [0]
    x, y = points[0]
    for number in range(1, len(points) - 1):
        if abs(points[number][0] - x) + abs(points[number][1] - y) >= step:
            kept.append(number)
            x, y = points[number]
    return [*kept, len(points) - 1]


def box_of(points: list[Point]) -> Box:
    """Return the box around points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes cover a common place."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def room_for_text(ring: list[Point], height: float) -> tuple[float, float, float]:
    """Return the middle of the widest place for a line of text of ``height`` in a ring, and how wide it is."""
    left, top, right, bottom = box_of(ring)
    best = ((left + right) / 2, (top + bottom) / 2, 0.0)
    for number in range(1, 16):
        y = top + (bottom - top) * number / 16
        spans = [inside_spans(ring, y + offset) for offset in (-height / 2, 0, height / 2)]
        for start, end in spans[1]:
            for other in (spans[0], spans[2]):
                common = [(max(start, s), min(end, e)) for s, e in other if min(end, e) > max(start, s)]
                start, end = max(common, key=lambda span: span[1] - span[0], default=(start, start))
            if end - start > best[2]:
                best = ((start + end) / 2, y, end - start)
    return best


def inside_spans(ring: list[Point], y: float) -> list[tuple[float, float]]:
    """Return the pieces of the horizontal line at ``y`` that lie inside a ring (even-odd rule)."""
    cuts = sorted(
        x1 + (y - y1) / (y2 - y1) * (x2 - x1)
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]])
        if (y1 <= y) != (y2 <= y)
    )
    return list(zip(cuts[::2], cuts[1::2], strict=False))


def path_of(rings: list[list[Point]], scale: int) -> str:
    """Return SVG path data of closed rings in whole units of 1/``scale``, with relative steps.

    Grammar: SVG 2, section 9.3. Steps are a third shorter than places, and compress better.
    """
    parts = []
    for ring in rings:
        grid = [(round(x * scale), round(y * scale)) for x, y in ring]
        steps = [(x - x0, y - y0) for (x0, y0), (x, y) in pairwise(grid) if (x, y) != (x0, y0)]
        if len(steps) < 2:
            continue
        start = f"M{grid[0][0]} {grid[0][1]}"
        numbers = "".join(f"{number}" if number < 0 else f" {number}" for step in steps for number in step)
        parts.append(f"{start}l{numbers.strip()}z")
    return "".join(parts)
