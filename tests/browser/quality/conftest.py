"""The site of the campaign, the pages found on it, and a page that reports what its console says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.quality import checks
from tests.browser.quality.crawler import Crawler, largest_pages
from tests.browser.quality.pages import SEEDS, WHOLE, some_pages
from tests.browser.quality.site import SITE_LANGUAGES, remembered, served, set_up

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Let one process begin with the site, whose links take long to follow, and come to its pages last of all.

    So no process waits until the site is set up.
    """
    first = [item for item in items if item.path.parent == HERE and "pages" not in item.fixturenames]
    last = [item for item in items if item.path.parent == HERE and "pages" in item.fixturenames]
    items[:] = [*first, *(item for item in items if item.path.parent != HERE), *last]


@pytest.fixture(scope="session")
def folder(tmp_path_factory, worker_id):
    """The folder of the site, the same for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "quality"


@pytest.fixture(scope="session")
def origin(folder):
    """The address of the running site."""
    set_up(folder)
    with served(folder) as address:
        yield address


@pytest.fixture(scope="session")
def crawl(folder, origin) -> Callable[[str, Callable], dict]:
    """``crawl("en", some_pages)`` returns what following links in a language found: broken links, pages by kind."""

    def make(language: str, limit: Callable[[str], int | None]) -> dict:
        others = tuple(f"/{code}/" for code in SITE_LANGUAGES if code != language)
        crawler = Crawler(origin, beside=others, limit=limit)
        crawler.crawl(f"/{language}/", *(f"/{language}{path}" for path in SEEDS.values()))
        return {
            "broken": [text.replace(origin, "") for text in crawler.broken()],
            "pages": largest_pages(crawler) | SEEDS if language == "en" else {},
            "count": len(crawler.answers),
        }

    def crawled(language: str, limit: Callable[[str], int | None]) -> dict:
        extent = "whole" if WHOLE else limit.__name__
        return remembered(folder, f"{language}-{extent}", lambda: make(language, limit))

    return crawled


@pytest.fixture(scope="session")
def pages(crawl) -> dict[str, str]:
    """The path, without its language, of the page that stands for each kind: the largest that was found."""
    return crawl("en", some_pages)["pages"]


@pytest.fixture(scope="session")
def tab(browser, origin):
    """The one page of a process, which goes from address to address: a new one for each would take twice as long.

    It keeps nothing from one to the next, so each view is a first one.
    """
    context = browser.new_context(base_url=origin)
    page = context.new_page()
    page.add_init_script(checks.WATCH_LAYOUT)
    page.devtools = context.new_cdp_session(page)
    page.traffic, page.complaints = checks.Traffic(page.devtools), []
    page.on("console", lambda message: message.type in {"error", "warning"} and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def opened(tab):
    """``opened(path, ...)``: the page after a first view of ``path``; ``page.complaints`` is what its console said."""

    def open_page(path: str, *, width: int = 1440, scheme: str = "light", motion: str = "no-preference") -> Page:
        tab.goto("about:blank")
        tab.devtools.send("Emulation.setScriptExecutionDisabled", {"value": False})
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(media="screen", color_scheme=scheme, reduced_motion=motion)
        tab.traffic.start()
        tab.complaints.clear()
        tab.response = tab.goto(path, wait_until="load")
        tab.evaluate(checks.SETTLED)
        return tab

    return open_page
