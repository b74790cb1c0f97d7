"""The site of the campaign, the pages found on it, and a page that reports what its console says."""

from collections.abc import Callable
from contextlib import contextmanager

import pytest

from tests.browser.quality import checks
from tests.browser.quality.crawler import Crawler, largest_pages
from tests.browser.quality.pages import MOST_OF_KIND, SEEDS, WHOLE
from tests.browser.quality.site import SITE_LANGUAGES, remembered, served, set_up


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
def crawl(folder, origin) -> Callable[[str], dict]:
    """``crawl("en")`` returns what following links in a language found: broken links, and pages by kind."""

    def make(language: str) -> dict:
        others = tuple(f"/{code}/" for code in SITE_LANGUAGES if code != language)
        crawler = Crawler(origin, beside=others, most_of_kind=None if WHOLE else MOST_OF_KIND)
        crawler.crawl(f"/{language}/", *(f"/{language}{path}" for path in SEEDS.values()))
        return {
            "broken": [text.replace(origin, "") for text in crawler.broken()],
            "pages": largest_pages(crawler) | SEEDS if language == "en" else {},
            "count": len(crawler.answers),
        }

    return lambda language: remembered(folder, language, lambda: make(language))


@pytest.fixture
def opened(browser, origin):
    """``with opened(path, ...) as visit``: a first view of a page in a browser of its own."""

    @contextmanager
    def open_page(path: str, *, width: int = 1440, scheme: str = "light", motion: str = "no-preference", script=True):
        context = browser.new_context(
            base_url=origin,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion=motion,
            java_script_enabled=script,
        )
        page = context.new_page()
        page.add_init_script(checks.WATCH_LAYOUT)
        complaints = []
        page.on("console", lambda message: message.type in {"error", "warning"} and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        traffic = checks.Traffic(context, page)
        page.response = page.goto(path, wait_until="load")
        if script:
            page.evaluate(checks.SETTLED)
        page.complaints, page.traffic = complaints, traffic
        yield page
        context.close()

    return open_page
