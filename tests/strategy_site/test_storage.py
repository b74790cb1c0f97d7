"""Style sheets are bundled when static files are collected."""

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from strategy_site.storage import IMPORT, BundledStaticFilesStorage

SOURCE = Path(settings.BASE_DIR) / "static"


@pytest.fixture
def collected(tmp_path):
    """The folder with the style sheets and fonts of the site as ``collectstatic`` leaves them."""
    source = FileSystemStorage(SOURCE)
    paths = {}
    for folder in ("css", "fonts"):
        shutil.copytree(SOURCE / folder, tmp_path / folder)
        paths |= {f"{folder}/{path.name}": (source, f"{folder}/{path.name}") for path in (SOURCE / folder).iterdir()}
    list(BundledStaticFilesStorage(tmp_path, "/static/").post_process(paths))
    return tmp_path


def test_bundle_holds_its_parts_and_hashed_addresses(collected):
    (bundle,) = collected.glob("css/site.????????????.css")
    css = bundle.read_text()
    assert "@import" not in css
    assert re.search(r'url\("\.\./fonts/[\w-]+\.[0-9a-f]{12}\.woff2"\)', css)
    parts = IMPORT.findall((SOURCE / "css/site.css").read_text())
    assert len(parts) > 1
    for name in parts:
        assert (SOURCE / "css" / name).read_text().split("*/")[0] in css


def test_bundle_is_small(collected):
    (compressed,) = collected.glob("css/site.????????????.css.gz")
    assert compressed.stat().st_size < 20_000
