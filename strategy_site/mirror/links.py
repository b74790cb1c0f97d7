"""Which addresses an answer leads to."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree, html

OF_PAGE = ("//@href", "//@src", "//@srcset", "//meta[@property='og:image']/@content")
OF_STYLE = re.compile(r"url\(\s*[\"']?([^\"')]+)")
PAGE_NUMBER = re.compile(r"page=[1-9][0-9]{0,5}")


def in_page(body: bytes) -> Iterator[str]:
    """Yield what an HTML page links to and shows."""
    if not body.strip():
        return
    page = html.fromstring(body)
    for path in OF_PAGE:
        for value in page.xpath(path):
            parts = value.split(",") if path == "//@srcset" else [value]
            yield from (part.split()[0] for part in parts if part.strip())


def in_xml(body: bytes) -> Iterator[str]:
    """Yield the addresses in a sitemap or a feed."""
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    yield from (element.text for element in root.iter("{*}loc") if element.text)
    yield from root.xpath("//@href")


def in_style(body: bytes) -> Iterator[str]:
    """Yield what a style sheet refers to."""
    yield from OF_STYLE.findall(body.decode())


def in_json(body: bytes) -> Iterator[str]:
    """Yield the texts in a JSON document that may be addresses."""
    waiting: list[Any] = [json.loads(body)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and value.startswith(("http:", "https:", "/")):
            yield value
        elif isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value


READERS: dict[str, Callable[[bytes], Iterable[str]]] = {
    "text/html": in_page,
    "text/css": in_style,
    "application/json": in_json,
    "application/xml": in_xml,
    "application/atom+xml": in_xml,
    "image/svg+xml": in_xml,
}


def links(address: str, media_type: str, body: bytes, *, site: str) -> list[str]:
    """Return the addresses of ``site`` (scheme and host) that an answer at ``address`` leads to: a path, and the
    number of a page where a list has several. Other query strings choose among what is there, without an end."""
    found = {}
    for link in READERS.get(media_type.partition(";")[0], lambda body: ())(body):
        url = urldefrag(urljoin(site + address, link.strip())).url
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" == site and (not parts.query or PAGE_NUMBER.fullmatch(parts.query)):
            found[(parts.path or "/") + (f"?{parts.query}" if parts.query else "")] = True
    return list(found)
