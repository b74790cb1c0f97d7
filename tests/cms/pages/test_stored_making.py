"""Stale pages are made before they are asked for, and caches in front are told of them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cms.publishing import actions
from tests.factories import PartnerFactory
from tests.front import Reader, connection_stays

pytestmark = pytest.mark.django_db

ADDRESS = "/en/partners/"


def publish_something() -> str:
    partner = PartnerFactory(live=False)
    actions.publish(item=partner, user=None)
    return str(partner)


@pytest.fixture
def cache_in_front():
    """A cache that writes down what it is told."""
    told = []

    class Handler(BaseHTTPRequestHandler):
        def do_PURGE(self):  # noqa: N802 - the standard library's name
            self.heard(None)

        def do_POST(self):  # noqa: N802 - the standard library's name
            self.heard(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def heard(self, body):
            told.append((self.command, self.path, self.headers["Host"], body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", told
    server.shutdown()
    server.server_close()


def test_stale_page_is_made_before_it_is_asked_for(reader):
    reader.get(ADDRESS)
    reader.get("/en/accessibility/")
    name = publish_something()
    reader.make_stale_pages()
    answer = reader.get(ADDRESS)
    assert answer.headers["Cache-Status"] == "site; hit"
    assert name in answer.text


def test_what_is_read_most_is_made_first(reader, monkeypatch):
    for address, times in ((ADDRESS, 3), ("/en/", 1), ("/fr/partners/", 5)):
        for _time in range(times):
            reader.get(address)
    publish_something()
    order = []
    monkeypatch.setattr(reader.site, "rendered", lambda address, environ: order.append(address.path) or (None, None))
    with connection_stays():
        reader.site.maker.once(reader.site.reader.read().version)
    assert order == ["/fr/partners/", ADDRESS, "/en/"]


def test_one_process_of_a_machine_makes_pages(reader, monkeypatch):
    from cms.pages.stored.making import alone

    monkeypatch.setattr(reader.site.maker, "once", lambda version: pytest.fail("made beside another"))
    with alone(reader.site.disk.root) as is_alone:
        assert is_alone
        reader.make_stale_pages()


def test_without_a_purge_hook_everybody_asks_anew(reader):
    answer = reader.get(ADDRESS)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Cache-Tag" not in answer.headers


def test_with_a_purge_hook_shared_caches_need_not_ask(settings):
    settings.CACHE_PURGE_URLS, settings.CACHE_SECONDS = ["http://127.0.0.1:9"], 60
    reader = Reader()
    answer = reader.get(ADDRESS)
    assert answer.headers["Cache-Control"] == (
        "public, max-age=0, s-maxage=60, stale-while-revalidate=30, stale-if-error=86400"
    )
    assert answer.headers["Cache-Tag"]
    known = reader.get(ADDRESS, headers={"If-None-Match": answer.headers["ETag"]})
    assert (known.status_code, known.headers["Cache-Tag"]) == (304, answer.headers["Cache-Tag"])


def test_cache_is_told_which_addresses_are_stale(settings, cache_in_front):
    url, told = cache_in_front
    settings.CACHE_PURGE_URLS = [url]
    publish_something()  # a log has begun
    reader, other = Reader(), Reader()
    other.get(ADDRESS)  # another worker has it in its memory
    reader.get(f"{ADDRESS}?kind=government")
    reader.get("/en/developers/")
    publish_something()
    reader.make_stale_pages()
    host = settings.SITE_URL.partition("://")[2]
    assert {each[:3] for each in told} == {
        ("PURGE", ADDRESS, host),
        ("PURGE", f"{ADDRESS}?kind=government", host),
    }
    told.clear()
    with connection_stays():
        reader.site.maker.once(reader.site.reader.read().version)
    assert told == []  # once


def test_webhook_is_given_addresses_and_tags(settings, cache_in_front):
    url, told = cache_in_front
    settings.CACHE_PURGE_URLS = [f"{url}/purge"]
    reader = Reader()
    tags = reader.get(ADDRESS).headers["Cache-Tag"].split(",")
    publish_something()
    reader.make_stale_pages()
    [(method, path, _host, body)] = told
    assert (method, path, body["paths"]) == ("POST", "/purge", [ADDRESS])
    assert set(tags) == set(body["tags"])


def test_cache_that_does_not_answer_holds_nothing_up(settings, caplog):
    settings.CACHE_PURGE_URLS = ["http://127.0.0.1:9"]
    reader = Reader()
    reader.get(ADDRESS)
    publish_something()
    reader.make_stale_pages()
    assert "was not told" in caplog.text
    assert reader.get(ADDRESS).headers["Cache-Status"] == "site; hit"
