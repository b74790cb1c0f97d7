"""What every test runs in: plain static files, quick passwords, media in a folder of its own, no cache left over."""

import os

import hypothesis
import pytest
from django.core.cache import cache
from django.utils import translation

from strategy_site.setup import compile_translations

# `make test` tries each property on as many examples as hypothesis does by default, `make campaign` on many more.
hypothesis.settings.register_profile("default", deadline=None, print_blob=True)
hypothesis.settings.register_profile("campaign", deadline=None, print_blob=True, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_configure(config):
    """Compile the interface's translations before a test asks for one."""
    compile_translations()


@pytest.fixture(autouse=True)
def isolated_site(settings, tmp_path):
    """Keep uploads of a test in its own folder and start it with an empty cache."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.GENERATED_ROOT = tmp_path / "generated"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    translation.activate(settings.LANGUAGE_CODE)  # a request of the test before may have left another language
