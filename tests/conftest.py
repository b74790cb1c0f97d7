"""What every test runs in: plain static files, quick passwords, media in a folder of its own, no cache left over."""

import gc
import os
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings
from django.utils import translation

from strategy_site.setup import compile_translations

# `make test` tries each property on the same examples each time, `make campaign` on many more and always new ones.
hypothesis.settings.register_profile("default", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.register_profile("campaign", deadline=None, print_blob=True, max_examples=2_000)
DATABASE_FIXTURES = {"db", "transactional_db"}  # the others of pytest-django ask for one of these
HERE = Path(__file__).parent
# The fast tier: the engine's own tests, without what takes long by its nature.
FAST_FOLDERS = ("publishing", "translations", "cms")
SLOW_FIXTURES = {"transactional_db", "live_server", "site_content", "admin_client"}
# Whole forms, whole sites, processes.
SLOW_FILES = ("test_admin", "test_permissions_in_admin", "test_query_counts", "test_environment_script")

hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser):
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out tests that prove nothing more on another database: without one, or of rendering alone",
    )


def pytest_collection_modifyitems(config, items):
    """Mark the fast tier, and leave out what ``--database-only`` says.

    pytest-django lets no test use a database that does not ask for it.
    """
    for item in filter(is_fast, items):
        item.add_marker("fast")
    if config.getoption("--database-only"):
        config.hook.pytest_deselected(items=[item for item in items if not uses_database(item)])
        items[:] = filter(uses_database, items)


def is_fast(item) -> bool:
    """Say whether a test belongs to the fast tier: of the core, without property tests, commits, sites and forms."""
    place = item.path.relative_to(HERE)
    mark = item.get_closest_marker("django_db")
    return (
        (len(place.parts) == 1 or place.parts[0] in FAST_FOLDERS)
        and not place.name.startswith(SLOW_FILES)
        and not place.stem.endswith("_properties")
        and not SLOW_FIXTURES & set(item.fixturenames)
        and not hypothesis.is_hypothesis_test(getattr(item, "obj", None))
        and not item.get_closest_marker("rendering")
        and not (mark and mark.kwargs.get("transaction"))
    )


def uses_database(item) -> bool:
    """Say whether a test asks for the database, by mark or by a fixture, and for more than pages to look at."""
    if item.get_closest_marker("rendering"):
        return False
    return item.get_closest_marker("django_db") is not None or bool(DATABASE_FIXTURES & set(item.fixturenames))


def pytest_configure(config):
    """Compile the interface's translations before a test asks for one."""
    compile_translations()


def pytest_collection_finish(session):
    """Let the garbage collector pass over what is there for good: it would look at all of it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="class")
def site_content(django_db_setup, django_db_blocker, tmp_path_factory):
    """The content of ``tests/content.py``, made once for all tests of a class; what one of them writes is undone.

    Making it takes longer than most pages. Return the folder of its files.
    """
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=media), translation.override(settings.LANGUAGE_CODE):
            from tests.content import make_content  # models, which need settings

            make_content()
        yield media
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def site_folders(tmp_path_factory):
    """Names of folders, one a test. Few tests write a file, so none is made: making and removing them takes long."""
    base = tmp_path_factory.mktemp("sites")
    return (base / str(number) for number in count())


@pytest.fixture
def reader():
    """A client that asks through the site's front, where pages are stored and coded."""
    from tests.front import Reader

    return Reader()


@pytest.fixture(autouse=True)
def isolated_site(request, settings, site_folders):
    """Keep uploads of a test in its own folder and start it with an empty cache."""
    folder = next(site_folders)
    has_content = "site_content" in request.fixturenames
    settings.MEDIA_ROOT = request.getfixturevalue("site_content") if has_content else folder / "media"
    settings.GENERATED_ROOT = folder / "generated"
    settings.STORED_PAGES_ROOT = folder / "stored_pages"
    settings.CHANGE_LOG_MARK = folder.with_suffix(".json")  # the database goes back after each test
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.BACKGROUND_TASKS = False  # a thread would outlive its test
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.API_ANONYMOUS_QUOTA = 0  # tests ask more often than anybody else; those of the limit set their own
    cache.clear()
    translation.activate(settings.LANGUAGE_CODE)  # a request of the test before may have left another language
