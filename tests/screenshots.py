"""``make screenshots``: the pictures of the documents, taken from a fresh site with the example content."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.chromium import FLAGS, find_chromium, install_chromium

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
PORT = os.environ.get("SCREENSHOTS_PORT", "8765")
START_SECONDS = 180
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def wait_until_served(address: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()  # noqa: S310 - our own server
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
        else:
            return
    sys.exit("The site did not start.")


def fullest_page(page: Page, listing: str) -> str:
    """Return the address of the longest page that a list links to, as the one that shows most."""
    page.goto(listing)
    links = page.locator("main a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    addresses = {link.partition("#")[0] for link in links if link.startswith(listing) and "?" not in link} - {listing}
    return max(sorted(addresses), key=lambda address: len(page.request.get(address).body()))


def take_pictures(page: Page) -> None:
    office = fullest_page(page, "/en/regions/")
    strategy = fullest_page(page, "/en/strategies/")
    pictures = {
        "home": ("/en/", WIDE),
        "home-narrow": ("/es/", NARROW),
        "region": (office, WIDE),
        "strategy": (strategy, WIDE),
        "objectives": ("/fr/objectives/", WIDE),
        "partners": ("/pt/partners/", WIDE),
    }
    for name, (address, size) in pictures.items():
        page.set_viewport_size(size)
        response = page.goto(address)
        if not response.ok:
            sys.exit(f"{address} answered {response.status}.")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}.png")
        print(f"docs/images/{name}.png")


def main() -> None:
    chromium = find_chromium() or install_chromium()
    if chromium is None:
        sys.exit("No Chromium is installed and none could be (CHROMIUM=/path names one).")
    FOLDER.mkdir(parents=True, exist_ok=True)
    address = f"http://127.0.0.1:{PORT}"
    with tempfile.TemporaryDirectory() as var:
        environment = os.environ | {"VAR_DIR": var, "DATABASE_URL": "", "ENVIRONMENT": "development"}
        command = [sys.executable, "manage.py", "serve", "--port", PORT]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own arguments
        try:
            wait_until_served(address)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                take_pictures(browser.new_page(base_url=address))
                browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


if __name__ == "__main__":
    main()
