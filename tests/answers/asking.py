"""Asks addresses, writes each answer to a file, and finds what the answers lead to."""

import hashlib
import io
import json
import re
import time
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, urldefrag, urljoin

from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import translation
from lxml import etree, html

from tests.answers import evening, world

TEXT = re.compile(r"text/|application/.*(json|xml|javascript|bibtex|ris|ndjson|graphql)$")
MADE_HERE = ("application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
TIMES = 20  # that an answer is asked for which says to come back later
LONGEST_NAME = 180  # characters of the name of a file
LINKS = "//a/@href | //link/@href | //img/@src | //iframe/@src | //meta[starts-with(@property,'og:image')]/@content"
LEADS_OUT = ("/static/", "/admin/logout", "/i18n/")


class Asking:
    """Asks addresses as somebody, each once, and writes the answers below ``folder``/``kind``."""

    def __init__(self, folder: Path, kind: str, user: str = "", **headers: str):
        self.folder, self.kind, self.headers = folder / kind, kind, headers
        self.client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
        if user:
            self.client.force_login(
                world.model("User").objects.get(username=user), "django.contrib.auth.backends.ModelBackend"
            )
        self.asked: set[str] = set()
        self.counts: Counter[str] = Counter()

    def ask(self, address: str, kind: str = "", label: str = "", **headers: str):
        """Ask ``address``, write the answer and return it, with its body as ``body``; ``None`` if asked before."""
        if (address, label) in self.asked:
            return None
        self.asked.add((address, label))
        translation.activate(settings.LANGUAGE_CODE)  # another answer may have left another language
        for _again in range(TIMES):
            response = self.client.get(address, headers={**self.headers, **headers})
            if "Retry-After" not in response.headers:  # a document takes seconds, and longer on a busy machine
                break
            time.sleep(int(response["Retry-After"]))
        response.body = response.getvalue()
        self.counts["/".join(filter(None, (self.kind, kind)))] += 1
        self.write(address, kind, label, response)
        return response

    def write(self, address: str, kind: str, label: str, response) -> None:
        head = [f"GET {address} {label}".rstrip(), str(response.status_code)]
        head += evening.even_headers(dict(response.headers))
        head += [f"Set-Cookie: {name}" for name in sorted(response.cookies)]
        text = evening.even("\n".join([*head, "", readable(response)]))
        path = self.folder / kind / file_name(evening.even(f"{address} {label}".rstrip()))
        path.parent.mkdir(parents=True, exist_ok=True)
        while path.exists():
            path = path.with_name(f"{path.name}+")
        path.write_text(text + "\n", encoding="utf-8")


def file_name(address: str) -> str:
    """Return the name of the file of an address, short enough for any file system."""
    name = quote(address.strip("/") or "-", safe="/%=&?,.@()+:-_ ").replace("/", "!")
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return name


def readable(response) -> str:
    """Return the body as text: JSON in lines, of other than text its size and digest, of PDF and Word nothing."""
    media_type, body = response.headers.get("Content-Type", "").partition(";")[0], response.body
    if "json" in media_type and "x-ndjson" not in media_type:
        return json.dumps(json.loads(body), indent=1, ensure_ascii=False)
    if media_type == "application/zip":
        with zipfile.ZipFile(io.BytesIO(body)) as files:
            return "\n".join(f"{name} {digest(files.read(name))}" for name in files.namelist())
    if media_type in MADE_HERE:
        return "(a document)"
    return body.decode() if TEXT.match(media_type) or not body else digest(body)


def digest(body: bytes) -> str:
    return f"({len(body)} bytes, SHA-256 {hashlib.sha256(body).hexdigest()})"


def name_of(path: str) -> str:
    """Return the name of an address in the URLconf, empty when there is none."""
    code = path.split("/")[1] if path.count("/") > 1 else ""
    try:
        with translation.override(code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            return resolve(path).view_name
    except Resolver404:
        return ""


def links_of(address: str, response) -> Iterator[str]:
    """Yield the addresses on this site that an answer leads to, without their fragments."""
    found, media_type = [], response.headers.get("Content-Type", "")
    if 300 <= response.status_code < 400:
        found = [response.headers["Location"]]
    elif media_type.startswith("text/html") and response.body.strip():
        found = html.fromstring(response.body.decode()).xpath(LINKS)
    elif address.startswith("/sitemap"):
        document = etree.fromstring(response.body)  # noqa: S320 - our own
        found = document.xpath("//*[local-name()='loc']/text() | //*[local-name()='link']/@href")
    for link in found:
        url = urldefrag(urljoin(world.ADDRESS + address, str(link)))[0]
        if url.startswith(f"{world.ADDRESS}/"):
            yield url.removeprefix(world.ADDRESS)


def follow(asking: Asking, start: Iterable[str], kind_of: Callable[[str], str], wanted: Callable[[str, str], bool]):
    """Ask ``start`` and all that they lead to, as far as ``wanted(page, address)`` says so."""
    waiting, seen = deque(dict.fromkeys(start)), set()
    seen.update(waiting)
    while waiting:
        address = waiting.popleft()
        response = asking.ask(address, kind_of(address))
        for link in links_of(address, response) if response else ():
            if link not in seen and not link.startswith(LEADS_OUT) and wanted(address, link):
                seen.add(link)
                waiting.append(link)
