"""``manage.py mirror``: the public site as static files, by themselves and behind nginx."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from django.conf import settings as site_settings
from django.core.management import CommandError, call_command
from django.urls import reverse

from cms.content.snapshots import snapshot
from cms.publishing import actions
from strategy_site.management.commands import mirror as command
from strategy_site.mirror.links import links
from strategy_site.mirror.making import PAGES, MirrorError, file_of
from tests.factories import OfficeFactory, PartnerFactory, PillarFactory, SectionFactory
from tests.front import Reader, connection_stays

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
ASIDE = (
    "/share/",
    "/en/countries/",
    "/en/updates/",
    "/en/developers/",
    "/en/search/",
    "/en/pillars/",
    "/en/partners/p",
)
OTHER_LANGUAGES = [f"/{code}/" for code in site_settings.BASE_LANGUAGES if code != "en"]


@pytest.fixture
def office(db):
    """A small site: an office with a section, a pillar, and partners on two pages."""
    PillarFactory()
    PartnerFactory.create_batch(51)
    office = OfficeFactory(slug="north", name_en="North", live=False)
    SectionFactory(office=office, heading_en="What we do")
    actions.publish(item=office, user=None)
    return office


@pytest.fixture
def mirror(office, tmp_path, monkeypatch, settings):
    """What makes the mirror of the small site in English, and returns its report."""
    settings.SITE_URL = "http://testserver"
    site = Reader().site
    monkeypatch.setattr(command, "get_internal_wsgi_application", lambda: site)

    def make(application=None, *, without=()):
        with connection_stays():
            made = command.mirror(tmp_path / "mirror")
            made.left_out += (*OTHER_LANGUAGES, *without)
            made.kept = () if without else made.kept
            made.application = application or made.application
            return made, made.make()

    return make


def test_files_are_what_readers_get_and_a_second_run_writes_nothing(mirror, reader, tmp_path):
    made, report = mirror()
    assert report.failed == {}
    compared = 0
    for address, entry in made.entries.items():
        answer = reader.get(address)
        assert answer.status_code == entry.status, address
        if entry.file:
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert (tmp_path / "mirror" / PAGES / entry.file).read_bytes() == body, address
            compared += 1
    assert compared > 100
    for address in ("/en/", "/en/regions/north/", "/en/partners/?page=2", "/sitemap.xml", "/en/updates.atom"):
        assert address in made.entries
    assert not any(address.startswith(("/admin", "/preview", "/api/v1/offices")) for address in made.entries)
    _made, again = mirror()
    assert (again.written, again.removed) == (0, 0)


def test_publication_writes_the_pages_that_show_it_and_withdrawal_removes_the_item(mirror, office, tmp_path):
    mirror(without=ASIDE)
    page = tmp_path / "mirror" / PAGES / "en/regions/north/index.html"
    before = (tmp_path / "mirror" / PAGES / "en/accessibility/index.html").stat().st_mtime_ns
    data = snapshot(office)
    data["fields"]["name_en"] = "Far north"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    actions.publish(item=office, user=None)
    mirror(without=ASIDE)
    assert "Far north" in page.read_text()
    assert (tmp_path / "mirror" / PAGES / "en/accessibility/index.html").stat().st_mtime_ns == before
    actions.unpublish(item=office, user=None)
    _made, report = mirror(without=ASIDE)
    assert not page.parent.exists()
    assert report.removed
    assert "Far north" not in (tmp_path / "mirror" / PAGES / "en/index.html").read_text()


def test_address_that_fails_keeps_its_file_and_is_told(mirror, tmp_path):
    made, _report = mirror(without=ASIDE)
    kept = (tmp_path / "mirror" / PAGES / "en/partners/index.html").read_bytes()

    def failing(environ, start):
        if environ["PATH_INFO"] == "/en/partners/":
            start("503 Service Unavailable", [])
            return []
        return made.application(environ, start)

    _made, report = mirror(failing, without=ASIDE)
    assert set(report.failed.values()) == {503}
    assert "/en/partners/" in report.failed
    assert (tmp_path / "mirror" / PAGES / "en/partners/index.html").read_bytes() == kept


def test_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("A year's work.")
    with pytest.raises(CommandError, match="holds something else"):
        call_command("mirror", tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_only_pages_of_lists_are_followed_of_what_has_a_query():
    page = b'<a href="?page=2"></a><a href="/en/?pillar=x"></a><a href="//elsewhere.example/"></a><img srcset="/a 1x">'
    found = links("/en/objectives/", "text/html", page, site="http://testserver")
    assert found == ["/en/objectives/?page=2", "/a"]


@pytest.mark.parametrize("address", ["/en/../../etc/passwd", "/en/%2e%2e/%2e%2e/x", "/" + "a" * 300])
def test_path_that_is_no_name_of_a_file_is_refused(address):
    with pytest.raises(MirrorError):
        file_of(address, "text/html")


@contextmanager
def served(folder, tmp_path):
    """Serve a mirror by nginx as the manual says, and yield what asks it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = "".join(
        f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"{'user root;' * (os.geteuid() == 0)} daemon off; pid {tmp_path}/pid; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; {places} server {{ listen 127.0.0.1:{port}; include {folder}/nginx.conf; }} }}"
    )
    command = [NGINX, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "errors"]
    server = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own arguments
    try:
        yield lambda address: asked(port, address)
    finally:
        server.terminate()
        server.wait(10)


def asked(port, address):
    """Return status, headers and body of nginx's answer, once it listens."""
    end = time.monotonic() + 10
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", address)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except ConnectionRefusedError:
            assert time.monotonic() < end
            time.sleep(0.05)
        finally:
            connection.close()


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
def test_nginx_serves_a_mirror_as_the_site_does(mirror, reader, tmp_path):
    made, _report = mirror(without=ASIDE)
    with served(tmp_path / "mirror", tmp_path) as ask:
        for address, entry in made.entries.items():
            status, headers, body = ask(address)
            assert status == entry.status, address
            if entry.file:
                answer = reader.get(address)
                assert body == (b"".join(answer.streaming_content) if answer.streaming else answer.content), address
                assert headers["Content-Type"].partition(";")[0] == answer["Content-Type"].partition(";")[0], address
                for name in ("X-Content-Type-Options", "Referrer-Policy", "Content-Disposition", "X-Robots-Tag"):
                    assert headers.get(name) == answer.get(name), (address, name)
                policies = [each.get("Content-Security-Policy", "") for each in (headers, answer)]
                assert len({frozenset(part.strip() for part in policy.split(";")) for policy in policies}) == 1, (
                    address
                )
            else:
                assert headers["Location"].endswith(entry.location)
        assert ask("/en/regions/north")[:1] == (301,)
        assert ask("/en/nothing/")[0] == 404
        assert ask("/en/partners/?page=3")[0] == 404
        assert ask("/en/partners/?utm_source=letter")[0] == 200
        for address in ("/en/partners/?q=x", "/api/v1/offices/"):
            status, headers, _body = ask(address)
            assert (status, headers.get("Retry-After")) == (503, "60"), address
        assert ask(f"{reverse('api:root')}offices/")[1]["Content-Type"] == "application/problem+json"
