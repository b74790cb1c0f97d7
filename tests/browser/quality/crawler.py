"""Follows every link of the site, as a reader or a search engine would, and says which lead nowhere."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import local
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from django.urls import Resolver404, resolve
from django.utils.translation import override
from lxml import html

READERS = 4
ANSWER_SECONDS = 120  # several documents are made one after the other, each in seconds, on a busy machine
MOST_PAGES = 20_000  # far more than there are: a trap of endless links ends the crawl
ADDRESSES = (
    "//a/@href",
    "//link/@href",
    "//img/@src",
    "//script/@src",
    "//iframe/@src",
    "//form[@method='get']/@action",
)


@dataclass
class Answer:
    """What stands at an address: status, media type, bytes, where it leads, and the anchors that it has."""

    status: int
    media_type: str
    size: int
    body: bytes = b""
    busy: bool = False  # asked to come back later (RFC 9110, 10.2.3): files that take seconds to make
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


class Crawler:
    """Reads ``start`` (addresses below ``origin``) and all that they lead to on the same host.

    Addresses that begin with one of ``beside`` are left alone: other languages, the admin. From a page with a query
    string only pages without one and further pages of a list are followed: combinations of filters have no end.
    ``limit`` says how many addresses of a kind are read at most, the first that are found; ``None`` is all.
    """

    def __init__(
        self, origin: str, *, beside: tuple[str, ...] = (), limit: Callable[[str], int | None] = lambda kind: None
    ):
        self.origin, self.beside, self.limit = origin, beside, limit
        self.kinds: Counter[str] = Counter()
        self.answers: dict[str, Answer] = {}
        self.sources: dict[str, str] = {}  # address -> a page that links to it
        self.anchors: dict[tuple[str, str], str] = {}  # address and fragment -> a page that links to it
        self.thread = local()
        self.connections: list[HTTPConnection] = []

    def crawl(self, *start: str) -> None:
        waiting = [self.origin + path for path in start]
        try:
            with ThreadPoolExecutor(READERS) as readers:
                while waiting and len(self.answers) < MOST_PAGES:
                    found = dict(zip(waiting, readers.map(self.read, waiting), strict=True))
                    self.answers.update(found)
                    links = (url for page, answer in found.items() for url in self.next(page, answer))
                    waiting = list(dict.fromkeys(links))
        finally:
            for connection in self.connections:
                connection.close()

    def read(self, url: str) -> Answer:
        """Ask for ``url`` and return the answer, without following a redirect."""
        parts = urlsplit(url)
        if not hasattr(self.thread, "http"):
            self.thread.http = HTTPConnection(parts.netloc, timeout=ANSWER_SECONDS)
            self.connections.append(self.thread.http)
        http = self.thread.http
        http.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
        response = http.getresponse()
        body = response.read()
        media_type = response.headers.get_content_type()
        answer = Answer(response.status, media_type, len(body))
        answer.busy = response.status == 503 and "Retry-After" in response.headers
        if 300 <= response.status < 400:
            answer.links = [urljoin(url, response.headers["Location"])]
        elif media_type == "text/html":
            document = html.fromstring(body.decode())
            answer.body = body
            answer.links = [urljoin(url, str(link)) for path in ADDRESSES for link in document.xpath(path)]
            answer.anchors = set(map(str, document.xpath("//@id")))
        return answer

    def next(self, page: str, answer: Answer):
        """Yield the addresses that ``page`` leads to and that nobody has asked for."""
        for link in answer.links:
            url, fragment = urldefrag(link)
            if not url.startswith(f"{self.origin}/"):
                continue
            if fragment:
                self.anchors.setdefault((url, unquote(fragment)), page)
            if url in self.answers or url in self.sources or not self.follows(page, url):
                continue
            kind = kind_of(urlsplit(url).path)
            self.kinds[kind] += 1
            most = self.limit(kind) if kind else None
            if most is not None and self.kinds[kind] > most:
                continue
            self.sources[url] = page
            yield url

    def follows(self, page: str, url: str) -> bool:
        source, target = urlsplit(page), urlsplit(url)
        if target.path.startswith(self.beside):
            return False
        return not (source.query and target.query) or target.query.startswith("page=")

    def broken(self) -> list[str]:
        """Return every link that leads to an error and every one to an anchor that is not there, with its page."""
        wrong = [
            f"{url} answers {answer.status} (linked from {self.sources.get(url, 'nowhere')})"
            for url, answer in self.answers.items()
            if answer.status >= 400 and not answer.busy
        ]
        for (url, fragment), page in self.anchors.items():
            answer = self.answers.get(url)
            if answer and answer.media_type == "text/html" and answer.status == 200 and fragment not in answer.anchors:
                wrong.append(f"{url}#{fragment} is not there (linked from {page})")
        return wrong


def kind_of(path: str) -> str:
    """Return the name of an address (``regions:office``), empty when the site has none of this form."""
    try:
        with override(path.split("/")[1]):
            return resolve(path).view_name
    except Resolver404:
        return ""


def largest_pages(crawler: Crawler) -> dict[str, str]:
    """Return the path, without its language, of the largest page of each kind."""
    found = {}
    for url, answer in crawler.answers.items():
        path = url.removeprefix(crawler.origin)
        if answer.status == 200 and answer.media_type == "text/html" and path.startswith("/en/") and "?" not in path:
            name = kind_of(path)
            if name and answer.size > found.get(name, (0, ""))[0]:
                found[name] = (answer.size, path.removeprefix("/en"))
    return {name: path for name, (_size, path) in found.items()}
