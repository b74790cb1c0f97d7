"""Lists in other formats than JSON: CSV (RFC 4180), JSON Lines and GeoJSON (RFC 7946), by ``format=``.

The format stands in the address, so that each address has one body and can be opened in a spreadsheet or a map as it
is. Pages lead on by ``Link: rel="next"`` (RFC 8288), since these bodies have no place for it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from cms.api.fields import LanguageReport, Text
from cms.api.selection import Selection, chosen_fields, given_serializer
from cms.api.wording import Wording
from cms.pages.spreadsheets import BYTE_ORDER_MARK, csv_lines

LINE_ENDS = re.compile("[\x85\u2028\u2029]")
BETWEEN = "; "  # the values of a list in one cell


class WrittenRenderer(JSONRenderer):
    """Sends a body that is written already; problems stay JSON."""

    def render(self, data, accepted_media_type=None, renderer_context=None):
        if not isinstance(data, str):
            return super().render(data, accepted_media_type, renderer_context)
        if not data and renderer_context:  # no line at all; the framework takes an empty body for none
            renderer_context["response"].add_post_render_callback(self.name_media_type)
        return data.encode()

    def name_media_type(self, response):
        response["Content-Type"] = self.media_type


class CsvRenderer(WrittenRenderer):
    media_type, format, charset = "text/csv", "csv", "utf-8"


class JsonLinesRenderer(WrittenRenderer):
    media_type, format = "application/x-ndjson", "jsonl"


class GeoJsonRenderer(WrittenRenderer):
    media_type, format = "application/geo+json", "geojson"


RENDERERS: dict[str, type[JSONRenderer]] = {
    renderer.format: renderer for renderer in (JSONRenderer, CsvRenderer, JsonLinesRenderer, GeoJsonRenderer)
}


def json_line(record: dict) -> str:
    """Return a record as a line of JSON Lines.

    What some readers take for the end of a line too is escaped: the line and paragraph separators of Unicode, which
    end lines in JavaScript before 2019, and U+0085, which does for Python's ``splitlines()``.
    """
    text = json.dumps(record, ensure_ascii=False)
    return LINE_ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def json_lines(items: Iterable[dict]) -> str:
    return "".join(map(json_line, items))


def geojson(items: Iterable[dict], places: Iterable[tuple[float | None, float | None]]) -> str:
    """Return items as a ``FeatureCollection``; ``places`` are longitude and latitude of each, in degrees (WGS 84)."""
    features = [
        {
            "type": "Feature",
            "id": item["id"],
            "geometry": None if None in place else {"type": "Point", "coordinates": list(place)},
            "properties": item,
        }
        for item, place in zip(items, places, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


@dataclass(frozen=True)
class Column:
    """A column of a table: its name and the steps that lead to its value in an item."""

    path: tuple[str, ...]

    @property
    def name(self) -> str:
        return ".".join(self.path)

    def cell(self, item: dict) -> Any:
        """Return the value in ``item``; of lists all values, divided by :data:`BETWEEN`."""
        found = [value for value in values_at(item, self.path) if value not in (None, "")]
        return found[0] if len(found) == 1 else BETWEEN.join(map(str, found))


def values_at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Yield the values to which ``path`` leads, through lists to those of each member."""
    if isinstance(value, list):
        for each in value:
            yield from values_at(each, path)
    elif path:
        if value is not None:
            yield from values_at(value.get(path[0]), path[1:])
    elif isinstance(value, dict):
        yield from (f"{name}={each}" for name, each in value.items())
    elif isinstance(value, bool):
        yield str(value).lower()
    else:
        yield value


def columns_of(
    serializer_class: type[serializers.Serializer],
    selection: Selection,
    wording: Wording,
    rows: int = 1,
    path: tuple[str, ...] = (),
) -> Iterator[Column]:
    """Yield the columns of a list: the same for every page of it, whatever stands in its items."""
    for name, field in chosen_fields(serializer_class, selection, rows):
        part, place = selection.part(name), (*path, name)
        if isinstance(field, LanguageReport):
            yield from (Column((*place, inner)) for inner in ("requested", "available", "fallback"))
        elif isinstance(field, serializers.ListSerializer):
            yield from columns_of(given_serializer(type(field.child), part), part, wording, rows + 1, place)  # type: ignore[arg-type] # a list of serializers
        elif isinstance(field, serializers.Serializer):
            yield from columns_of(given_serializer(type(field), part), part, wording, rows, place)
        elif isinstance(field, Text) and wording.every:
            yield from (Column((*place, code)) for code in wording.chain)
        else:
            yield Column(place)


def table(items: Iterable[dict], columns: list[Column], *, with_mark: bool) -> str:
    """Return items as CSV; ``with_mark``: with a byte order mark, without which Excel does not see UTF-8."""
    lines = [[column.name for column in columns], *([column.cell(item) for column in columns] for item in items)]
    return (BYTE_ORDER_MARK if with_mark else "") + "".join(csv_lines(lines))
