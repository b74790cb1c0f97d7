"""A real headless Chromium against the running site; a test fails on any console error or CSP violation."""

import os
import time
from contextlib import suppress

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.chromium import FLAGS, find_chromium

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in the test's thread

CHROMIUM = find_chromium()
ANSWER_SECONDS = 10


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Error as error:
            pytest.skip(f"no Chromium to test with: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def page_without_script(browser, live_server):
    """A page of the running site in a browser that runs no scripts."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


def ask_no_more(context) -> None:
    """Have no page send what was typed into it when it is closed: the database is emptied then."""
    for page in context.pages:
        with suppress(Error):  # it is on its way to another address
            page.evaluate("() => { window.fetch = () => new Promise(() => undefined); }")


@pytest.fixture
def page(browser, live_server):
    """A page of the running site, 1440 px wide; what its console says against it fails the test."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints, under_way = [], set()

    def listen(message):
        if message.type == "error":
            complaints.append(f"{message.text} [{message.location.get('url', '')}]")

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: under_way.add(request))
    page.on("requestfinished", lambda request: under_way.discard(request))
    page.on("requestfailed", lambda request: under_way.discard(request))
    yield page
    ask_no_more(context)
    # What the page still asks for is answered before the database is emptied for the next test.
    end = time.monotonic() + ANSWER_SECONDS
    while under_way and time.monotonic() < end:
        page.wait_for_timeout(20)
    context.close()
    assert complaints == []
