"""``make lighthouse``: Lighthouse on the pages that readers come to first, on its desktop and its mobile profile.

Prints the four scores of each page, and ends with 1 when one is under its goal.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strategy_site.settings")
django.setup()

from tests.browser.quality.crawler import Crawler  # noqa: E402 - after setup
from tests.browser.quality.site import SITE_LANGUAGES, served, set_up  # noqa: E402
from tests.chromium import find_chromium, install_chromium  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
GOALS = {"desktop": (100, 100, 100, 100), "mobile": (98, 100, 100, 100)}
TRIES = 3  # Chromium sometimes never starts to navigate (NO_NAVSTART), and a busy machine is slow: the best counts
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
)


def fullest(crawler: Crawler, listing: str) -> str:
    """Return the path of the longest page right below ``listing``, as the one that shows most."""
    below = {
        url.removeprefix(crawler.origin): answer.size
        for url, answer in crawler.answers.items()
        if answer.media_type == "text/html"
        and url.startswith(crawler.origin + listing)
        and "?" not in url
        and url.count("/") == 6
    }
    return max(below, key=below.get)


def scores(address: str, profile: str) -> dict[str, int] | None:
    """Return the scores of a page out of 100 by category, or ``None`` when Lighthouse did not get to see it."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [
            PROGRAM, address, "--quiet", f"--chrome-flags={FLAGS}", f"--only-categories={','.join(CATEGORIES)}",
            "--output=json", f"--output-path={report.name}",
        ]  # fmt: skip
        if "?" in address:
            command.append("--skip-audits=is-crawlable")  # results of a search ask not to be indexed, on purpose
        if profile == "desktop":
            command.append("--preset=desktop")
        subprocess.run(command, capture_output=True, timeout=180)  # noqa: S603 - our own arguments
        content = Path(report.name).read_bytes()
    found = json.loads(content)["categories"] if content else {}
    if any(found.get(name, {}).get("score") is None for name in CATEGORIES):
        return None
    return {name: round(100 * found[name]["score"]) for name in CATEGORIES}


def best_scores(address: str, profile: str) -> list[int]:
    """Return the best scores of up to ``TRIES`` runs, in the order of ``CATEGORIES``."""
    best = [0] * len(CATEGORIES)
    for _try in range(TRIES):
        if found := scores(address, profile):
            best = [max(one, found[name]) for one, name in zip(best, CATEGORIES, strict=True)]
        if meets(best, profile):
            break
    return best


def meets(found: list[int], profile: str) -> bool:
    return all(one >= goal for one, goal in zip(found, GOALS[profile], strict=True))


def main() -> None:
    chromium = find_chromium() or install_chromium()
    if chromium is None or not PROGRAM.exists():
        sys.exit("Lighthouse needs Chromium (CHROMIUM=/path names one) and 'npm ci' run in the checkout.")
    os.environ["CHROME_PATH"] = chromium
    missed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        set_up(folder)
        with served(folder, workers=2) as origin:
            crawler = Crawler(
                origin, beside=tuple(f"/{code}/" for code in SITE_LANGUAGES if code != "en"), limit=lambda kind: 20
            )
            crawler.crawl("/en/")
            paths = ["/en/", fullest(crawler, "/en/regions/"), fullest(crawler, "/en/strategies/"), "/en/partners/"]
            paths += [path for path in ("/en/search/?q=migration",) if crawler.read(origin + path).status == 200]
            for path in paths:
                for profile in GOALS:
                    found = best_scores(origin + path, profile)
                    missed |= not meets(found, profile)
                    print(f"{path:60} {profile:8} {' / '.join(map(str, found))}", flush=True)
    sys.exit(int(missed))


if __name__ == "__main__":
    main()
