"""``make gallery``: pictures of every kind of page, to be looked at, in ``var/screenshots`` or the folder given.

One picture a kind of page, language, width and colour scheme, and ``index.html``, which shows them side by side.
"""

import argparse
import html
import os
import tempfile
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strategy_site.settings")
django.setup()

from playwright.sync_api import Browser, sync_playwright  # noqa: E402 - after setup

from tests.browser.quality.crawler import Crawler, largest_pages  # noqa: E402
from tests.browser.quality.pages import KINDS, LANGUAGES, SEEDS  # noqa: E402
from tests.browser.quality.site import SITE_LANGUAGES, served, set_up  # noqa: E402
from tests.chromium import FLAGS, find_chromium, install_chromium  # noqa: E402

LOOKS = [(360, "light"), (360, "dark"), (768, "light"), (1440, "light"), (1440, "dark")]
MOST_HEIGHT = 4_000  # px; what follows looks the same


def pictures_of(browser: Browser, origin: str, pages: dict[str, str], folder: Path) -> list[Path]:
    """Take the pictures and return their files."""
    taken = []
    for width, scheme in LOOKS:
        size = {"width": width, "height": 900}
        context = browser.new_context(base_url=origin, viewport=size, color_scheme=scheme, reduced_motion="reduce")
        page = context.new_page()
        for kind in KINDS:
            for language in LANGUAGES:
                page.goto(f"/{language}{pages[kind]}", wait_until="load")
                height = min(page.evaluate("document.documentElement.scrollHeight"), MOST_HEIGHT)
                path = (
                    folder
                    / f"{kind.replace(':', '-').replace(', ', '-').replace(' ', '-')}-{language}-{width}-{scheme}.png"
                )
                page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
                taken.append(path)
        context.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("var/screenshots"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        set_up(Path(name))
        browser = playwright.chromium.launch(executable_path=find_chromium() or install_chromium(), args=FLAGS)
        with served(Path(name)) as origin:
            crawler = Crawler(origin, beside=tuple(f"/{code}/" for code in SITE_LANGUAGES if code != "en"))
            crawler.crawl("/en/", *(f"/en{path}" for path in SEEDS.values()))
            taken = pictures_of(browser, origin, largest_pages(crawler) | SEEDS, folder)
        browser.close()
    figures = "".join(
        f'<figure><img src="{html.escape(path.name)}" width="360" loading="lazy" alt=""><figcaption>'
        f"{html.escape(path.stem)}</figcaption></figure>"
        for path in sorted(taken)
    )
    style = "<style>body{display:flex;flex-wrap:wrap;align-items:start;gap:1rem}figure{margin:0}</style>"
    (folder / "index.html").write_text(f"<!doctype html><title>Pages</title>{style}{figures}\n")
    print(f"{len(taken)} pictures, side by side in {folder / 'index.html'}")


if __name__ == "__main__":
    main()
