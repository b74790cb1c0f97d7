"""``manage.py check_links``: what leads nowhere, on this site and elsewhere."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from cms.content.links import Reference
from cms.pages import checking
from cms.publishing.links import live_links
from regions.models import Office
from tests.factories import DocumentFactory, FrameworkGoalFactory, OfficeFactory, PartnerFactory, SectionFactory

pytestmark = pytest.mark.django_db


def check(**options) -> list[str]:
    """Return what the command says, line by line; its last word is the error, where there is one."""
    output = StringIO()
    try:
        call_command("check_links", stdout=output, **options)
    except CommandError as error:
        output.write(f"{error}\n")
    return output.getvalue().splitlines()


def office_with(*hrefs: str) -> Office:
    return OfficeFactory(name_en="North", introduction_en="".join(f'<a href="{href}">a</a>' for href in hrefs))


def to(row) -> str:
    return str(Reference(type(row), row.pk))


def test_links_that_hold_are_not_named():
    south, goal, document = OfficeFactory(slug="south"), FrameworkGoalFactory(), DocumentFactory()
    inside = [to(south), to(goal), to(document), "/en/regions/south/", f"{django_settings.SITE_URL}/es/regions/"]
    office_with(*inside, "mailto:a@b.org", "#x", "https://elsewhere.example/")
    assert check() == ["None of 8 links is broken."]


def test_links_to_what_is_gone_or_not_public_are_named_with_their_text():
    hidden, gone = OfficeFactory(live=False, slug="hidden"), OfficeFactory()
    lost = to(gone)
    gone.delete()
    office = office_with(to(hidden), lost, "/en/regions/hidden/", "/en/nowhere/")
    about = f"regions.office “North” ({office.pk}), introduction_en: "
    assert check() == [
        f"{about}{to(hidden)}: it is not public",
        f"{about}{lost}: it was deleted",
        f"{about}/en/regions/hidden/: it is not public",
        f"{about}/en/nowhere/: there is no such page",
        "4 of 4 links are broken.",
    ]


def test_text_that_is_not_live_is_not_looked_at():
    OfficeFactory(live=False, introduction_en='<a href="/en/nowhere/">a</a>')
    assert check() == ["None of 0 links is broken."]


def test_queries_do_not_grow_with_references(django_assert_num_queries):
    counts = []
    for number in (1, 6):
        for south in OfficeFactory.create_batch(number):
            SectionFactory(body_en=f'<a href="{to(south)}">a</a>')
        links = list(live_links())
        with django_assert_num_queries(2):
            assert list(checking.broken_inside(links)) == []
        counts.append(len(links))
    assert counts == [1, 7]


# --- Other sites ---


@contextmanager
def another_site(statuses: dict[str, int]):
    """Serve a site that answers with ``statuses`` by method and path; yield its address and what it was asked."""
    asked: list[tuple[str, str]] = []
    busy, most = [0], [0]

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            busy[0] += 1
            most[0] = max(most[0], busy[0])
            asked.append((f"{self.command} {self.path}", self.headers["User-Agent"]))
            self.send_response(statuses.get(f"{self.command} {self.path}", 200))
            self.send_header("Content-Length", "0")
            self.end_headers()
            busy[0] -= 1

        do_GET = do_HEAD = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked, most
    server.shutdown()
    server.server_close()


@pytest.fixture
def outside(settings, monkeypatch):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(checking, "PAUSE_SECONDS", 0.01)


@pytest.mark.usefixtures("outside")
def test_other_sites_are_asked_by_head_and_then_by_get_one_request_at_a_time():
    statuses = {"HEAD /no-head": 405, "HEAD /gone": 404, "GET /gone": 404, "HEAD /shut": 403, "GET /shut": 403}
    with another_site(statuses) as (url, asked, most):
        office_with(*(f"{url}/{name}" for name in ("fine", "no-head", "gone", "shut", "más")), f"{url}/fine#here")
        lines = check(external=True)
    assert lines[0] == "Other sites: 6 addresses asked for; 1 let no program read them, 0 were left out."
    assert [line.rpartition("introduction_en: ")[2] for line in lines[1:-1]] == [f"{url}/gone: the answer is 404"]
    assert ("GET /no-head", asked[0][1]) in asked
    assert "GET /fine" not in [line for line, _agent in asked]
    assert "HEAD /m%C3%A1s" in [line for line, _agent in asked]
    assert django_settings.SITE_URL in asked[0][1]
    assert most == [1]


def test_other_sites_are_not_asked_unless_it_is_said(monkeypatch):
    monkeypatch.setattr(checking, "request", lambda *args: pytest.fail("asked"))
    office_with("https://elsewhere.example/")
    assert check() == ["None of 1 links is broken."]


def test_no_address_leads_into_our_own_network():
    office_with("http://127.0.0.1:1/", "http://169.254.169.254/latest/", "http://user:word@elsewhere.example/")
    lines = check(external=True)
    assert [line.rpartition(": ")[2] for line in lines[1:-1]] == [
        "The name 127.0.0.1 points to a private or local address.",
        "The name 169.254.169.254 points to a private or local address.",
        "it cannot be asked for",
    ]


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("limit", [{"most": 1}, {"seconds": -1}])
def test_what_is_beyond_the_limits_is_counted_and_not_asked(limit):
    with another_site({}) as (url, asked, _most):
        PartnerFactory(description_en=f'<a href="{url}/1">a</a><a href="{url}/2">a</a>')
        lines = check(external=True, **limit)
    left = 2 - len(asked)
    assert lines[0].endswith(f"{left} were left out.")
    assert left == (1 if "most" in limit else 2)
