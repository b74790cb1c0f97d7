"""What a page says of itself to machines: schema.org terms as JSON-LD 1.1, in a data block that nothing executes."""

import json
from html.parser import HTMLParser
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

CONTEXT = "https://schema.org"
# Nothing of the data can end the block or begin another element (HTML, section 4.12.1.3).
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def json_ld(*nodes: dict[str, Any]) -> SafeString:
    """Return a data block with ``nodes``; what is empty in them is left out. Without nodes, nothing."""
    graph = [filled(node) for node in nodes if node]
    if not graph:
        return mark_safe("")
    data = {"@context": CONTEXT, **graph[0]} if len(graph) == 1 else {"@context": CONTEXT, "@graph": graph}
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - escaped above


def filled(value: Any) -> Any:
    """Return ``value`` without keys and members that hold nothing."""
    if isinstance(value, dict):
        return {key: kept for key, part in value.items() if (kept := filled(part)) not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [kept for part in value if (kept := filled(part)) not in (None, "", [], {})]
    return value


def absolute(path: str) -> str:
    """Return the public address of a path of the site."""
    return path if path.startswith(("https://", "http://")) else settings.SITE_URL + path


def publisher_id() -> str:
    """Return the name by which all data of the site speak of its publisher."""
    return f"{settings.SITE_URL}/#organization"


def breadcrumbs(pairs: list[tuple[str, str]], current: str) -> dict[str, Any]:
    """Return the ``BreadcrumbList`` of names and paths from the home page on; ``current`` is this page."""
    steps = [{"name": name, "item": absolute(path)} for name, path in pairs] + [{"name": current}]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, **step} for position, step in enumerate(steps, start=1)
        ],
    }


class LinkReader(HTMLParser):
    """Collects the links of a piece of a page: pairs of a text and an address, without the labels of languages."""

    def __init__(self):
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self._href, self._text, self._label = None, "", 0

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self._href, self._text = values["href"], ""
        elif tag == "span" and (self._label or "language-label" in (values.get("class") or "").split()):
            self._label += 1

    def handle_endtag(self, tag):
        if tag == "a" and self._href:
            self.pairs.append((" ".join(self._text.split()), self._href))
            self._href = None
        elif tag == "span" and self._label:
            self._label -= 1

    def handle_data(self, data):
        if self._href and not self._label:
            self._text += data


def links_in(html: str) -> list[tuple[str, str]]:
    """Return the texts and addresses of the links in ``html``."""
    reader = LinkReader()
    reader.feed(html)
    reader.close()
    return reader.pairs
