"""Which Chromium the browser tests drive, and how to get one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
APPLICATIONS = (  # macOS
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
INSTALL_SECONDS = 600


def find_chromium() -> str | None:
    """Return the path of an installed Chromium, or ``None``.

    ``CHROMIUM`` in the environment comes first, then the browsers of the system, then Playwright's own.
    """
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    installed = [*map(shutil.which, NAMES), *(path for path in APPLICATIONS if Path(path).exists())]
    return next(filter(None, installed), None) or playwrights_own()


def playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install_chromium() -> str | None:
    """Install Chromium, as root from Debian's packages, else Playwright's own; return its path or ``None``."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        commands.insert(0, ["apt-get", "install", "--yes", "--quiet", "chromium"])
    for command in commands:
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS)  # noqa: S603 - our own arguments
        except (OSError, subprocess.SubprocessError):
            continue
        if path := find_chromium():
            return path
    return None
