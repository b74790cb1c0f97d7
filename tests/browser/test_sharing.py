"""Copying the address of a section, framing the objectives of a strategy, and data blocks under the strict policy."""

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.content import make_content
from tests.factories import ObjectiveFactory, StrategyFactory

pytestmark = pytest.mark.django_db(transaction=True)


def allow_clipboard(page, live_server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)


@pytest.mark.parametrize(
    ("name", "anchor"),
    [
        ("Link to “Objectives by pillar”", "strategy.objectives"),
        ("Link to “Name of pillar”", "pillar.pillar"),
        ("Link to “Statement of objective.”", "objective.objective"),
    ],
)
def test_address_of_a_section_is_copied(page, live_server, name, anchor):
    allow_clipboard(page, live_server)
    make_content()
    page.goto("/en/strategies/strategy/")
    link = page.get_by_role("link", name=name)
    link.focus()
    assert link.evaluate("element => getComputedStyle(element).opacity") == "1"
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Copied").wait_for()
    address = f"{live_server.url}/en/strategies/strategy/#{anchor}"
    assert page.evaluate("navigator.clipboard.readText()") == address
    assert page.url == address
    assert page.evaluate("document.querySelector(':target').id") == anchor


def test_link_to_a_section_works_without_script(page_without_script):
    make_content()
    page = page_without_script
    page.goto("/en/strategies/strategy/")
    page.get_by_role("link", name="Link to “Objectives by pillar”").click(force=True)
    expect(page).to_have_url(re.compile(r"#strategy\.objectives$"))
    assert not page.get_by_role("button", name="Copy the code").is_visible()


def test_section_and_heading_keep_their_names(page):
    make_content()
    page.goto("/en/strategies/strategy/")
    page.get_by_role("region", name="Objectives by pillar", exact=True).wait_for()


def test_code_to_embed_is_copied(page, live_server):
    allow_clipboard(page, live_server)
    make_content()
    page.goto("/en/strategies/strategy/")
    page.get_by_text("Show these objectives on another site").click()
    page.get_by_role("button", name="Copy the code").click()
    page.get_by_role("status").filter(has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("<iframe src=")


@pytest.fixture
def elsewhere():
    """A function that serves one page at another origin and returns its address."""
    servers = []

    def serve(body: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args):
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("width", [320, 800])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_another_site_shows_the_objectives_in_a_frame(page, live_server, elsewhere, width, scheme):
    ObjectiveFactory(strategy=StrategyFactory(slug="strategy"), statement_en="To be seen elsewhere.")
    address = f"{live_server.url}/en/strategies/strategy/embed/"
    page.emulate_media(color_scheme=scheme)
    icon = '<link rel="icon" href="data:,">'
    page.goto(
        elsewhere(f'<!doctype html>{icon}<iframe width="{width}" height="600" src="{address}"></iframe>'),
        wait_until="networkidle",
    )
    frame = page.frames[1]
    assert frame.get_by_role("link", name="To be seen elsewhere.").is_visible()
    assert frame.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(address)
    results = Axe().run(page, options={"preload": False})
    assert results.violations_count == 0, results.generate_report()


def test_data_blocks_break_no_policy_and_are_not_run(page):
    make_content()
    page.add_init_script(
        "window.violations = []; "
        "document.addEventListener('securitypolicyviolation', event => violations.push(event.blockedURI))"
    )
    page.goto("/en/strategies/strategy/", wait_until="networkidle")
    assert page.evaluate("violations") == []
    blocks = page.eval_on_selector_all(
        "script[type='application/ld+json']", "blocks => blocks.map(block => JSON.parse(block.text)['@context'])"
    )
    assert blocks == ["https://schema.org"] * 2
