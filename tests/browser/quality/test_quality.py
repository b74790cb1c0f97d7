"""Every kind of public page, as readers meet it: language, width, colour scheme, paper, large text, no script.

``make test`` opens each page in the added language and in one other, with settings that take turns, so that every
pair of them occurs, and follows the links of all pages in one language and of a few of each kind in the added one;
``make campaign`` opens all combinations and follows all links, those of copies in other forms too. What is measured
is a first view on the product's own server.
"""

import subprocess
import urllib.request

import pytest
from django.conf import settings

from tests.browser.quality import checks
from tests.browser.quality.pages import ADDED_LANGUAGE, KINDS, LANGUAGES, WHOLE, every_page, some_pages
from tests.browser.quality.site import SITE_LANGUAGES

WIDTHS = (360, 768, 1440)
SCHEMES = ("light", "dark")
VALIDATOR = settings.BASE_DIR / "node_modules" / ".bin" / "html-validate"
A4_WIDTH = 720  # CSS px of a sheet's width without its margins

every_kind = pytest.mark.parametrize("kind", KINDS)


def settings_of(kind: str) -> list[tuple[str, int, str]]:
    """Return the combinations of language, width and scheme in which a kind of page is opened."""
    if WHOLE:
        return [(language, width, scheme) for language in LANGUAGES for width in WIDTHS for scheme in SCHEMES]
    turn = KINDS.index(kind)
    languages = (LANGUAGES[turn % 2], ADDED_LANGUAGE)
    return [
        (language, WIDTHS[(turn + place) % len(WIDTHS)], SCHEMES[(turn // 2 + place) % len(SCHEMES)])
        for place, language in enumerate(languages)
    ]


def one_of(kind: str, choices: tuple) -> tuple:
    """Return all ``choices`` in the campaign, else the one whose turn it is for this kind of page."""
    return choices if WHOLE else (choices[KINDS.index(kind) % len(choices)],)


@pytest.mark.parametrize("language", SITE_LANGUAGES if WHOLE else ["en", ADDED_LANGUAGE])
def test_no_link_leads_nowhere(crawl, language):
    found = crawl(language, every_page if language == "en" else some_pages)
    assert found["count"] > len(KINDS)
    assert found["broken"] == []


@pytest.fixture
def path(pages, kind) -> str:
    assert kind in pages, "no link leads to such a page: add a line to SEEDS, or to NOT_PAGES with the reason"
    return pages[kind]


@every_kind
def test_first_view(opened, origin, kind, path):
    """It is accessible, fits the window, stays still, is light, and its console has nothing to say."""
    wrong = []
    for place, (language, width, scheme) in enumerate(settings_of(kind)):
        with_rules = WHOLE or place == KINDS.index(kind) % 2  # they take longest
        page = opened(f"/{language}{path}", width=width, scheme=scheme)
        found = [
            *checks.layout_shift(page),
            *checks.sideways(page),
            *checks.headers(page.response),
            *page.traffic.too_much(origin),
            *(checks.accessibility(page) if with_rules else []),
            *page.complaints,
        ]
        wrong += [f"{language} {width} {scheme}: {text}" for text in found]
    assert wrong == []


@every_kind
def test_ways_to_read(opened, kind, path):
    """Tab reaches everything in the order of the page and one sees where it is; without motion, with text at 200 %,
    on paper and without script the page is whole."""
    wrong = []
    for language in one_of(kind, LANGUAGES):
        for place, width in enumerate(one_of(kind, WIDTHS)):
            page = opened(f"/{language}{path}", width=width, scheme="dark", motion="reduce")
            found = [f"keyboard at {width}: {text}" for text in checks.keyboard(page)]
            if place == 0:  # what follows sets the width itself
                found += other_ways(page)
            wrong += [f"{language}: {text}" for text in [*found, *page.complaints]]
    assert wrong == []


def other_ways(page) -> list[str]:
    """Return what is wrong with an open page without motion, with text at 200 %, on paper and without script."""
    wrong = [f"reduced motion: {text}" for text in page.evaluate(checks.MOVING)]
    page.set_viewport_size({"width": 1280, "height": 900})
    text = page.locator("main").inner_text()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    wrong += [f"text at 200 %: {text}" for text in [*checks.sideways(page), *page.evaluate(checks.CUT_OFF)]]
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    wrong += [
        f"on paper: {text}"
        for text in [*checks.sideways(page), *(checks.accessibility(page, on_paper=True) if WHOLE else [])]
    ]
    page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})
    checks.without_script(page)
    if page.locator("main").inner_text() != text:
        wrong.append("without script the text is another")
    return wrong + [f"without script: {text}" for text in checks.sideways(page)]


@pytest.mark.skipif(not VALIDATOR.exists(), reason="html-validate is not installed: npm ci")
def test_html_is_valid(pages, origin, tmp_path):
    for number, path in enumerate(pages.values()):
        for language in LANGUAGES if WHOLE else ("en", ADDED_LANGUAGE):
            with urllib.request.urlopen(f"{origin}/{language}{path}") as answer:  # noqa: S310 - our own server
                (tmp_path / f"{number}-{language}.html").write_bytes(answer.read())
    command = [VALIDATOR, "--config", settings.BASE_DIR / ".htmlvalidate.json", "--formatter", "text"]
    command += sorted(tmp_path.glob("*.html"))
    result = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)  # noqa: S603 - our own arguments
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
